"""A finding in a program file, and how it is told to the person who wrote the file.

Holds a program file against the format, key by key, and says in plain words what is amiss.

What a key takes is told from the JSON Schema, so that editor, reference and messages agree.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kiosk.errors import LONGEST_QUOTE, Problem, nearest, quoted
from kiosk.programs.document import PATTERNS_IN_WORDS, ProgramTable
from kiosk.programs.schema import Node, key_node, node_at, plain_schema

Step: TypeAlias = str | int
Location: TypeAlias = tuple[Step, ...]
"""Keys, and places in lists counted from 0, from the top of the file down."""

TomlTable: TypeAlias = Mapping[str, object]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing wrong at one place."""

    place: Location
    message: str
    suggestion: str = ""


def problems_of(
    findings: Iterable[FileProblem], document: TomlTable, source: str
) -> tuple[Problem, ...]:
    """The findings as problems of the file `source`, in the order of its exercises."""
    ordered = sorted(findings, key=lambda finding: _exercise_index(finding.place))
    return tuple(_problem(finding, document, source) for finding in ordered)


def path_of(place: Location) -> str:
    """`place` as it is written in messages, e.g. `exercise[2].phases[0].seconds`."""
    path = ""
    for step in place:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += ("." if path else "") + (step if _BARE_KEY.fullmatch(step) else quoted(step))
    return path


def _problem(finding: FileProblem, document: TomlTable, source: str) -> Problem:
    name = _exercise_id(finding.place, document)
    where = f" (In the exercise {name}.)" if name else ""
    return Problem(source, path_of(finding.place), finding.message + where, finding.suggestion)


def _exercise_index(place: Location) -> int:
    match place:
        case ("exercise", int(index), *_):
            return index
    return -1


def _exercise_id(place: Location, document: TomlTable) -> str:
    """The id of the exercise that `place` lies in, as far as it can be told."""
    index = _exercise_index(place)
    exercises = document.get("exercise")
    if index < 0 or place[2:] == ("id",) or not isinstance(exercises, list):
        return ""
    exercise = exercises[index]
    name = exercise.get("id") if isinstance(exercise, dict) else None
    return quoted(name) if isinstance(name, str) and name else ""


KEY = "[key]"
"""How pydantic marks that a table's key, not its value, is wrong."""

_HUGE = 10**15


def read_shape(document: TomlTable) -> ProgramTable | list[FileProblem]:
    """The program table, or everything that is wrong with its keys taken one by one."""
    try:
        return ProgramTable.model_validate(document)
    except ValidationError as error:
        return list(_findings(error))


def _findings(error: ValidationError) -> Iterator[FileProblem]:
    schema = plain_schema()
    for detail in error.errors(include_url=False):
        match detail["type"]:
            case "extra_forbidden":
                yield _unknown_key(detail, schema)
            case "missing":
                yield _missing_key(detail, schema)
            case _ if detail["loc"][-1] == KEY:
                yield _wrong_key(detail, schema)
            case _:
                yield _wrong_value(detail, schema)


def _unknown_key(detail: ErrorDetails, schema: Node) -> FileProblem:
    place = detail["loc"]
    known = list(node_at(schema, place[:-1]).get("properties", {}))
    message = f"There is no such key here. Keys here are: {', '.join(known)}."
    return FileProblem(place, message, nearest(str(place[-1]), known))


def _missing_key(detail: ErrorDetails, schema: Node) -> FileProblem:
    node = node_at(schema, detail["loc"])
    key = detail["loc"][-1]
    message = f"The key {key} is missing; it takes {expected(node)}. {node.get('description', '')}"
    return FileProblem(detail["loc"], message.strip())


def _wrong_key(detail: ErrorDetails, schema: Node) -> FileProblem:
    place = detail["loc"][:-1]
    node = key_node(schema, place[:-1])
    key = str(place[-1])
    message = f"The key is to be {expected(node)}, not {quoted(key)}."
    return FileProblem(place, message, nearest(key, node.get("enum", ())))


def _wrong_value(detail: ErrorDetails, schema: Node) -> FileProblem:
    node = node_at(schema, detail["loc"])
    value: object = detail["input"]
    suggestion = nearest(value, node.get("enum", ())) if isinstance(value, str) else ""
    message = f"Expected {expected(node)}, found {found(value)}."
    return FileProblem(detail["loc"], message, suggestion)


def expected(node: Node) -> str:
    """What a key takes, from its part of the plain JSON Schema, to follow "Expected "."""
    if "enum" in node:
        return "one of " + ", ".join(quoted(choice) for choice in node["enum"])
    in_words: dict[str, Callable[[Node], str]] = {
        "integer": _expected_integer,
        "number": lambda node: f"a number of seconds from {node['minimum']} to {node['maximum']}",
        "string": _expected_text,
        "boolean": lambda _: "true or false",
        "array": _expected_list,
        "object": lambda _: "a table",
    }
    return in_words[node["type"]](node)


def _expected_integer(node: Node) -> str:
    low, high = node["minimum"], node["maximum"]
    return f"the number {low}" if low == high else f"a whole number from {low} to {high}"


def _expected_text(node: Node) -> str:
    length = f" of 1 to {node['maxLength']} characters" if "maxLength" in node else ""
    return f"text{length}, {PATTERNS_IN_WORDS[node['pattern']]}"


def _expected_list(node: Node) -> str:
    low, high = node.get("minItems", 0), node["maxItems"]
    count = str(low) if low == high else f"{low} to {high}"
    if node["items"]["type"] == "object":
        return f"a list of {count} tables"
    return f"a list of {count} entries, each {expected(node['items'])}"


def found(value: object) -> str:
    """A value from a file in words, safe to print whatever it is, to follow "found "."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return _found_number(value)
        case str():
            return f"{len(value)} characters" if len(value) > LONGEST_QUOTE else quoted(value)
        case list():
            return f"a list of {len(value)} entries"
        case dict():
            return "a table"
    return "a date or a time of day"


def _found_number(value: float) -> str:
    if isinstance(value, int) and abs(value) >= _HUGE:
        return "a huge number" if value > 0 else "a huge negative number"
    return str(value)
