"""What the light shows: its brightness is a pure function of the snapshot and the time.

Steady: ready. Breathing: a session runs, or an answer is awaited; in a hold it wanes with the time
left. Blinking slowly: paused. Blinking fast: something is wrong. A short wink answers a press that
had nothing to do.
"""

from math import cos, pi

from kiosk.model.program import PhaseName
from kiosk.model.snapshot import Snapshot, State

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
        case _ if snapshot.state is State.FAILED or snapshot.trouble:
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
