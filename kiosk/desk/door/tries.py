"""Trying a passphrase: one at a time, counted, and with longer and longer waits."""

import logging
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from kiosk.clock import Clock
from kiosk.desk.door.backoff import Backoff
from kiosk.desk.door.passphrase import FIELD, NOBODYS, KeptPassphrase, prepared
from kiosk.errors import DoorError
from kiosk.model.history import Actor, AuditEntry
from kiosk.ports import DoorStore, WallClock

logger = logging.getLogger(__name__)

PASSPHRASE = "passphrase"  # noqa: S105 - the name it is kept by
AT_ONCE = 4
"""How many may try or choose a passphrase at the same moment; each costs 16 MB when it is its turn,
and more than these would keep all the pages' threads waiting."""


class Tries:
    """The tries at the passphrase. Any thread.

    Each is counted as wrong before it is looked at, so that neither a power cut nor many at once
    make any of them free. `limits` are the keys somebody is counted by, each with how many failures
    bring the first wait. Everything raises StoreError.
    """

    def __init__(self, store: DoorStore, wall: WallClock, clock: Clock) -> None:
        self._store = store
        self._wall = wall
        self._backoff = Backoff(store, clock)
        self._places = threading.Semaphore(AT_ONCE)
        self._turn = threading.Lock()

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Wait until nobody else tries. Raises DoorError where too many wait already."""
        if not self._places.acquire(blocking=False):
            raise DoorError(
                "Several people are signing in at this moment. Try again in a few seconds.",
                FIELD,
                wait=5.0,
            )
        try:
            with self._turn:
                yield
        finally:
            self._places.release()

    def check_wait(self, limits: Mapping[str, int]) -> None:
        """See that somebody need not wait. Raises DoorError."""
        wait = self._backoff.wait(limits)
        if wait > 0:
            raise DoorError(
                f"There were too many wrong passphrases of late. Try again in {_in_words(wait)}."
                " Whoever has forgotten it holds the button on the kiosk down for ten seconds: the"
                " code that it then says lets them choose another.",
                FIELD,
                wait,
            )

    def make(
        self, passphrase: str, limits: Mapping[str, int], counted: Sequence[str], who: str
    ) -> None:
        """Try `passphrase`, within `in_turn`; whoever calls has the failures forgotten then.

        Raises DoorError where it is wrong, or while they have to wait.
        """
        self.check_wait(limits)
        self._backoff.count(*counted)
        if self._kept().is_of(prepared(passphrase)):
            return
        if any(self._backoff.failures(key) == limit for key, limit in limits.items()):
            what = f"There were many wrong passphrases, the last of them {who}."
            self._store.note(AuditEntry(self._wall.utc(), Actor.PAGE, what))
        raise DoorError("That is not the passphrase.", FIELD, self._backoff.wait(limits))

    def _kept(self) -> KeptPassphrase:
        text = self._store.door_secret(PASSPHRASE)
        if text is None:
            return NOBODYS
        try:
            return KeptPassphrase.read(text)
        except ValueError as error:
            logger.warning(
                "What is kept of the passphrase cannot be used: %s. Hold the button down for ten"
                " seconds to choose another.",
                error,
            )
            return NOBODYS


def _in_words(seconds: float) -> str:
    if seconds > 90:
        return f"{math.ceil(seconds / 60)} minutes"
    whole = math.ceil(seconds)
    return f"{whole} second" if whole == 1 else f"{whole} seconds"
