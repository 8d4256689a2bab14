"""Plan, ledger and sessions as of one moment, and the occurrences that follow from them.

A request or a command takes one `ScheduleSnapshot` and hands it to everything that needs the plan,
so that all of a page is of the same moment and each table is read once. What the running kiosk has
not written down yet, because it is off or looks at the clock only once a second, follows from the
same rules as its own next step (`kiosk.schedule.due`); nothing is written.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from kiosk.errors import UnknownEntryError
from kiosk.history.adherence import listed
from kiosk.history.model import SessionRecord
from kiosk.schedule.due import DueStep, advance, ledger_days
from kiosk.schedule.ledger import by_key, in_order
from kiosk.schedule.model import WALK, LedgerRow, Occurrence, OccurrenceState, PlanEntry
from kiosk.schedule.occurrences import Rules, coming_after, local_day, occurrences, rules_of
from kiosk.settings.model import Settings

if TYPE_CHECKING:
    from kiosk.clock import WallClock
    from kiosk.programs.files import ProgramSource
    from kiosk.settings.service import SettingsService
    from kiosk.store.store import Store

Row = TypeVar("Row")

PAST = "past"
"""State of an occurrence without a ledger row: it lies before the entry was added or changed, or
the kiosk was off for weeks. It was asked of nobody and counts nowhere."""


class ListedOccurrence(NamedTuple):
    """An occurrence and its state: the value of an `OccurrenceState`, or `PAST`."""

    occurrence: Occurrence
    state: str


class RowsOfDays(Generic[Row]):
    """The rows of a table by local day; the widest stretch that was asked for is read once."""

    def __init__(
        self, read: Callable[[date, date], tuple[Row, ...]], day_of: Callable[[Row], date]
    ) -> None:
        self._read = read
        self._day_of = day_of
        self._first, self._last = date.max, date.min
        self._rows: tuple[Row, ...] = ()

    def between(self, first: date, last: date) -> tuple[Row, ...]:
        """All rows from `first` to `last`, in the table's order. Raises StoreError."""
        if self._first <= first and last <= self._last:
            return tuple(row for row in self._rows if first <= self._day_of(row) <= last)
        rows = self._read(first, last)
        if last - first > self._last - self._first:
            self._first, self._last, self._rows = first, last, rows
        return rows


