"""The light: its pin, the pattern of its brightness, and its thread."""

import itertools
import threading
from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.errors import PinError
from kiosk.hardware.gpio import GpioLight
from kiosk.hardware.light import BREATH_SECONDS, DIMMEST, LightThread, brightness
from kiosk.session.snapshot import Fault, Snapshot, State
from tests.fakes.clock import FakeClock

PIN = 18


@pytest.fixture
def light(factory: MockFactory) -> Iterator[GpioLight]:
    made = GpioLight(PIN, factory)
    yield made
    made.close()


@pytest.fixture
def pin(factory: MockFactory) -> MockPWMPin:
    return factory.pin(PIN)


@pytest.mark.usefixtures("light")
def test_it_is_dark_at_first(pin: MockPWMPin):
    assert (pin.function, pin.state) == ("output", 0.0)


def test_it_shines_as_bright_as_it_is_set(light: GpioLight, pin: MockPWMPin):
    shown = []
    for level in (0.08, 0.5, 0.5, 1.0, 0.0):
        light.set(level)
        shown.append(pin.state)

    assert shown == [0.08, 0.5, 0.5, 1.0, 0.0]


@pytest.mark.parametrize(("asked", "shown"), [(-0.1, 0.0), (1.000001, 1.0)])
def test_beyond_dark_and_full_there_is_nothing(
    light: GpioLight, pin: MockPWMPin, asked: float, shown: float
):
    light.set(0.5)

    light.set(asked)

    assert pin.state == shown


def test_it_goes_dark_when_it_is_closed_and_stays_so(light: GpioLight, pin: MockPWMPin):
    light.set(1.0)

    light.close()
    light.set(1.0)
    light.close()

    assert (pin.function, pin.state) == ("input", 0.0)


def test_a_pin_that_does_not_obey_is_reported(wilful_board: MockFactory):
    light = GpioLight(PIN, wilful_board)
    wilful_board.pin(PIN).obeys = False

    with pytest.raises(PinError, match=r"^GPIO 18 does not do as it is told"):
        light.set(1.0)


def test_it_is_let_go_of_even_so_and_can_be_had_again(wilful_board: MockFactory):
    light = GpioLight(PIN, wilful_board)
    light.set(1.0)
    wilful_board.pin(PIN).obeys = False
    light.close()
    light.set(0.5)
    light.close()

    wilful_board.pin(PIN).obeys = True
    again = GpioLight(PIN, wilful_board)
    again.set(0.5)
    assert wilful_board.pin(PIN).state == 0.5
    again.close()


# The pattern


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
def test_blinking_fast_for_a_fault(shown):
    assert changes(over(2, shown)) in (19, 20)


def test_a_press_that_had_nothing_to_do_is_answered_by_a_flash():
    idle = snapshot(State.IDLE, ignored_press_at=101.0)

    assert [brightness(idle, t) for t in (100.99, 101.0, 101.14, 101.16)] == [1.0, 0.0, 0.0, 1.0]


# The thread


class CountingLight:
    """Stores each brightness, and knows when there are three."""

    def __init__(self) -> None:
        self.shown: list[float] = []
        self.enough = threading.Event()

    def set(self, brightness: float) -> None:
        self.shown.append(brightness)
        if len(self.shown) == 3:
            self.enough.set()

    def close(self) -> None:
        """Nothing is open."""


def test_the_light_shows_the_state_over_and_over_and_goes_dark_at_the_end():
    clock = FakeClock()
    light = CountingLight()
    ready = Snapshot(seq=0, as_of=0.0, state=State.IDLE)
    light_thread = LightThread(light, lambda: ready, clock)
    thread = threading.Thread(target=light_thread.run)
    thread.start()

    assert light.enough.wait(timeout=10)
    light_thread.close()
    thread.join(timeout=10)

    assert set(light.shown[:-1]) == {1.0}
    assert light.shown[-1] == 0.0
