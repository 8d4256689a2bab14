"""Hands snapshots to onlookers: the newest wins, and a newcomer gets the present one first."""

import threading
from types import TracebackType
from typing import Self

from kiosk.clock import Clock
from kiosk.session.session import Session
from kiosk.session.snapshot import Fault, Scene, Snapshot, State, snapshot_of
from kiosk.session.start_options import StartOptions


class SnapshotPublisher:
    """Puts one picture after another into the feed. The controller's thread only."""

    def __init__(
        self, clock: Clock, session: Session, start_options: StartOptions, trouble: frozenset[Fault]
    ) -> None:
        self.trouble = trouble
        """What is not well."""

        self._clock = clock
        self._session = session
        self._start_options = start_options
        self._ignored_press_at: float | None = None
        self.feed = Feed(snapshot_of(self._scene(State.IDLE), 0, clock.now()))

    def publish(self, state: State) -> None:
        """Show how things stand now, in `state`."""
        seq = self.feed.newest.seq + 1
        self.feed.publish(snapshot_of(self._scene(state), seq, self._clock.now()))

    def note_trouble(self, trouble: Fault, *, here: bool) -> None:
        """From the next picture on, `trouble` is there, or is over."""
        self.trouble = self.trouble | {trouble} if here else self.trouble - {trouble}

    def note_ignored_press(self) -> None:
        """From the next picture on, a press of just now is seen to have changed nothing."""
        self._ignored_press_at = self._clock.now()

    def _scene(self, state: State) -> Scene:
        session, agenda = self._session, self._start_options.agenda
        performance = session.performance
        return Scene(
            state=state,
            program=session.choice.program if session.choice else None,
            timeline=performance.timeline if performance else None,
            position=performance.position() if performance else 0,
            leading_in=performance.leading_in() if performance else False,
            prepared=session.prepared,
            due=agenda.due.occurrence.program if agenda.due else None,
            next_due=agenda.next.due if agenda.next else None,
            next_program=agenda.next.program if agenda.next else None,
            trouble=self.trouble,
            ignored_press_at=self._ignored_press_at,
        )


class Subscription:
    """One onlooker's place at the feed; belongs to one thread, closed from any."""

    def __init__(self, feed: "Feed", seen: int) -> None:
        self._feed = feed
        self._seen = seen

    def next(self, timeout: float | None = None) -> Snapshot | None:
        """The newest snapshot not seen yet, waiting for it up to `timeout` seconds.

        `None` where the time ran out or the feed was closed. Snapshots that were overtaken by newer
        ones are never seen.
        """
        snapshot = self._feed.newer_than(self._seen, timeout)
        if snapshot is not None:
            self._seen = snapshot.seq
        return snapshot

    @property
    def over(self) -> bool:
        """Whether no further snapshot will come."""
        return self._feed.closed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to give back: the feed keeps no list of its onlookers."""


class Feed:
    """Holds the newest snapshot; any thread."""

    def __init__(self, first: Snapshot) -> None:
        self._newest = first
        self._changed = threading.Condition()
        self._closed = False

    @property
    def newest(self) -> Snapshot:
        """The present snapshot."""
        return self._newest

    @property
    def closed(self) -> bool:
        """Whether no further snapshot will come."""
        return self._closed

    def publish(self, snapshot: Snapshot) -> None:
        """Make `snapshot` the newest; its `seq` has to be higher than the last one's."""
        with self._changed:
            self._newest = snapshot
            self._changed.notify_all()

    def subscribe(self) -> Subscription:
        """A place at the feed, whose first snapshot is the present one."""
        return Subscription(self, seen=-1)

    def newer_than(self, seq: int, timeout: float | None) -> Snapshot | None:
        """The newest snapshot if it is newer than `seq`, waiting up to `timeout` seconds for it."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest.seq > seq or self._closed, timeout)
            return self._newest if self._newest.seq > seq else None

    def close(self) -> None:
        """Wake everybody who waits: nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