@dataclass(eq=False)
class ScheduleSnapshot:
    """Plan, ledger and sessions as of `now` (UTC). Any thread, one at a time.

    Tables are read when they are first asked for, inside the transaction that is open then; what
    has been read is not read again, so a snapshot that outlives a change does not show it. Its
    methods raise StoreError.
    """

    store: "Store"
    programs: "ProgramSource"
    zone: ZoneInfo
    now: datetime
    trusted: bool
    """Whether the clock that gave `now` can be believed."""

    settings: Settings
    under_way: Callable[[], bool]
    """Whether the session without an end is being done now; one that a power cut interrupted has no
    end either, until the kiosk starts again."""

    @property
    def local_now(self) -> datetime:
        """`now` in the kiosk's time zone."""
        return self.now.astimezone(self.zone)

    @property
    def today(self) -> date:
        """The local day in the kiosk's time zone."""
        return local_day(self.now, self.zone)

    @property
    def rules(self) -> Rules:
        """The rules of reminders in force."""
        return rules_of(self.settings)

    @cached_property
    def plan(self) -> tuple[PlanEntry, ...]:
        """Every entry of the plan, in the order of their numbers."""
        return self.store.plan.entries()

    @property
    def programs_in_use(self) -> tuple[str, ...]:
        """Ids of the default program and of the plan's programs, each once."""
        planned = (entry.program for entry in self.plan if entry.program != WALK)
        return tuple(dict.fromkeys([self.settings.default_program, *planned]))

    def entry(self, number: int) -> PlanEntry:
        """The entry of that number. Raises UnknownEntryError."""
        for entry in self.plan:
            if entry.id == number:
                return entry
        raise UnknownEntryError("plan.no-entry", number=number)

    def sessions(self, first: date, last: date) -> tuple[SessionRecord, ...]:
        """The sessions of the local days from `first` to `last`, oldest first; moments are UTC."""
        return self._sessions.between(first, last)

    @cached_property
    def open_session(self) -> SessionRecord | None:
        """The session begun last, if it has no end: it goes on now, or was interrupted."""
        return self.store.sessions.open()

    @cached_property
    def near_days(self) -> tuple[date, date]:
        """The first and the last of the days in which the kiosk's next step can change anything."""
        return ledger_days(self._settled_until, self.now, self.zone)

    @cached_property
    def next_step(self) -> DueStep:
        """The kiosk's next due step, if the clock is trusted."""
        near, busy = self._ledger.between(*self.near_days), self.under_way()
        return advance(self.plan, near, self._settled_until, self.now, self.zone, self.rules, busy)

    def settled_rows(self, first: date, last: date) -> tuple[LedgerRow, ...]:
        """The ledger of these days in order of due, as `next_step` makes it on a trusted clock."""
        rows = self._ledger.between(first, last)
        if not self.trusted or last < self.near_days[0]:
            return rows
        step = self.next_step
        settled = by_key(rows) | by_key(step.changed)
        kept = (row for key, row in settled.items() if key not in step.forget)
        return in_order(row for row in kept if first <= row.occurrence.local_date <= last)

    def rows_between(self, first: date, last: date) -> tuple[LedgerRow, ...]:
        """`settled_rows`, and rows in state `COMING` for what is still to come, in order of due."""
        rows = self.settled_rows(first, last)
        return listed(self.plan, rows, first, last, self.now, self.zone)

    def occurrences_between(self, first: date, last: date) -> list[ListedOccurrence]:
        """As `rows_between`, with the past times of the plan of which there is no row, in order."""
        rows = self.rows_between(first, last)
        found = [ListedOccurrence(row.occurrence, row.state.value) for row in rows]
        found += [ListedOccurrence(one, PAST) for one in self._without_row(rows, first, last)]
        return sorted(found, key=lambda one: (one.occurrence.due, one.occurrence.key))

    def next_times(self, entry: PlanEntry, count: int) -> tuple[Occurrence, ...]:
        """The next occurrences of `entry`, at most `count`, whether it is in the plan or not."""
        return tuple(islice(coming_after([entry], self.now, self.zone), count))

    def _without_row(
        self, rows: Sequence[LedgerRow], first: date, last: date
    ) -> Iterator[Occurrence]:
        # Where a day has a row of an entry, that counts; the entry may have been another then.
        known = {
            (row.occurrence.entry, row.occurrence.local_date)
            for row in rows
            if row.state is not OccurrenceState.COMING
        }
        plan = [replace(entry, since=None) for entry in self.plan]
        for occurrence in occurrences(plan, first, min(last, self.today), self.zone):
            key = occurrence.entry, occurrence.local_date
            if occurrence.due <= self.now and key not in known:
                yield occurrence

    @cached_property
    def _settled_until(self) -> datetime | None:
        return self.store.ledger.settled_until()

    @cached_property
    def _ledger(self) -> RowsOfDays[LedgerRow]:
        return RowsOfDays(self.store.ledger.between, lambda row: row.occurrence.local_date)

    @cached_property
    def _sessions(self) -> RowsOfDays[SessionRecord]:
        return RowsOfDays(self.store.sessions.between, lambda session: session.local_date)


@dataclass(eq=False)
class Snapshots:
    """Takes snapshots of one kiosk's schedule. Any thread."""

    store: "Store"
    programs: "ProgramSource"
    clock: "WallClock"
    settings: "SettingsService"
    zone: Callable[[Settings], ZoneInfo]
    under_way: Callable[[], bool]
    _zone: tuple[Settings, ZoneInfo] | None = field(default=None, init=False)
    """The settings in force when it was looked up, and the time zone."""

    def take(self) -> ScheduleSnapshot:
        """A snapshot of now. Each table that it reads is a transaction of its own."""
        settings = self.settings.current
        found = self._zone
        if found is None or found[0] is not settings:
            self._zone = found = settings, self.zone(settings)
        return ScheduleSnapshot(
            store=self.store,
            programs=self.programs,
            zone=found[1],
            now=self.clock.utc(),
            trusted=self.clock.trusted(),
            settings=settings,
            under_way=self.under_way,
        )

    @contextmanager
    def reading(self) -> Iterator[ScheduleSnapshot]:
        """A snapshot, and one read transaction: others wait, so gather first, then render."""
        snapshot = self.take()
        with self.store.reading():
            yield snapshot
