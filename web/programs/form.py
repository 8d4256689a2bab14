"""The fields of a program's form, as they were typed, and the buttons that add, remove and move its
exercises, phases and sources. Nothing is checked here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias, TypeVar

MOST_EXERCISES = 60  # exercises that fit into the form; a file may have more

MOST_PHASES = 12
MOST_SOURCES = 10

SAVE = "save"
"""What the button that saves the form sends as `do`; the others send what `move` takes."""

Fields: TypeAlias = Mapping[str, Sequence[str]]
"""The values that a form sent, by the name of the field."""

Pair: TypeAlias = tuple[str, str]  # a range as typed: the smaller and the larger end

NOTHING: Pair = ("", "")


@dataclass
class PhaseFields:
    """The fields of a phase."""

    do: str = "lift"
    seconds: str = ""
    range: Pair = NOTHING
    word: str = ""


@dataclass
class SourceFields:
    """The fields of a source."""

    title: str = ""
    says: str = ""


@dataclass
class ExerciseFields:
    """The fields of an exercise."""

    id: str = ""
    name: str = ""
    how: str = ""
    left: str = ""
    right: str = ""
    position: str = "standing"
    equipment: tuple[str, ...] = ()
    sets: str = "1"
    sets_range: Pair = NOTHING
    reps: str = ""
    reps_range: Pair = NOTHING
    side: str = "both"
    reps_per_side: bool = False
    phases: list[PhaseFields] = field(default_factory=list)
    seconds_range: Pair = NOTHING
    rest_between_sets: str = ""
    change_sides: str = ""
    get_ready: str = ""
    sources: list[SourceFields] = field(default_factory=list)
    others: str = ""
    """The texts of other languages, as JSON."""


@dataclass
class ProgramFields:
    """The fields of a program."""

    id: str = ""
    level: str = "1"
    previous: str = ""
    next: str = ""
    rest_between_exercises: str = ""
    times_per_day: Pair = NOTHING
    days_per_week: Pair = NOTHING
    title: str = ""
    summary: str = ""
    stop_rules: str = ""
    """One a line."""

    exercises: list[ExerciseFields] = field(default_factory=list)
    others: str = ""


def blank_exercise() -> ExerciseFields:
    """An exercise to be filled in."""
    return ExerciseFields(phases=[PhaseFields()], sources=[SourceFields()])


def blank_program() -> ProgramFields:
    """A program to be filled in."""
    return ProgramFields(
        times_per_day=("1", "1"), days_per_week=("7", "7"), exercises=[blank_exercise()]
    )


ROWS: Mapping[str, tuple[str, type]] = {
    "exercises": ("exercise", ExerciseFields),
    "phases": ("phases", PhaseFields),
    "sources": ("source", SourceFields),
}
"""The fields that are lists: their rows' name in the form, as in `source[0].title`, and kind."""


def sent_program(sent: Fields, kind: type[Any] = ProgramFields) -> Any:  # noqa: ANN401 - a `kind`
    """The form as it was sent, whatever that is; with another `kind`, a row of it."""
    values: dict[str, Any] = {}
    for one in fields(kind):
        given = tuple(sent.get(one.name, ()))
        if one.name in ROWS:
            name, row = ROWS[one.name]
            values[one.name] = [sent_program(part, row) for part in _parts(sent, name)]
        elif one.type is str:
            values[one.name] = given[0] if given else ""
        elif one.type is bool:
            values[one.name] = "yes" in given
        elif one.type == Pair:
            values[one.name] = (*given, "", "")[:2]
        else:
            values[one.name] = given
    return kind(**values)


def _parts(sent: Fields, name: str) -> list[Fields]:
    """The fields of each `name[…].`, in the order of their numbers, which may have gaps."""
    pattern = re.compile(rf"{name}\[([0-9]{{1,4}})\]\.(.+)", re.DOTALL)
    found: dict[int, dict[str, Sequence[str]]] = {}
    for key, values in sent.items():
        if match := pattern.fullmatch(key):
            found.setdefault(int(match[1]), {})[match[2]] = values
    return [found[number] for number in sorted(found)]


_MOVE = re.compile(
    r"(?P<act>add|remove|up|down) (?:exercise\[(?P<exercise>[0-9]{1,4})\]"
    r"(?:\.(?P<list>phases|source)(?:\[(?P<row>[0-9]{1,4})\])?)?|(?P<program>exercise))"
)

_Row = TypeVar("_Row", ExerciseFields, PhaseFields, SourceFields)


def move(form: ProgramFields, pressed: str) -> None:
    """Change the rows of the form as the pressed button says: `add exercise`, `up exercise[2]`,
    `add exercise[2].phases`, `remove exercise[2].phases[1]`. Anything else does nothing.
    """
    match = _MOVE.fullmatch(pressed)
    if match is None:
        return
    act, row = match["act"], match["row"]
    if match["program"] is not None:
        _change(form.exercises, act, None, blank_exercise(), MOST_EXERCISES)
        return
    place = int(match["exercise"])
    if match["list"] is None:
        if act != "add":
            _change(form.exercises, act, place, blank_exercise(), MOST_EXERCISES)
    elif place < len(form.exercises):
        exercise = form.exercises[place]
        at = None if row is None else int(row)
        if match["list"] == "phases":
            _change(exercise.phases, act, at, PhaseFields(), MOST_PHASES)
        else:
            _change(exercise.sources, act, at, SourceFields(), MOST_SOURCES)


def _change(rows: list[_Row], act: str, at: int | None, new: _Row, most: int) -> None:
    if act == "add":
        if at is None and len(rows) < most:
            rows.append(new)
        return
    if at is None or at >= len(rows):
        return
    if act == "remove":
        del rows[at]
        return
    other = at + (-1 if act == "up" else 1)
    if 0 <= other < len(rows):
        rows[at], rows[other] = rows[other], rows[at]
