"""Sees all that happens in the house, and cries out as soon as something breaks the house rules."""

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
from tests.soak.ear import Ear, Listened
from tests.soak.invariants import (
    BrokenRuleError,
    follows,
    is_not_more_than_heard,
    is_one_picture,
    is_what_was_heard,
    ledger_holds_together,
    nothing_is_called_again,
)

CHANGE_OF_STATE = "%s, by %s"
"""What the controller writes into the log, with the state and what has led to it."""

MOST_REMINDERS = 3
"""Calls of one occurrence, unless it is put off."""

REMEMBERED = timedelta(days=40)
"""For how long occurrences are remembered; the kiosk itself forgets them after a month."""


class LogReader(logging.Handler):
    """Reads in the log how states follow, and what went wrong."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.ways: list[tuple[State, str]] = []
        """(state, cause) of each change since they were last taken."""

        self.troubles: list[str] = []
        """Warnings and worse, since they were last taken."""

        self.failures: list[str] = []
        """What nobody reckoned with."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == CHANGE_OF_STATE and isinstance(record.args, tuple):
            state, cause = record.args
            self.ways.append((State(str(state)), str(cause)))
        elif record.exc_info or record.levelno >= logging.CRITICAL:
            self.failures.append(logging.Formatter("%(name)s: %(message)s").format(record))
        elif record.levelno >= logging.WARNING:
            self.troubles.append(f"{record.name}: {record.getMessage()}")

    def take(self) -> list[tuple[State, str]]:
        taken, self.ways = self.ways, []
        return taken


@dataclass
class Witness:
    """What was seen so far. Everything happens on one thread."""

    now: Callable[[], datetime]
    """What time it is in truth."""

    ear: Ear = field(default_factory=Ear)
    log: LogReader = field(default_factory=LogReader)
    counts: Counter[str] = field(default_factory=Counter)
    state: State = State.IDLE
    cut_off: Listened | None = None
    """A session under way when the kiosk ended."""

    diary: deque[str] = field(default_factory=lambda: deque(maxlen=60))
    """What has happened last."""

    _shot: Snapshot | None = None
    _under_way: Listened | None = None
    _ended: tuple[Listened, Ending] | None = None
    _rows: Mapping[Key, LedgerRow] = field(default_factory=dict)
    _changes: int | None = None
    _called: int = 0
    """How often the kiosk has called out something, by its ledger."""

    _heard_calling: int = 0
    _fresh: bool = True
    """Whether the ledger was put back, and is only read."""

    def writes(self, line: str) -> None:
        """Put a line into the diary."""
        self.diary.append(f"{self.now():%m-%d %H:%M:%S.%f}  {line}")

    # --- what happens

    def moves_in(self) -> None:
        """Another life of the kiosk begins."""
        self.state, self._shot = State.IDLE, None
        self._under_way = self._ended = self._changes = None
        self.log.ways.clear()
        self.ear.session = None

    def moves_out(self, *, all_kept: bool) -> None:
        """The kiosk ends, in good order or not; on a full disk not all may be kept."""
        self.cut_off = self._under_way if all_kept else None
        self._under_way = None

    def looks(self, kiosk: Kiosk) -> None:
        """See what has changed."""
        while self.log.troubles:
            self.writes(self.log.troubles.pop(0))
        if self.log.failures:
            raise BrokenRuleError("\n".join(self.log.failures))
        for state, cause in self.log.take():
            before, self.state = self.state, state
            self.writes(f"{state}, by {cause}")
            follows(before, cause, state)
            self.counts[state] += 1
            self._note(kiosk, before, Input(cause), state)
        shot = kiosk.controller.feed.newest
        if shot is not self._shot:
            is_one_picture(shot, self._shot)
            if shot.state is not self.state:
                raise BrokenRuleError(f"{shot.state} is shown while {self.state}")
            self._shot = shot

    def _note(self, kiosk: Kiosk, before: State, cause: Input, after: State) -> None:
        taken_back = cause in (Input.PUT_OFF, Input.TAKE_BACK)
        if (before, after) == (State.PREPARING, State.RUNNING):
            program = kiosk.session.snapshot().program
            assert program is not None
            self._under_way = self.ear.expect(kiosk.preparer.prepare(program))
            self.counts["sessions"] += 1
        elif taken_back:
            self._under_way = self._ended = None
            self.counts["taken back"] += 1
        elif after is State.ASKING or (after is State.STOPPED and before in IN_SESSION):
            completed = after is State.ASKING
            ending = Ending.COMPLETED if completed else Ending.STOPPED
            if self._under_way is not None:
                self._ended = self._under_way, ending
            self._under_way = None
            self.counts[ending] += 1

    def looks_on(self, kiosk: Kiosk) -> None:
        """See what an onlooker sees at this moment."""
        is_one_picture(kiosk.session.snapshot(), None)

    def hears(self, pcm: bytes, claim: PlaybackPosition | None, volume: int) -> None:
        """`pcm` is written to the speaker, and the player says that `claim` is heard now."""
        asides = self.ear.asides
        self.ear.hears(pcm, claim, running=self.state is State.RUNNING, volume=volume)
        if self.state is State.REMINDING:
            self._heard_calling += self.ear.asides - asides

    def asks_for_a_sound(self) -> None:
        """A caregiver wants to hear the kiosk; that is no call."""
        self._called += 1

    # --- what is kept, looked at whenever the disk is well

    def reads(self, kiosk: Kiosk) -> None:
        """See what is kept, if it has changed. Raises StoreError."""
        assert kiosk.data is not None
        store = kiosk.data.store
        changes = store.change_count()
        if changes == self._changes and self._ended is None:
            return
        self._changes = changes
        self._compare_ledger(kiosk)
        if self._ended is not None:
            (listened, ending), self._ended = self._ended, None
            # Another one may have begun while there was no room to keep the end of this.
            record = store.sessions.between(newest=2 if self._under_way else 1)[0]
            is_what_was_heard(record, listened.timeline, listened.stretches, ending)
            self.counts["sessions compared"] += 1

    def _compare_ledger(self, kiosk: Kiosk) -> None:
        assert kiosk.data is not None
        rows = kiosk.data.store.ledger.between(self.now().date() - REMEMBERED, date.max)
        after = {row.occurrence.key: row for row in rows}
        called = nothing_is_called_again(self._rows, after, MOST_REMINDERS)
        self._rows = after
        if self._fresh:
            self._fresh = False
            self._called = self._heard_calling = 0
            return
        self._called += called
        self.counts["calls"] += called
        if self._heard_calling > self._called:
            raise BrokenRuleError(
                f"heard calling {self._heard_calling} times, and {self._called} are kept"
            )

    def begins_anew(self) -> None:
        """What is kept is put back to what it was."""
        self._rows = {}
        self._fresh = True
        self._changes = None

    def finds(self, record: SessionRecord | None) -> None:
        """After a start: what is kept of a session that was cut off."""
        listened, self.cut_off = self.cut_off, None
        if listened is None:
            return
        if record is None:
            raise BrokenRuleError("nothing is kept of a session that was cut off")
        is_not_more_than_heard(record, listened.timeline, listened.stretches)
        self.counts["cut off"] += 1

    def looks_through(self, kiosk: Kiosk) -> None:
        """At the end of a day: all that is kept holds together. Raises StoreError."""
        assert kiosk.data is not None
        store = kiosk.data.store
        today = self.now().date()
        kept = store.sessions.between(today - REMEMBERED, date.max)
        rows = store.ledger.between(today - REMEMBERED / 2, date.max)
        ledger_holds_together(rows, {one.id: one for one in kept})
