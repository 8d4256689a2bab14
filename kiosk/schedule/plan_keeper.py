"""The plan and its ledger: what is due, what of it was dealt with, and when to look again."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from kiosk.clock import WallClock
from kiosk.history.adherence import today
from kiosk.schedule.backlog import Change
from kiosk.schedule.due import advance, ledger_days
from kiosk.schedule.ledger import broken_off, done, fulfilled, put_off_all
from kiosk.schedule.model import LedgerRow, PlanEntry
from kiosk.schedule.notes import LedgerNote, LeftUndone, PutBack, PutOff, Walked
from kiosk.schedule.occurrences import coming_after
from kiosk.schedule.rules import Rules
from kiosk.session.events import AgendaChanged, Post, RemindNow
from kiosk.session.transitions import PlanStatus
from kiosk.store.store import Store

LOOKS_AT_LEAST = timedelta(minutes=1)
"""How long nothing is reckoned anew at the most, where nothing has changed."""

SETTLES_EVERY = timedelta(hours=1)
"""How often it is kept until when everything due is in the ledger, if nothing else is."""


class LedgerKeeper:
    """It alone writes the ledger, always before anything is said. The scheduler's thread only."""

    def __init__(
        self, store: Store, wall: WallClock, zone: ZoneInfo, rules: Rules, post: Post
    ) -> None:
        self.zone = zone
        self.rules = rules
        self.is_occupied = False
        """Whether a session goes on, so that reminders wait."""

        self._store = store
        self._wall = wall
        self._post = post
        self._seen: int | None = None
        self._plan: tuple[PlanEntry, ...] = ()
        self._rows: tuple[LedgerRow, ...] = ()
        self._settled: datetime | None = None
        self._kept_settled: datetime | None = None
        self._agenda = PlanStatus()
        self._looked_at: datetime | None = None
        self._look_again: datetime | None = None

    # --- what people have made of it ---------------------------------------------------------

    def change_by(self, note: LedgerNote) -> Change:
        """What is to be kept by `note`, from now on."""
        match note:
            case Walked(row):
                return partial(self._keep, (done(row),))
            case PutOff(row):
                return partial(self._put_off, row, self._wall.utc())
            case LeftUndone(row):
                return partial(self.break_off, row, self._wall.utc())
            case PutBack(row):
                return partial(self._keep, (row,))

    def row_for(self, program: str) -> LedgerRow | None:
        """What of the plan a session of `program` has done that was begun for nothing of it."""
        return fulfilled(self._rows, program)

    def complete(self, row: LedgerRow, session: int) -> None:
        """Keep that `session` has done what was due. Raises StoreError."""
        self._keep((done(self._present(row), session),))

    def break_off(self, row: LedgerRow, now: datetime) -> None:
        """Keep that what was due was begun and given up. Raises StoreError."""
        self._keep((broken_off(self._present(row), now, self.rules),))

    def _put_off(self, row: LedgerRow, now: datetime) -> None:
        # A walk that the same press has confirmed is due again, and then put off.
        self._keep((row,))
        self._keep(put_off_all(self._rows, now, self.rules))

    def _present(self, row: LedgerRow) -> LedgerRow:
        """`row` as it is by now."""
        return next((r for r in self._rows if r.occurrence.key == row.occurrence.key), row)

    def _keep(self, rows: tuple[LedgerRow, ...]) -> None:
        settled = self._settled or self._wall.utc()
        self._store.ledger.write(rows, settled)
        self._kept_settled = settled
        changed = {row.occurrence.key: row for row in rows}
        kept = {row.occurrence.key: row for row in self._rows}
        self._rows = tuple((kept | changed).values())
        self.look_anew()

    # --- what becomes of it by itself --------------------------------------------------------

    def look_anew(self) -> None:
        """Let the next look reckon all of it anew, whatever the time."""
        self._look_again = None

    def look(self) -> None:
        """See what has become of the plan by now, and call out what is due. Raises StoreError."""
        now = self._wall.utc()
        if not self._wall.trusted():
            self._look_again = None
            self._tell_agenda(PlanStatus(clock_trusted=not self._store.plan.entries()))
            return
        if not self._read(now) and not self._is_time_to_look(now):
            return
        self._looked_at, self._look_again = now, None
        step = advance(
            self._plan, self._rows, self._settled, now, self.zone, self.rules, self.is_occupied
        )
        rows = step.applied_to(self._rows)
        self._tell_agenda(self._agenda_of(step.due, rows, now))
        if step.changed or step.forget or self._is_long_settled(step.settled_until):
            self._store.ledger.write(step.changed, step.settled_until, step.forget)
            self._kept_settled = step.settled_until
        self._settled, self._rows = step.settled_until, rows
        self._look_again = min(step.wake_at or now + LOOKS_AT_LEAST, now + LOOKS_AT_LEAST)
        if step.remind is not None:
            self._post(RemindNow(step.remind))

    def _is_time_to_look(self, now: datetime) -> bool:
        """Whether anything can have changed since the last look, by a leap of the clock, too."""
        if self._look_again is None or self._looked_at is None or now < self._looked_at:
            return True
        midnight = now.astimezone(self.zone).date() != self._looked_at.astimezone(self.zone).date()
        return midnight or now >= self._look_again

    def _read(self, now: datetime) -> bool:
        """Read plan and ledger anew if anybody has changed them; whether that was so.

        All of it or, where the store fails in between, nothing.
        """
        changes = self._store.change_count()
        if changes == self._seen:
            return False
        settled = self._settled if self._seen is not None else self._store.ledger.settled_until()
        plan = self._store.plan.entries()
        rows = self._store.ledger.between(*ledger_days(settled, now, self.zone))
        if self._seen is None:
            self._settled = self._kept_settled = settled
        self._plan, self._rows, self._seen = plan, rows, changes
        return True

    def _is_long_settled(self, until: datetime) -> bool:
        kept = self._kept_settled
        return bool(self._plan) and (kept is None or abs(until - kept) >= SETTLES_EVERY)

    def _agenda_of(
        self, due: LedgerRow | None, rows: tuple[LedgerRow, ...], now: datetime
    ) -> PlanStatus:
        status = today(self._plan, rows, now, self.zone)
        return PlanStatus(
            due=due,
            day_done=status.all_done,
            next=next(coming_after(self._plan, now, self.zone), None),
        )

    def _tell_agenda(self, agenda: PlanStatus) -> None:
        if agenda != self._agenda:
            self._agenda = agenda
            self._post(AgendaChanged(agenda))
