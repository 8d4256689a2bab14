"""The fields of a program's form, as they were typed, and the buttons that add, remove and move its
exercises, phases and sources. Nothing is checked here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

MOST_EXERCISES = 60
"""Exercises that fit into the form; a file may have more."""

MOST_PHASES = 12
MOST_SOURCES = 10

SAVE = "save"
"""What the button that saves the form sends as `do`; the others send what `move` takes."""

Fields: TypeAlias = Mapping[str, Sequence[str]]
"""The values that a form sent, by the name of the field."""

Pair: TypeAlias = tuple[str, str]
"""A range as typed: the smaller and the larger end."""

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


def sent_program(fields: Fields) -> ProgramFields:
    """The form as it was sent, whatever that is."""
    return ProgramFields(
        **_texts(fields, "id", "level", "previous", "next", "rest_between_exercises", "others"),
        **_texts(fields, "title", "summary", "stop_rules"),
        times_per_day=_pair(fields, "times_per_day"),
        days_per_week=_pair(fields, "days_per_week"),
        exercises=[_sent_exercise(part) for part in _parts(fields, "exercise")],
    )


def _sent_exercise(fields: Fields) -> ExerciseFields:
    return ExerciseFields(
        **_texts(fields, "id", "name", "how", "left", "right", "position", "side", "others"),
        **_texts(fields, "sets", "reps", "rest_between_sets", "change_sides", "get_ready"),
        equipment=tuple(fields.get("equipment", ())),
        reps_per_side="yes" in fields.get("reps_per_side", ()),
        sets_range=_pair(fields, "sets_range"),
        reps_range=_pair(fields, "reps_range"),
        seconds_range=_pair(fields, "seconds_range"),
        phases=[
            PhaseFields(**_texts(part, "do", "seconds", "word"), range=_pair(part, "range"))
            for part in _parts(fields, "phases")
        ],
        sources=[
            SourceFields(**_texts(part, "title", "says")) for part in _parts(fields, "source")
        ],
    )


def _texts(fields: Fields, *names: str) -> Any:  # noqa: ANN401 - each is a text
    return {name: (fields.get(name) or ("",))[0] for name in names}


def _pair(fields: Fields, name: str) -> Pair:
    low, high, *_ = (*fields.get(name, ()), "", "")
    return low, high


def _parts(fields: Fields, name: str) -> list[Fields]:
    """The fields of each `name[…].`, in the order of their numbers, which may have gaps."""
    pattern = re.compile(rf"{name}\[([0-9]{{1,4}})\]\.(.+)", re.DOTALL)
    found: dict[int, dict[str, Sequence[str]]] = {}
    for key, values in fields.items():
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
