"""Keeps the light in step with what goes on."""

import threading
from collections.abc import Callable

from kiosk.clock import Clock
from kiosk.model.snapshot import Snapshot
from kiosk.ports import Light
from kiosk.session.light import brightness

SET_EVERY = 0.04
"""Seconds; often enough for breathing to look smooth."""


class LightKeeper:
    """Sets the light's brightness over and over; `run` is the body of a thread."""

    def __init__(self, light: Light, snapshot: Callable[[], Snapshot], clock: Clock) -> None:
        self._light = light
        self._snapshot = snapshot
        self._clock = clock
        self._closed = threading.Event()

    def run(self) -> None:
        """The thread's body: returns, with the light dark, after `close`."""
        while not self._closed.wait(SET_EVERY):
            self._light.set(brightness(self._snapshot(), self._clock.now()))
        self._light.set(0.0)

    def close(self) -> None:
        """Let `run` return."""
        self._closed.set()
