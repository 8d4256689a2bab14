"""What the light shows."""

import itertools

import pytest

from kiosk.hardware.light import BREATH_SECONDS, DIMMEST, brightness
from kiosk.session.snapshot import Fault, Snapshot, State


def snapshot(state, **more):
    return Snapshot(seq=1, as_of=100.0, state=state, **more)


def over(seconds, shown, steps=200):
    return [brightness(shown, 100.0 + n * seconds / steps) for n in range(steps)]


def changes(levels):
    return sum(a != b for a, b in itertools.pairwise(levels))


@pytest.mark.parametrize("state", [State.IDLE, State.FINISHED, State.STOPPED])
def test_steady_when_ready(state):
    assert set(over(10, snapshot(state))) == {1.0}


@pytest.mark.parametrize("state", [State.RUNNING, State.PREPARING])
def test_breathing_while_a_session_runs(state):
    levels = over(BREATH_SECONDS, snapshot(state, phase="lift"))

    assert max(levels) == pytest.approx(1.0, abs=0.001)
    assert min(levels) == pytest.approx(DIMMEST, abs=0.001)
    assert max(abs(a - b) for a, b in itertools.pairwise(levels)) < 0.02


def test_waning_with_the_time_left_in_a_hold():
    hold = snapshot(
        State.RUNNING, phase="hold", phase_duration_ms=4000, phase_ends_in_ms=4000, moving=True
    )

    shown = [round(brightness(hold, 100.0 + s), 2) for s in (0, 1, 2, 3, 4, 5)]
    assert shown == [1.0, 0.77, 0.54, 0.31, DIMMEST, DIMMEST]


def test_blinking_once_a_second_when_paused():
    assert changes(over(10, snapshot(State.PAUSED))) in (19, 20)


@pytest.mark.parametrize(
    "shown",
    [
        snapshot(State.FAILED),
        snapshot(State.PAUSED, faults=frozenset({Fault.SPEAKER_LOST})),
        snapshot(State.IDLE, faults=frozenset({Fault.NO_SPEAKER})),
        snapshot(State.IDLE, faults=frozenset({Fault.NO_PROGRAM})),
    ],
)
def test_blinking_fast_in_trouble(shown):
    assert changes(over(2, shown)) in (19, 20)


def test_a_press_that_had_nothing_to_do_is_answered_by_a_wink():
    idle = snapshot(State.IDLE, ignored_press_at=101.0)

    assert [brightness(idle, t) for t in (100.99, 101.0, 101.14, 101.16)] == [1.0, 0.0, 0.0, 1.0]
