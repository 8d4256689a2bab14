"""Writes what was done to the store: sessions, and the ledger of the plan's occurrences.

All of it belongs to the scheduler's thread. A write is a call without arguments that raises
StoreError where the disk does not take it, and may then be made again: `PendingWrites` holds on to
it, and to all that came after it, until the disk does. So each write here changes what is known in
memory only after the store has taken it.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kiosk.errors import StoreError
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.schedule.due import DueStep, ledger_days
from kiosk.schedule.ledger import broken_off, by_key, done, fulfilled, put_off_all
from kiosk.schedule.model import LedgerRow, PlanEntry
from kiosk.schedule.occurrences import Rules
from kiosk.store.store import Store

logger = logging.getLogger(__name__)

Write: TypeAlias = Callable[[], None]

MOST_PENDING = 1000  # writes that wait for the disk at the most; the oldest are given up

SETTLED_WRITTEN_EVERY = timedelta(hours=1)
"""How often it is written until when the ledger is complete, where no row of it changes."""


class PendingWrites:
    """Writes in the order in which they came, tried again for as long as the store fails."""

    def __init__(self, first: Write, report: Callable[[bool], None]) -> None:
        """`first` goes before all; `report` is given whether the store works, as that changes."""
        self._writes: deque[Write] = deque([first], maxlen=MOST_PENDING)
        self._report = report
        self._works = True

    def add(self, write: Write) -> None:
        """Make `write` after all that wait."""
        self._writes.append(write)
        self.make()

    def make(self) -> None:
        """Make the waiting writes, in order, until one fails."""
        with self.surviving_failure():
            while self._writes:
                self._writes[0]()
                self._writes.popleft()

    @contextmanager
    def surviving_failure(self) -> Iterator[None]:
        """Go on where the store fails in the body, and report it once."""
        try:
            yield
        except StoreError as error:
            if self._works:
                logger.warning("What is done cannot be kept for now. %s", error)
            self._set_works(False)

    def store_worked(self) -> None:
        """Report that the store works again, unless a write still waits."""
        if not self._writes:
            self._set_works(True)

    def _set_works(self, works: bool) -> None:
        if works is not self._works:
            self._works = works
            self._report(works)


class LedgerWriter:
    """Plan and ledger as they were read last, and the only writer of the ledger."""

    def __init__(self, store: Store, zone: ZoneInfo, rules: Rules) -> None:
        self.zone = zone
        self.rules = rules
        self.plan: tuple[PlanEntry, ...] = ()
        self.rows: tuple[LedgerRow, ...] = ()
        self.settled: datetime | None = None
        """Until when everything that was due is in the ledger (UTC)."""

        self.changed = False
        """Whether a row was written since the last due step."""

        self._store = store
        self._settled_written: datetime | None = None
        self._change_count: int | None = None

    def read(self, now: datetime) -> bool:
        """Read plan and ledger anew, all or nothing, if they were changed; whether they were."""
        count = self._store.change_count()
        if count == self._change_count:
            return False
        is_first = self._change_count is None
        settled = self._store.ledger.settled_until() if is_first else self.settled
        plan = self._store.plan.entries()
        rows = self._store.ledger.between(*ledger_days(settled, now, self.zone))
        if is_first:
            self.settled = self._settled_written = settled
        self.plan, self.rows, self._change_count = plan, rows, count
        return True

    def write_step(self, step: DueStep) -> None:
        """Write what a due step has changed, before any of it is announced."""
        rows = step.applied_to(self.rows)
        if step.changed or step.forget or self._is_settled_overdue(step.settled_until):
            self._store.ledger.write(step.changed, step.settled_until, step.forget)
            self._settled_written = step.settled_until
        self.settled, self.rows, self.changed = step.settled_until, rows, False

    def complete(self, row: LedgerRow, now: datetime, session: int | None = None) -> None:
        """The occurrence is done, by `session`; a walk has none."""
        self.write((done(self._present(row), session),), now)

    def restore(self, row: LedgerRow, now: datetime) -> None:
        """The effect of a press on the occurrence is undone: `row` is how it was before."""
        self.write((row,), now)

    def break_off(self, row: LedgerRow, now: datetime) -> None:
        """The occurrence's session was begun and given up before any of it was heard."""
        self.write((broken_off(self._present(row), now, self.rules),), now)

    def put_off(self, row: LedgerRow, now: datetime) -> None:
        """All that is due is to be called out later. A walk that the same press has confirmed is
        due again first: `row` is how it was before.
        """
        self.restore(row, now)
        self.write(put_off_all(self.rows, now, self.rules), now)

    def write(self, rows: tuple[LedgerRow, ...], now: datetime) -> None:
        """Write `rows` in place of those of the same occurrences."""
        settled = self.settled or now
        self._store.ledger.write(rows, settled)
        self._settled_written = settled
        self.rows = tuple((by_key(self.rows) | by_key(rows)).values())
        self.changed = True

    def _present(self, row: LedgerRow) -> LedgerRow:
        """The present row of the same occurrence."""
        return by_key(self.rows).get(row.occurrence.key, row)

    def _is_settled_overdue(self, until: datetime) -> bool:
        written = self._settled_written
        is_overdue = written is None or abs(until - written) >= SETTLED_WRITTEN_EVERY
        return bool(self.plan) and is_overdue


RowChange: TypeAlias = Callable[[LedgerWriter, LedgerRow, datetime], None]
"""A method of `LedgerWriter` that changes one row; it is given the time (UTC)."""


class SessionWriter:
    """Writes one session, from beginning to effort; nothing if never begun, or taken back."""

    def __init__(
        self, store: Store, ledger: LedgerWriter, record: SessionRecord, row: LedgerRow | None
    ) -> None:
        """Id and day of `record` are found as it is written; `row` is what was due, if anything."""
        self._store = store
        self._ledger = ledger
        self._record = record
        self._row = row
        self._id: int | None = None

    def begin(self) -> None:
        """Store the session's beginning."""
        day = self._record.started.astimezone(self._ledger.zone).date()
        self._id = self._store.sessions.begin(replace(self._record, local_date=day))

    def progress(self, spot: Spot, done: tuple[ExerciseDone, ...]) -> None:
        """Store the session's progress: the place `spot`, and the exercises `done`."""
        if self._id is not None:
            self._store.sessions.progress(self._id, spot, done)

    def end(
        self, ending: Ending, spot: Spot, done: tuple[ExerciseDone, ...], now: datetime
    ) -> None:
        """Store the session's end at `now`, and the new state of the plan's occurrence."""
        if self._id is None:
            return
        completed = ending is Ending.COMPLETED
        # Begun for something due, it is for that, even if the clock has leapt since. Else what it
        # was for is found once: written again after a failure, it must not do another occurrence.
        if self._row is None and completed:
            self._row = fulfilled(self._ledger.rows, self._record.program)
        # First the ledger: a power cut between the two must not call for it again.
        if self._row is not None and completed:
            self._ledger.complete(self._row, now, self._id)
        elif self._row is not None:
            self._ledger.break_off(self._row, now)
        self._store.sessions.end(self._id, now, ending, spot, done)

    def take_back(self) -> None:
        """Delete a session that was begun by mistake."""
        if self._id is not None:
            self._store.sessions.drop(self._id)
            self._id = None

    def effort(self, effort: Effort) -> None:
        """Store the answer to the question after the session."""
        if self._id is not None:
            self._store.sessions.set_effort(self._id, effort)
