"""Settings in words: what each takes, and values as a person would write them.

A value for a setting, and who gave it.

Whether values can be gone by, each by itself and all together.

What a setting is, and its limits, is said by `kiosk.settings.model` alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
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

from kiosk.errors import Problem, SettingsError, nearest
from kiosk.settings.model import (
    Settings,
    limits_of,
    names_of_host,
    setting_names,
    time_of_day,
    words_of,
)

VARIABLE_PREFIX = "KIOSK_"


def variable_of(name: str) -> str:
    """The environment variable that sets the setting `name`."""
    return VARIABLE_PREFIX + name.upper()


def expected(name: str) -> str:
    """What the setting `name` takes, as the words of a sentence."""
    if words := words_of(name):
        return " or ".join(map(in_words, words))
    hint = get_type_hints(Settings)[name]
    if str in _members(hint):
        return "printable text"
    number = f"a whole number from {limits(name)}"
    return f"{number} or none" if NoneType in _members(hint) else number


def in_words(value: object) -> str:
    """`value` as a person would write it in `kiosk.toml`, shortened where it is long."""
    match value:
        case None | bool():
            return "none" if value is None else str(value).lower()
        case str():
            # The environment may hold bytes that no terminal can print.
            printable = value.encode(errors="backslashreplace").decode()
            short = printable if len(printable) <= 40 else f"{printable[:40]}…"
            quoted = json.dumps(short, ensure_ascii=False)
            return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in quoted)
        case int() if abs(value) >= 10**15:
            return "a number of many digits"
        case dict() | list():
            return "a table" if isinstance(value, dict) else "a list"
        case _:
            return str(value)


def printable(name: str) -> str:
    """`name` as it may be shown, whatever somebody has called a setting."""
    return name if name.isprintable() else in_words(name)


def limits(name: str) -> str:
    """Between what the setting `name` may lie, e.g. `120 to 200 (words a minute)`; empty where it
    is no number.
    """
    within = limits_of(name)
    return f"{within.low} to {within.high} ({within.unit})" if within else ""


def _members(hint: object) -> tuple[object, ...]:
    return get_args(hint) or (hint,)


@dataclass(frozen=True, slots=True)
class Given:
    """A value that somebody gave to a setting, or to what they took for one."""

    name: str
    value: object
    source: str
    path: str = ""
    strict: bool = False
    """Whether the source tells numbers from text, so that `"150"` is no number."""

    def problem(self, message: str, suggestion: str = "") -> Problem:
        """What is wrong with it, and where it stands."""
        return Problem.plain(self.source, self.path, message, suggestion)


@cache
def settings_model() -> type[BaseModel]:
    """The settings as a model of pydantic's that takes any part of them."""
    # Making it takes far longer than using it, and a start asks for it half a dozen times.
    hints = get_type_hints(Settings)
    shape: dict[str, Any] = {
        field.name: (_constrained(field.name, hints[field.name]), field.default)
        for field in fields(Settings)
    }
    return create_model("SettingsModel", __config__=ConfigDict(extra="forbid"), **shape)


def checked(model: type[BaseModel], one: Given) -> object:
    """The value as its setting takes it. Raises SettingsError."""
    if one.name not in model.model_fields:
        likely = nearest(one.name, setting_names())
        raise SettingsError([one.problem("There is no such setting.", likely)])
    try:
        return getattr(model.model_validate({one.name: one.value}, strict=one.strict), one.name)
    # The second is what becomes of a ValidationError about bytes that are no text.
    except (ValidationError, UnicodeEncodeError) as error:
        message = f"Expected {expected(one.name)}, not {in_words(one.value)}."
        raise SettingsError([one.problem(message)]) from error


def contradictions(settings: Settings, winners: Mapping[str, Given]) -> Iterator[Problem]:
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
