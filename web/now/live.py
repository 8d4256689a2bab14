"""The live stream of snapshots, as server-sent events."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiosk.session.service import SessionService
from kiosk.session.snapshot import Snapshot
from web.now.text import NOTHING_KNOWN, Around, parts, words

LOOKS_EVERY = 0.5
"""Seconds between two looks whether the onlooker has gone."""

BEATS_EVERY = 20
"""After how many such looks without news a heartbeat is sent."""

ENDS_AFTER = 600
"""After how many looks a stream ends; the browser comes again by itself, and is looked at anew."""


SAME_FOR = 0.01
"""Seconds for which what one onlooker is told will do for the others."""


@dataclass
class Places:
    """How many may look on at once; half of them from one address, so that no device keeps all
    others out. Any thread.
    """

    most: int
    _taken: Counter[str] = field(default_factory=Counter)
    """By address; those that hold none are not in it."""

    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: str) -> bool:
        """Take a place for somebody at that address; whether there was one."""
        with self._lock:
            of_one = max(1, self.most // 2)
            if self._taken.total() >= self.most or self._taken[address] >= of_one:
                return False
            self._taken[address] += 1
            return True

    def leave(self, address: str) -> None:
        """Give a place of that address back."""
        with self._lock:
            self._taken -= Counter((address,))

    @property
    def taken(self) -> int:
        """How many look on."""
        with self._lock:
            return self._taken.total()


class EventStream:
    """Makes the events, one for all who are told of the same at the same time. Any thread."""

    def __init__(
        self, make: Callable[[Snapshot], bytes], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._now = now
        self._lock = threading.Lock()
        self._made: tuple[int, float, bytes] | None = None

    def __call__(self, snapshot: Snapshot) -> bytes:
        """The event for `snapshot`; the position in it is at most `SAME_FOR` old."""
        with self._lock:
            now = self._now()
            if self._made is not None:
                seq, at, made = self._made
                if seq == snapshot.seq and now - at <= SAME_FOR:
                    return made
            event = self._make(snapshot)
            self._made = snapshot.seq, now, event
            return event


def events(
    remote: SessionService,
    gone: Callable[[], bool],
    tell: Callable[[Snapshot], bytes],
    looks_every: float = LOOKS_EVERY,
) -> Iterator[bytes]:
    """The stream for one onlooker: the present first, then each change, now and then a heartbeat.

    `gone` says whether the onlooker has left, `tell` makes an event of a snapshot.
    """
    yield b"retry: 2000\n\n"
    quiet = looks = 0
    with remote.subscribe() as news:
        while not gone() and looks < ENDS_AFTER and not news.over:
            looks += 1
            if news.next(looks_every) is not None:
                quiet = 0
                # Not the one that was handed out: its position is of when it was taken.
                yield tell(remote.snapshot())
            else:
                quiet += 1
                if quiet % BEATS_EVERY == 0:
                    yield b": still here\n\n"
    if looks >= ENDS_AFTER:
        # Nothing is wrong: the browser may come again at once, so that the picture never stands.
        yield b"retry: 100\n\n"


def event(snapshot: Snapshot, around: Around = NOTHING_KNOWN) -> bytes:
    """One event of the stream."""
    return f"event: state\ndata: {json.dumps(record(snapshot, around))}\n\n".encode()


def record(snapshot: Snapshot, around: Around = NOTHING_KNOWN) -> dict[str, object]:
    """What the page's script is told; times in milliseconds."""
    return {
        "state": snapshot.state.value,
        "program": snapshot.program,
        "title": snapshot.title,
        "exercise": snapshot.exercise,
        "exercises": snapshot.exercises,
        "exercise_name": snapshot.exercise_name,
        "set": snapshot.set,
        "sets": snapshot.sets,
        "side": snapshot.side,
        "rep": snapshot.rep,
        "reps": snapshot.reps,
        "phase": snapshot.phase,
        "phase_duration_ms": snapshot.phase_duration_ms,
        "phase_ends_in_ms": snapshot.phase_ends_in_ms,
        "position_ms": snapshot.position_ms,
        "duration_ms": snapshot.duration_ms,
        "moving": snapshot.moving,
        "trouble": sorted(snapshot.faults),
        "due": snapshot.due,
        "next_due": snapshot.next_due.isoformat() if snapshot.next_due else None,
        "words": words(snapshot, around),
        "parts": {part.name: {"well": part.well, "text": part.text} for part in parts(snapshot)},
    }
