"""The session for pages and other programs: commands in, snapshots out."""

import threading
from dataclasses import dataclass, replace

from kiosk.clock import Clock
from kiosk.session.events import Command, Post, TestSoundWanted
from kiosk.session.snapshot import Snapshot
from kiosk.session.transitions import Input


class Subscription:
    """One subscriber's place in the feed; for one thread."""

    def __init__(self, feed: "Feed", seen: int) -> None:
        self._feed = feed
        self._seen = seen

    def next(self, timeout: float | None = None) -> Snapshot | None:
        """The newest snapshot not returned yet, waiting for it up to `timeout` seconds (`None`: for
        ever).

        `None` where the time ran out or the feed was closed. Snapshots that were overtaken by newer
        ones are skipped.
        """
        snapshot = self._feed.newer_than(self._seen, timeout)
        if snapshot is not None:
            self._seen = snapshot.seq
        return snapshot

    @property
    def over(self) -> bool:
        """Whether the feed is closed."""
        return self._feed.closed


class Feed:
    """Holds the newest snapshot; any thread."""

    def __init__(self, first: Snapshot) -> None:
        self.newest = first
        self.closed = False
        self._changed = threading.Condition()

    def publish(self, snapshot: Snapshot) -> None:
        """Make `snapshot` the newest; its `seq` has to be higher than the last one's."""
        with self._changed:
            self.newest = snapshot
            self._changed.notify_all()

    def subscribe(self) -> Subscription:
        """A subscription whose first snapshot is the present one."""
        return Subscription(self, seen=-1)

    def newer_than(self, seq: int, timeout: float | None) -> Snapshot | None:
        """The newest snapshot if it is newer than `seq`, waiting up to `timeout` seconds for it."""
        with self._changed:
            self._changed.wait_for(lambda: self.newest.seq > seq or self.closed, timeout)
            return self.newest if self.newest.seq > seq else None

    def close(self) -> None:
        """Wake all who wait: no further snapshot will come."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()


@dataclass(frozen=True)
class SessionService:
    """Reads the controller's feed and posts to its inbox; any thread."""

    post: Post
    feed: Feed
    clock: Clock

    def snapshot(self) -> Snapshot:
        """The newest snapshot, its position moved on by the clock up to the end of the phase."""
        newest = self.feed.newest
        if not newest.moving:
            return newest
        now = self.clock.now()
        passed = min(max(round((now - newest.as_of) * 1000), 0), newest.phase_ends_in_ms)
        return replace(
            newest,
            as_of=now,
            position_ms=newest.position_ms + passed,
            phase_ends_in_ms=newest.phase_ends_in_ms - passed,
        )

    def subscribe(self) -> Subscription:
        """A subscription to the feed; the present snapshot comes first."""
        return self.feed.subscribe()

    def start(self, program: str | None = None) -> None:
        """Begin a session of `program`, or of the default program."""
        self.post(Command(Input.START, program))

    def command(self, cause: Input) -> None:
        """Pause, resume, skip, go back, repeat or stop; without effect where it does not apply."""
        self.post(Command(cause))

    def test_sound(self) -> None:
        """Have the kiosk say a sentence, unless it prepares or plays a session, or has asked."""
        self.post(TestSoundWanted())
