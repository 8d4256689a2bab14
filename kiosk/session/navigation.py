"""Arithmetic on the playhead: where skip, back and repeat lead, and what of a session was heard."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from kiosk.history.model import ExerciseDone, Spot
from kiosk.programs.model import PhaseName
from kiosk.timeline.timeline import Place, Span, Stage, Timeline, state_at
from kiosk.units import Millis

BACK_WITHIN: Millis = 5000  # this soon into an exercise, "back" means the one before it


def skip_target(timeline: Timeline, t: Millis) -> Millis:
    """The start of the exercise after the one at `t`; after the last, the closing words."""
    starts = [exercise.at for exercise in timeline.exercises]
    closing = (span.at for span in timeline.spans if span.stage is Stage.CLOSING)
    starts.append(next(closing, timeline.duration))
    return next((at for at in starts if at > t), timeline.duration)


def back_target(timeline: Timeline, t: Millis) -> Millis:
    """The start of the exercise at `t`, or of the one before where it has only just begun."""
    starts = [exercise.at for exercise in timeline.exercises if exercise.at <= t]
    if not starts:
        return 0
    if t - starts[-1] < BACK_WITHIN and len(starts) > 1:
        return starts[-2]
    return starts[-1]


def repeat_target(timeline: Timeline, t: Millis) -> Millis:
    """The start of the exercise at `t`; before the first, the start of the session."""
    return max((e.at for e in timeline.exercises if e.at <= t), default=0)


def taken_up_at(timeline: Timeline, spot: Spot) -> Millis:
    """Where a session that was cut off at `spot` goes on in `timeline`.

    Voice and doses may have changed since, so it is looked for by what was being done: the same
    repetition, else the start of the exercise, else the start of the session.
    """
    for index, exercise in enumerate(timeline.exercises):
        if exercise.id == spot.exercise_id:
            rep_pass = Place(index, spot.set, spot.side, spot.rep).rep_pass
            work = (span for span in timeline.spans if span.stage is Stage.WORK)
            same = (span.at for span in work if span.place.rep_pass == rep_pass)
            return next(same, exercise.at)
    return 0


Interval: TypeAlias = tuple[Millis, Millis]  # from and to, in milliseconds of a timeline


@dataclass(frozen=True)
class _Pass:
    """One pass through the phases of a repetition, and whether all of it was heard."""

    spans: list[Span]
    heard: bool


def done_in(timeline: Timeline, heard: Iterable[Interval]) -> tuple[ExerciseDone, ...]:
    """How much was done of each exercise, given what was `heard` of the session, in any order.

    A pass through the phases counts once it was heard to its end. Exercises of which nothing was
    done are listed with zeros.
    """
    stretches = _merged(heard)
    passes: dict[int | None, list[_Pass]] = {}
    work = (span for span in timeline.spans if span.stage is Stage.WORK)
    for _, group in groupby(work, key=lambda span: span.place.rep_pass):
        spans = list(group)
        start, end = spans[0].at, spans[-1].end
        whole = any(low <= start and end <= high for low, high in stretches)
        passes.setdefault(spans[0].place.exercise, []).append(_Pass(spans, whole))
    return tuple(
        _done(timeline, index, passes.get(index, [])) for index in range(len(timeline.exercises))
    )


def spot_at(timeline: Timeline, position: Millis) -> Spot:
    """The exercise, set, side and repetition at `position`, as the history stores them."""
    moment = state_at(timeline, position)
    place = moment.place
    return Spot(
        position=moment.position,
        exercise=None if place.exercise is None else place.exercise + 1,
        exercise_id=moment.outline.id if moment.outline else None,
        set=place.set,
        side=place.side,
        rep=place.rep,
    )


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The spans in order, those that overlap or touch merged."""
    merged: list[Interval] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _done(timeline: Timeline, index: int, passes: list[_Pass]) -> ExerciseDone:
    heard = [one.spans for one in passes if one.heard]
    sides = [spans[0].place.side for spans in heard]
    sets = {one.spans[0].place.set for one in passes}
    unfinished = {one.spans[0].place.set for one in passes if not one.heard}
    return ExerciseDone(
        exercise=index + 1,
        exercise_id=timeline.exercises[index].id,
        sets=len(sets - unfinished),
        reps=len(heard),
        left=sides.count("left"),
        right=sides.count("right"),
        holds=sum(span.place.phase == PhaseName.HOLD for spans in heard for span in spans),
        planned_reps=len(passes),
    )
