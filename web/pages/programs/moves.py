"""Buttons within a program's form that add, remove and move what it has several of."""

import re
from typing import TypeVar

from web.pages.programs.form import (
    ExerciseFields,
    PhaseFields,
    ProgramFields,
    SourceFields,
    blank_exercise,
)

MOST_EXERCISES = 60
"""So many fit into the form; a file may have more."""

MOST_PHASES = 12
MOST_SOURCES = 10

SAVE = "save"

_MOVE = re.compile(
    r"(?P<act>add|remove|up|down) (?:exercise\[(?P<exercise>[0-9]{1,4})\]"
    r"(?:\.(?P<list>phases|source)(?:\[(?P<row>[0-9]{1,4})\])?)?|(?P<program>exercise))"
)

_Row = TypeVar("_Row", ExerciseFields, PhaseFields, SourceFields)


def move(form: ProgramFields, wish: str) -> None:
    """Do what the button `wish` stands for: `add exercise`, `up exercise[2]`,
    `add exercise[2].phases`, `remove exercise[2].phases[1]`. What does not apply does nothing.
    """
    match = _MOVE.fullmatch(wish)
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
