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

Values are checked by hand: a schema library would take longer to be loaded than a short command
takes altogether.
"""

import logging
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from kiosk.errors import Phrase, Problem, SettingsError, Value, nearest
from kiosk.locale.problems import error_text
from kiosk.settings.model import (
    Settings,
    is_optional,
    limits_of,
    names_of_host,
    setting_names,
    time_of_day,
    types_of,
    words_of,
)

logger = logging.getLogger(__name__)

VARIABLE_PREFIX = "KIOSK_"

FILE_NAME = "kiosk.toml"
GOOD_NAME = "kiosk.toml.good"  # the copy of the file from the last good start
LARGEST_FILE = 64 * 1024  # bytes; a file with every setting in it takes one

LONGEST_LINE = 1000
"""Bytes. The TOML reader takes minutes over a key of thirty thousand dots."""

OTHER_VARIABLES = frozenset({"KIOSK_STATE_DIR", "KIOSK_CACHE_DIR"})
"""Variables of the kiosk that are no settings: they say where its files are."""

STORED = "stored setting"  # the source that a problem of a stored setting names
OPTIONS = {"default_program": "--program"}  # the options that are not called as their setting is

_WHOLE_NUMBER = r"[+-]?[0-9]+(_[0-9]+)*(\.0+)?"


class Given(NamedTuple):
    """A value that a source gives to a setting, or to a name that is none."""

    name: str
    value: object
    source: str
    """The file, environment variable or option, as a problem names it."""

    path: str = ""
    """Where inside the source; empty where the source gives this value alone."""

    strict: bool = False
    """Whether the source tells numbers from text, so that `"150"` is no number."""

    def problem(self, code: str, suggestion: str = "", **values: Value) -> Problem:
        """A problem with the place of this value."""
        return Problem(self.source, self.path, code, values, suggestion)


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
        """The settings that no page can change, each with the option or variable that gives it."""
        return {given.name: given.source.rpartition(" ")[2] for given in self.above}

    def load(self, stored: Mapping[str, str]) -> Settings:
        """All layers, with the `stored` texts by name. Raises SettingsError with every problem."""
        between = [Given(name, text, STORED, printable(name)) for name, text in stored.items()]
        problems = list(self.problems)
        values: dict[str, Any] = {}
        winners: dict[str, Given] = {}
        for given in (*self.below, *between, *self.above):
            try:
                values[given.name] = _checked(given)
                winners[given.name] = given
            except SettingsError as error:
                problems += error.problems
        if problems:
            raise SettingsError(problems)
        settings = Settings(**values)
        problems += _contradictions(settings, winners)
        if problems:
            raise SettingsError(problems)
        return settings


def usable(layers: LayeredSettings, stored: Mapping[str, str]) -> Mapping[str, str]:
    """Those of `stored` that `layers` can load; logs others. Raises SettingsError for layers."""
    # Other names come only with a backup that somebody has written, and are no line of the log.
    good = {name: text for name, text in stored.items() if name.isprintable()}
    for name in stored.keys() - good.keys():
        logger.warning("A stored setting is passed over. There is no setting %s.", ascii(name))
    while good:
        try:
            layers.load(good)
        except SettingsError as error:
            logger.warning("A stored setting is passed over. %s", error_text(error))
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
            raise _unusable(file, "settings.not-plain")
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unusable(file, "file.unreadable", reason=str(error.strerror)) from error
    if len(content) > LARGEST_FILE:
        raise _unusable(file, "settings.too-large", most=LARGEST_FILE // 1024)
    return content


def _of_file(file: Path) -> Iterable[Given]:
    """The values of a settings file; none where there is no file. Raises SettingsError."""
    content = content_of(file)
    if not content:
        return ()
    for number, line in enumerate(content.split(b"\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise _unusable(file, "settings.line-too-long", line=number, most=LONGEST_LINE)
    # Most kiosks are set up on their pages and have no file.
    import tomllib  # noqa: PLC0415

    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _unusable(file, "settings.not-utf8", byte=error.start + 1) from error
    except RecursionError as error:
        raise _unusable(file, "settings.nested-too-deeply") from error
    except ValueError as error:
        raise _unusable(file, "file.not-toml", reason=str(error)) from error
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


def _unusable(file: Path, code: str, **values: Value) -> SettingsError:
    return SettingsError([Problem(str(file), "", code, values)])


def variable_of(name: str) -> str:
    """The environment variable that sets the setting `name`."""
    return VARIABLE_PREFIX + name.upper()


def printable(name: str) -> str:
    """`name` as it may be shown, whatever a file calls a setting."""
    return name if name.isprintable() else in_quotes(name)


def in_quotes(text: str) -> str:
    """`text` as a person would write it in `kiosk.toml`, shortened where it is long."""
    # The environment may hold bytes that no terminal can print.
    writable = text.encode(errors="backslashreplace").decode()
    short = writable if len(writable) <= 40 else f"{writable[:40]}…"
    import json  # noqa: PLC0415 - seldom needed

    quoted = json.dumps(short, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in quoted)


# --- checks of values


def _checked(given: Given) -> str | int | None:
    """The value of `given` in the type of its setting. Raises SettingsError."""
    name, value = given.name, given.value
    if name not in setting_names():
        raise SettingsError([given.problem("setting.unknown", nearest(name, setting_names()))])
    if str in types_of(name):
        # A text will be shown, and handed to other programs.
        if isinstance(value, str) and value.isprintable() and value in (words_of(name) or (value,)):
            return value
    else:
        # Neither TOML nor the environment can say `None` otherwise.
        if is_optional(name) and str(value).strip().lower() in ("", "none"):
            return None
        number, limits = _whole_number(value, strict=given.strict), limits_of(name)
        if number is not None and (limits is None or limits.low <= number <= limits.high):
            return number
    problem = given.problem("setting.wrong", expected=_expected(name), found=_found(value))
    raise SettingsError([problem])


def _contradictions(settings: Settings, winners: Mapping[str, Given]) -> Iterator[Problem]:
    """Problems of texts that have to be of a certain form, and of values that do not go together.

    `winners` has, for each setting that is no default, where its value comes from; the defaults are
    right.
    """
    if settings.led_pin == settings.pin:
        yield winners["led_pin"].problem("setting.pin-of-button", pin=settings.pin)
    for name in (name for name in ("quiet_from", "quiet_to") if name in winners):
        text = getattr(settings, name)
        try:
            time_of_day(text)
        except ValueError:
            yield winners[name].problem("setting.time-unreadable", text=in_quotes(text))
    if bool(settings.quiet_from) is not bool(settings.quiet_to):
        given = "quiet_from" if settings.quiet_from else "quiet_to"
        yield winners[given].problem("setting.quiet-one-end")
    hosts: dict[str, tuple[str, ...]] = {}
    for name in (name for name in ("host", "host_names") if name in winners):
        try:
            hosts[name] = names_of_host(getattr(settings, name))
        except ValueError as error:
            yield winners[name].problem("setting.no-host", text=in_quotes(str(error)))
    if len(hosts.get("host", ("one",))) != 1:
        yield winners["host"].problem("setting.not-one-host")


def _expected(name: str) -> Value:
    """The values that the setting `name` takes."""
    limits = limits_of(name)
    if limits is not None:
        unit = Phrase(f"unit.{limits.unit}")
        number = Phrase(
            "expected.whole-of-unit", {"low": limits.low, "high": limits.high, "unit": unit}
        )
        choices: list[Value] = [number, "none"] if is_optional(name) else [number]
    else:
        choices = [in_quotes(word) for word in words_of(name)] or [Phrase("expected.printable")]
    expected, *others = choices
    for other in others:
        expected = Phrase("expected.or", {"one": expected, "other": other})
    return expected


def _found(value: object) -> Value:
    """`value` as a person would write it in `kiosk.toml`, shortened where it is long."""
    match value:
        case None | bool():
            return "none" if value is None else str(value).lower()
        case str():
            return in_quotes(value)
        case int() if abs(value) >= 10**15:
            return Phrase("found.many-digits")
        case dict():
            return Phrase("found.table")
        case list():
            return Phrase("found.any-list")
    return str(value)


def _whole_number(value: object, *, strict: bool) -> int | None:
    """`value`, or the number that it writes where it is text; `None` where that is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if strict or not isinstance(value, str):
        return None
    text = value.strip()
    if not re.fullmatch(_WHOLE_NUMBER, text):
        return None
    try:
        return int(text.partition(".")[0])
    except ValueError:  # more digits than Python reads
        return None
