"""The feed of snapshots: the newest wins, and a new subscriber gets the present one first."""

import threading
from types import TracebackType
from typing import Self

from kiosk.session.snapshot import Snapshot


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
        """Nothing to release: the feed has no list of its subscribers."""


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
        """A subscription whose first snapshot is the present one."""
        return Subscription(self, seen=-1)

    def newer_than(self, seq: int, timeout: float | None) -> Snapshot | None:
        """The newest snapshot if it is newer than `seq`, waiting up to `timeout` seconds for it."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest.seq > seq or self._closed, timeout)
            return self._newest if self._newest.seq > seq else None

    def close(self) -> None:
        """Wake all who wait: no further snapshot will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
