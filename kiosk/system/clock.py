"""The machine's clock, the time of day, and whether that can be trusted.

A Raspberry Pi wakes up without the time, unless it has a clock with a battery; what the system then
shows is the time at which it was last shut down. There the kiosk waits until the kernel says that
the time has come over the network.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SystemClock:
    """Seconds since the machine started, whatever happens to the wall clock. Any thread."""

    def now(self) -> float:
        """Seconds since some fixed moment; never decreases."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed; at once where they are not positive."""
        if seconds > 0:
            time.sleep(seconds)


EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
"""No kiosk is older than this: a clock that shows an earlier time has never been set."""

BATTERY_CLOCK = Path("/sys/class/rtc/rtc0/since_epoch")
"""What a clock with a battery shows. One whose battery is missing starts at 1970 or 2000; the file
of `fake-hwclock` is no clock, and is not looked at."""

SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd once it has set the clock; the one sign left where a service may not
ask the kernel."""

AGREEMENT = timedelta(minutes=2)
"""How far the system's time may be from that of the clock with the battery."""

STA_UNSYNC = 0x40  # set in the kernel's state of the clock as long as nobody has synchronised it


class SystemWallClock:
    """The system's time. Any thread."""

    def __init__(
        self,
        raspberry_pi: bool,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        kernel_synchronised: Callable[[], bool] | None = None,
        synchronised: Path = SYNCHRONISED,
        battery_clock: Path = BATTERY_CLOCK,
    ) -> None:
        """Other machines than a Raspberry Pi keep the time while they are off, and are trusted."""
        self._raspberry_pi = raspberry_pi
        self._now = now
        self._kernel_synchronised = kernel_synchronised or ask_kernel
        self._synchronised = synchronised
        self._battery_clock = battery_clock
        # The kernel forgets after nine hours without network, while the clock is right to a second.
        self._was_synchronised = False

    def utc(self) -> datetime:
        """The system's time, in UTC."""
        return self._now()

    def trusted(self) -> bool:
        """Whether the time can be believed; synchronised once, it is until the kiosk ends."""
        now = self.utc()
        if now < EARLIEST:
            return False
        if not self._raspberry_pi or self._was_synchronised:
            return True
        self._was_synchronised = self._kernel_synchronised() or self._synchronised.exists()
        if self._was_synchronised:
            return True
        try:
            shown = int(self._battery_clock.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return False
        # Compared as numbers: a broken one may show what no date can.
        return abs(shown - now.timestamp()) <= AGREEMENT.total_seconds()


def ask_kernel() -> bool:
    """Whether the kernel says that its clock is synchronised; no where it may not be asked."""
    # Asked on a Raspberry Pi alone, and most commands that tell the time are over sooner.
    import ctypes  # noqa: PLC0415

    class Timex(ctypes.Structure):
        """The beginning of the kernel's `struct timex`, with room for the rest of it."""

        _fields_ = (
            ("modes", ctypes.c_uint),
            ("offset", ctypes.c_long),
            ("freq", ctypes.c_long),
            ("maxerror", ctypes.c_long),
            ("esterror", ctypes.c_long),
            ("status", ctypes.c_int),
            ("rest", ctypes.c_char * 256),
        )

    state = Timex()  # `modes` is 0: only asks, changes nothing
    if ctypes.CDLL(None).adjtimex(ctypes.byref(state)) < 0:
        return False
    return not state.status & STA_UNSYNC
