"""The secretary: keeps the diary of what was done, and calls when something in the plan is due.

A thread of its own, because keeping something for good may take a slow memory card half a second,
and a pause must not wait for that. It alone writes the ledger, always before anything is said.
"""

import logging
import queue
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kiosk.agenda.adherence import today
from kiosk.agenda.due import advance, ledger_days
from kiosk.agenda.ledger import broken_off, done, fulfilled, put_off_all
from kiosk.agenda.occurrences import LATEST, occurrences
from kiosk.agenda.rules import Rules
from kiosk.conductor.events import AgendaChanged, CutOffFound, Post, RemindNow, StoreWorks
from kiosk.conductor.notes import (
    DiaryNote,
    EffortTold,
    LedgerNote,
    LeftUndone,
    Note,
    Occupied,
    PutBack,
    PutOff,
    RulesChanged,
    SessionBegan,
    SessionEnded,
    SessionTakenBack,
    SessionWentOn,
    Walked,
)
from kiosk.errors import StoreError
from kiosk.model.history import Ending, SessionRecord, Spot
from kiosk.model.plan import LedgerRow, PlanEntry
from kiosk.ports import Store, WallClock
from kiosk.session.at_rest import Agenda

logger = logging.getLogger(__name__)

LOOKS_EVERY = 1.0
"""Seconds between two looks at the clock at the most."""

LOOKS_AT_LEAST = timedelta(minutes=1)
"""How long nothing is reckoned anew at the most, where nothing has changed."""

SETTLES_EVERY = timedelta(hours=1)
"""How often it is kept until when everything due is in the ledger, if nothing else is."""

CUT_OFF_WITHIN = timedelta(hours=12)
"""A session that was cut off longer ago is not offered any more."""

Change: TypeAlias = Callable[[], None]
"""Something to keep; raises StoreError where the disk does not take it."""

BACKLOG = 1000
"""Changes that wait for the disk at the most; the oldest are given up."""


