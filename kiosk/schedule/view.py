"""What plan and history are looked at with.

The occurrences of some days with what became of them, as the kiosk would tell them now.

What the kiosk has not kept yet, because it is off or looks only once a second, follows from the
same rules; nothing is written.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar
from zoneinfo import ZoneInfo

from kiosk.history.adherence import listed
from kiosk.history.model import SessionRecord
from kiosk.schedule.due import DueStep, advance, ledger_days
from kiosk.schedule.ledger import by_key, in_order
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState, PlanEntry
from kiosk.schedule.occurrences import local_day, occurrences
from kiosk.schedule.rules import Rules, rules_of
from kiosk.settings.model import Settings

if TYPE_CHECKING:
    from kiosk.programs.files import ProgramSource
    from kiosk.store.store import Store


Row = TypeVar("Row")


class OfDays(Generic[Row]):
    """What is kept of some days. The widest stretch of them that was asked for is read only once,
    as all that is told of a moment is told of much the same days.
    """

    def __init__(
        self, read: Callable[[date, date], tuple[Row, ...]], day_of: Callable[[Row], date]
    ) -> None:
        self._read = read
        self._day_of = day_of
        self._first, self._last = date.max, date.min
        self._rows: tuple[Row, ...] = ()

    def between(self, first: date, last: date) -> tuple[Row, ...]:
        """All from `first` to `last`, in the order they are kept in."""
        if self._first <= first and last <= self._last:
            return tuple(row for row in self._rows if first <= self._day_of(row) <= last)
        rows = self._read(first, last)
        if last - first > self._last - self._first:
            self._first, self._last, self._rows = first, last, rows
        return rows


@dataclass(frozen=True)
class View:
    """What plan and history are looked at with, as of one moment: what was read once is not read
    again. Any thread, one at a time; whoever changes anything goes by the store itself.
    """

    store: "Store"
    programs: "ProgramSource"
    zone: ZoneInfo
    now: datetime
    """The moment (UTC)."""

    trusted: bool
    """Whether the clock that tells it can be believed."""

    settings: Settings
    """Those that the kiosk goes by."""

    under_way: Callable[[], bool]
    """Whether the session that has no end yet is really going on: the one of a kiosk that was cut
    off has none either, until that kiosk starts again.
    """

    @property
    def today(self) -> date:
        """The day it is in the kiosk's time zone."""
        return local_day(self.now, self.zone)

    @property
    def rules(self) -> Rules:
        """How reminders are given."""
        return rules_of(self.settings)

    @cached_property
    def plan(self) -> tuple[PlanEntry, ...]:
        """Every entry of the plan, in the order of their numbers."""
        return self.store.plan.entries()

    def ledger(self, first: date, last: date) -> tuple[LedgerRow, ...]:
        """The kept occurrences of these days, in the order of their due times."""
        return self._ledger.between(first, last)

    def sessions(self, first: date, last: date) -> tuple[SessionRecord, ...]:
        """The sessions of these days, oldest first."""
        return self._sessions.between(first, last)

    @cached_property
    def near_days(self) -> tuple[date, date]:
        """The first and the last of the days of which a look at the clock changes anything."""
        return ledger_days(self._settled_until, self.now, self.zone)

    @cached_property
    def settled_step(self) -> DueStep:
        """What the kiosk's next look at the clock makes of the plan, if that can be believed."""
        near, busy = self.store.ledger.between(*self.near_days), self.under_way()
        return advance(self.plan, near, self._settled_until, self.now, self.zone, self.rules, busy)

    @cached_property
    def _settled_until(self) -> datetime | None:
        return self.store.ledger.settled_until()

    @cached_property
    def _ledger(self) -> OfDays[LedgerRow]:
        return OfDays(self.store.ledger.between, lambda row: row.occurrence.local_date)

    @cached_property
    def _sessions(self) -> OfDays[SessionRecord]:
        return OfDays(self.store.sessions.between, lambda session: session.local_date)


PAST = "past"
"""State of an occurrence of which nothing was kept: it lies before the entry was added or changed,
or the kiosk was off for weeks. It was asked of nobody and counts nowhere."""


@dataclass(frozen=True, slots=True)
class ListedOccurrence:
    """An occurrence and the word for its state."""

    occurrence: Occurrence
    state: str


def settled_rows(view: View, first: date, last: date) -> tuple[LedgerRow, ...]:
    """The ledger of the days from `first` to `last` as it is, or will be with the next look of the
    kiosk at the clock. An untrusted clock changes nothing in it.
    """
    kept = view.ledger(first, last)
    if not view.trusted or last < view.near_days[0]:
        return kept  # no look at the clock changes anything of days long ago
    step = view.settled_step
    rows = by_key(kept) | by_key(step.changed)
    days = (row for key, row in rows.items() if key not in step.forget)
    return in_order(row for row in days if first <= row.occurrence.local_date <= last)


def rows_between(view: View, first: date, last: date) -> tuple[LedgerRow, ...]:
    """All of these days, in order of due: what has become of it, or that it is still to come."""
    rows = settled_rows(view, first, last)
    return listed(view.plan, rows, first, last, view.now, view.zone)


def everything_between(view: View, first: date, last: date) -> list[ListedOccurrence]:
    """As `rows_between`, and also what the plan says of times of which nothing was kept."""
    rows = rows_between(view, first, last)
    never = _never_kept(view.plan, rows, first, last, view.now, view.zone)
    found = [ListedOccurrence(row.occurrence, row.state.value) for row in rows]
    found += [ListedOccurrence(occurrence, PAST) for occurrence in never]
    return sorted(found, key=lambda one: (one.occurrence.due, one.occurrence.key))


def _never_kept(
    plan: Iterable[PlanEntry],
    rows: Sequence[LedgerRow],
    first: date,
    last: date,
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[Occurrence]:
    # Where a day has anything of an entry, that is the truth; the entry may have been another then.
    known = {
        (row.occurrence.entry, row.occurrence.local_date)
        for row in rows
        if row.state is not OccurrenceState.COMING
    }
    whole = [replace(entry, since=None) for entry in plan]
    for occurrence in occurrences(whole, first, min(last, local_day(now, zone)), zone):
        if occurrence.due <= now and (occurrence.entry, occurrence.local_date) not in known:
            yield occurrence
