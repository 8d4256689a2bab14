"""The sources of the settings, in layers, each of which wins over those before it.

1. The defaults of `kiosk.settings.model.Settings`.
2. The file `kiosk.toml` in the state directory, which an installer writes by hand.
3. What was changed on a page of the running kiosk, stored in its database as text.
4. The environment, `KIOSK_` and the setting's name in capitals.
5. The options of the command.

`LayeredSettings` holds 2, 4 and 5 as they were when the process started: a running kiosk follows no
edited file. `load` lays what is stored, which changes while the kiosk runs, between them. A setting
that comes from layer 4 or 5 is *fixed*: no page can change it.

Every value is checked where it is given, also one that another layer wins over, and all problems
are raised together, each with the place of its value. What becomes of values that cannot be used:

- In options and environment: always an error; the command ends with it.
- In the file: an error, too, but `kiosk run` and `kiosk doctor` are `forgiving`: where the file's
  copy from the last good start (`kiosk.settings.last_good`) can be used, it takes the file's place,
  and `passed_over` says why.
- Among the stored ones: `usable` leaves them out, and the log says so. An update may have changed a
  limit, and the kiosk has to start.
"""

import logging
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from kiosk.errors import Problem, SettingsError, nearest
from kiosk.locale.problems import error_text
from kiosk.settings.checks import (
    VARIABLE_PREFIX,
    Given,
    checked,
    contradictions,
    printable,
    variable_of,
)
from kiosk.settings.model import Settings, setting_names

logger = logging.getLogger(__name__)

FILE_NAME = "kiosk.toml"
GOOD_NAME = "kiosk.toml.good"
"""The copy of the file from the last good start."""

LARGEST_FILE = 64 * 1024
"""Bytes; a file with every setting in it takes one."""

LONGEST_LINE = 1000
"""Bytes. The TOML reader takes minutes over a key of thirty thousand dots."""

OTHER_VARIABLES = frozenset({"KIOSK_STATE_DIR", "KIOSK_CACHE_DIR"})
"""Variables of the kiosk that are no settings: they say where its files are."""

STORED = "kept setting"
"""The source that a problem of a stored setting names."""

OPTIONS = {"default_program": "--program"}
"""The options that are not called as their setting is."""


class LayeredSettings(NamedTuple):
    """The layers as they were when they were read. Frozen; any thread."""

    below: tuple[Given, ...]
    """Values that give way to the stored ones."""

    above: tuple[Given, ...]
    """Values that win over the stored ones."""

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
        """The layers of `kiosk.toml` in `state_dir`, of `environ` and of `options`.

        `options` go by the names of the settings; one that is `None` was not given. The word `none`
        stands for no pin at all. A variable that only looks like a setting is mentioned in the log.
        With `forgiving`, a file that cannot be used gives way to its last good copy. Never raises:
        `load` does.
        """
        above = (*_of_environ(environ), *_of_options(options))
        layers = cls.over(state_dir / FILE_NAME, above)
        copy = state_dir / GOOD_NAME
        wrong = _problems_of(state_dir / FILE_NAME, layers) if forgiving else ()
        if not wrong or not copy.is_file():
            return layers
        instead = cls.over(copy, above)
        return layers if _problems_of(copy, instead) else instead._replace(passed_over=wrong)

    @classmethod
    def over(cls, file: Path, above: tuple[Given, ...]) -> Self:
        """The layers of this settings file, under the values of environment and options."""
        try:
            return cls(tuple(_of_file(file)), above)
        except SettingsError as error:
            return cls((), above, error.problems)

    def fixed(self) -> Mapping[str, str]:
        """The settings that win over the stored ones, each with the name of the option or of the
        environment variable that gives it.
        """
        return {given.name: given.source.rpartition(" ")[2] for given in self.above}

    def load(self, stored: Mapping[str, str]) -> Settings:
        """The settings of all layers, with those that are `stored`, by name, as text.

        Raises SettingsError with every problem there is.
        """
        between = [Given(name, text, STORED, printable(name)) for name, text in stored.items()]
        problems = list(self.problems)
        values: dict[str, Any] = {}
        winners: dict[str, Given] = {}
        for given in (*self.below, *between, *self.above):
            try:
                values[given.name] = checked(given)
                winners[given.name] = given
            except SettingsError as error:
                problems += error.problems
        if problems:
            raise SettingsError(problems)
        settings = Settings(**values)
        problems += contradictions(settings, winners)
        if problems:
            raise SettingsError(problems)
        return settings


