"""The live stream of snapshots, as server-sent events.

Each stream holds one of the server's threads, so their number is limited (`StreamSlots`), and an
event is encoded once for all streams that send the same snapshot at the same time (`EventEncoder`).
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiosk.session.service import SessionService
from kiosk.session.snapshot import Snapshot
from web.now.text import Upcoming, parts, words

POLL_SECONDS = 0.5
"""How long a stream waits for a change before it checks whether its client has disconnected."""

HEARTBEAT_POLLS = 20  # polls without a change after which a heartbeat is sent

MOST_POLLS = 600
"""Polls after which a stream ends; the browser reconnects by itself, and is authorised anew."""

SENT_AS_IT_IS = (
    *("state", "program", "title", "exercise", "exercises", "exercise_name", "set", "sets", "side"),
    *("rep", "reps", "phase", "phase_duration_ms", "phase_ends_in_ms", "position_ms"),
    *("duration_ms", "moving", "due"),
)
"""Fields of a snapshot that an event has by the same names."""

REUSE_SECONDS = 0.01  # how long an encoded event is sent to other streams, too


@dataclass
class StreamSlots:
    """The number of streams at once; at most half of them from one address, so that no device keeps
    all others out. Any thread.
    """

    most: int
    _taken: Counter[str] = field(default_factory=Counter)
    """By address; one without any is not in it."""

    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: str) -> bool:
        """Take a slot for a client at that address; whether there was one."""
        with self._lock:
            of_one = max(1, self.most // 2)
            if self._taken.total() >= self.most or self._taken[address] >= of_one:
                return False
            self._taken[address] += 1
            return True

    def release(self, address: str) -> None:
        """Release a slot of that address."""
        with self._lock:
            self._taken -= Counter((address,))


class EventEncoder:
    """Encodes snapshots as events, the same one once for all streams. Any thread."""

    def __init__(
        self, encode: Callable[[Snapshot], bytes], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._encode = encode
        self._now = now
        self._lock = threading.Lock()
        self._latest: tuple[int, float, bytes] | None = None

    def __call__(self, snapshot: Snapshot) -> bytes:
        """The event for `snapshot`; the position in it is at most `REUSE_SECONDS` old."""
        with self._lock:
            now = self._now()
            if self._latest is not None:
                seq, at, latest = self._latest
                if seq == snapshot.seq and now - at <= REUSE_SECONDS:
                    return latest
            encoded = self._encode(snapshot)
            self._latest = snapshot.seq, now, encoded
            return encoded


def events(
    session: SessionService,
    disconnected: Callable[[], bool],
    encode: Callable[[Snapshot], bytes],
    poll: float = POLL_SECONDS,
) -> Iterator[bytes]:
    """The stream for one client: the present snapshot first, then each change, and heartbeats.

    `poll` is in seconds.
    """
    yield b"retry: 2000\n\n"
    unchanged = polls = 0
    news = session.subscribe()
    while not disconnected() and polls < MOST_POLLS and not news.over:
        polls += 1
        if news.next(poll) is not None:
            unchanged = 0
            # Not the one that was handed out: its position is of when it was taken.
            yield encode(session.snapshot())
        else:
            unchanged += 1
            if unchanged % HEARTBEAT_POLLS == 0:
                yield b": still here\n\n"
    if polls >= MOST_POLLS:
        # Nothing is wrong: the browser may reconnect at once, so that the picture never stands.
        yield b"retry: 100\n\n"


def event(snapshot: Snapshot, upcoming: Upcoming | None = None) -> bytes:
    """One event of the stream: a snapshot and its words."""
    return f"event: state\ndata: {json.dumps(record(snapshot, upcoming))}\n\n".encode()


def record(snapshot: Snapshot, upcoming: Upcoming | None = None) -> dict[str, object]:
    """The data of an event, which `live.js` reads; times in milliseconds."""
    next_due = snapshot.next_due
    return {
        **{name: getattr(snapshot, name) for name in SENT_AS_IT_IS},
        "trouble": sorted(snapshot.faults),
        "next_due": next_due.isoformat() if next_due else None,
        "words": words(snapshot, upcoming),
        "parts": parts(snapshot),
    }
