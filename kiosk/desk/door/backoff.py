"""Who guessed wrong waits, longer each time; a restart of the kiosk does not shorten it."""

import ipaddress
from collections import OrderedDict
from collections.abc import Mapping

from kiosk.clock import Clock
from kiosk.ports import DoorStore

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

    def __init__(self, store: DoorStore, clock: Clock) -> None:
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
            self._store.forget_failures(long_ago)
        self._store.note_failure(keys)
        for key in keys:
            self._failed_at.pop(key, None)
            self._failed_at[key] = self._clock.now()
        while len(self._failed_at) > _REMEMBERED:
            self._failed_at.popitem(last=False)

    def failures(self, key: str) -> int:
        """How many failures in a row count. Raises StoreError."""
        return 0 if self._quiet_for(key) > FORGOTTEN_AFTER else self._store.failures(key)

    def _wait(self, key: str, free: int) -> float:
        return max(0.0, pause_after(self.failures(key), free) - self._quiet_for(key))

    def _quiet_for(self, key: str) -> float:
        return self._clock.now() - self._failed_at.get(key, self._start)
