"""The rate limit on passphrases: attempts run one at a time, are counted, and wait ever longer.

Theory of operation. Every attempt has *limits*: the keys it is counted by, each with the number of
failures in a row that brings the first wait. The first wait is one second, each next twice as
long, up to a quarter of an hour; the longest of all keys counts. A right passphrase clears the
keys it was counted by, a day without a failure clears a key.

- Signing in is counted by the *address* (an IPv6 network of 64 bits as one) with 5 failures, and by
  *everybody* with 10, so that many addresses together get a handful of guesses an hour. An address
  from which somebody is signed in is not held up by everybody's failures, else one bad device on
  the network could lock the household out.
- A signed-in device that is asked again (a new passphrase, a restore) is counted by itself alone.
- The pairing code has limits of its own (`pairing_code.py`), and the button none: pressing it is
  the way back in.

A failure is counted, in the store, *before* the hash is compared, and taken back after a match:
neither pulling the plug in between nor many attempts at once make one free. The store holds only
counts. The moments are in memory, by the monotonic clock, since a wall clock leaps on a board
without a battery; so after a restart a wait begins anew, and a restart never shortens it. One
comparison takes 16 MB and up to half a second, so one runs at a time, three may queue, and others
are sent away.
"""

import ipaddress
import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from kiosk.auth.passphrase import FIELD, NO_PASSPHRASE, PassphraseHash, normalised
from kiosk.clock import Clock, WallClock
from kiosk.errors import AuthError, Phrase
from kiosk.history.audit import Actor, AuditEntry, Change, Values
from kiosk.store.store import Store

logger = logging.getLogger(__name__)

LONGEST = 900.0  # seconds of the longest wait
FORGOTTEN_AFTER = 86_400.0  # seconds without a failure after which the earlier ones count no more

AT_ONCE = 4
"""Attempts that run or queue at the same moment; more would occupy all the pages' threads."""

PASSPHRASE = "passphrase"  # noqa: S105 - the name its hash is stored by

_KEYS_TIMED = 500
_KEY_LENGTH = 64


def wait_after(failures: int, free: int) -> float:
    """Seconds to wait after so many failures in a row: 0 below `free`, 1, 2, 4… from there on."""
    if failures < free:
        return 0.0
    # Beyond some twenty doublings the number alone would be unwieldy.
    return min(LONGEST, 2.0 ** min(failures - free, 20))


def key_of(address: str) -> str:
    """The rate-limit key: the address or, as who has one IPv6 address has millions, its network."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_KEY_LENGTH]
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    # At home all of these are in one network.
    return str(ip if ip.is_link_local else ipaddress.ip_network((ip, 64), strict=False))


class PassphraseAttempts:
    """Compares passphrases within their limits. Any thread. Every method raises StoreError.

    `limits` maps a key to the number of failures in a row that brings its first wait.
    """

    def __init__(self, store: Store, wall: WallClock, clock: Clock) -> None:
        self._store = store
        self._wall = wall
        self._clock = clock
        self._started_at = clock.now()
        self._failed_at: OrderedDict[str, float] = OrderedDict()
        """`Clock.now()` of the last failure by key, in this run."""
        self._queue = threading.Semaphore(AT_ONCE)
        self._turn = threading.Lock()

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Hold the only turn; waits for it. Raises AuthError where too many wait already."""
        if not self._queue.acquire(blocking=False):
            raise AuthError("auth.busy", FIELD, wait=5.0)
        try:
            with self._turn:
                yield
        finally:
            self._queue.release()

    def check_limits(self, limits: Mapping[str, int]) -> None:
        """Raise AuthError while one of the keys has to wait."""
        wait = self._wait(limits)
        if wait > 0:
            raise AuthError("auth.too-many-wrong", FIELD, wait, duration=_in_words(wait))

    def attempt(
        self, passphrase: str, limits: Mapping[str, int], counted: Sequence[str], origin: Values
    ) -> None:
        """Compare `passphrase` with the stored hash; only within `one_at_a_time`.

        The failure is counted for the keys `counted`, and stays so until the caller has the store
        forget it. `origin` has the values of `Change.WRONG_PASSPHRASES` for the audit log. Raises
        AuthError where the passphrase is wrong, or while a key has to wait.
        """
        self.check_limits(limits)
        self._count_failure(counted)
        if self._stored_hash().matches(normalised(passphrase)):
            return
        if any(self._failures(key) == limit for key, limit in limits.items()):
            now = self._wall.utc()
            entry = AuditEntry(now, Actor.PAGE, Change.WRONG_PASSPHRASES, after=origin)
            self._store.audit.add(entry)
        raise AuthError("auth.passphrase-wrong", FIELD, self._wait(limits))

    def _wait(self, limits: Mapping[str, int]) -> float:
        """Seconds until none of the keys has to wait."""
        waits = (
            wait_after(self._failures(key), free) - self._quiet_for(key)
            for key, free in limits.items()
        )
        return max((0.0, *waits))

    def _count_failure(self, keys: Sequence[str]) -> None:
        expired = [key for key in keys if self._quiet_for(key) > FORGOTTEN_AFTER]
        if expired:
            self._store.auth.forget_failures(expired)
        self._store.auth.add_failure(keys)
        for key in keys:
            self._failed_at.pop(key, None)
            self._failed_at[key] = self._clock.now()
        while len(self._failed_at) > _KEYS_TIMED:
            self._failed_at.popitem(last=False)

    def _failures(self, key: str) -> int:
        """Failures in a row that count."""
        return 0 if self._quiet_for(key) > FORGOTTEN_AFTER else self._store.auth.failures(key)

    def _quiet_for(self, key: str) -> float:
        """Seconds since the key's last failure, at least since the start of this run."""
        return self._clock.now() - self._failed_at.get(key, self._started_at)

    def _stored_hash(self) -> PassphraseHash:
        text = self._store.auth.secret(PASSPHRASE)
        if text is None:
            return NO_PASSPHRASE
        try:
            return PassphraseHash.read(text)
        except ValueError as error:
            logger.warning(
                "What is kept of the passphrase cannot be used: %s. Hold the button down for ten"
                " seconds to choose another.",
                error,
            )
            return NO_PASSPHRASE


def _in_words(seconds: float) -> Phrase:
    if seconds > 90:
        return Phrase("auth.wait-minutes", {"n": math.ceil(seconds / 60)})
    whole = math.ceil(seconds)
    return Phrase("auth.wait-seconds" if whole > 1 else "auth.wait-second", {"n": whole})
