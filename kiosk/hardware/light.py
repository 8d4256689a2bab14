"""What the light shows: its brightness is a pure function of the snapshot and the time.

Steady: ready. Breathing: a session runs, or an answer is awaited; in a hold it wanes with the time
left. Blinking slowly: paused. Blinking fast: something is wrong. A short wink answers a press that
had nothing to do.

Keeps the light in step with what goes on.
"""

import threading
from collections.abc import Callable
from math import cos, pi
from typing import Protocol

from kiosk.clock import Clock
from kiosk.programs.model import PhaseName
from kiosk.session.snapshot import Snapshot, State


class Light(Protocol):
    """A light that can be dimmed."""

    def set(self, brightness: float) -> None:
        """Shine at `brightness`, 0 (dark) to 1 (full). Raises PinError where it does not obey."""
        ...

    def close(self) -> None:
        """Go dark and let go of the pin; never raises."""
        ...


DIMMEST = 0.08
BREATH_SECONDS = 4.0
BLINK_SECONDS = 1.0
FAST_SECONDS = 0.2
WINK_SECONDS = 0.15


def brightness(snapshot: Snapshot, now: float) -> float:
    """How bright the light is at `now` (seconds of the same clock), from 0 to 1."""
    shown = _steady_light(snapshot, now)
    pressed = snapshot.ignored_press_at
    if pressed is not None and 0 <= now - pressed < WINK_SECONDS:
        return 0.0 if shown > 0.5 else 1.0
    return shown


def _steady_light(snapshot: Snapshot, now: float) -> float:
    match snapshot.state:
        case State.RUNNING if snapshot.phase == PhaseName.HOLD.value:
            return _waning(snapshot, now)
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


def _waning(snapshot: Snapshot, now: float) -> float:
    left_ms = snapshot.phase_ends_in_ms
    if snapshot.moving:
        left_ms -= round((now - snapshot.as_of) * 1000)
    share = min(max(left_ms / snapshot.phase_duration_ms, 0.0), 1.0)
    return DIMMEST + (1 - DIMMEST) * share


SET_EVERY = 0.04
"""Seconds; often enough for breathing to look smooth."""


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
        """Let `run` return."""
        self._closed.set()
