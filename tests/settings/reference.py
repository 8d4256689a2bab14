"""All there is to know about each setting, in words, read from `kiosk.settings.model`."""

import ast
from dataclasses import dataclass, fields
from inspect import getsource
from itertools import pairwise
from types import NoneType
from typing import get_args, get_type_hints

from kiosk.settings.model import Settings, limits_of, words_of
from kiosk.settings.sources import in_quotes, variable_of


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
            default=_default(field.default),
            limits=_takes(field.name),
            doc=docs[field.name],
        )
        for field in fields(Settings)
    ]


def _members(hint: object) -> tuple[object, ...]:
    return get_args(hint) or (hint,)


def _type_name(hint: object) -> str:
    name = "text" if str in _members(hint) else "whole number"
    return f"{name} or none" if NoneType in _members(hint) else name


def _takes(name: str) -> str:
    if words := words_of(name):
        return " or ".join(f"`{word}`" for word in words)
    within = limits_of(name)
    return f"{within.low} to {within.high} ({within.unit})" if within else ""


def _default(value: object) -> str:
    return in_quotes(value) if isinstance(value, str) else str(value).lower()


def _docstrings(record: type) -> dict[str, str]:
    """The docstring under each field of `record`, by the field's name, on one line."""
    (definition,) = (n for n in ast.parse(getsource(record)).body if isinstance(n, ast.ClassDef))
    docs = {}
    for field, text in pairwise(definition.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(doc))):
                docs[name] = " ".join(doc.split())
    return docs
