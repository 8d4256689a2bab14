"""What plan and history are looked at with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar
from zoneinfo import ZoneInfo

from kiosk.agenda.due import Step, advance, ledger_days
from kiosk.agenda.occurrences import local_day
from kiosk.agenda.rules import Rules, rules_of
from kiosk.model.history import SessionRecord
from kiosk.model.plan import LedgerRow, PlanEntry
from kiosk.model.settings import Settings

if TYPE_CHECKING:  # importing it takes a while, and commands should be quick
    from kiosk.ports import ProgramSource, Store


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
        return self.store.plan()

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
    def settled_step(self) -> Step:
        """What the kiosk's next look at the clock makes of the plan, if that can be believed."""
        near, busy = self.store.ledger(*self.near_days), self.under_way()
        return advance(self.plan, near, self._settled_until, self.now, self.zone, self.rules, busy)

    @cached_property
    def _settled_until(self) -> datetime | None:
        return self.store.settled_until()

    @cached_property
    def _ledger(self) -> OfDays[LedgerRow]:
        return OfDays(self.store.ledger, lambda row: row.occurrence.local_date)

    @cached_property
    def _sessions(self) -> OfDays[SessionRecord]:
        return OfDays(self.store.sessions, lambda session: session.local_date)
