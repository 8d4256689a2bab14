"""The rules that hold whatever happens: pure checks of what was played, shown and stored.

Each of them returns where all is well, and else raises BrokenRuleError, which says what is wrong.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import mean

from kiosk.history.model import Ending, ExerciseDone, SessionRecord
from kiosk.programs.model import PhaseName
from kiosk.schedule.ledger import Key
from kiosk.schedule.model import LedgerRow, OccurrenceState
from kiosk.session.snapshot import IN_SESSION, Snapshot, State
from kiosk.session.transitions import Input, step
from kiosk.timeline.timeline import Span, Stage, Timeline
from kiosk.units import Frames, Millis, frames_of


class BrokenRuleError(AssertionError):
    """Something is as it must never be."""


NEAR: Millis = 25
"""How well the beginning of what is heard after a lead-in is known: to a chunk, and a little."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a session that was heard without a gap."""

    start: Frames
    end: Frames
    led_in: bool = False
    """Whether something was said before it, so that its start is known to a chunk only."""

    def up_to(self, end: Frames) -> "Stretch":
        """The same, with another end."""
        return replace(self, end=max(end, self.start))


def cues_in_order(timeline: Timeline) -> None:
    """No cue begins before the one before it has ended, and spans follow one another."""
    for one, next_one in pairwise(timeline.cues):
        if next_one.at < one.end:
            raise BrokenRuleError(f"{next_one} begins before {one} has ended")
    if timeline.cues and timeline.cues[-1].end > timeline.duration:
        raise BrokenRuleError(f"{timeline.cues[-1]} goes on after the session's end")
    for span, next_span in pairwise(timeline.spans):
        if span.end != next_span.at:
            raise BrokenRuleError(f"between {span} and {next_span} there is a gap or an overlap")


def follows(before: State, cause: str, after: State) -> None:
    """The table of states has this way."""
    found = step(before, Input(cause))
    if found is None or found.state is not after:
        raise BrokenRuleError(f"from {before} there is no way to {after} by {cause}")


def is_one_picture(shot: Snapshot, before: Snapshot | None) -> None:
    """A snapshot is consistent in itself, and newer than the one before."""
    counts = ((shot.rep, shot.reps), (shot.set, shot.sets), (shot.exercise, shot.exercises))
    wrong = (
        any(one is not None and not 1 <= one <= (most or 0) for one, most in counts)
        or not 0 <= shot.position_ms <= max(shot.duration_ms, 0)
        or not 0 <= shot.phase_ends_in_ms <= max(shot.phase_duration_ms, 0)
        or (shot.moving and shot.state is not State.RUNNING)
        or (shot.state in IN_SESSION and shot.program is None)
        or (before is not None and (shot.seq <= before.seq or shot.as_of < before.as_of))
    )
    if wrong:
        raise BrokenRuleError(f"no consistent picture: {shot} after {before}")


# --- history


def is_what_was_heard(
    record: SessionRecord, timeline: Timeline, stretches: Iterable[Stretch], ending: Ending
) -> None:
    """History has of a session just what was heard of it."""
    if record.ending is not ending:
        raise BrokenRuleError(f"a session that was {ending} is kept as {record.ending}")
    if (record.ended is None) or (ending is Ending.COMPLETED) is not (record.stopped_at is None):
        raise BrokenRuleError(f"kept without its end, or with a wrong one: {record}")
    heard = list(stretches)
    least, most = (done_of(timeline, heard, slack) for slack in (0, NEAR))
    kept = {done.exercise: done for done in record.exercises}
    if set(kept) != set(most):
        raise BrokenRuleError(f"{sorted(kept)} are kept as exercises of {sorted(most)}")
    for number, done in kept.items():
        if not _lies_between(least[number], done, most[number]):
            raise BrokenRuleError(f"{done} is kept, {least[number]} to {most[number]} was heard")


def is_not_more_than_heard(
    record: SessionRecord, timeline: Timeline, stretches: Iterable[Stretch]
) -> None:
    """Of a session that was cut off history has no more than was heard, and no repetition less but
    the last ones, which may not have been written down yet.
    """
    heard = list(stretches)
    most = sum(done.reps for done in done_of(timeline, heard, NEAR).values())
    least = sum(done.reps for done in done_of(timeline, heard, 0).values()) - 1
    kept = sum(done.reps for done in record.exercises)
    if record.ending is not Ending.INTERRUPTED or not least <= kept <= most:
        raise BrokenRuleError(f"{kept} of {least} to {most} repetitions are kept: {record}")


def done_of(
    timeline: Timeline, stretches: Sequence[Stretch], slack: Millis
) -> Mapping[int, ExerciseDone]:
    """What was done of each exercise, by what was heard: with `slack`, at the most, without, at the
    least.
    """
    heard = _together(
        stretches
        if slack
        else [replace(s, start=s.start + s.led_in * frames_of(NEAR)) for s in stretches],
        frames_of(slack),
    )
    found: dict[int, list[tuple[list[Span], bool]]] = {}
    work = (span for span in timeline.spans if span.stage is Stage.WORK)
    for place, group in groupby(work, key=lambda s: replace(s.place, phase=None)):
        spans = list(group)
        begin, end = frames_of(spans[0].at + slack), frames_of(spans[-1].end - slack)
        whole = any(s.start <= begin and end <= s.end for s in heard)
        found.setdefault(place.exercise or 0, []).append((spans, whole))
    return {n + 1: _done(timeline, n, found.get(n, [])) for n in range(len(timeline.exercises))}


