"""Where the settings come from: defaults, `kiosk.toml`, the environment, the command's options.

A later one of these wins. Each is checked in full, and every problem is told at once, with the
place it stands in. What a setting is, and its limits, is said by `kiosk.model.settings` alone.
"""

import logging
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
)

from kiosk.adapters.settings_reference import VARIABLE_PREFIX, expected, in_words, variable_of
from kiosk.errors import Problem, SettingsError
from kiosk.model.settings import (
    Settings,
    limits_of,
    names_of_host,
    setting_names,
    time_of_day,
    words_of,
)

logger = logging.getLogger(__name__)

FILE_NAME = "kiosk.toml"
GOOD_NAME = "kiosk.toml.good"
"""The settings file as it was at the last good start; see `kiosk.adapters.last_good`."""

LARGEST_FILE = 64 * 1024
"""Bytes; a file with every setting in it takes one."""

OTHER_VARIABLES = frozenset({"KIOSK_STATE_DIR", "KIOSK_CACHE_DIR"})
"""Variables of the kiosk that are no settings: they say where its files are."""

KEPT = "kept setting"
"""What a setting is called that was changed in the running kiosk."""

OPTIONS = {"default_program": "--program"}
"""The options that are not called as their setting is."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that somebody gave to a setting, or to what they took for one."""

    name: str
    value: object
    source: str
    path: str = ""
    strict: bool = False
    """Whether the source tells numbers from text, so that `"150"` is no number."""

    def problem(self, message: str, suggestion: str = "") -> Problem:
        return Problem(self.source, self.path, message, suggestion)


@dataclass(frozen=True, slots=True)
class SettingsLayers:
    """What file, environment and options give, as they were when they were read. Any thread."""

    below: tuple[_Given, ...]
    """What gives way to the settings kept in the running kiosk."""

    above: tuple[_Given, ...]
    """What goes before them."""

    problems: tuple[Problem, ...] = ()
    """Why the file could not be read."""

    passed_over: tuple[Problem, ...] = ()
    """Why the file cannot be used, where its last good copy is used in its place."""

    def fixed(self) -> Mapping[str, str]:
        """The settings that are given from above, and by what: an option's or a variable's name."""
        return {one.name: one.source.rpartition(" ")[2] for one in self.above}

    def settings(self, kept: Mapping[str, str] | None = None) -> Settings:
        """All of it together, with what was `kept`. Raises SettingsError with every problem."""
        from_kept = [_Given(name, text, KEPT, name) for name, text in (kept or {}).items()]
        problems = list(self.problems)
        model = _settings_model()
        values: dict[str, Any] = {}
        winners: dict[str, _Given] = {}
        for one in (*self.below, *from_kept, *self.above):
            try:
                values[one.name] = _checked(model, one)
                winners[one.name] = one
            except SettingsError as error:
                problems += error.problems
        if problems:
            raise SettingsError(problems)
        settings = Settings(**values)
        problems += _contradictions(settings, winners)
        if problems:
            raise SettingsError(problems)
        return settings


def read_layers(
    state_dir: Path,
    environ: Mapping[str, str],
    options: Mapping[str, object],
    *,
    forgiving: bool = False,
) -> SettingsLayers:
    """What `kiosk.toml` in `state_dir`, `environ` and `options` give.

    `options` go by the names of the settings; one that is `None` was not given. The word `none`
    stands for no pin at all. A variable that only looks like a setting is mentioned in the log.
    Who is `forgiving` goes by the file's last good copy where the file itself cannot be used.
    Never raises: what is wrong is told together, when the settings are asked for.
    """
    above = (*_in_environ(environ), *_in_options(options))
    layers = _layers(state_dir / FILE_NAME, above)
    copy = state_dir / GOOD_NAME
    wrong = _wrong_in(state_dir / FILE_NAME, layers) if forgiving else ()
    if not wrong or not copy.is_file():
        return layers
    instead = _layers(copy, above)
    return layers if _wrong_in(copy, instead) else replace(instead, passed_over=wrong)


def load_settings(
    state_dir: Path,
    environ: Mapping[str, str],
    options: Mapping[str, object],
    kept: Mapping[str, str] | None = None,
) -> Settings:
    """The settings: the defaults, over which go `kiosk.toml` in `state_dir`, what was `kept` in the
    running kiosk, `environ`, and `options`, as `read_layers` takes them.

    Raises SettingsError with every problem in all of them.
    """
    return read_layers(state_dir, environ, options).settings(kept)


def _layers(file: Path, above: tuple[_Given, ...]) -> SettingsLayers:
    try:
        return SettingsLayers(tuple(_in_file(file)), above)
    except SettingsError as error:
        return SettingsLayers((), above, error.problems)


def _wrong_in(file: Path, layers: SettingsLayers) -> tuple[Problem, ...]:
    """What is wrong with the file, whatever else may be."""
    try:
        layers.settings()
    except SettingsError as error:
        return tuple(problem for problem in error.problems if problem.source == str(file))
    return ()


