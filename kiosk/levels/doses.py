"""A caregiver's changes to the doses of a program: put into it, held against it, written down."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kiosk.errors import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kiosk.programs.model import Bounds, Exercise, Phase, Program
    from kiosk.units import Millis

# The store keeps doses: every command that opens it loads this module, and few need programs.


HOLD = "hold"
"""The value of `PhaseName.HOLD`."""


@dataclass(frozen=True, slots=True)
class Dose:
    """A caregiver's change to an exercise of a program; `None` leaves the file's value."""

    program: str
    exercise_id: str
    sets: int | None = None
    reps: int | None = None
    hold: Millis | None = None
    """Length of its holds."""


def with_doses(program: Program, doses: Iterable[Dose]) -> Program:
    """`program` with the changes to its exercises; a change of the hold changes every hold.

    Doses of other programs, or of exercises it does not have, change nothing.
    """
    changes = {dose.exercise_id: dose for dose in doses if dose.program == program.id}
    exercises = (
        _dosed(exercise, changes[exercise.id]) if exercise.id in changes else exercise
        for exercise in program.exercises
    )
    return replace(program, exercises=tuple(exercises))


def dose_text(program: Program, doses: Iterable[Dose]) -> str:
    """What differs from the program file, as JSON by exercise; empty where nothing does.

    The same doses always give the same text; it is what a session's record has as its `dose`.
    """
    changed = with_doses(program, doses)
    pairs = zip(program.exercises, changed.exercises, strict=True)
    found = {old.id: _difference(old, new) for old, new in pairs if old != new}
    return json.dumps(found, sort_keys=True) if found else ""


def dose_problems(program: Program, dose: Dose, *, forced: bool = False) -> tuple[Problem, ...]:
    """Everything that speaks against `dose` in `program`, as it stands in its file.

    A dose outside the range that its source gives is no problem where it is `forced`; what is
    impossible stays impossible.
    """
    if dose.program != program.id:
        message = f"The dose is of the program {dose.program!r}, not of {program.id!r}."
        return (Problem("dose", "program", message),)
    known = [exercise.id for exercise in program.exercises]
    if dose.exercise_id not in known:
        message = f"The program {program.id} has no exercise {dose.exercise_id!r}."
        return (Problem("dose", "exercise", message, nearest(dose.exercise_id, known)),)
    exercise = program.exercises[known.index(dose.exercise_id)]
    changed = _dosed(exercise, dose)
    found = list(_impossible(exercise, dose))
    found = found or list(_contradictions(with_doses(program, [dose]), changed, dose))
    if not forced:
        told = {problem.path for problem in found}
        found += [p for p in _outside_cited(exercise, changed, dose) if p.path not in told]
    return tuple(found)


def _dosed(exercise: Exercise, dose: Dose) -> Exercise:
    return replace(
        exercise,
        sets=exercise.sets if dose.sets is None else dose.sets,
        reps=exercise.reps if dose.reps is None else dose.reps,
        phases=tuple(_held(phase, dose.hold) for phase in exercise.phases),
    )


def _held(phase: Phase, hold: Millis | None) -> Phase:
    if hold is None or phase.name != HOLD:
        return phase
    return replace(phase, duration=hold)


def _holds(exercise: Exercise) -> list[Phase]:
    return [phase for phase in exercise.phases if phase.name == HOLD]


def _difference(old: Exercise, new: Exercise) -> dict[str, int]:
    values = {"sets": (old.sets, new.sets), "reps": (old.reps, new.reps)}
    found = {name: after for name, (before, after) in values.items() if before != after}
    if _holds(old) != _holds(new):
        found["hold"] = _holds(new)[0].duration
    return found


def _impossible(exercise: Exercise, dose: Dose) -> Iterator[Problem]:
    from kiosk.programs.model import PHASE, REPS, SETS  # noqa: PLC0415

    counts = (("sets", "sets", dose.sets, SETS), ("reps", "repetitions", dose.reps, REPS))
    for name, what, value, limits in counts:
        if value is not None and value not in limits:
            message = f"{value} {what} are not possible; expected {limits.low} to {limits.high}."
            yield _problem(exercise, name, message)
    if dose.hold is not None and dose.hold not in PHASE:
        message = f"A hold of {_seconds(dose.hold)} is not possible; expected {_span(PHASE)}."
        yield _problem(exercise, "hold", message)
    if dose.hold is not None and not _holds(exercise):
        yield _problem(exercise, "hold", "This exercise has no hold that could be changed.")


def _contradictions(program: Program, exercise: Exercise, dose: Dose) -> Iterator[Problem]:
    """What each value allows but all of them together do not."""
    from kiosk.programs.model import LEAST_PASS, MOST_WORK  # noqa: PLC0415

    if dose.reps is not None and exercise.shares_reps and exercise.reps % 2:
        message = "Left and right share the repetitions, so their number has to be even."
        yield _problem(exercise, "reps", message)
    if dose.hold is not None and exercise.rep_duration < LEAST_PASS:
        message = (
            f"A repetition would take {_seconds(exercise.rep_duration)}; at least"
            f" {_seconds(LEAST_PASS)} are needed to count along."
        )
        yield _problem(exercise, "hold", message)
    if program.work_duration > MOST_WORK:
        hours = program.work_duration / 3_600_000
        message = (
            f"The session would take {hours:.1f} hours;"
            f" at most {MOST_WORK // 3_600_000} hours fit into one."
        )
        yield _problem(exercise, "", message)


def _outside_cited(old: Exercise, new: Exercise, dose: Dose) -> Iterator[Problem]:
    counts = (
        ("sets", "sets", dose.sets, old.cited_sets),
        ("reps", "repetitions", dose.reps, old.cited_reps),
    )
    for name, what, value, cited in counts:
        if value is not None and cited is not None and value not in cited:
            yield _problem(new, name, f"{value} {what}: {_outside(f'{cited.low} to {cited.high}')}")
    if dose.hold is None:
        return
    for phase in _holds(new):
        if phase.cited is not None and phase.duration not in phase.cited:
            message = f"A hold of {_seconds(phase.duration)}: {_outside(_span(phase.cited))}"
            yield _problem(new, "hold", message)
    if old.cited_pass is not None and new.rep_duration not in old.cited_pass:
        length = _seconds(new.rep_duration)
        message = f"A repetition of {length} with this hold: {_outside(_span(old.cited_pass))}"
        yield _problem(new, "hold", message)


def _outside(cited: str) -> str:
    return f"this lies outside the range that the exercise's source gives, {cited}."


def _problem(exercise: Exercise, name: str, message: str) -> Problem:
    return Problem("dose", f"{exercise.id}.{name}" if name else exercise.id, message)


def _seconds(millis: Millis) -> str:
    return f"{millis / 1000:g} seconds"


def _span(bounds: Bounds) -> str:
    return f"{bounds.low / 1000:g} to {bounds.high / 1000:g} seconds"
