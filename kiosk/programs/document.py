"""The program file's format: one class a table, one field a key, with its limits and description;
the JSON Schema that follows from them; and the text of a file that the kiosk writes.

The descriptions are also those of the problems of missing keys, and are held against the reference
page. What several keys have to agree on is in `checks`. Import this module only where a file is
validated or written: it loads pydantic, which takes longer than all the rest of `kiosk.programs`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeAlias

import tomli_w
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from kiosk.programs import LONGEST_ID, SLUG
from kiosk.programs.checks import TomlTable
from kiosk.programs.model import (
    DEFAULT_CHANGE_SIDES,
    DEFAULT_REST_BETWEEN_EXERCISES,
    DEFAULT_REST_BETWEEN_SETS,
    DEFAULT_SETS,
    DEFAULT_SIDE,
    PHASE,
    REPS,
    SETS,
    Equipment,
    PhaseName,
    Position,
    Side,
)

LANGUAGE = r"^[a-z]{2,3}(_[A-Z]{2})?$"
LINE = r"^[^\x00-\x1F\x7F-\x9F]*[^\x00-\x1F\x7F-\x9F\s][^\x00-\x1F\x7F-\x9F]*$"


Slug = Annotated[str, Field(min_length=1, max_length=LONGEST_ID, pattern=SLUG)]
LanguageCode = Annotated[str, Field(pattern=LANGUAGE)]
Word = Annotated[str, Field(min_length=1, max_length=40, pattern=LINE)]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=LINE)]
Sentence = Annotated[str, Field(min_length=1, max_length=300, pattern=LINE)]
Paragraph = Annotated[str, Field(min_length=1, max_length=600, pattern=LINE)]
PhaseSeconds = Annotated[float, Field(ge=PHASE.low / 1000, le=PHASE.high // 1000)]
CitedSeconds = Annotated[float, Field(ge=0, le=600)]
PauseSeconds = Annotated[float, Field(ge=0, le=600)]
Sets = Annotated[int, Field(ge=SETS.low, le=SETS.high)]
Reps = Annotated[int, Field(ge=REPS.low, le=REPS.high)]

# TOML has plain texts, which a strict model would not take for members of an enumeration.
AnyPhase = Annotated[PhaseName, Field(strict=False)]
AnyPosition = Annotated[Position, Field(strict=False)]
AnySide = Annotated[Side, Field(strict=False)]
AnyEquipment = Annotated[Equipment, Field(strict=False)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class PhaseTable(_Table):
    """One timed part of a repetition, e.g. `{ do = "hold", seconds = 4, range = [3, 5] }`."""

    model_config = ConfigDict(title="Phase")

    do: AnyPhase = Field(description="What the body does in this part of the repetition.")
    seconds: PhaseSeconds = Field(description="How long this part takes, in seconds.")
    cited: list[CitedSeconds] | None = Field(
        default=None,
        alias="range",
        min_length=2,
        max_length=2,
        description="The shortest and the longest time the source gives, in seconds; "
        "`seconds` lies inside it. Left out where the source gives none.",
    )


class SourceTable(_Table):
    """Where the dose of an exercise comes from."""

    model_config = ConfigDict(title="Source")

    title: Sentence = Field(
        description="Who says it and where it is found: author, title, address or number."
    )
    says: Sentence = Field(description="The dose it gives, in the shortest words.")


class ExerciseTextTable(_Table):
    """An exercise in one language. All of it is spoken."""

    model_config = ConfigDict(title="Exercise text")

    name: Name = Field(description="What the exercise is called.")
    how: Paragraph = Field(
        description="How it is done: short sentences, one action each. About 22 words take "
        "9 seconds to say."
    )
    left: Word | None = Field(
        default=None,
        description="What the left side is called where it is not just the left side, "
        'e.g. "Left leg". Short: it is said while the person moves.',
    )
    right: Word | None = Field(default=None, description="The same for the right side.")
    phases: dict[AnyPhase, Word] = Field(
        default_factory=dict,
        description="What is said as a phase begins, where it is not the kiosk's usual word, "
        'e.g. `{ lower = "sit down" }`.',
    )


class ExerciseTable(_Table):
    """One exercise and its dose."""

    model_config = ConfigDict(title="Exercise")

    id: Slug = Field(description="Names the exercise; no other in the file has the same id.")
    position: AnyPosition = Field(description="What the person starts from.")
    equipment: list[AnyEquipment] = Field(
        default_factory=list, max_length=5, description="What to have at hand."
    )
    sets: Sets = Field(
        default=DEFAULT_SETS, description="How often the repetitions are gone through."
    )
    sets_range: list[Sets] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="The fewest and the most sets the source gives; `sets` lies inside it.",
    )
    reps: Reps = Field(
        description="Repetitions in a set: of each side where `reps_per_side` is true, "
        "else of both sides together."
    )
    reps_range: list[Reps] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="The fewest and the most repetitions the source gives; `reps` lies inside it.",
    )
    side: AnySide = Field(
        default=DEFAULT_SIDE,
        description="How left and right share the repetitions: both move together, all of the "
        "left come before all of the right, or they take turns.",
    )
    reps_per_side: bool | None = Field(
        default=None,
        description="Whether `reps` counts each side for itself. Has to be said unless both "
        "sides move together, where it has no meaning.",
    )
    phases: list[PhaseTable] = Field(
        min_length=1,
        max_length=12,
        description="The parts of a repetition, in order. Together they take at least 2 seconds.",
    )
    seconds_range: list[CitedSeconds] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="The shortest and the longest time the source gives for one pass through the "
        "phases, in seconds; the phases together lie inside it.",
    )
    rest_between_sets: PauseSeconds = Field(
        default=DEFAULT_REST_BETWEEN_SETS // 1000,
        description="Rest after each set but the last, in seconds.",
    )
    change_sides: PauseSeconds = Field(
        default=DEFAULT_CHANGE_SIDES // 1000,
        description="Time to change over between left and right where all of one side comes "
        "first, in seconds.",
    )
    get_ready: PauseSeconds | None = Field(
        default=None,
        description="Time to get into position, in seconds. Left out, it follows from the change "
        "of position: longer where the person gets down to the floor or up from it.",
    )
    sources: list[SourceTable] = Field(
        alias="source", min_length=1, max_length=10, description="Where the dose comes from."
    )
    text: dict[LanguageCode, ExerciseTextTable] = Field(
        min_length=1, description="The exercise's words, by language."
    )


class FrequencyTable(_Table):
    """How often the source says the program is done."""

    model_config = ConfigDict(title="Frequency")

    times_per_day: list[Annotated[int, Field(ge=1, le=24)]] = Field(
        min_length=2, max_length=2, description="The fewest and the most sessions a day."
    )
    days_per_week: list[Annotated[int, Field(ge=1, le=7)]] = Field(
        min_length=2, max_length=2, description="The fewest and the most days a week."
    )


class ProgramTextTable(_Table):
    """The program in one language."""

    model_config = ConfigDict(title="Program text")

    title: Name = Field(description="What the program is called; spoken and shown.")
    summary: Paragraph = Field(description="What it is for; shown, not spoken.")
    stop_rules: list[Sentence] = Field(
        min_length=1,
        max_length=6,
        description="When to stop or to ask somebody first, one sentence each; spoken before the "
        "first exercise.",
    )


class ProgramTable(_Table):
    """An exercise program for the kiosk: what one session consists of."""

    model_config = ConfigDict(title="Exercise program")

    # Not `Literal[1]`, which `true` and `1.0` are equal to.
    format: Annotated[int, Field(ge=1, le=1)] = Field(
        alias="schema", description="Version of the file format; there is only version 1."
    )
    id: Slug = Field(
        description="Names the program. In a folder of programs the file is called the same, "
        "with .toml at its end."
    )
    level: Annotated[int, Field(ge=1, le=10)] = Field(
        description="How demanding it is: 1 is where people start."
    )
    previous: Slug | None = Field(
        default=None, description="Id of the easier program to step back to."
    )
    next: Slug | None = Field(default=None, description="Id of the harder program to move on to.")
    rest_between_exercises: PauseSeconds = Field(
        default=DEFAULT_REST_BETWEEN_EXERCISES // 1000,
        description="The least rest between two exercises, in seconds; what is said in it may "
        "take longer.",
    )
    frequency: FrequencyTable = Field(description="How often the source says it is done.")
    text: dict[LanguageCode, ProgramTextTable] = Field(
        min_length=1,
        description="The program's words, by language. At least one language is there for the "
        "program and for all of its exercises.",
    )
    exercises: list[ExerciseTable] = Field(
        alias="exercise", min_length=1, max_length=1000, description="The exercises, in order."
    )


# --- JSON Schema ---------------------------------------------------------------------------------

Node: TypeAlias = dict[str, Any]
"""A part of a JSON Schema."""


class _TomlSchema(GenerateJsonSchema):
    """Pydantic's schema without titles of fields and without `null`, which TOML does not have."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A key that may be left out; TOML has no null."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The default, unless it stands for a key that is left out."""
        node = super().default_schema(schema)
        if "default" in node and node["default"] is None:
            del node["default"]
        return node

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A table whose keys are data; keys of another pattern are refused, as by the reader."""
        node = super().dict_schema(schema)
        if "patternProperties" in node:
            node["additionalProperties"] = False
        return node

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401
        """Never: the key is title enough."""
        del schema
        return False


def json_schema() -> Node:
    """The JSON Schema of a program file."""
    schema = ProgramTable.model_json_schema(schema_generator=_TomlSchema)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


def schema_text() -> str:
    """The JSON Schema as it is printed and shipped, byte for byte."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def plain_schema() -> Node:
    """The JSON Schema with everything it refers to filled in where it is referred to."""
    schema = json_schema()
    definitions: Node = schema.pop("$defs")

    def filled_in(part: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
        if isinstance(part, list):
            return [filled_in(entry) for entry in part]
        if not isinstance(part, dict):
            return part
        name = part.get("$ref", "").rpartition("/")[2]
        # What is said where it is used goes before what is said where it is defined.
        whole = {**definitions.get(name, {}), **part}
        return {key: filled_in(value) for key, value in whole.items() if key != "$ref"}

    filled: Node = filled_in(schema)
    return filled


def node_at(schema: Node, place: tuple[str | int, ...]) -> Node:
    """The part of a plain `schema` that speaks about `place`; empty where none does."""
    node = schema
    for step in place:
        node = node.get("items", {}) if isinstance(step, int) else _value_node(node, step)
    return node


def _value_node(node: Node, key: str) -> Node:
    if key in node.get("properties", {}):
        found: Node = node["properties"][key]
        return found
    others = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    return others[0] if isinstance(others[0], dict) else {}


def key_node(schema: Node, place: tuple[str | int, ...]) -> Node:
    """The part of a plain `schema` for the keys of the table at `place`, where these are data."""
    node = node_at(schema, place)
    for pattern in node.get("patternProperties", {}):
        return {"type": "string", "pattern": pattern}
    names: Node = node["propertyNames"]
    return names


# --- writing -------------------------------------------------------------------------------------

LONGEST_LIST = 90
"""Characters of a list that stands on one line."""

_Kind: TypeAlias = type[BaseModel]

_TABLES: Mapping[tuple[_Kind, str], _Kind] = {
    (ProgramTable, "frequency"): FrequencyTable,
    (ProgramTable, "text"): ProgramTextTable,
    (ProgramTable, "exercise"): ExerciseTable,
    (ExerciseTable, "source"): SourceTable,
    (ExerciseTable, "text"): ExerciseTextTable,
}
"""The keys whose values get lines of their own under a header."""


def toml_text(document: TomlTable) -> str:
    """The text of the file with the content `document`, which describes a usable program.

    As a person would write it: keys in the order of the reference, short lists on one line, a
    paragraph for each table. Reading it gives the same tables again; comments are not in them.
    """
    return "\n".join(_lines(document, ProgramTable, "")) + "\n"


def _lines(table: TomlTable, kind: _Kind, name: str) -> Iterator[str]:
    """The lines of a table of that kind, whose full name is `name`: values first, then tables."""
    nested: list[str] = []
    for key, value in _in_order(table, kind):
        full = f"{name}.{key}" if name else key
        inner = _TABLES.get((kind, key))
        match value:
            case list() if inner:
                for entry in value:
                    nested += ("", f"[[{full}]]", *_lines(entry, inner, full))
            case dict() if inner:
                by_language = {f"{full}.{language}": text for language, text in value.items()}
                parts = by_language if key == "text" else {full: value}
                for header, part in parts.items():
                    nested += ("", f"[{header}]", *_lines(part, inner, header))
            case _:
                yield f"{key} = {_value(value)}"
    yield from nested


def _in_order(table: TomlTable, kind: _Kind) -> list[tuple[str, object]]:
    keys = [field.alias or name for name, field in kind.model_fields.items()]
    return sorted(table.items(), key=lambda item: keys.index(item[0]))


def _value(value: object) -> str:
    match value:
        case list():
            return _list(
                [_value(entry) for entry in value],
                tables=any(isinstance(entry, dict) for entry in value),
            )
        case dict():
            # TOML does not let a small table go on in the next line.
            keys = _in_order(value, PhaseTable) if "do" in value else value.items()
            return "{ " + ", ".join(f"{key} = {_value(entry)}" for key, entry in keys) + " }"
        case _:
            return tomli_w.dumps({"value": value}).removeprefix("value = ").removesuffix("\n")


def _list(entries: list[str], *, tables: bool) -> str:
    on_one_line = f"[{', '.join(entries)}]"
    if len(on_one_line) <= LONGEST_LIST and not (tables and len(entries) > 1):
        return on_one_line
    return "[\n" + "".join(f"    {entry},\n" for entry in entries) + "]"
