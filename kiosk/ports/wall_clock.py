"""What time of day it is."""

from datetime import datetime
from typing import Protocol


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
