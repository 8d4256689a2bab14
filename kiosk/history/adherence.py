"""Adherence to the plan: by day, by week, in a row, and over a course. Pure functions.

The ledger rows handed in are settled, as `ScheduleSnapshot.settled_rows` and `DueStep.applied_to`
give them; else what fell due since the kiosk's last step would be missing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kiosk.history.model import Ending, SessionRecord
from kiosk.schedule.ledger import in_line, in_order
from kiosk.schedule.model import WALK, LedgerRow, OccurrenceState, PlanEntry
from kiosk.schedule.occurrences import DAY, coming_after, last_day, local_day


class Tally(NamedTuple):
    """Counts of some days' occurrences by their states. Walks count like programs."""

    first: date
    last: date
    planned: int
    """All occurrences: done, missed, due and coming."""

    done: int
    missed: int
    extra: int
    """Completed sessions of no occurrence, which neither `planned` nor `done` counts."""

    walks: int
    """How many of the done ones were walks."""


class DayStatus(NamedTuple):
    """The occurrences of a day by their states, at some moment."""

    day: date
    planned: tuple[LedgerRow, ...]
    """All of the day, in order of due; with rows in state `COMING`."""

    done: tuple[LedgerRow, ...]
    missed: tuple[LedgerRow, ...]
    to_come: tuple[LedgerRow, ...]
    due: tuple[LedgerRow, ...]
    """The due ones, first in line first; one of the evening before may be among them."""

    @property
    def all_done(self) -> bool:
        """Whether something was planned for the day and all of it is done."""
        return bool(self.planned) and len(self.done) == len(self.planned)


class CourseShare(NamedTuple):
    """The share of a plan entry's course that is done."""

    entry: int
    done: int
    missed: int
    total: int | None
    """All occurrences of the course, past and to come; `None` where it has no end."""

    @property
    def share(self) -> float | None:
        """Done of all, 0 to 1; `None` where there is no end, or nothing in the course."""
        return self.done / self.total if self.total else None


def listed(
    plan: Iterable[PlanEntry],
    rows: Iterable[LedgerRow],
    first: date,
    last: date,
    now: datetime,
    zone: ZoneInfo,
) -> tuple[LedgerRow, ...]:
    """The rows from `first` to `last`, and `COMING` ones due after `now` (UTC), in order of due."""
    kept = [row for row in rows if first <= row.occurrence.local_date <= last]
    keys = {row.occurrence.key for row in kept}
    coming = (
        LedgerRow(occurrence, OccurrenceState.COMING)
        for occurrence in coming_after(plan, now, zone, first, last)
        if occurrence.key not in keys
    )
    return in_order([*kept, *coming])


def today(
    plan: Iterable[PlanEntry], rows: Iterable[LedgerRow], now: datetime, zone: ZoneInfo
) -> DayStatus:
    """The state of the day that `now` (UTC) lies in. `rows`: those of it and of the day before."""
    rows = tuple(rows)
    day = local_day(now, zone)
    planned = listed(plan, rows, day, day, now, zone)
    return DayStatus(
        day=day,
        planned=planned,
        done=_in_state(planned, OccurrenceState.DONE),
        missed=_in_state(planned, OccurrenceState.MISSED),
        to_come=_in_state(planned, OccurrenceState.COMING),
        due=tuple(in_line(rows)),
    )


def by_day(
    rows: Sequence[LedgerRow], sessions: Iterable[SessionRecord], first: date, last: date
) -> tuple[Tally, ...]:
    """One tally for each day from `first` to `last`.

    `rows` are what `listed` gives for at least one day more at either end, so that a session after
    midnight is known for what it was.
    """
    planned_ones = {row.session for row in rows}
    extras = Counter(
        session.local_date
        for session in sessions
        if session.ending is Ending.COMPLETED and session.id not in planned_ones
    )
    of_day: dict[date, list[LedgerRow]] = defaultdict(list)
    for row in rows:
        of_day[row.occurrence.local_date].append(row)
    days = (first + n * DAY for n in range((last - first).days + 1))
    return tuple(_tally(day, of_day.get(day, ()), extras[day]) for day in days)


def by_week(days: Iterable[Tally]) -> tuple[Tally, ...]:
    """The tallies of days, in order, by weeks from Monday on; the first and last may be short."""
    weeks = groupby(days, key=lambda tally: tally.first.isocalendar()[:2])
    found = []
    for _, week in weeks:
        firsts, lasts, *counts = zip(*week, strict=True)
        found.append(Tally(firsts[0], lasts[-1], *map(sum, counts)))
    return tuple(found)


def current_run(newest_first: Iterable[LedgerRow], status: DayStatus) -> int:
    """On how many days in a row all that was planned was done, up to today or yesterday.

    Days without a plan neither count nor break it, nor does a day of which something is still due.
    Today counts once all is done, and breaks the run once something is missed. `newest_first` are
    the rows of the days before, of which only as many are taken as the run is long.
    """
    if status.missed:
        return 0
    past = (row for row in newest_first if row.occurrence.local_date < status.day)
    run = int(status.all_done)
    for _, rows in groupby(past, key=lambda row: row.occurrence.local_date):
        states = {row.state for row in rows}
        if OccurrenceState.MISSED in states:
            break
        run += states == {OccurrenceState.DONE}
    return run


def course_share(
    entry: PlanEntry, rows: Iterable[LedgerRow], now: datetime, zone: ZoneInfo
) -> CourseShare:
    """How much of the course of `entry` is done. `rows` are those of all its days.

    The course is what the ledger has of it and what is still to come: a change of the plan in the
    middle of it changes only what lies ahead. A pause does not shorten it.
    """
    end = last_day(entry)
    own = [row for row in rows if row.occurrence.entry == entry.id]
    if end is None:
        course = tuple(row for row in own if row.occurrence.local_date >= entry.starts)
    else:
        course = listed([replace(entry, paused=False)], own, entry.starts, end, now, zone)
    return CourseShare(
        entry=entry.id,
        done=len(_in_state(course, OccurrenceState.DONE)),
        missed=len(_in_state(course, OccurrenceState.MISSED)),
        total=None if end is None else len(course),
    )


def _tally(day: date, rows: Sequence[LedgerRow], extra: int) -> Tally:
    done = _in_state(rows, OccurrenceState.DONE)
    return Tally(
        first=day,
        last=day,
        planned=len(rows),
        done=len(done),
        missed=len(_in_state(rows, OccurrenceState.MISSED)),
        extra=extra,
        walks=sum(row.occurrence.program == WALK for row in done),
    )


def _in_state(rows: Iterable[LedgerRow], state: OccurrenceState) -> tuple[LedgerRow, ...]:
    return tuple(row for row in rows if row.state is state)
