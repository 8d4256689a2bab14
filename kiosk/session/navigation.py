"""Where skip, back and repeat go to, and where an interrupted session is resumed. Pure."""

from kiosk.history.model import Spot
from kiosk.timeline.timeline import Place, Stage, Timeline
from kiosk.units import Millis

BACK_WITHIN: Millis = 5000
"""This soon into an exercise, "back" means the one before it."""


def skip_target(timeline: Timeline, t: Millis) -> Millis:
    """The start of the exercise after the one at `t`; after the last, the closing words."""
    starts = [exercise.at for exercise in timeline.exercises] + [_closing(timeline)]
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


def _closing(timeline: Timeline) -> Millis:
    return next((s.at for s in timeline.spans if s.stage is Stage.CLOSING), timeline.duration)
