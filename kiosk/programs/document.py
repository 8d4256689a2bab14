"""The program file's format: one class a table, one field a key, with its limits; and the way from
these tables to the program that the rest of the kiosk knows.

The descriptions here make the JSON Schema, the problems of missing keys, and are held against the
reference page. What several keys have to agree on is in `checks`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kiosk.programs import LONGEST_ID, SLUG
from kiosk.programs.model import (
    DEFAULT_SETS,
    DEFAULT_SIDE,
    PHASE,
    REPS,
    SETS,
    Bounds,
    Equipment,
    Exercise,
    ExerciseText,
    Frequency,
    Phase,
    PhaseName,
    Position,
    Program,
    ProgramText,
    Side,
    Source,
)
from kiosk.units import Millis

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
        default=30, description="Rest after each set but the last, in seconds."
    )
    change_sides: PauseSeconds = Field(
        default=8,
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
        default=5,
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


def to_program(table: ProgramTable) -> Program:
    """The program that `table`, already checked, describes."""
    return Program(
        id=table.id,
        level=table.level,
        frequency=Frequency(
            times_per_day=_bounds(table.frequency.times_per_day),
            days_per_week=_bounds(table.frequency.days_per_week),
        ),
        rest_between_exercises=millis(table.rest_between_exercises),
        exercises=tuple(map(_exercise, table.exercises)),
        text={
            language: ProgramText(text.title, text.summary, tuple(text.stop_rules))
            for language, text in table.text.items()
        },
        previous_level=table.previous,
        next_level=table.next,
    )


def millis(seconds: float) -> Millis:
    """`seconds` as whole milliseconds, rounded to the nearest."""
    return round(seconds * 1000)


def _exercise(table: ExerciseTable) -> Exercise:
    return Exercise(
        id=table.id,
        position=table.position,
        equipment=tuple(item.value for item in table.equipment),
        sets=table.sets,
        reps=table.reps,
        side=table.side,
        reps_per_side=bool(table.reps_per_side),
        phases=tuple(map(_phase, table.phases)),
        rest_between_sets=millis(table.rest_between_sets),
        change_sides=millis(table.change_sides),
        get_ready=None if table.get_ready is None else millis(table.get_ready),
        sources=tuple(Source(source.title, source.says) for source in table.sources),
        text={language: _exercise_text(text) for language, text in table.text.items()},
        cited_sets=_cited(table.sets_range),
        cited_reps=_cited(table.reps_range),
        cited_pass=_cited_seconds(table.seconds_range),
    )


def _phase(table: PhaseTable) -> Phase:
    return Phase(table.do, millis(table.seconds), _cited_seconds(table.cited))


def _exercise_text(table: ExerciseTextTable) -> ExerciseText:
    return ExerciseText(
        name=table.name,
        how=table.how,
        phases=dict(table.phases),
        left=table.left or "",
        right=table.right or "",
    )


def _cited(pair: list[int] | None) -> Bounds | None:
    return None if pair is None else _bounds(pair)


def _cited_seconds(pair: list[float] | None) -> Bounds | None:
    return None if pair is None else _bounds([millis(end) for end in pair])


def _bounds(pair: list[int]) -> Bounds:
    low, high = pair
    return Bounds(low, high)
