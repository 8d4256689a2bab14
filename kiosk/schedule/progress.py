"""Where a person stands: today, in a row, and in each course."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

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
from kiosk.schedule.view import View, rows_between, settled_rows

LONGEST_RUN = 366
"""How many days a run is followed back, so that it takes no longer every year."""


STRETCH = timedelta(days=32)
"""How many days of the ledger are read at once for it."""


@dataclass(frozen=True)
class Progress:
    """What there is to say of a moment."""

    day: DayStatus
    extra: int
    """Sessions of the day that were completed without being planned."""

    next: Occurrence | None
    """What is due next."""

    run: int
    """Days in a row on which all that was planned was done."""

    courses: tuple[tuple[PlanEntry, CourseShare], ...]
    """The entries that have an end and have begun, and how much of each is done."""

    without_end: SessionRecord | None
    """A session that goes on now, or that was cut off."""

    under_way: bool
    """Whether that session goes on."""


def progress_of(view: View) -> Progress:
    """Where the person stands now."""
    plan, zone, now = view.plan, view.zone, view.now
    around = rows_between(view, view.today - DAY, view.today + DAY)
    day = today(plan, around, now, zone)
    sessions = view.sessions(view.today - DAY, view.today + DAY)
    (tally,) = by_day(around, sessions, view.today, view.today)
    return Progress(
        day=day,
        extra=tally.extra,
        next=next(coming_after(plan, now, zone), None),
        run=current_run(_newest_first(view), day),
        courses=tuple(_courses(view, plan)),
        without_end=view.store.sessions.open(),
        under_way=view.under_way(),
    )


def _newest_first(view: View) -> Iterator[LedgerRow]:
    last = view.today
    oldest = last - timedelta(days=LONGEST_RUN)
    while last > oldest:
        first = max(last - STRETCH + DAY, oldest)
        rows = settled_rows(view, first, last)
        yield from sorted(rows, key=lambda row: row.occurrence.local_date, reverse=True)
        last = first - DAY


def _courses(view: View, plan: Sequence[PlanEntry]) -> Iterator[tuple[PlanEntry, CourseShare]]:
    begun = [entry for entry in plan if entry.starts <= view.today]
    ends = [(entry, end) for entry in begun if (end := last_day(entry)) is not None]
    if not ends:
        return
    rows = settled_rows(view, min(entry.starts for entry, _ in ends), max(end for _, end in ends))
    for entry, _ in ends:
        yield entry, course_share(entry, rows, view.now, view.zone)
