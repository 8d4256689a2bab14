"""The scheduler: keeps the diary of what was done, and calls when something in the plan is due.

A thread of its own, because keeping something for good may take a slow memory card half a second,
and a pause must not wait for that. Its notes go to the `Diary`, where they are about sessions, and
else to the `PlanKeeper`; what they lead to waits in the `Backlog` until the disk takes it.
"""

import logging
import queue
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.clock import WallClock
from kiosk.history.model import Ending, SessionRecord, Spot
from kiosk.history.recorder import HistoryRecorder
from kiosk.schedule.backlog import Backlog
from kiosk.schedule.notes import LeftUndone, Note, Occupied, PutBack, PutOff, RulesChanged, Walked
from kiosk.schedule.plan_keeper import LedgerKeeper
from kiosk.schedule.rules import Rules
from kiosk.session.events import CutOffFound, Post
from kiosk.store.store import Store

logger = logging.getLogger(__name__)


LOOKS_EVERY = 1.0
"""Seconds between two looks at the clock at the most."""

THINKS_OF_BACKUPS_EVERY = timedelta(hours=1)

CUT_OFF_WITHIN = timedelta(hours=12)
"""A session that was cut off longer ago is not offered any more."""


class Scheduler:
    """`tell` and `close`: any thread. `run`: its own thread, step by step."""

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
        self._post = post
        self._nightly = nightly
        self._nightly_at: datetime | None = None
        self._inbox: queue.SimpleQueue[Note | None] = queue.SimpleQueue()
        self._has_ended = False
        self._plan = LedgerKeeper(store, wall, zone, rules, post)
        self._diary = HistoryRecorder(store, wall, self._plan)
        # Before anything else is kept, it is seen whether the last session was cut off.
        self._backlog = Backlog(self._see_cut_off, post)

    def tell(self, note: Note) -> None:
        """Hand in a note; returns at once."""
        self._inbox.put(note)

    def close(self) -> None:
        """Let `run` return, after what was handed in before is kept."""
        self._inbox.put(None)

    def run(self) -> None:
        """The thread's body."""
        self.look()
        while not self._has_ended:
            self.step(LOOKS_EVERY)

    def step(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for a note and take it, then look at the clock.

        Returns whether there was a note.
        """
        try:
            note = self._inbox.get(timeout=timeout)
        except queue.Empty:
            self.look()
            return False
        if note is None:
            self._has_ended = True
            return True
        self._take(note)
        self.look()
        return True

    def look(self) -> None:
        """Keep what has waited for the disk, and see what is due."""
        self._backlog.work_off()
        with self._backlog.minding_the_store():
            self._plan.look()
            self._backlog.store_has_worked()
        self._think_of_backups()

    def _see_cut_off(self) -> None:
        """See whether the last session was cut off, and offer to go on with it."""
        cut_off = self._store.sessions.open()
        if cut_off is not None:
            now = self._wall.utc()
            spot = cut_off.stopped_at or Spot(0)
            self._store.sessions.end(cut_off.id, now, Ending.INTERRUPTED, spot, cut_off.exercises)
            if self._is_recent(cut_off, now):
                self._post(CutOffFound(cut_off))
            # Who reads this may press at once, and is to go on with it.
            logger.info("the last session was interrupted at %s", _words(spot))

    def _take(self, note: Note) -> None:
        match note:
            case Occupied(by_session):
                self._plan.is_occupied = by_session
                self._plan.look_anew()
            case RulesChanged(rules, zone):
                self._plan.rules, self._plan.zone = rules, zone
                self._plan.look_anew()
            case Walked() | PutOff() | LeftUndone() | PutBack():
                self._backlog.later(self._plan.change_by(note))
            case _:
                self._backlog.later(self._diary.change_by(note))

    def _think_of_backups(self) -> None:
        """Now and then have the day's backup made, if it is due."""
        now = self._wall.utc()
        if self._wall.trusted() and (self._nightly_at is None or now >= self._nightly_at):
            self._nightly_at = now + THINKS_OF_BACKUPS_EVERY
            self._nightly(now)

    def _is_recent(self, session: SessionRecord, now: datetime) -> bool:
        return not self._wall.trusted() or now - session.started < CUT_OFF_WITHIN


def _words(spot: Spot) -> str:
    if spot.exercise is None:
        return "its beginning"
    return f"exercise {spot.exercise}" + (f", repetition {spot.rep}" if spot.rep else "")
