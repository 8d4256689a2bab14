"""A finger for the simulated pin, and a keyboard for the finger."""

import logging
import os
import select
import threading
from collections.abc import Callable
from typing import Protocol

from gpiozero.pins.mock import MockFactory

from kiosk.clock import Clock

logger = logging.getLogger(__name__)


SHORT = 0.1
"""Seconds a short press lasts."""

LONG = 2.5
"""Seconds a long one lasts: enough to count as holding."""

VERY_LONG = 10.5
"""Seconds that ask for the code that lets a caregiver in."""

LONGEST_LINE = 100
"""Bytes of a line that are looked at."""

HINT = (
    "An empty line (Enter) is a short press of the button; `hold` holds it down for "
    f"{LONG} seconds, `hold on` for {VERY_LONG}. Nothing else is understood."
)


class SimulatedButton:
    """Pulls a simulated pin to ground as a button would. One thread at a time uses it."""

    def __init__(self, pin: int, clock: Clock, factory: MockFactory) -> None:
        self._pin = factory.pin(pin)
        self._clock = clock

    def press(self, seconds: float = SHORT) -> None:
        """Press, and let go after `seconds`; returns then."""
        self._pin.drive_low()
        self._clock.sleep(seconds)
        self._pin.drive_high()

    def hold(self) -> None:
        """Press, and let go after so long that it counts as holding."""
        self.press(LONG)

    def hold_on(self) -> None:
        """Press, and let go after so long that the kiosk says its code."""
        self.press(VERY_LONG)


class HasFileno(Protocol):
    """Something open, such as standard input."""

    def fileno(self) -> int:
        """Its file descriptor."""
        ...


class LineReader:
    """Presses a simulated button for each line of a stream.

    `run` is the body of a thread; `close` may be called from any. It reads the file descriptor and
    leaves Python's own stream object alone: a thread that waits inside that at the end of the
    program would hold its lock, and the program could not end.
    """

    def __init__(
        self, stream: HasFileno, button: SimulatedButton, tell: Callable[[str], None] = logger.info
    ) -> None:
        """`tell` is given a hint whenever a line is not understood."""
        self._fd = stream.fileno()
        self._button = button
        self._tell = tell
        self._closed = threading.Event()
        self._wake_up, self._waker = os.pipe()

    def run(self) -> None:
        """The thread's body: returns at the end of the stream, or after `close`."""
        rest = b""
        while chunk := self._read():
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[:LONGEST_LINE]
            for line in lines:
                self._take(line)
        if rest:
            self._take(rest)
        os.close(self._wake_up)

    def close(self) -> None:
        """Let `run` return, at once or when the finger has let go of the button."""
        if not self._closed.is_set():
            self._closed.set()
            os.close(self._waker)

    def _read(self) -> bytes:
        """The next bytes; none at the end of the stream or of the reading."""
        ready, _, _ = select.select([self._fd, self._wake_up], [], [])
        if self._wake_up in ready:
            return b""
        try:
            return os.read(self._fd, 4096)
        except OSError as e:  # the terminal is gone
            logger.debug("no more lines: %s", e)
            return b""

    def _take(self, line: bytes) -> None:
        if self._closed.is_set():
            return
        match line.decode(errors="replace").strip().casefold():
            case "" | "press":
                self._button.press()
            case "hold":
                self._button.hold()
            case "hold on":
                self._button.hold_on()
            case _:
                self._tell(HINT)