def _done(timeline: Timeline, n: int, reps: Sequence[tuple[list[Span], bool]]) -> ExerciseDone:
    whole = [spans for spans, was_heard in reps if was_heard]
    sides = [spans[0].place.side for spans in whole]
    holds = [s for spans in whole for s in spans if s.place.phase == PhaseName.HOLD]
    unfinished = {spans[0].place.set for spans, was_heard in reps if not was_heard}
    sets = {spans[0].place.set for spans, _ in reps} - unfinished
    return ExerciseDone(
        exercise=n + 1,
        exercise_id=timeline.exercises[n].id,
        sets=len(sets),
        reps=len(whole),
        left=sides.count("left"),
        right=sides.count("right"),
        holds=len(holds),
        planned_reps=len(reps),
    )


def _lies_between(least: ExerciseDone, done: ExerciseDone, most: ExerciseDone) -> bool:
    def counts(one: ExerciseDone) -> tuple[int, ...]:
        return one.sets, one.reps, one.left, one.right, one.holds

    same = (done.exercise_id, done.planned_reps) == (most.exercise_id, most.planned_reps)
    within = zip(counts(least), counts(done), counts(most), strict=True)
    return same and all(low <= kept <= high for low, kept, high in within)


def _together(stretches: Iterable[Stretch], near: Frames) -> list[Stretch]:
    """What was heard, with stretches that touch put together."""
    joined: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda one: (one.start, one.end)):
        if joined and stretch.start <= joined[-1].end + near:
            joined[-1] = joined[-1].up_to(max(joined[-1].end, stretch.end))
        else:
            joined.append(stretch)
    return joined


def sessions_end_once(
    before: Mapping[int, SessionRecord], after: Mapping[int, SessionRecord]
) -> None:
    """One session at most goes on; one that has ended stays as it is, but for its effort."""
    if sum(one.ended is None for one in after.values()) > 1:
        raise BrokenRuleError(f"two sessions go on: {list(after.values())}")
    for number in before.keys() & after.keys():
        old, new = before[number], after[number]
        if old.ended and replace(new, effort=old.effort) != old:
            raise BrokenRuleError(f"{old} has changed to {new}")


# --- the plan


def nothing_is_called_again(
    before: Mapping[Key, LedgerRow], after: Mapping[Key, LedgerRow], most: int
) -> int:
    """What was called out once is not called out a second time as the first, nor more often than it
    may be, nor after it is done or missed. How often something was called out, at the most.
    """
    calls = 0
    for key, row in after.items():
        old = before.get(key)
        if row.reminders > most:
            raise BrokenRuleError(f"called out more than {most} times: {row}")
        if old is None:
            calls += row.reminders
            continue
        if old.state is not OccurrenceState.DUE:
            if row.reminders > old.reminders:
                raise BrokenRuleError(f"{old} was called out again: {row}")
            continue
        if row.put_off_to == old.put_off_to and row.reminders < old.reminders:
            raise BrokenRuleError(f"it is forgotten how often {old} was called out: {row}")
        calls += max(row.reminders - old.reminders, 0)
    return calls


def ledger_holds_together(rows: Iterable[LedgerRow], sessions: Mapping[int, SessionRecord]) -> None:
    """Each occurrence is there once, and what is done was done by a session that was completed."""
    seen: set[Key] = set()
    for row in rows:
        if row.occurrence.key in seen:
            raise BrokenRuleError(f"twice in the ledger: {row}")
        seen.add(row.occurrence.key)
        if row.session is None:
            continue
        session = sessions.get(row.session)
        right = session is not None and session.program == row.occurrence.program
        if not right or row.state is not OccurrenceState.DONE:
            raise BrokenRuleError(f"{row} is said to be done by {session}")


# --- figures


def is_flat(name: str, series: Sequence[float], most: float) -> float:
    """The last quarter is not more than `most` (a share) above the second; how much it is."""
    quarter = len(series) // 4
    if not quarter:
        return 0.0
    early, late = mean(series[quarter : 2 * quarter]), mean(series[-quarter:])
    growth = late / early - 1
    if growth > most:
        raise BrokenRuleError(f"{name} grows: from {early:.0f} to {late:.0f} ({growth:+.1%})")
    return growth


def grows_evenly(name: str, series: Sequence[float], most: float) -> float:
    """The second half does not grow by more than `most` times as much as the first; how many."""
    middle = len(series) // 2
    if middle < 2:
        return 1.0
    first, second = series[middle] - series[0], series[-1] - series[middle]
    ratio = second / max(first, 1.0)
    if ratio > most:
        raise BrokenRuleError(f"{name} grows faster and faster: by {first:.0f}, then {second:.0f}")
    return ratio
