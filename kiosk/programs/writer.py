"""Writes a program file as a person would: keys in the order of the reference, short lists on one
line, a paragraph for each table.

Reading it gives the same tables again; comments are not kept.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import tomli_w
from pydantic import BaseModel

from kiosk.programs.checks import TomlTable
from kiosk.programs.document import (
    ExerciseTable,
    ExerciseTextTable,
    FrequencyTable,
    PhaseTable,
    ProgramTable,
    ProgramTextTable,
    SourceTable,
)

LONGEST_LIST = 90
"""Characters of a list that stands on one line."""

_Kind: TypeAlias = type[BaseModel]

_TABLES: Mapping[tuple[_Kind, str], _Kind] = {(ProgramTable, "frequency"): FrequencyTable}
_BY_LANGUAGE: Mapping[tuple[_Kind, str], _Kind] = {
    (ProgramTable, "text"): ProgramTextTable,
    (ExerciseTable, "text"): ExerciseTextTable,
}
_LISTS: Mapping[tuple[_Kind, str], _Kind] = {
    (ProgramTable, "exercise"): ExerciseTable,
    (ExerciseTable, "source"): SourceTable,
}


def toml_text(document: TomlTable) -> str:
    """The text of the file with the content `document`, which describes a usable program."""
    return "\n".join(_lines(document, ProgramTable, "")) + "\n"


def _lines(table: TomlTable, kind: _Kind, name: str) -> Iterator[str]:
    """The lines of a table of that kind, whose full name is `name`: values first, then tables."""
    nested: list[str] = []
    for key, value in _in_order(table, kind):
        if _has_lines_of_its_own(kind, key):
            nested += _nested(value, kind, key, f"{name}.{key}" if name else key)
        else:
            yield f"{key} = {_value(value)}"
    yield from nested


def _nested(value: object, kind: _Kind, key: str, name: str) -> Iterator[str]:
    match value:
        case list():
            for entry in value:
                yield from ("", f"[[{name}]]")
                yield from _lines(entry, _LISTS[kind, key], name)
        case dict() if (kind, key) in _TABLES:
            yield from ("", f"[{name}]")
            yield from _lines(value, _TABLES[kind, key], name)
        case dict():
            for language, text in value.items():
                yield from ("", f"[{name}.{language}]")
                yield from _lines(text, _BY_LANGUAGE[kind, key], name)


def _has_lines_of_its_own(kind: _Kind, key: str) -> bool:
    return any((kind, key) in some for some in (_TABLES, _BY_LANGUAGE, _LISTS))


def _in_order(table: TomlTable, kind: _Kind) -> list[tuple[str, object]]:
    keys = [field.alias or name for name, field in kind.model_fields.items()]
    return sorted(table.items(), key=lambda item: keys.index(item[0]))


def _value(value: object) -> str:
    match value:
        case list():
            return _list([_value(entry) for entry in value], tables=_are_tables(value))
        case dict():
            # TOML does not let a small table go on in the next line.
            keys = value.items() if not _is_phase(value) else _in_order(value, PhaseTable)
            return "{ " + ", ".join(f"{key} = {_value(entry)}" for key, entry in keys) + " }"
        case _:
            return tomli_w.dumps({"value": value}).removeprefix("value = ").removesuffix("\n")


def _list(entries: list[str], *, tables: bool) -> str:
    on_one_line = f"[{', '.join(entries)}]"
    if len(on_one_line) <= LONGEST_LIST and not (tables and len(entries) > 1):
        return on_one_line
    return "[\n" + "".join(f"    {entry},\n" for entry in entries) + "]"


def _are_tables(entries: list[object]) -> bool:
    return any(isinstance(entry, dict) for entry in entries)


def _is_phase(table: TomlTable) -> bool:
    return "do" in table
