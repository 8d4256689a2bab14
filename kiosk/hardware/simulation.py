"""The simulated button: presses on a mock pin, one for each line of standard input."""

import logging
import os
import select
import threading
from collections.abc import Callable

from gpiozero.pins.mock import MockFactory

from kiosk.clock import Clock

logger = logging.getLogger(__name__)

SHORT, LONG, VERY_LONG = 0.1, 2.5, 10.5
"""Seconds of a press, of a hold that ends a session, and of one that asks for the pairing code."""

LENGTHS = {"": SHORT, "press": SHORT, "hold": LONG, "hold on": VERY_LONG}
"""How long each line presses."""

LONGEST_LINE = 100  # bytes of a line that are read

HINT = (
    "An empty line (Enter) is a short press of the button; `hold` holds it down for "
    f"{LONG} seconds, `hold on` for {VERY_LONG}. Nothing else is understood."
)


class SimulatedButton:
    """Pulls a mock pin to ground as a button would. One thread at a time uses it."""

    def __init__(self, pin: int, clock: Clock, factory: MockFactory) -> None:
        self._pin = factory.pin(pin)
        self._clock = clock

    def press(self, seconds: float = SHORT) -> None:
        """Press, and release after `seconds`; returns then."""
        self._pin.drive_low()
        self._clock.sleep(seconds)
        self._pin.drive_high()


class LineReader:
    """Presses a simulated button for each line that comes in.

    `run` is the body of a thread; `close` may be called from any. It reads the file descriptor and
    not Python's stream: a thread that waits inside that at the end of the program would hold its
    lock, and the program could not end.
    """

    def __init__(
        self,
        descriptor: int,
        button: SimulatedButton,
        show_hint: Callable[[str], None] = logger.info,
    ) -> None:
        """`descriptor` is that of the input; `show_hint` gets `HINT` for an unknown line."""
        self._descriptor = descriptor
        self._button = button
        self._show_hint = show_hint
        self._closed = threading.Event()
        self._wake_up, self._waker = os.pipe()

    def run(self) -> None:
        """The thread's body: returns at the end of the input, or after `close`."""
        rest = b""
        while chunk := self._read():
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[:LONGEST_LINE]
            for line in lines:
                self._press_for(line)
        if rest:
            self._press_for(rest)
        os.close(self._wake_up)

    def close(self) -> None:
        """End the reader's thread, at once or when a press that has begun is over."""
        if not self._closed.is_set():
            self._closed.set()
            os.close(self._waker)

    def _read(self) -> bytes:
        """The next bytes; none at the end of the input, or after `close`."""
        ready, _, _ = select.select([self._descriptor, self._wake_up], [], [])
        if self._wake_up in ready:
            return b""
        try:
            return os.read(self._descriptor, 4096)
        except OSError as e:  # the terminal is gone
            logger.debug("no more lines: %s", e)
            return b""

    def _press_for(self, line: bytes) -> None:
        if self._closed.is_set():
            return
        seconds = LENGTHS.get(line.decode(errors="replace").strip().casefold())
        if seconds is None:
            self._show_hint(HINT)
        else:
            self._button.press(seconds)
