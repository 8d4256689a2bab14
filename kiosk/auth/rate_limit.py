"""Who guessed wrong waits, longer each time; a restart of the kiosk does not shorten it.

Trying a passphrase: one at a time, counted, and with longer and longer waits.
"""

import ipaddress
import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from kiosk.auth.passphrase import FIELD, NOBODYS, KeptPassphrase, prepared
from kiosk.clock import Clock, WallClock
from kiosk.errors import DoorError
from kiosk.history.audit import Actor, AuditEntry
from kiosk.store.store import Store

logger = logging.getLogger(__name__)

LONGEST = 900.0
"""Seconds that anybody waits at the most."""

FORGOTTEN_AFTER = 86_400.0
"""Seconds without a failure after which the earlier ones count no more."""

_REMEMBERED = 500
_WIDEST = 64


def pause_after(failures: int, free: int) -> float:
    """Seconds to wait after so many failures in a row, the first `free - 1` of which cost nothing:
    1, then twice as many each time.
    """
    if failures < free:
        return 0.0
    # Beyond some twenty doublings the number alone would be unwieldy.
    return min(LONGEST, 2.0 ** min(failures - free, 20))


def key_of(address: str) -> str:
    """By what the failures of an address are counted: itself, or the network of an IPv6 address,
    since whoever has one such address has millions.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_WIDEST]
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    # At home all of these are in one network.
    return str(ip if ip.is_link_local else ipaddress.ip_network((ip, 64), strict=False))


class Backoff:
    """Counts failures by key, in the store, and times the waits by a clock that does not leap.

    The store remembers no moments, which a wall clock could falsify: after a restart each wait
    begins anew. One thread at a time.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._start = clock.now()
        self._failed_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, free: Mapping[str, int]) -> float:
        """Seconds until somebody may try who is counted by these keys, each with how many failures
        bring the first wait. Raises StoreError.
        """
        return max((self._wait(key, number) for key, number in free.items()), default=0.0)

    def count(self, *keys: str) -> None:
        """Count a failure for each of these keys. Raises StoreError."""
        long_ago = [key for key in keys if self._quiet_for(key) > FORGOTTEN_AFTER]
        if long_ago:
            self._store.auth.forget_failures(long_ago)
        self._store.auth.add_failure(keys)
        for key in keys:
            self._failed_at.pop(key, None)
            self._failed_at[key] = self._clock.now()
        while len(self._failed_at) > _REMEMBERED:
            self._failed_at.popitem(last=False)

    def failures(self, key: str) -> int:
        """How many failures in a row count. Raises StoreError."""
        return 0 if self._quiet_for(key) > FORGOTTEN_AFTER else self._store.auth.failures(key)

    def _wait(self, key: str, free: int) -> float:
        return max(0.0, pause_after(self.failures(key), free) - self._quiet_for(key))

    def _quiet_for(self, key: str) -> float:
        return self._clock.now() - self._failed_at.get(key, self._start)


PASSPHRASE = "passphrase"  # noqa: S105 - the name it is kept by
AT_ONCE = 4
"""How many may try or choose a passphrase at the same moment; each costs 16 MB when it is its turn,
and more than these would keep all the pages' threads waiting."""


class PassphraseAttempts:
    """The tries at the passphrase. Any thread.

    Each is counted as wrong before it is looked at, so that neither a power cut nor many at once
    make any of them free. `limits` are the keys somebody is counted by, each with how many failures
    bring the first wait. Everything raises StoreError.
    """

    def __init__(self, store: Store, wall: WallClock, clock: Clock) -> None:
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
            self._store.audit.add(AuditEntry(self._wall.utc(), Actor.PAGE, what))
        raise DoorError("That is not the passphrase.", FIELD, self._backoff.wait(limits))

    def _kept(self) -> KeptPassphrase:
        text = self._store.auth.secret(PASSPHRASE)
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
