"""The clock's protocol: reading time and waiting for it both belong to whoever owns the clock."""

from typing import Protocol


class Clock(Protocol):
    """A clock that never goes backwards.

    Any thread may call it. Tests hand in one that jumps, so that five minutes take no time.
    """

    def now(self) -> float:
        """Seconds since some fixed moment; never decreases, does not follow the wall clock."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed on this clock; at once where they are not positive."""
        ...
