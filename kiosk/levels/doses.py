"""A caregiver's changes to the doses of a program: applied, checked against it, written as JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from kiosk.errors import Problem, nearest
from kiosk.units import seconds as in_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kiosk.errors import Value
    from kiosk.programs.model import Bounds, Exercise, Program
    from kiosk.units import Millis

# The store keeps doses: every command that opens it loads this module, and few need programs.


@dataclass(frozen=True, slots=True)
class Dose:
    """A caregiver's change to an exercise of a program; `None` leaves the file's value."""

    program: str
    exercise_id: str
    sets: int | None = None
    reps: int | None = None
    hold: Millis | None = None
    """Length of its holds."""


class Hold(NamedTuple):
    """A phase in which the position is held."""

    duration: Millis


class Range(NamedTuple):
    """A cited range, both ends included."""

    low: int
    high: int


class ExerciseDoses(NamedTuple):
    """An exercise as far as doses and steps depend on it, with the names of `Exercise`."""

    id: str
    sets: int
    reps: int
    holds: tuple[Hold, ...]
    cited_reps: Range | None
    shares_reps: bool


class Outline(NamedTuple):
    """A program as far as doses and steps depend on it, with the names of `Program`: a whole
    program takes longer to be read than all that a short command does.
    """

    id: str
    exercises: tuple[ExerciseDoses, ...]
    previous_level: str | None
    next_level: str | None


def outline_of(document: Mapping[str, Any]) -> Outline:
    """The outline of a program by the content of its file, which is known to be right."""
    exercises = tuple(map(_exercise_doses, document["exercise"]))
    return Outline(document["id"], exercises, document.get("previous"), document.get("next"))


def _exercise_doses(table: Mapping[str, Any]) -> ExerciseDoses:
    holds = (phase["seconds"] for phase in table["phases"] if phase["do"] == "hold")
    cited = table.get("reps_range")
    # The defaults are those of `kiosk.programs.model`, whose loading is to be spared.
    return ExerciseDoses(
        id=table["id"],
        sets=table.get("sets", 1),
        reps=table["reps"],
        holds=tuple(Hold(round(seconds * 1000)) for seconds in holds),
        cited_reps=Range(*cited) if cited else None,
        shares_reps=table.get("side", "both") != "both" and not table.get("reps_per_side"),
    )


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


def dose_text(program: Program | Outline, doses: Iterable[Dose]) -> str:
    """What differs from the program file, as JSON by exercise; empty where nothing does.

    The same doses always give the same text; it is what a session's record has as its `dose`.
    """
    changes = {dose.exercise_id: dose for dose in doses if dose.program == program.id}
    found: dict[str, dict[str, int]] = {}
    for old in program.exercises:
        new = changes.get(old.id, Dose(program.id, old.id))
        holds = {hold.duration for hold in old.holds} - {new.hold}
        values = (
            ("sets", new.sets, new.sets != old.sets),
            ("reps", new.reps, new.reps != old.reps),
            ("hold", new.hold, bool(holds)),
        )
        different = {name: value for name, value, is_new in values if is_new and value is not None}
        if different:
            found[old.id] = different
    if not found:
        return ""
    import json  # noqa: PLC0415 - seldom needed

    return json.dumps(found, sort_keys=True)


def dose_problems(program: Program, dose: Dose, *, forced: bool = False) -> tuple[Problem, ...]:
    """Everything that speaks against `dose` in `program`, as it stands in its file.

    A dose outside the range that its source gives is no problem where it is `forced`; what is
    impossible stays impossible.
    """
    if dose.program != program.id:
        values = {"dosed": dose.program, "program": program.id}
        return (Problem("dose", "program", "dose.other-program", values),)
    known = [exercise.id for exercise in program.exercises]
    if dose.exercise_id not in known:
        values = {"program": program.id, "exercise": dose.exercise_id}
        near = nearest(dose.exercise_id, known)
        return (Problem("dose", "exercise", "dose.exercise-unknown", values, near),)
    exercise = program.exercises[known.index(dose.exercise_id)]
    changed = _dosed(exercise, dose)
    found = list(_impossible(exercise, dose))
    found = found or list(_contradictions(with_doses(program, [dose]), changed, dose))
    if not forced:
        paths = {problem.path for problem in found}
        found += [p for p in _outside_cited(exercise, changed, dose) if p.path not in paths]
    return tuple(found)


def _dosed(exercise: Exercise, dose: Dose) -> Exercise:
    return replace(
        exercise,
        sets=exercise.sets if dose.sets is None else dose.sets,
        reps=exercise.reps if dose.reps is None else dose.reps,
        phases=tuple(
            phase
            if dose.hold is None or phase not in exercise.holds
            else replace(phase, duration=dose.hold)
            for phase in exercise.phases
        ),
    )


def _impossible(exercise: Exercise, dose: Dose) -> Iterator[Problem]:
    from kiosk.programs.model import PHASE, REPS, SETS  # noqa: PLC0415

    for name, value, limits in (("sets", dose.sets, SETS), ("reps", dose.reps, REPS)):
        if value is not None and value not in limits:
            values = {"value": value, "low": limits.low, "high": limits.high}
            yield _problem(exercise, name, f"dose.{name}-impossible", values)
    if dose.hold is not None and dose.hold not in PHASE:
        lengths = {"seconds": in_seconds(dose.hold), **_seconds(PHASE)}
        yield _problem(exercise, "hold", "dose.hold-impossible", lengths)
    if dose.hold is not None and not exercise.holds:
        yield _problem(exercise, "hold", "dose.no-hold")


def _contradictions(program: Program, exercise: Exercise, dose: Dose) -> Iterator[Problem]:
    """Values that are possible each by itself, and not together."""
    from kiosk.programs.model import LEAST_PASS, MOST_WORK  # noqa: PLC0415

    if dose.reps is not None and exercise.shares_reps and exercise.reps % 2:
        yield _problem(exercise, "reps", "program.reps-odd")
    if dose.hold is not None and exercise.rep_duration < LEAST_PASS:
        values = {
            "seconds": in_seconds(exercise.rep_duration),
            "least": in_seconds(LEAST_PASS),
        }
        yield _problem(exercise, "hold", "dose.pass-too-short", values)
    if program.work_duration > MOST_WORK:
        hours = {"hours": program.work_duration / 3_600_000, "most": MOST_WORK // 3_600_000}
        yield _problem(exercise, "", "dose.session-too-long", hours)


def _outside_cited(old: Exercise, new: Exercise, dose: Dose) -> Iterator[Problem]:
    for name, value, cited in (
        ("sets", dose.sets, old.cited_sets),
        ("reps", dose.reps, old.cited_reps),
    ):
        if value is not None and cited is not None and value not in cited:
            values = {"value": value, "low": cited.low, "high": cited.high}
            yield _problem(new, name, f"dose.{name}-outside-cited", values)
    if dose.hold is None:
        return
    for phase in new.holds:
        if phase.cited is not None and phase.duration not in phase.cited:
            lengths = {"seconds": in_seconds(phase.duration), **_seconds(phase.cited)}
            yield _problem(new, "hold", "dose.hold-outside-cited", lengths)
    if old.cited_pass is not None and new.rep_duration not in old.cited_pass:
        lengths = {"seconds": in_seconds(new.rep_duration), **_seconds(old.cited_pass)}
        yield _problem(new, "hold", "dose.pass-outside-cited", lengths)


def _problem(
    exercise: Exercise, name: str, code: str, values: Mapping[str, Value] | None = None
) -> Problem:
    path = f"{exercise.id}.{name}" if name else exercise.id
    return Problem("dose", path, code, values or {})


def _seconds(bounds: Bounds) -> dict[str, float]:
    return {"low": in_seconds(bounds.low), "high": in_seconds(bounds.high)}
