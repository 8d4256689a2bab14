"""Settings in words: what each takes, and values as a person would write them."""

import json
from types import NoneType
from typing import get_args, get_type_hints

from kiosk.model.settings import Settings, limits_of, words_of

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
