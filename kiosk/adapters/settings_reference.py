"""All there is to know about each setting, in words, read from `kiosk.model.settings`."""

import ast
import json
from dataclasses import dataclass, fields
from inspect import getsource
from itertools import pairwise
from types import NoneType
from typing import get_args, get_type_hints

from kiosk.model.settings import Settings, limits_of, words_of

VARIABLE_PREFIX = "KIOSK_"


@dataclass(frozen=True, slots=True)
class SettingEntry:
    """One setting, as the reference describes it."""

    name: str
    type: str
    """`text`, `whole number` or `whole number or none`."""

    default: str
    """As it stands in `kiosk.toml`; `none` where nothing is set."""

    limits: str
    """E.g. `120 to 200 (words a minute)`, or the words it takes; empty where any text is taken."""

    doc: str
    """What it does, on one line."""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return variable_of(self.name)


def settings_reference() -> list[SettingEntry]:
    """Every setting, in the order in which they are declared."""
    docs = _docstrings(Settings)
    hints = get_type_hints(Settings)
    return [
        SettingEntry(
            name=field.name,
            type=_type_name(hints[field.name]),
            default=in_words(field.default),
            limits=_limits(field.name),
            doc=docs[field.name],
        )
        for field in fields(Settings)
    ]


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
    number = f"a whole number from {_limits(name)}"
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
            return json.dumps(short, ensure_ascii=False)
        case int() if abs(value) >= 10**15:
            return "a number of many digits"
        case dict() | list():
            return "a table" if isinstance(value, dict) else "a list"
        case _:
            return str(value)


def _members(hint: object) -> tuple[object, ...]:
    return get_args(hint) or (hint,)


def _type_name(hint: object) -> str:
    name = "text" if str in _members(hint) else "whole number"
    return f"{name} or none" if NoneType in _members(hint) else name


def _limits(name: str) -> str:
    if words := words_of(name):
        return " or ".join(f"`{word}`" for word in words)
    limits = limits_of(name)
    return f"{limits.low} to {limits.high} ({limits.unit})" if limits else ""


def _docstrings(record: type) -> dict[str, str]:
    """The docstring under each field of `record`, by the field's name, on one line."""
    (definition,) = (n for n in ast.parse(getsource(record)).body if isinstance(n, ast.ClassDef))
    docs = {}
    for field, text in pairwise(definition.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(doc))):
                docs[name] = " ".join(doc.split())
    return docs
