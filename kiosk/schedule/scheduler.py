"""The scheduler: calls out what is due, and writes to the store what was done.

Theory of operation
-------------------

A thread of its own, because a write to a slow memory card may take half a second, and a pause must
not wait for that. Everything that it is to do comes as a call without arguments through `inbox`,
from any thread; calls are made one after another, in order, and after each of them, or once a
second, it checks what there is to do (`check`):

1. Writes that failed before are tried again (`PendingWrites`), in the order in which they came. The
   first of all is to find out whether the last session was interrupted.
2. Plan and ledger are read again if they were changed, by a page or a command, say. That is seen by
   the store's counter of changes, which costs no transaction.
3. Where anything can have changed (another minute or day, a clock that was set back, a row written,
   a session begun or ended, other rules), the due step `kiosk.schedule.due.advance` finds what has
   become due, was missed, or is to be called out. Its rows are written before anything is called
   out: after a power cut in between, a reminder is lost rather than given twice.
4. Events go to the controller, and only of what has changed: `PlanStatusChanged`,
   `ReminderDue`, `InterruptedSessionFound`, and `FaultChanged` when the store stops or starts to
   work.

While the clock is not trusted nothing is due, and the ledger is left alone. Where the store fails
the kiosk goes on: sessions run, what is done waits in memory, and reminders wait with it.
"""

import logging
import queue
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from kiosk.clock import WallClock
from kiosk.history.adherence import today
from kiosk.history.model import Ending, ExerciseDone, SessionRecord, Spot
from kiosk.history.recorder import LedgerWriter, PendingWrites, RowChange, SessionWriter, Write
from kiosk.schedule.due import DueStep, advance
from kiosk.schedule.model import LedgerRow
from kiosk.schedule.occurrences import Rules, coming_after
from kiosk.session.events import (
    FaultChanged,
    InterruptedSessionFound,
    PlanStatusChanged,
    Post,
    ReminderDue,
)
from kiosk.session.snapshot import Fault
from kiosk.session.transitions import PlanStatus
from kiosk.store.store import Store

logger = logging.getLogger(__name__)

CHECKS_EVERY = 1.0  # seconds between two checks at the most

STEP_AT_LEAST_EVERY = timedelta(minutes=1)
"""Between two due steps at the most, where nothing has changed."""

NIGHTLY_EVERY = timedelta(hours=1)  # between two checks whether the day's backup is due

OFFERED_WITHIN = timedelta(hours=12)
"""A session that began longer before it was interrupted is not offered any more."""


