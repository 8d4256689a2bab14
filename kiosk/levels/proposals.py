"""When to go harder and when to ease off: one rule, which only proposes; a caregiver decides.

Where its numbers come from is told in `docs/explanation/levels.md`: NHS inform has people start
with few repetitions and add one or two every few days.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from kiosk.history.model import Effort, Ending, SessionRecord
from kiosk.levels.doses import Dose, dose_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kiosk.levels.doses import ExerciseDoses, Outline
    from kiosk.programs.model import Exercise, Program

WENT_WELL = 6
"""After how many completed sessions in a row that were not hard a step up is proposed. At two to
three sessions a day that is every two to three days: the source's "every few days"."""

TOO_HARD = 2  # after how many hard sessions in a row, or stops in the same exercise, a step back is
STEP = 2  # the most repetitions that are added or taken away at once


SESSIONS = 200  # how many of the latest sessions are considered

_COUNTING = (Ending.COMPLETED, Ending.STOPPED)
"""Sessions that were cut off by a power cut say nothing either way."""


class Kind(StrEnum):
    """Which way a proposal goes."""

    UP = "up"
    DOWN = "down"
    NOTHING_EASIER = "nothing-easier"
    """It ought to go down, and there is no way down: time to ask a doctor or a physiotherapist."""


class Reason(StrEnum):
    """The reason for a proposal. The values are ids in the wording's catalogue."""

    WENT_WELL = "level.went_well"
    HARDER = "level.harder"
    STOPPED = "level.stopped"


class Proposal(NamedTuple):
    """A step that a caregiver may accept."""

    kind: Kind
    program: str
    """The program that the step leads away from, or within which it stays."""

    reason: Reason
    sessions: int
    """How many sessions in a row give the reason."""

    exercise: str | None = None
    """Id of the exercise in which they were stopped, where that is the reason."""

    doses: tuple[Dose, ...] = ()
    """The new doses; whole, so each takes the place of what there was for its exercise. Each lies
    in its cited range, or nearer to it than what there was."""

    to_program: str | None = None
    """Id of the program to change to; `None` where doses change."""


def propose(
    program: Program | Outline,
    doses: Iterable[Dose],
    sessions: Sequence[SessionRecord],
    programs_known: Collection[str],
    *,
    declined: int = 0,
) -> Proposal | None:
    """The step that the latest sessions of `program` ask for; `None` where all is well as it is.

    `program` is as in its file, `doses` are the changes to it; `sessions`, oldest first, may be of
    any programs. Those of `program` count since its doses were last changed, and since a session of
    the next or the previous level, and since the session of the id `declined`, after which a step
    was declined. Those cut off by a power cut say nothing either way.
    """
    sessions = [session for session in sessions if session.id > declined]
    changes = {dose.exercise_id: dose for dose in doses if dose.program == program.id}
    recent = _recent(program, dose_text(program, changes.values()), sessions)
    if cause := _too_hard(recent):
        reason, exercise = cause
        fits = Proposal(Kind.DOWN, program.id, reason, TOO_HARD, exercise)
        fewer = _stepped(program, changes, -STEP, exercise)
        bottom = fits._replace(kind=Kind.NOTHING_EASIER)
        return _completed(fits, fewer, program.previous_level, programs_known) or bottom
    well = _well_in_a_row(recent)
    if well < WENT_WELL:
        return None
    fits = Proposal(Kind.UP, program.id, Reason.WENT_WELL, well)
    return _completed(fits, _stepped(program, changes, STEP), program.next_level, programs_known)


def may_propose(program: str, sessions: Sequence[SessionRecord]) -> bool:
    """Whether `propose` may find a step for the program of that id, judged without its file.

    It finds none where its latest sessions of one dose ask for none: another dose by now, another
    level meanwhile or a declined step leave even fewer of them to count.
    """
    own = [one for one in reversed(sessions) if one.program == program and one.ending in _COUNTING]
    recent = list(takewhile(lambda one: one.dose == own[0].dose, own))
    return _too_hard(recent) is not None or _well_in_a_row(recent) >= WENT_WELL


def _completed(
    proposal: Proposal, doses: tuple[Dose, ...], other: str | None, known: Collection[str]
) -> Proposal | None:
    """`proposal` with the new doses, else with the other program; `None` where there is neither."""
    if doses:
        return proposal._replace(doses=doses)
    return proposal._replace(to_program=other) if other in known else None


def _recent(
    program: Program | Outline, dose: str, sessions: Sequence[SessionRecord]
) -> list[SessionRecord]:
    """The sessions that count, latest first: since the dose, or the level, last changed."""
    recent: list[SessionRecord] = []
    for session in reversed(sessions):
        if session.ending not in _COUNTING:
            continue
        if session.program in (program.previous_level, program.next_level):
            break
        if session.program == program.id:
            if session.dose != dose:
                break
            recent.append(session)
    return recent


def _well_in_a_row(recent: Sequence[SessionRecord]) -> int:
    def went_well(session: SessionRecord) -> bool:
        return session.ending is Ending.COMPLETED and session.effort is not Effort.HARDER

    return len(list(takewhile(went_well, recent)))


def _too_hard(recent: Sequence[SessionRecord]) -> tuple[Reason, str | None] | None:
    """The reason for a step back, and the exercise in which sessions were stopped, if one is."""
    last = recent[:TOO_HARD]
    if len(last) < TOO_HARD:
        return None
    if all(session.effort is Effort.HARDER for session in last):
        return Reason.HARDER, None
    stops = {
        one.stopped_at.exercise_id if one.ending is Ending.STOPPED and one.stopped_at else None
        for one in last
    }
    exercise = stops.pop()
    return (Reason.STOPPED, exercise) if exercise is not None and not stops else None


def _stepped(
    program: Program | Outline, changes: Mapping[str, Dose], step: int, only: str | None = None
) -> tuple[Dose, ...]:
    """New doses for every exercise, or for the one named `only`, that has room for a step."""
    doses: list[Dose] = []
    for exercise in program.exercises:
        dose = changes.get(exercise.id, Dose(program.id, exercise.id))
        before = exercise.reps if dose.reps is None else dose.reps
        reps = _reps_after(exercise, before, step) if only in (None, exercise.id) else None
        if reps is not None:
            # What the file says anyway is no change.
            doses.append(replace(dose, reps=None if reps == exercise.reps else reps))
    return tuple(doses)


def _reps_after(exercise: Exercise | ExerciseDoses, reps: int, step: int) -> int | None:
    """Its repetitions, `reps` now, after a step of at most `step` within the cited range, if there
    is room.

    From a dose outside the range, which a caregiver insisted on, the step goes towards it.
    """
    cited = exercise.cited_reps
    if cited is None:
        return None
    after = min(reps + step if step > 0 else max(reps + step, cited.low), cited.high)
    if exercise.shares_reps:
        after -= after % 2  # left and right share them
    fits = after > reps if step > 0 else cited.low <= after < reps
    return after if fits else None
