"""The clock's protocol: reading time and waiting for it both belong to whoever owns the clock.

What time of day it is.
"""

from datetime import datetime
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


class WallClock(Protocol):
    """The time of day. Any thread."""

    def utc(self) -> datetime:
        """Now, in UTC; may jump in either direction, by years."""
        ...

    def trusted(self) -> bool:
        """Whether it can be believed: a board without a battery wakes up in the past, and has to
        hear the time from the network first.
        """
        ...