def usable(layers: LayeredSettings, stored: Mapping[str, str]) -> Mapping[str, str]:
    """Those of the `stored` settings that `layers` can load; the log mentions the others.

    Raises SettingsError where it is not the stored ones that are wrong.
    """
    # Other names come only with a backup that somebody has written, and are no line of the log.
    good = {name: text for name, text in stored.items() if name.isprintable()}
    for name in stored.keys() - good.keys():
        logger.warning("A kept setting is passed over. There is no setting %s.", ascii(name))
    while good:
        try:
            layers.load(good)
        except SettingsError as error:
            logger.warning("A kept setting is passed over. %s", error_text(error))
            # Where another layer is blamed for not going with them, any of them may be the cause.
            wrong = {problem.path for problem in error.problems} & set(good) or set(good)
            good = {name: text for name, text in good.items() if name not in wrong}
        else:
            break
    return good


def content_of(file: Path) -> bytes:
    """The bytes of a settings file; none where there is no file. Raises SettingsError."""
    try:
        # A pipe would be waited for, for ever.
        if not stat.S_ISREG(file.stat().st_mode):
            raise _unusable(file, "is not a plain file.")
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unusable(file, f"cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise _unusable(file, f"is larger than {LARGEST_FILE // 1024} kB; is it the right one?")
    return content


def _of_file(file: Path) -> Iterable[Given]:
    """The values of a settings file; none where there is no file. Raises SettingsError."""
    content = content_of(file)
    if not content:
        return ()
    for number, line in enumerate(content.split(b"\n"), start=1):
        if len(line) > LONGEST_LINE:
            most = f"{LONGEST_LINE:,} bytes are the most"
            raise _unusable(file, f"has a line that is too long (line {number}); {most}.")
    # Most kiosks are set up on their pages and have no file.
    import tomllib  # noqa: PLC0415

    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (see byte {error.start + 1}); save it as UTF-8."
        raise _unusable(file, message) from error
    except RecursionError as error:
        raise _unusable(file, "is nested too deeply; a setting is `name = value`.") from error
    except ValueError as error:
        raise _unusable(file, f"is not valid TOML: {error}.") from error
    return [
        Given(name, value, str(file), printable(name), strict=True) for name, value in table.items()
    ]


def _of_environ(environ: Mapping[str, str]) -> Iterator[Given]:
    known = {variable_of(name): name for name in setting_names()}
    for variable in sorted(environ):
        if variable in known:
            source = f"environment variable {variable}"
            yield Given(known[variable], environ[variable], source)
        elif variable.startswith(VARIABLE_PREFIX) and variable not in OTHER_VARIABLES:
            likely = nearest(variable.removeprefix(VARIABLE_PREFIX), setting_names())
            hint = f" Did you mean {variable_of(likely)}?" if likely else ""
            logger.warning("The environment variable %s sets nothing.%s", variable, hint)


def _of_options(options: Mapping[str, object]) -> Iterator[Given]:
    for name, value in options.items():
        if value is not None:
            option = OPTIONS.get(name, "--" + name.replace("_", "-"))
            yield Given(name, value, source=f"option {option}")


def _problems_of(file: Path, layers: LayeredSettings) -> tuple[Problem, ...]:
    """The problems of the values that the file gives, whatever is wrong with others."""
    try:
        layers.load({})
    except SettingsError as error:
        return tuple(problem for problem in error.problems if problem.source == str(file))
    return ()


def _unusable(file: Path, predicate: str) -> SettingsError:
    return SettingsError([Problem.plain(str(file), "", f"The file {predicate}")])
