"""A finding in a program file, and how it is told to the person who wrote the file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from kiosk.errors import Problem
from kiosk.quoting import quoted

Step: TypeAlias = str | int
Location: TypeAlias = tuple[Step, ...]
"""Keys, and places in lists counted from 0, from the top of the file down."""

TomlTable: TypeAlias = Mapping[str, object]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong at one place."""

    place: Location
    message: str
    suggestion: str = ""


def problems_of(
    findings: Iterable[Finding], document: TomlTable, source: str
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


def _problem(finding: Finding, document: TomlTable, source: str) -> Problem:
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