class Scheduler:
    """`run`, `step` and `check`: its own thread. Others: any; they return at once. Moments: UTC."""

    def __init__(
        self,
        store: Store,
        wall: WallClock,
        zone: ZoneInfo,
        rules: Rules,
        post: Post,
        nightly: Callable[[datetime], object] = lambda _now: None,
    ) -> None:
        """`nightly` is called now and then with the time, to make the day's backup if it is due."""
        self.inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._store = store
        self._wall = wall
        self._post = post
        self._nightly = nightly
        self._nightly_at: datetime | None = None
        self._has_ended = False
        self._is_occupied = False
        self._status = PlanStatus()
        self._stepped_at: datetime | None = None
        self._step_again: datetime | None = None
        self._ledger = LedgerWriter(store, zone, rules)
        # Before another session begins: the interrupted one is found by having no end.
        self._pending = PendingWrites(
            self._close_interrupted,
            report=lambda works: post(FaultChanged(Fault.STORE, present=not works)),
        )

    # --- what others have it do --------------------------------------------------------------

    def write(self, write: Write) -> None:
        """Queue `write`; it is tried until the store takes it."""
        self.inbox.put(partial(self._pending.add, write))

    def begin_session(
        self, program: str, level: int, dose: str, row: LedgerRow | None
    ) -> SessionWriter:
        """Write that a session has begun; further writes of it are methods of what is returned.

        `dose` is what of its doses differed from the program file, `row` the occurrence that was
        due; `None` for an extra session.
        """
        now = self._wall.utc()
        record = SessionRecord(
            id=0,
            program=program,
            level=level,
            started=now,
            local_date=now.date(),
            entry=row.occurrence.entry if row else None,
            dose=dose,
        )
        session = SessionWriter(self._store, self._ledger, record, row)
        self.write(session.begin)
        return session

    def end_session(
        self, session: SessionWriter, ending: Ending, spot: Spot, done: tuple[ExerciseDone, ...]
    ) -> None:
        """Write the end of `session` at `spot`, and the new state of its occurrence."""
        self.write(partial(session.end, ending, spot, done, self._wall.utc()))

    def change_row(self, change: RowChange, row: LedgerRow) -> None:
        """Write a change of the ledger."""
        self.write(partial(change, self._ledger, row, self._wall.utc()))

    def set_occupied(self, is_occupied: bool) -> None:
        """Hold reminders back while a session is under way."""
        self.inbox.put(partial(self._set_occupied, is_occupied))

    def change_rules(self, rules: Rules, zone: ZoneInfo) -> None:
        """Go by other rules of reminders, and another time zone, from now on."""
        self.inbox.put(partial(self._change_rules, rules, zone))

    def close(self) -> None:
        """Let `run` return, after what was ordered before."""
        self.inbox.put(None)

    # --- its thread --------------------------------------------------------------------------

    def run(self) -> None:
        """The body of the scheduler's thread; returns after `close`."""
        self.check()
        while not self._has_ended:
            self.step(CHECKS_EVERY)

    def step(self, timeout: float) -> bool:
        """Await a call for up to `timeout` seconds, make it and check; whether there was one."""
        try:
            call = self.inbox.get(timeout=timeout)
        except queue.Empty:
            self.check()
            return False
        if call is None:
            self._has_ended = True
            return True
        call()
        self.check()
        return True

    def check(self) -> None:
        """Make the waiting writes, and a due step where one is needed."""
        self._pending.make()
        with self._pending.surviving_failure():
            self._check_plan()
            self._pending.store_worked()
        now = self._wall.utc()
        if self._wall.trusted() and (self._nightly_at is None or now >= self._nightly_at):
            self._nightly_at = now + NIGHTLY_EVERY
            self._nightly(now)

    def _set_occupied(self, is_occupied: bool) -> None:
        self._is_occupied = is_occupied
        self._step_again = None

    def _change_rules(self, rules: Rules, zone: ZoneInfo) -> None:
        self._ledger.rules, self._ledger.zone = rules, zone
        self._step_again = None

    def _close_interrupted(self) -> None:
        """End a session that was interrupted, and offer to go on with it. Raises StoreError."""
        session = self._store.sessions.open()
        if session is None:
            return
        now = self._wall.utc()
        spot = session.stopped_at or Spot(0)
        self._store.sessions.end(session.id, now, Ending.INTERRUPTED, spot, session.exercises)
        if not self._wall.trusted() or now - session.started < OFFERED_WITHIN:
            self._post(InterruptedSessionFound(session))
        # Logged last: whoever reads this may press at once, and is to go on with it.
        logger.info("the last session was interrupted at %s", _place(spot))

    def _check_plan(self) -> None:
        """Make a due step if anything can have changed since the last. Raises StoreError."""
        now = self._wall.utc()
        if not self._wall.trusted():
            self._step_again = None
            self._set_status(PlanStatus(clock_trusted=not self._store.plan.entries()))
            return
        ledger = self._ledger
        if not ledger.read(now) and not self._is_step_due(now):
            return
        self._stepped_at, self._step_again = now, None
        step = advance(
            *(ledger.plan, ledger.rows, ledger.settled, now),
            *(ledger.zone, ledger.rules, self._is_occupied),
        )
        self._set_status(self._status_after(step, now))
        ledger.write_step(step)
        latest = now + STEP_AT_LEAST_EVERY
        self._step_again = min(step.wake_at or latest, latest)
        if step.remind is not None:
            self._post(ReminderDue(step.remind))

    def _is_step_due(self, now: datetime) -> bool:
        """Whether anything can have changed since the last step, by a leap of the clock, too."""
        last, zone = self._stepped_at, self._ledger.zone
        if self._ledger.changed or self._step_again is None or last is None or now < last:
            return True
        is_new_day = now.astimezone(zone).date() != last.astimezone(zone).date()
        return is_new_day or now >= self._step_again

    def _status_after(self, step: DueStep, now: datetime) -> PlanStatus:
        plan, zone = self._ledger.plan, self._ledger.zone
        rows = step.applied_to(self._ledger.rows)
        return PlanStatus(
            due=step.due,
            day_done=today(plan, rows, now, zone).all_done,
            next=next(coming_after(plan, now, zone), None),
        )

    def _set_status(self, status: PlanStatus) -> None:
        if status != self._status:
            self._status = status
            self._post(PlanStatusChanged(status))


def _place(spot: Spot) -> str:
    if spot.exercise is None:
        return "its beginning"
    return f"exercise {spot.exercise}" + (f", repetition {spot.rep}" if spot.rep else "")
