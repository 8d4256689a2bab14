"""Checks of settings' values, each by itself and all together, with every problem in a sentence.

The annotations of `kiosk.settings.model.Settings` say what a setting takes. They are checked here
by hand: a schema library would take longer to be loaded than a short command takes altogether.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kiosk.errors import Problem, SettingsError, nearest
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

VARIABLE_PREFIX = "KIOSK_"

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

    def problem(self, message: str, suggestion: str = "") -> Problem:
        """The problem that `message` describes, with the place of this value."""
        return Problem.plain(self.source, self.path, message, suggestion)


def checked(given: Given) -> str | int | None:
    """The value of `given` in the type of its setting. Raises SettingsError."""
    name, value = given.name, given.value
    if name not in setting_names():
        likely = nearest(name, setting_names())
        raise SettingsError([given.problem("There is no such setting.", likely)])
    if str in types_of(name):
        # A text will be shown, and handed to other programs.
        if isinstance(value, str) and value.isprintable() and value in (words_of(name) or (value,)):
            return value
    else:
        # Neither TOML nor the environment can say `None` otherwise.
        if is_optional(name) and _is_none(value):
            return None
        number, limits = _whole_number(value, strict=given.strict), limits_of(name)
        if number is not None and (limits is None or limits.low <= number <= limits.high):
            return number
    message = f"Expected {expected(name)}, not {in_words(value)}."
    raise SettingsError([given.problem(message)])


def contradictions(settings: Settings, winners: Mapping[str, Given]) -> Iterator[Problem]:
    """Problems of texts that have to be of a certain form, and of values that do not go together.

    `winners` has, for each setting that is no default, where its value comes from; the defaults are
    right.
    """
    if settings.led_pin == settings.pin:
        message = f"Pin {settings.pin} is the button's; give the light another."
        yield winners["led_pin"].problem(message)
    for name in (name for name in ("quiet_from", "quiet_to") if name in winners):
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
    for name in (name for name in ("host", "host_names") if name in winners):
        try:
            hosts[name] = names_of_host(getattr(settings, name))
        except ValueError as error:
            message = (
                f"Expected a host's name or address, without a port, not {in_words(str(error))}."
            )
            yield winners[name].problem(message)
    if len(hosts.get("host", ("one",))) != 1:
        yield winners["host"].problem("Expected one address, such as 0.0.0.0 or 127.0.0.1.")


def variable_of(name: str) -> str:
    """The environment variable that sets the setting `name`."""
    return VARIABLE_PREFIX + name.upper()


def expected(name: str) -> str:
    """The values that the setting `name` takes, as the words of a sentence."""
    if words := words_of(name):
        return " or ".join(map(in_words, words))
    if str in types_of(name):
        return "printable text"
    number = f"a whole number from {limits(name)}"
    return f"{number} or none" if is_optional(name) else number


def limits(name: str) -> str:
    """The limits of a number in words, e.g. `120 to 200 (words a minute)`; empty for a text."""
    within = limits_of(name)
    return f"{within.low} to {within.high} ({within.unit})" if within else ""


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
    """`name` as it may be shown, whatever a file calls a setting."""
    return name if name.isprintable() else in_words(name)


def text_of(settings: Settings, name: str) -> str:
    """The value of the setting `name` as text, as it is stored and sent by a form."""
    value = getattr(settings, name)
    return "none" if value is None else str(value)


def _is_none(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in ("", "none"))


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
