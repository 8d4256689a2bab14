"""From the tables of a program file to the program the rest of the kiosk knows."""

from kiosk.programs.document import (
    ExerciseTable,
    ExerciseTextTable,
    PhaseTable,
    ProgramTable,
    ProgramTextTable,
)
from kiosk.programs.model import (
    Bounds,
    Exercise,
    ExerciseText,
    Frequency,
    Phase,
    Program,
    ProgramText,
    Source,
)
from kiosk.units import Millis


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
        text={language: _program_text(text) for language, text in table.text.items()},
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


def _program_text(table: ProgramTextTable) -> ProgramText:
    return ProgramText(table.title, table.summary, tuple(table.stop_rules))


def _cited(pair: list[int] | None) -> Bounds | None:
    return None if pair is None else _bounds(pair)


def _cited_seconds(pair: list[float] | None) -> Bounds | None:
    return None if pair is None else _bounds([millis(end) for end in pair])


def _bounds(pair: list[int]) -> Bounds:
    low, high = pair
    return Bounds(low, high)
