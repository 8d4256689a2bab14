"""Whether values can be gone by, each by itself and all together.

What a setting is, and its limits, is said by `kiosk.model.settings` alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
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

from kiosk.adapters.settings.given import Given
from kiosk.adapters.settings.words import expected, in_words
from kiosk.errors import Problem, SettingsError
from kiosk.model.settings import (
    Settings,
    limits_of,
    names_of_host,
    setting_names,
    time_of_day,
    words_of,
)
from kiosk.quoting import nearest


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
