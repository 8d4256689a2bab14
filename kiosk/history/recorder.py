"""The diary: sessions, from how each began to how hard it was."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from kiosk.clock import WallClock
from kiosk.history.model import Ending, SessionRecord
from kiosk.schedule.backlog import Change
from kiosk.schedule.notes import (
    DiaryNote,
    EffortTold,
    SessionBegan,
    SessionEnded,
    SessionTakenBack,
    SessionWentOn,
)
from kiosk.schedule.plan_keeper import LedgerKeeper
from kiosk.store.store import Store


class HistoryRecorder:
    """Keeps what was done, and what of the plan that was. The scheduler's thread only."""

    def __init__(self, store: Store, wall: WallClock, plan: LedgerKeeper) -> None:
        self._store = store
        self._wall = wall
        self._plan = plan
        self._sessions: dict[int, int] = {}
        """Ids of the sessions that something may still come of, by ticket."""

        self._begun: dict[int, SessionBegan] = {}
        """How they began."""

    def change_by(self, note: DiaryNote) -> Change:
        """What is to be kept by `note`, from now on."""
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

    def _begin_session(self, note: SessionBegan, now: datetime) -> None:
        record = SessionRecord(
            id=0,
            program=note.program,
            level=note.level,
            started=now,
            local_date=now.astimezone(self._plan.zone).date(),
            ended=None,
            ending=None,
            stopped_at=None,
            effort=None,
            entry=note.row.occurrence.entry if note.row else None,
            dose=note.dose,
        )
        session = self._store.sessions.begin(record)
        self._begun = {note.ticket: note}  # nothing more comes of the one before
        self._sessions = {note.ticket: session}

    def _go_on(self, note: SessionWentOn) -> None:
        if note.ticket in self._sessions:
            self._store.sessions.progress(self._sessions[note.ticket], note.spot, note.done)

    def _end_session(self, note: SessionEnded, now: datetime) -> None:
        session = self._sessions.get(note.ticket)
        if session is None:
            return
        began = self._begun[note.ticket]
        completed = note.ending is Ending.COMPLETED
        # What it was begun for, even if the clock has leapt out of its time since.
        row = began.row or (self._plan.row_for(began.program) if completed else None)
        # Tried again where the disk fails, it is to do this one and no further one.
        self._begun[note.ticket] = replace(began, row=row)
        # First the ledger: a power cut between the two must not call for it again.
        if row is not None and completed:
            self._plan.complete(row, session)
        elif row is not None:
            self._plan.break_off(row, now)
        self._store.sessions.end(session, now, note.ending, note.spot, note.done)

    def _take_back(self, ticket: int) -> None:
        session = self._sessions.get(ticket)
        if session is not None:
            self._store.sessions.drop(session)
            del self._sessions[ticket]

    def _note_effort(self, note: EffortTold) -> None:
        if note.ticket in self._sessions:
            self._store.sessions.set_effort(self._sessions[note.ticket], note.effort)
