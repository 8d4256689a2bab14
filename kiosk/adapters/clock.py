"""The machine's clock."""

import time


class SystemClock:
    """Seconds since the machine started, untouched by corrections of the wall clock.

    Any thread may use it.
    """

    def now(self) -> float:
        """Seconds since some fixed moment; never decreases."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed; at once where they are not positive."""
        if seconds > 0:
            time.sleep(seconds)