class Secretary:
    """`tell` and `close`: any thread. `run`: its own thread. Tests call `pump` instead."""

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
        self._store = store
        self._wall = wall
        self._zone = zone
        self._rules = rules
        self._post = post
        self._nightly = nightly
        self._inbox: queue.SimpleQueue[Note | None] = queue.SimpleQueue()
        # Before anything else is kept, it is seen whether the last session was cut off.
        self._backlog: deque[Change] = deque([self._see_cut_off], maxlen=BACKLOG)
        self._works = True
        self._busy = False
        self._sessions: dict[int, int] = {}
        self._programs: dict[int, SessionBegan] = {}

        self._seen: int | None = None
        self._plan: tuple[PlanEntry, ...] = ()
        self._rows: tuple[LedgerRow, ...] = ()
        self._settled: datetime | None = None
        self._kept_settled: datetime | None = None
        self._agenda = Agenda()
        self._looked_at: datetime | None = None
        self._look_again: datetime | None = None
        self._nightly_at: datetime | None = None

    def tell(self, note: Note) -> None:
        """Hand in a note; returns at once."""
        self._inbox.put(note)

    def close(self) -> None:
        """Let `run` return, after what was handed in before is kept."""
        self._inbox.put(None)

    def run(self) -> None:
        """The thread's body."""
        self.look()
        while True:
            with suppress(queue.Empty):
                note = self._inbox.get(timeout=LOOKS_EVERY)
                if note is None:
                    return
                self._take(note)
            self.look()

    def pump(self) -> bool:
        """Take the notes that were handed in, then look at the clock; whether there were any."""
        busy = False
        while not self._inbox.empty():
            note = self._inbox.get()
            if note is not None:
                self._take(note)
            busy = True
        self.look()
        return busy

    def has_nothing_to_do(self) -> bool:
        """Whether no note waits; there may be something to do by the clock."""
        return self._inbox.empty()

    def look(self) -> None:
        """Keep what has waited for the disk, and see what is due."""
        self._work_off()
        with self._minding_the_store():
            self._mind_the_plan()
            if not self._backlog:
                self._store_works(True)
        self._think_of_backups()

    def _see_cut_off(self) -> None:
        """See whether the last session was cut off, and offer to go on with it."""
        cut_off = self._store.open_session()
        if cut_off is not None:
            now = self._wall.utc()
            spot = cut_off.stopped_at or Spot(0)
            self._store.end_session(cut_off.id, now, Ending.INTERRUPTED, spot, cut_off.exercises)
            if self._is_recent(cut_off, now):
                self._post(CutOffFound(cut_off))
            # Who reads this may press at once, and is to go on with it.
            logger.info("the last session was interrupted at %s", _words(spot))

    # --- notes -------------------------------------------------------------------------------

    def _take(self, note: Note) -> None:
        self._look_again = None
        match note:
            case Occupied(by_session):
                self._busy = by_session
            case RulesChanged(rules, zone):
                self._rules, self._zone = rules, zone  # the next look reckons all by them
            case Walked() | PutOff() | LeftUndone() | PutBack():
                self._later(self._change_of_ledger(note))
            case _:
                self._later(self._change_of_diary(note))

    def _change_of_diary(self, note: DiaryNote) -> Change:
        match note:
            case SessionBegan():
                return partial(self._begin_session, note, self._wall.utc())
            case SessionWentOn():
                return partial(self._go_on, note)
            case SessionEnded():
                return partial(self._end_session, note, self._wall.utc())
            case SessionTakenBack(ticket):
                return partial(self._take_back, ticket)
            case EffortTold():
                return partial(self._note_effort, note)

    def _change_of_ledger(self, note: LedgerNote) -> Change:
        match note:
            case Walked(row):
                return partial(self._keep_rows, (done(row),))
            case PutOff(row):
                return partial(self._put_off, row, self._wall.utc())
            case LeftUndone(row):
                return partial(self._leave_undone, row, self._wall.utc())
            case PutBack(row):
                return partial(self._keep_rows, (row,))

    def _later(self, change: Change) -> None:
        """Make `change` now or, where the disk does not take it, as soon as it does; in order."""
        self._backlog.append(change)
        self._work_off()

    def _work_off(self) -> None:
        with self._minding_the_store():
            while self._backlog:
                self._backlog[0]()
                self._backlog.popleft()

    def _begin_session(self, note: SessionBegan, now: datetime) -> None:
        record = SessionRecord(
            id=0,
            program=note.program,
            level=note.level,
            started=now,
            local_date=now.astimezone(self._zone).date(),
            ended=None,
            ending=None,
            stopped_at=None,
            effort=None,
            entry=note.row.occurrence.entry if note.row else None,
            dose=note.dose,
        )
        session = self._store.begin_session(record)
        self._programs = {note.ticket: note}  # nothing more comes of the one before
        self._sessions = {note.ticket: session}

    def _go_on(self, note: SessionWentOn) -> None:
        if note.ticket in self._sessions:
            self._store.note_progress(self._sessions[note.ticket], note.spot, note.done)

    def _end_session(self, note: SessionEnded, now: datetime) -> None:
        session = self._sessions.get(note.ticket)
        if session is None:
            return
        began = self._programs[note.ticket]
        completed = note.ending is Ending.COMPLETED
        # What it was begun for, even if the clock has leapt out of its time since.
        row = began.row or (fulfilled(self._rows, began.program) if completed else None)
        if row is not None:
            row = self._present(row)
            # First the ledger: a power cut between the two must not call for it again.
            self._keep_rows(
                (done(row, session) if completed else broken_off(row, now, self._rules),)
            )
        self._store.end_session(session, now, note.ending, note.spot, note.done)

    def _leave_undone(self, row: LedgerRow, now: datetime) -> None:
        self._keep_rows((broken_off(self._present(row), now, self._rules),))

    def _take_back(self, ticket: int) -> None:
        session = self._sessions.get(ticket)
        if session is not None:
            self._store.drop_session(session)
            del self._sessions[ticket]

    def _note_effort(self, note: EffortTold) -> None:
        if note.ticket in self._sessions:
            self._store.note_effort(self._sessions[note.ticket], note.effort)

    def _put_off(self, row: LedgerRow, now: datetime) -> None:
        # A walk that the same press has confirmed is due again, and then put off.
        self._keep_rows((row,))
        self._keep_rows(put_off_all(self._rows, now, self._rules))

    def _present(self, row: LedgerRow) -> LedgerRow:
        """`row` as it is by now."""
        return next((r for r in self._rows if r.occurrence.key == row.occurrence.key), row)

    def _keep_rows(self, rows: tuple[LedgerRow, ...]) -> None:
        settled = self._settled or self._wall.utc()
        self._store.write_ledger(rows, settled)
        self._kept_settled = settled
        changed = {row.occurrence.key: row for row in rows}
        kept = {row.occurrence.key: row for row in self._rows}
        self._rows = tuple((kept | changed).values())

    # --- the plan ----------------------------------------------------------------------------

    def _mind_the_plan(self) -> None:
        now = self._wall.utc()
        if not self._wall.trusted():
            self._look_again = None
            self._tell_agenda(Agenda(clock_trusted=not self._store.plan()))
            return
        if not self._read(now) and not self._is_time_to_look(now):
            return
        self._looked_at, self._look_again = now, None
        step = advance(
            self._plan, self._rows, self._settled, now, self._zone, self._rules, self._busy
        )
        rows = step.applied_to(self._rows)
        self._tell_agenda(self._agenda_of(step.due, rows, now))
        if step.changed or step.forget or self._is_long_settled(step.settled_until):
            self._store.write_ledger(step.changed, step.settled_until, step.forget)
            self._kept_settled = step.settled_until
        self._settled, self._rows = step.settled_until, rows
        self._look_again = min(step.wake_at or now + LOOKS_AT_LEAST, now + LOOKS_AT_LEAST)
        if step.remind is not None:
            self._post(RemindNow(step.remind))

    def _is_time_to_look(self, now: datetime) -> bool:
        """Whether anything can have changed since the last look, by a leap of the clock, too."""
        if self._look_again is None or self._looked_at is None or now < self._looked_at:
            return True
        midnight = (
            now.astimezone(self._zone).date() != self._looked_at.astimezone(self._zone).date()
        )
        return midnight or now >= self._look_again

    def _think_of_backups(self) -> None:
        """Now and then have the day's backup made, if it is due."""
        now = self._wall.utc()
        if self._wall.trusted() and (self._nightly_at is None or now >= self._nightly_at):
            self._nightly_at = now + SETTLES_EVERY
            self._nightly(now)

    def _read(self, now: datetime) -> bool:
        """Read plan and ledger anew if anybody has changed them; whether that was so.

        All of it or, where the store fails in between, nothing.
        """
        changes = self._store.change_count()
        if changes == self._seen:
            return False
        settled = self._settled if self._seen is not None else self._store.settled_until()
        plan = self._store.plan()
        rows = self._store.ledger(*ledger_days(settled, now, self._zone))
        if self._seen is None:
            self._settled = self._kept_settled = settled
        self._plan, self._rows, self._seen = plan, rows, changes
        return True

    def _is_long_settled(self, until: datetime) -> bool:
        kept = self._kept_settled
        return bool(self._plan) and (kept is None or abs(until - kept) >= SETTLES_EVERY)

    def _agenda_of(
        self, due: LedgerRow | None, rows: tuple[LedgerRow, ...], now: datetime
    ) -> Agenda:
        status = today(self._plan, rows, now, self._zone)
        coming = occurrences(self._plan, status.day, LATEST, self._zone)
        return Agenda(
            due=due,
            day_done=status.all_done,
            next=next((o for o in coming if o.due > now), None),
        )

    def _tell_agenda(self, agenda: Agenda) -> None:
        if agenda != self._agenda:
            self._agenda = agenda
            self._post(AgendaChanged(agenda))

    # --- the disk ----------------------------------------------------------------------------

    @contextmanager
    def _minding_the_store(self) -> Iterator[None]:
        """Let the kiosk go on where the store fails, and say so once."""
        try:
            yield
        except StoreError as error:
            if self._works:
                logger.warning("What is done cannot be kept for now. %s", error)
            self._store_works(False)

    def _store_works(self, works: bool) -> None:
        """Tell the conductor when the store ceases to work, and when it works again."""
        if works != self._works:
            self._works = works
            self._post(StoreWorks(works))

    def _is_recent(self, session: SessionRecord, now: datetime) -> bool:
        return not self._wall.trusted() or now - session.started < CUT_OFF_WITHIN


def _words(spot: Spot) -> str:
    if spot.exercise is None:
        return "its beginning"
    return f"exercise {spot.exercise}" + (f", repetition {spot.rep}" if spot.rep else "")