def _contradictions(settings: Settings, winners: Mapping[str, _Given]) -> Iterator[Problem]:
    """What is wrong with texts of a certain form, and with values that are right each by itself."""
    if settings.led_pin == settings.pin:
        message = f"Pin {settings.pin} is the button's; give the light another."
        yield winners["led_pin"].problem(message)
    for name in ("quiet_from", "quiet_to"):
        text = getattr(settings, name)
        try:
            time_of_day(text)
        except ValueError:
            message = f"Expected a time of day such as 21:30, not {in_words(text)}."
            yield winners[name].problem(message)
    if bool(settings.quiet_from) is not bool(settings.quiet_to):
        given = "quiet_from" if settings.quiet_from else "quiet_to"
        message = "Quiet hours need both ends: when they begin and when they end."
        yield winners[given].problem(message)
    hosts: dict[str, tuple[str, ...]] = {}
    for name in ("host", "host_names"):
        try:
            hosts[name] = names_of_host(getattr(settings, name))
        except ValueError as error:
            message = (
                f"Expected a host's name or address, without a port, not {in_words(str(error))}."
            )
            yield winners[name].problem(message)
    if len(hosts.get("host", ("one",))) != 1:
        yield winners["host"].problem("Expected one address, such as 0.0.0.0 or 127.0.0.1.")


def _in_file(path: Path) -> Iterable[_Given]:
    """What the settings file gives; nothing where there is none. Raises SettingsError."""
    return [
        _Given(name, value, str(path), name if name.isprintable() else in_words(name), strict=True)
        for name, value in _read_toml(path).items()
    ]


def _in_environ(environ: Mapping[str, str]) -> Iterator[_Given]:
    known = {variable_of(name): name for name in setting_names()}
    for variable in sorted(environ):
        if variable in known:
            source = f"environment variable {variable}"
            yield _Given(known[variable], environ[variable], source)
        elif variable.startswith(VARIABLE_PREFIX) and variable not in OTHER_VARIABLES:
            nearest = _nearest(variable.removeprefix(VARIABLE_PREFIX), setting_names())
            hint = f" Did you mean {variable_of(nearest)}?" if nearest else ""
            logger.warning("The environment variable %s sets nothing.%s", variable, hint)


def _in_options(options: Mapping[str, object]) -> Iterator[_Given]:
    for name, value in options.items():
        if value is not None:
            option = OPTIONS.get(name, "--" + name.replace("_", "-"))
            yield _Given(name, value, source=f"option {option}")


def _read_toml(path: Path) -> dict[str, Any]:
    content = _read(path)
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (see byte {error.start + 1}); save it as UTF-8."
        raise _unusable(path, message) from error
    except RecursionError as error:
        raise _unusable(path, "is nested too deeply; a setting is `name = value`.") from error
    except ValueError as error:
        raise _unusable(path, f"is not valid TOML: {error}.") from error


def _read(path: Path) -> bytes:
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


def _unusable(path: Path, what_is_wrong: str) -> SettingsError:
    return SettingsError([Problem(str(path), "", f"The file {what_is_wrong}")])


def _settings_model() -> type[BaseModel]:
    """The settings as a model of pydantic's that takes any part of them."""
    hints = get_type_hints(Settings)
    shape: dict[str, Any] = {
        field.name: (_constrained(field.name, hints[field.name]), field.default)
        for field in fields(Settings)
    }
    return create_model("SettingsModel", __config__=ConfigDict(extra="forbid"), **shape)


def _constrained(name: str, hint: Any) -> Any:  # noqa: ANN401 - a type hint may be anything
    if words := words_of(name):
        return Literal[words]
    if hint is str:
        return Annotated[str, AfterValidator(_printable)]
    limits = limits_of(name)
    limited = Annotated[hint, Field(ge=limits.low, le=limits.high)] if limits else hint
    if NoneType in get_args(hint):
        return Annotated[limited, BeforeValidator(_none_in_words)]
    return limited


def _printable(text: str) -> str:
    """`text` itself. Raises ValueError where it could be neither shown nor handed to a program."""
    if not text.isprintable():
        raise ValueError("not printable")
    return text


def _none_in_words(value: object) -> object:
    """`None` for the words that mean it: neither TOML nor the environment can say it otherwise."""
    return None if isinstance(value, str) and value.strip().lower() in ("", "none") else value


def _checked(model: type[BaseModel], one: _Given) -> object:
    """The value as its setting takes it. Raises SettingsError."""
    if one.name not in model.model_fields:
        nearest = _nearest(one.name, setting_names())
        raise SettingsError([one.problem("There is no such setting.", nearest)])
    try:
        return getattr(model.model_validate({one.name: one.value}, strict=one.strict), one.name)
    # The second is what becomes of a ValidationError about bytes that are no text.
    except (ValidationError, UnicodeEncodeError) as error:
        message = f"Expected {expected(one.name)}, not {in_words(one.value)}."
        raise SettingsError([one.problem(message)]) from error


def _nearest(name: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(name.lower(), known, n=1)), "")
