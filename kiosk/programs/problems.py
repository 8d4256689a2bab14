"""Holds a program file against the format, key by key, and makes problems of what pydantic finds.

Theory of operation. `read_shape` lets pydantic validate the whole document against the tables of
`kiosk.programs.document`. Where it fails, pydantic lists every finding at once, each with a type, a
location (keys and indexes from the top down, called steps here) and the input. Its English is not
used: it speaks of types and patterns that nobody has seen who edits a TOML file. Instead each
finding becomes a `Problem` of one of four codes:

- `program.key-unknown` (pydantic's `extra_forbidden`) with the keys of that table, and the nearest
  of them as suggestion;
- `program.key-missing` (`missing`) with what the key takes and its description;
- `program.key-wrong`, where the key is data itself (a language, a phase) and is not acceptable:
  pydantic marks that by the step `[key]` at the end of the location;
- `program.value-wrong` for everything else, with what was expected and what was found, and the
  nearest of the choices as suggestion.

What is expected at a location is read from the JSON Schema of the same tables, so that editor,
reference page and problems agree. `Phrase`s carry it in no language.

The reader adds the problems of `kiosk.programs.checks` (keys that contradict each other), which run
over the same document even where its form is wrong, and leaves out those that only follow from a
problem found already. Its `in_file` then gives all of them their source and written path, names the
exercise they lie in, and sorts them by exercise, as somebody reads the file.
"""

from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kiosk.errors import LONGEST_QUOTE, Phrase, Problem, Value, nearest
from kiosk.programs import SLUG
from kiosk.programs.checks import problem_at
from kiosk.programs.document import LANGUAGE, LINE, Node, key_node, node_at, plain_schema

KEY = "[key]"
"""How pydantic marks that a table's key, not its value, is wrong."""

_PATTERNS = {SLUG: "slug", LANGUAGE: "language", LINE: "line"}
"""How the phrase of a pattern is called: nobody who writes a program reads patterns."""

_HUGE = 10**15


def findings(error: ValidationError) -> Iterator[Problem]:
    """The problems of a document whose validation failed with `error`."""
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


def _unknown_key(detail: ErrorDetails, schema: Node) -> Problem:
    steps = detail["loc"]
    known = tuple(node_at(schema, steps[:-1]).get("properties", {}))
    suggestion = nearest(str(steps[-1]), known)
    return problem_at(steps, "program.key-unknown", {"known": known}, suggestion)


def _missing_key(detail: ErrorDetails, schema: Node) -> Problem:
    node = node_at(schema, detail["loc"])
    values: dict[str, Value] = {
        "key": str(detail["loc"][-1]),
        "expected": expected(node),
        "description": node["description"],
    }
    return problem_at(detail["loc"], "program.key-missing", values)


def _wrong_key(detail: ErrorDetails, schema: Node) -> Problem:
    steps = detail["loc"][:-1]
    node = key_node(schema, steps[:-1])
    key = str(steps[-1])
    values: dict[str, Value] = {"expected": expected(node), "key": key}
    return problem_at(steps, "program.key-wrong", values, nearest(key, node.get("enum", ())))


def _wrong_value(detail: ErrorDetails, schema: Node) -> Problem:
    node = node_at(schema, detail["loc"])
    value: object = detail["input"]
    suggestion = nearest(value, node.get("enum", ())) if isinstance(value, str) else ""
    values: dict[str, Value] = {"expected": expected(node), "found": found(value)}
    return problem_at(detail["loc"], "program.value-wrong", values, suggestion)


def expected(node: Node) -> Phrase:
    """The phrase for a key's acceptable values, from its part of the plain JSON Schema."""
    if "enum" in node:
        return Phrase("expected.choice", {"choices": tuple(node["enum"])})
    by_type: dict[str, Callable[[Node], Phrase]] = {
        "integer": _expected_integer,
        "number": lambda node: Phrase("expected.seconds", _limits(node)),
        "string": _expected_text,
        "boolean": lambda _: Phrase("expected.truth"),
        "array": _expected_list,
        "object": lambda _: Phrase("expected.table"),
    }
    return by_type[node["type"]](node)


def _expected_integer(node: Node) -> Phrase:
    if node["minimum"] == node["maximum"]:
        return Phrase("expected.number", {"number": node["minimum"]})
    return Phrase("expected.whole", _limits(node))


def _limits(node: Node) -> Mapping[str, Value]:
    return {"low": node["minimum"], "high": node["maximum"]}


def _expected_text(node: Node) -> Phrase:
    pattern = Phrase(f"expected.text.{_PATTERNS[node['pattern']]}")
    if "maxLength" not in node:
        return Phrase("expected.text", {"pattern": pattern})
    return Phrase("expected.text-of-length", {"most": node["maxLength"], "pattern": pattern})


def _expected_list(node: Node) -> Phrase:
    low, high = node.get("minItems", 0), node["maxItems"]
    count = low if low == high else Phrase("expected.count", {"low": low, "high": high})
    if node["items"]["type"] == "object":
        return Phrase("expected.tables", {"count": count})
    return Phrase("expected.list", {"count": count, "entry": expected(node["items"])})


def found(value: object) -> Value:
    """A value of a file as it can be shown, whatever it is."""
    match value:
        case bool() | int() | float():
            return _found_number(value)
        case str() if len(value) > LONGEST_QUOTE:
            return Phrase("found.long-text", {"n": len(value)})
        case str():
            return Phrase("found.text", {"text": value})
        case list():
            return Phrase("found.list", {"n": len(value)})
    return Phrase("found.table" if isinstance(value, dict) else "found.date")


def _found_number(value: float) -> Value:
    # Python refuses to write an integer of thousands of digits.
    if isinstance(value, int) and abs(value) >= _HUGE:
        return Phrase("found.huge-number" if value > 0 else "found.huge-negative-number")
    return str(value).lower()
