"""The light: the pattern of its brightness, the thread that shows it, and reopening a lost light.

The brightness is a pure function of snapshot and time. Steady: ready. Breathing: a session runs, or
an answer is awaited; in a hold the light dims with the time left. Blinking slowly: paused. Blinking
fast: a fault. A short flash answers a press that had nothing to do.
"""

import logging
import threading
from collections.abc import Callable
from math import cos, pi
from typing import Protocol

from kiosk.clock import Clock
from kiosk.errors import PinError
from kiosk.programs.model import PhaseName
from kiosk.session.snapshot import Snapshot, State

logger = logging.getLogger(__name__)

DIMMEST = 0.08
BREATH_SECONDS = 4.0
BLINK_SECONDS = 1.0
FAST_SECONDS = 0.2
FLASH_SECONDS = 0.15

SET_EVERY = 0.04  # seconds; often enough for breathing to look smooth
TRIES_EVERY = 30.0  # seconds between two attempts to open a light that cannot be had


class Light(Protocol):
    """A light that can be dimmed."""

    def set(self, brightness: float) -> None:
        """Shine at `brightness`, 0 (dark) to 1 (full). Raises PinError where it does not obey."""
        ...

    def close(self) -> None:
        """Go dark and release the pin; never raises."""
        ...


def brightness(snapshot: Snapshot, now: float) -> float:
    """The light's brightness, 0 to 1, at `now` (seconds of the clock of `snapshot.as_of`)."""
    level = _pattern(snapshot, now)
    pressed = snapshot.ignored_press_at
    if pressed is not None and 0 <= now - pressed < FLASH_SECONDS:
        return 0.0 if level > 0.5 else 1.0
    return level


def _pattern(snapshot: Snapshot, now: float) -> float:
    match snapshot.state:
        case State.RUNNING if snapshot.phase == PhaseName.HOLD.value:
            return _dimming(snapshot, now)
        case State.RUNNING | State.PREPARING:
            return _breathing(now)
        case _ if snapshot.state is State.FAILED or snapshot.faults:
            return _blinking(now, FAST_SECONDS)
        case State.REMINDING | State.ASKING | State.CONFIRMING:
            return _breathing(now)
        case State.PAUSED:
            return _blinking(now, BLINK_SECONDS)
        case _:
            return 1.0


def _breathing(now: float) -> float:
    share = (1 + cos(2 * pi * now / BREATH_SECONDS)) / 2
    return DIMMEST + (1 - DIMMEST) * share


def _blinking(now: float, period: float) -> float:
    return 1.0 if now % period < period / 2 else 0.0


def _dimming(snapshot: Snapshot, now: float) -> float:
    left_ms = snapshot.phase_ends_in_ms
    if snapshot.moving:
        left_ms -= round((now - snapshot.as_of) * 1000)
    share = min(max(left_ms / snapshot.phase_duration_ms, 0.0), 1.0)
    return DIMMEST + (1 - DIMMEST) * share


class LightThread:
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
        """End the light's thread; any thread."""
        self._closed.set()


class ReopeningLight:
    """A light that is opened as soon as it can be had, and again after it was lost. Nobody waits
    for it: without one, `set` does nothing. Each reason is logged once. One thread at a time.
    """

    def __init__(self, open_light: Callable[[], Light], clock: Clock) -> None:
        """`open_light` raises PinError where the light cannot be had now."""
        self._open_light = open_light
        self._clock = clock
        self._light: Light | None = None
        self._logged = ""
        self._try_at = clock.now()
        self._try_to_open()

    def set(self, brightness: float) -> None:
        """Shine at `brightness`, 0 (dark) to 1 (full), where there is a light."""
        if self._light is None:
            self._try_to_open()
        if self._light is not None:
            try:
                self._light.set(brightness)
            except PinError as error:
                self.close()
                self._try_at = self._clock.now() + TRIES_EVERY
                self._log(error)

    def close(self) -> None:
        """Go dark and release the pin."""
        if self._light is not None:
            self._light.close()
        self._light = None

    def _try_to_open(self) -> None:
        now = self._clock.now()
        if now < self._try_at:
            return
        self._try_at = now + TRIES_EVERY
        try:
            self._light = self._open_light()
        except PinError as error:
            self._log(error)

    def _log(self, error: PinError) -> None:
        if str(error) != self._logged:
            logger.warning("There is no light. %s", error)
        self._logged = str(error)
