"""The settings file: a table of names and values, read with care.

Where the settings come from: defaults, `kiosk.toml`, what was changed in the running kiosk, the
environment, the command's options.

A later one of these wins. Each is checked in full, and every problem is told at once, with the
place it stands in.

Which of the kept settings can be used.
"""

import logging
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from kiosk.errors import Problem, SettingsError, nearest
from kiosk.settings.checks import (
    VARIABLE_PREFIX,
    Given,
    checked,
    contradictions,
    printable,
    settings_model,
    variable_of,
)
from kiosk.settings.model import Settings, setting_names

logger = logging.getLogger(__name__)

FILE_NAME = "kiosk.toml"
GOOD_NAME = "kiosk.toml.good"
"""The settings file as it was at the last good start; see `kiosk.settings.last_good`."""

LARGEST_FILE = 64 * 1024
"""Bytes; a file with every setting in it takes one."""

LONGEST_LINE = 1000
"""Bytes. The TOML reader takes minutes over a key of thirty thousand dots."""


def in_file(path: Path) -> Iterable[Given]:
    """What the settings file gives; nothing where there is none. Raises SettingsError."""
    return [
        Given(name, value, str(path), printable(name), strict=True)
        for name, value in _read_toml(path).items()
    ]


def content_of(path: Path) -> bytes:
    """The bytes of the file; none where there is no file. Raises SettingsError."""
    try:
        # A pipe would be waited for, for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _unusable(path, "is not a plain file.")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise _unusable(path, f"is larger than {LARGEST_FILE // 1024} kB; is it the right one?")
    return content


def _read_toml(path: Path) -> dict[str, Any]:
    content = content_of(path)
    for number, line in enumerate(content.split(b"\n"), start=1):
        if len(line) > LONGEST_LINE:
            most = f"{LONGEST_LINE:,} bytes are the most"
            raise _unusable(path, f"has a line that is too long (line {number}); {most}.")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (see byte {error.start + 1}); save it as UTF-8."
        raise _unusable(path, message) from error
    except RecursionError as error:
        raise _unusable(path, "is nested too deeply; a setting is `name = value`.") from error
    except ValueError as error:
        raise _unusable(path, f"is not valid TOML: {error}.") from error


def _unusable(path: Path, what_is_wrong: str) -> SettingsError:
    return SettingsError([Problem.plain(str(path), "", f"The file {what_is_wrong}")])


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


def usable(source: LayeredSettings, kept: Mapping[str, str]) -> Mapping[str, str]:
    """Those of the `kept` settings that `source` can load.

    One that cannot be used (any more: `kiosk.toml` or the kiosk itself is another now) is passed
    over, as the log says: the kiosk has to start. Raises SettingsError where it is not the kept
    ones that are wrong.
    """
    # Other names come only with a backup that somebody has written, and are no line of the log.
    good = {name: text for name, text in kept.items() if name.isprintable()}
    for name in kept.keys() - good.keys():
        logger.warning("A kept setting is passed over. There is no setting %s.", ascii(name))
    while good:
        try:
            source.load(good)
        except SettingsError as error:
            logger.warning("A kept setting is passed over. %s", error)
            # Where another layer is blamed for not going with them, any of them may be the cause.
            wrong = {problem.path for problem in error.problems} & set(good) or set(good)
            good = {name: text for name, text in good.items() if name not in wrong}
        else:
            break
    return good
