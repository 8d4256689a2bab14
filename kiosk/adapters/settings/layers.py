"""Where the settings come from: defaults, `kiosk.toml`, what was changed in the running kiosk, the
environment, the command's options.

A later one of these wins. Each is checked in full, and every problem is told at once, with the
place it stands in.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from kiosk.adapters.settings.checks import checked, contradictions, settings_model
from kiosk.adapters.settings.given import Given
from kiosk.adapters.settings.toml_file import FILE_NAME, GOOD_NAME, in_file
from kiosk.adapters.settings.words import VARIABLE_PREFIX, printable, variable_of
from kiosk.errors import Problem, SettingsError
from kiosk.model.settings import Settings, setting_names
from kiosk.quoting import nearest

logger = logging.getLogger(__name__)

OTHER_VARIABLES = frozenset({"KIOSK_STATE_DIR", "KIOSK_CACHE_DIR"})
"""Variables of the kiosk that are no settings: they say where its files are."""

KEPT = "kept setting"
"""What a setting is called that was changed in the running kiosk."""

OPTIONS = {"default_program": "--program"}
"""The options that are not called as their setting is."""


@dataclass(frozen=True, slots=True)
class LayeredSettings:
    """Implements `kiosk.ports.SettingsSource`. File, environment and options are as they were when
    they were read, so that a running kiosk goes by one and the same; any thread.
    """

    below: tuple[Given, ...]
    """What gives way to the settings kept in the running kiosk."""

    above: tuple[Given, ...]
    """What goes before them."""

    problems: tuple[Problem, ...] = ()
    """Why the file could not be read."""

    passed_over: tuple[Problem, ...] = ()
    """Why the file cannot be used, where its last good copy is used in its place."""

    @classmethod
    def read(
        cls,
        state_dir: Path,
        environ: Mapping[str, str],
        options: Mapping[str, object],
        *,
        forgiving: bool = False,
    ) -> Self:
        """What `kiosk.toml` in `state_dir`, `environ` and `options` give.

        `options` go by the names of the settings; one that is `None` was not given. The word `none`
        stands for no pin at all. A variable that only looks like a setting is mentioned in the log.
        Who is `forgiving` goes by the file's last good copy where the file itself cannot be used.
        Never raises: what is wrong is told together, when the settings are asked for.
        """
        above = (*_in_environ(environ), *_in_options(options))
        layers = cls._over(state_dir / FILE_NAME, above)
        copy = state_dir / GOOD_NAME
        wrong = _wrong_in(state_dir / FILE_NAME, layers) if forgiving else ()
        if not wrong or not copy.is_file():
            return layers
        instead = cls._over(copy, above)
        return layers if _wrong_in(copy, instead) else replace(instead, passed_over=wrong)

    @classmethod
    def _over(cls, file: Path, above: tuple[Given, ...]) -> Self:
        try:
            return cls(tuple(in_file(file)), above)
        except SettingsError as error:
            return cls((), above, error.problems)

    def fixed(self) -> Mapping[str, str]:
        """The settings that go before the kept ones, and by what they are given: the name of an
        option or of an environment variable.
        """
        return {one.name: one.source.rpartition(" ")[2] for one in self.above}

    def load(self, kept: Mapping[str, str]) -> Settings:
        """All of it together, with what was `kept`, by name, as text.

        Raises SettingsError with every problem there is.
        """
        from_kept = [Given(name, text, KEPT, printable(name)) for name, text in kept.items()]
        problems = list(self.problems)
        model = settings_model()
        values: dict[str, Any] = {}
        winners: dict[str, Given] = {}
        for one in (*self.below, *from_kept, *self.above):
            try:
                values[one.name] = checked(model, one)
                winners[one.name] = one
            except SettingsError as error:
                problems += error.problems
        if problems:
            raise SettingsError(problems)
        settings = Settings(**values)
        problems += contradictions(settings, winners)
        if problems:
            raise SettingsError(problems)
        return settings


def _wrong_in(file: Path, layers: LayeredSettings) -> tuple[Problem, ...]:
    """What is wrong with the file, whatever else may be."""
    try:
        layers.load({})
    except SettingsError as error:
        return tuple(problem for problem in error.problems if problem.source == str(file))
    return ()


def _in_environ(environ: Mapping[str, str]) -> Iterator[Given]:
    known = {variable_of(name): name for name in setting_names()}
    for variable in sorted(environ):
        if variable in known:
            source = f"environment variable {variable}"
            yield Given(known[variable], environ[variable], source)
        elif variable.startswith(VARIABLE_PREFIX) and variable not in OTHER_VARIABLES:
            likely = nearest(variable.removeprefix(VARIABLE_PREFIX), setting_names())
            hint = f" Did you mean {variable_of(likely)}?" if likely else ""
            logger.warning("The environment variable %s sets nothing.%s", variable, hint)


def _in_options(options: Mapping[str, object]) -> Iterator[Given]:
    for name, value in options.items():
        if value is not None:
            option = OPTIONS.get(name, "--" + name.replace("_", "-"))
            yield Given(name, value, source=f"option {option}")
