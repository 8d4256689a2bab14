"""The light is set, and the pin follows."""

from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.errors import PinError
from kiosk.hardware.gpio import GpioLight
from tests.fakes.clock import FakeClock
from tests.fakes.light import FakeLight

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
    for brightness in (0.08, 0.5, 0.5, 1.0, 0.0):
        light.set(brightness)
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


def test_a_pin_that_does_not_obey_is_told_of(wilful_board: MockFactory):
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


def test_the_tests_own_light_keeps_what_it_was_set_to_and_when(clock: FakeClock):
    light = FakeLight(clock)

    light.set(0.5)
    clock.advance(2)
    light.set(1.0)
    light.close()

    assert light.shown == [(1000.0, 0.5), (1002.0, 1.0)]
    assert light.closed
