"""The progress of the plan as of a snapshot: today, the run of days, and each course."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from kiosk.history.adherence import (
    CourseShare,
    DayStatus,
    by_day,
    course_share,
    current_run,
    today,
)
from kiosk.history.model import SessionRecord
from kiosk.schedule.model import LedgerRow, Occurrence, PlanEntry
from kiosk.schedule.occurrences import DAY, coming_after, last_day
from kiosk.schedule.snapshot import ScheduleSnapshot

LONGEST_RUN = 366  # days that a run is followed back at most, so that it takes no longer every year

STRETCH = timedelta(days=32)
"""Days of the ledger that are read at once while a run is followed back."""


class Progress(NamedTuple):
    """How the plan was followed, up to the moment of a snapshot."""

    day: DayStatus
    extra: int
    """Sessions of the day that were completed without being planned."""

    next: Occurrence | None
    run: int
    """Days in a row on which all that was planned was done."""

    courses: tuple[tuple[PlanEntry, CourseShare], ...]
    """The entries with an end that have begun, and how much of each is done."""

    without_end: SessionRecord | None
    """The session begun last, if it has no end: it goes on now, or was interrupted."""

    under_way: bool


def progress_of(snapshot: ScheduleSnapshot) -> Progress:
    """The progress at the moment of the snapshot. Raises StoreError."""
    plan, zone, now, this_day = snapshot.plan, snapshot.zone, snapshot.now, snapshot.today
    courses = tuple(_courses(snapshot))  # first: they take most days of the ledger
    rows = snapshot.rows_between(this_day - DAY, this_day + DAY)
    day = today(plan, rows, now, zone)
    sessions = snapshot.sessions(this_day - DAY, this_day + DAY)
    (tally,) = by_day(rows, sessions, this_day, this_day)
    return Progress(
        day=day,
        extra=tally.extra,
        next=next(coming_after(plan, now, zone), None),
        run=current_run(_newest_first(snapshot), day),
        courses=courses,
        without_end=snapshot.open_session,
        under_way=snapshot.under_way(),
    )


def _newest_first(snapshot: ScheduleSnapshot) -> Iterator[LedgerRow]:
    last = snapshot.today
    oldest = last - timedelta(days=LONGEST_RUN)
    while last > oldest:
        first = max(last - STRETCH + DAY, oldest)
        rows = snapshot.settled_rows(first, last)
        yield from sorted(rows, key=lambda row: row.occurrence.local_date, reverse=True)
        last = first - DAY


def _courses(snapshot: ScheduleSnapshot) -> Iterator[tuple[PlanEntry, CourseShare]]:
    begun = [entry for entry in snapshot.plan if entry.starts <= snapshot.today]
    ends = [(entry, end) for entry in begun if (end := last_day(entry)) is not None]
    if not ends:
        return
    first, last = min(entry.starts for entry, _ in ends), max(end for _, end in ends)
    rows = snapshot.settled_rows(first, last)
    for entry, _ in ends:
        yield entry, course_share(entry, rows, snapshot.now, snapshot.zone)
