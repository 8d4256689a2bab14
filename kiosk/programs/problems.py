"""Holds a program file against the format, key by key, and makes problems of what pydantic finds.

Theory of operation. The reader lets pydantic validate the whole document against the tables of
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

from collections.abc import Iterator

from pydantic import ValidationError

from kiosk.errors import LONGEST_QUOTE, Phrase, Problem, Value, nearest
from kiosk.programs import SLUG
from kiosk.programs.checks import problem_at
from kiosk.programs.document import LANGUAGE, LINE, Node, key_node, node_at, plain_schema

KEY = "[key]"  # how pydantic marks that a table's key, not its value, is wrong

_PATTERNS = {SLUG: "slug", LANGUAGE: "language", LINE: "line"}
"""How the phrase of a pattern is called: nobody who writes a program reads patterns."""

_HUGE = 10**15


def findings(error: ValidationError) -> Iterator[Problem]:
    """The problems of a document whose validation failed with `error`."""
    schema = plain_schema()
    for detail in error.errors(include_url=False):
        steps, value = detail["loc"], detail["input"]
        key = str(steps[-1])
        values: dict[str, Value]
        match detail["type"]:
            case "extra_forbidden":
                known = tuple(node_at(schema, steps[:-1]).get("properties", {}))
                yield problem_at(
                    steps, "program.key-unknown", {"known": known}, nearest(key, known)
                )
            case "missing":
                node = node_at(schema, steps)
                values = {"key": key, "expected": expected(node)}
                values["description"] = node["description"]
                yield problem_at(steps, "program.key-missing", values)
            case _ if key == KEY:
                node, key = key_node(schema, steps[:-2]), str(steps[-2])
                values = {"expected": expected(node), "key": key}
                near = nearest(key, node.get("enum", ()))
                yield problem_at(steps[:-1], "program.key-wrong", values, near)
            case _:
                node = node_at(schema, steps)
                near = nearest(value, node.get("enum", ())) if isinstance(value, str) else ""
                values = {"expected": expected(node), "found": found(value)}
                yield problem_at(steps, "program.value-wrong", values, near)


def expected(node: Node) -> Phrase:
    """The phrase for a key's acceptable values, from its part of the plain JSON Schema."""
    code, values = "expected.table", dict[str, Value]()
    match node:
        case {"enum": choices}:
            code, values = "expected.choice", {"choices": tuple(choices)}
        case {"type": "integer", "minimum": low, "maximum": high} if low == high:
            code, values = "expected.number", {"number": low}
        case {"type": "integer", "minimum": low, "maximum": high}:
            code, values = "expected.whole", {"low": low, "high": high}
        case {"type": "number", "minimum": low, "maximum": high}:
            code, values = "expected.seconds", {"low": low, "high": high}
        case {"type": "string", "pattern": regex}:
            code, values = "expected.text", {"pattern": Phrase(f"expected.text.{_PATTERNS[regex]}")}
            if "maxLength" in node:
                code, values["most"] = "expected.text-of-length", node["maxLength"]
        case {"type": "array", "items": items, "maxItems": high}:
            low = node.get("minItems", 0)
            count = low if low == high else Phrase("expected.count", {"low": low, "high": high})
            code, values = "expected.tables", {"count": count}
            if items["type"] != "object":
                code, values["entry"] = "expected.list", expected(items)
        case {"type": "boolean"}:
            code = "expected.truth"
    return Phrase(code, values)


def found(value: object) -> Value:
    """A value of a file as it can be shown, whatever it is."""
    match value:
        case int() if abs(value) >= _HUGE:  # Python refuses to write thousands of digits
            return Phrase("found.huge-number" if value > 0 else "found.huge-negative-number")
        case int() | float():
            return str(value).lower()
        case str() if len(value) > LONGEST_QUOTE:
            return Phrase("found.long-text", {"n": len(value)})
        case str():
            return Phrase("found.text", {"text": value})
        case list():
            return Phrase("found.list", {"n": len(value)})
    return Phrase("found.table" if isinstance(value, dict) else "found.date")
