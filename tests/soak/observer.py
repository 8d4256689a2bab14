"""Follows all that the kiosk plays, shows and stores, and raises as soon as a rule is broken."""

import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kiosk.app import Kiosk
from kiosk.audio.playlist import PlaybackPosition
from kiosk.history.model import Ending, SessionRecord
from kiosk.schedule.ledger import Key
from kiosk.schedule.model import LedgerRow
from kiosk.session.snapshot import IN_SESSION, Snapshot, State
from kiosk.session.transitions import Input
from tests.soak.invariants import (
    BrokenRuleError,
    follows,
    is_not_more_than_heard,
    is_one_picture,
    is_what_was_heard,
    ledger_holds_together,
    nothing_is_called_again,
    sessions_end_once,
)
from tests.soak.sound import HeardSession, Listener

CHANGE_OF_STATE = "%s, by %s"
"""The controller's line in the log, with the state and the input that has led to it."""

MOST_REMINDERS = 3
"""Reminders of one occurrence, unless it is put off."""

REMEMBERED = timedelta(days=40)
"""For how long occurrences are compared; the kiosk itself forgets them after a month."""


class LogReader(logging.Handler):
    """Reads changes of state, warnings and errors in the log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.changes: list[tuple[State, str]] = []
        """State and cause of each change since the last check."""

        self.warnings: list[str] = []
        self.failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == CHANGE_OF_STATE and isinstance(record.args, tuple):
            state, cause = record.args
            self.changes.append((State(str(state)), str(cause)))
        elif record.exc_info or record.levelno >= logging.CRITICAL:
            self.failures.append(logging.Formatter("%(name)s: %(message)s").format(record))
        elif record.levelno >= logging.WARNING:
            self.warnings.append(f"{record.name}: {record.getMessage()}")


@dataclass
class Observer:
    """What was observed so far. Everything happens on one thread."""

    now: Callable[[], datetime]
    """The true time."""

    listener: Listener = field(default_factory=Listener)
    log: LogReader = field(default_factory=LogReader)
    counts: Counter[str] = field(default_factory=Counter)
    state: State = State.IDLE
    cut_off: HeardSession | None = None
    """A session under way when the kiosk ended."""

    events: deque[str] = field(default_factory=lambda: deque(maxlen=60))
    """The latest events, a line each."""

    _snapshot: Snapshot | None = None
    _under_way: HeardSession | None = None
    _ended: tuple[HeardSession, Ending] | None = None
    _sessions: Mapping[int, SessionRecord] = field(default_factory=dict)
    _rows: Mapping[Key, LedgerRow] = field(default_factory=dict)
    _change_count: int | None = None
    _reminders_stored: int = 0
    _reminders_heard: int = 0
    _ledger_is_new: bool = True
    """Whether the ledger is another, and there is none to compare it with."""

    def note(self, event: str) -> None:
        self.events.append(f"{self.now():%m-%d %H:%M:%S.%f}  {event}")

    # --- states and sound

    def kiosk_started(self) -> None:
        self.state, self._snapshot = State.IDLE, None
        self._under_way = self._ended = self._change_count = None
        self.log.changes.clear()
        self.listener.session = None

    def kiosk_ended(self, *, all_stored: bool) -> None:
        """The kiosk ends, in good order or not; on a full disk not all may be stored."""
        self.cut_off = self._under_way if all_stored else None
        self._under_way = None

    def check(self, kiosk: Kiosk) -> None:
        """Check the log and the newest snapshot."""
        while self.log.warnings:
            self.note(self.log.warnings.pop(0))
        if self.log.failures:
            raise BrokenRuleError("\n".join(self.log.failures))
        changes, self.log.changes = self.log.changes, []
        for state, cause in changes:
            before, self.state = self.state, state
            self.note(f"{state}, by {cause}")
            follows(before, cause, state)
            self.counts[state] += 1
            self._follow_session(kiosk, before, Input(cause), state)
        snapshot = kiosk.controller.feed.newest
        if snapshot is not self._snapshot:
            is_one_picture(snapshot, self._snapshot)
            if snapshot.state is not self.state:
                raise BrokenRuleError(f"{snapshot.state} is shown while {self.state}")
            self._snapshot = snapshot

    def _follow_session(self, kiosk: Kiosk, before: State, cause: Input, after: State) -> None:
        if (before, after) == (State.PREPARING, State.RUNNING):
            program = kiosk.session.snapshot().program
            assert program is not None
            self._under_way = self.listener.expect(kiosk.preparer.prepare(program))
            self.counts["sessions"] += 1
        elif cause in (Input.PUT_OFF, Input.TAKE_BACK):
            self._under_way = self._ended = None
            self.counts["taken back"] += 1
        elif after is State.ASKING or (after is State.STOPPED and before in IN_SESSION):
            ending = Ending.COMPLETED if after is State.ASKING else Ending.STOPPED
            if self._under_way is not None:
                self._ended = self._under_way, ending
            self._under_way = None
            self.counts[ending] += 1

    def check_live(self, kiosk: Kiosk) -> None:
        """Check what a live page shows at this moment."""
        is_one_picture(kiosk.session.snapshot(), None)

    def on_sound(self, pcm: bytes, position: PlaybackPosition | None, volume: int) -> None:
        """`pcm` is written to the speaker, and the player says that `position` is heard now."""
        before = self.listener.announcements
        self.listener.on_sound(pcm, position, running=self.state is State.RUNNING, volume=volume)
        if self.state is State.REMINDING:
            self._reminders_heard += self.listener.announcements - before

    def sound_test_requested(self) -> None:
        """A caregiver tests the sound, which is no reminder."""
        self._reminders_stored += 1

    # --- the store, while the disk is well

    def check_store(self, kiosk: Kiosk) -> None:
        """Check the ledger and the session that has ended. Raises StoreError."""
        assert kiosk.data is not None
        store = kiosk.data.store
        count = store.change_count()
        if count == self._change_count and self._ended is None:
            return
        self._change_count = count
        self._compare_ledger(kiosk)
        if self._ended is not None:
            (heard, ending), self._ended = self._ended, None
            # Another one may have begun while there was no room to store the end of this.
            record = store.sessions.between(newest=2 if self._under_way else 1)[0]
            is_what_was_heard(record, heard.timeline, heard.stretches, ending)
            self.counts["sessions compared"] += 1

    def _compare_ledger(self, kiosk: Kiosk) -> None:
        assert kiosk.data is not None
        rows = kiosk.data.store.ledger.between(self.now().date() - REMEMBERED, date.max)
        after = {row.occurrence.key: row for row in rows}
        reminders = nothing_is_called_again(self._rows, after, MOST_REMINDERS)
        self._rows = after
        if self._ledger_is_new:
            self._ledger_is_new = False
            self._reminders_stored = self._reminders_heard = 0
            return
        self._reminders_stored += reminders
        self.counts["calls"] += reminders
        if self._reminders_heard > self._reminders_stored:
            raise BrokenRuleError(
                f"{self._reminders_heard} reminders were heard, {self._reminders_stored} are stored"
            )

    def data_replaced(self) -> None:
        """A backup is restored."""
        self._rows, self._sessions = {}, {}
        self._ledger_is_new = True
        self._change_count = None

    def check_cut_off(self, kiosk: Kiosk, session: SessionRecord | None) -> None:
        """After a start: check how `session`, the one that was cut off, is stored now."""
        heard, self.cut_off = self.cut_off, None
        if heard is None:
            return
        assert kiosk.data is not None
        for record in kiosk.data.store.sessions.between(newest=3) if session else ():
            if session and record.id == session.id:
                is_not_more_than_heard(record, heard.timeline, heard.stretches)
                self.counts["cut off"] += 1
                return
        raise BrokenRuleError("nothing is stored of a session that was cut off")

    def check_history(self, kiosk: Kiosk) -> None:
        """Check all sessions and the ledger together. Raises StoreError."""
        assert kiosk.data is not None
        store = kiosk.data.store
        sessions = {one.id: one for one in store.sessions.between()}
        ledger_holds_together(store.ledger.between(date.min, date.max), sessions)
        sessions_end_once(self._sessions, sessions)
        self._sessions = sessions
