"""The pin is driven, and the edges are told."""

from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from kiosk.errors import PinError
from kiosk.hardware.gpio import GpioButton
from tests.fakes.clock import FakeClock

PIN = 17


@pytest.fixture
def edges() -> list[tuple[bool, float]]:
    return []


@pytest.fixture
def button(
    edges: list[tuple[bool, float]], clock: FakeClock, factory: MockFactory
) -> Iterator[GpioButton]:
    made = GpioButton(PIN, lambda pressed, at: edges.append((pressed, at)), clock, factory)
    yield made
    made.close()


@pytest.fixture
def pin(factory: MockFactory) -> MockPin:
    return factory.pin(PIN)


def test_the_pin_is_pulled_up_and_ground_means_pressed(button: GpioButton, pin: MockPin):
    assert pin.pull == "up"
    assert not button.is_pressed

    pin.drive_low()

    assert button.is_pressed


@pytest.mark.usefixtures("button")
def test_both_edges_are_told_with_their_times(
    pin: MockPin, clock: FakeClock, edges: list[tuple[bool, float]]
):
    pin.drive_low()
    clock.advance(0.25)
    pin.drive_high()

    assert edges == [(True, 1000.0), (False, 1000.25)]


@pytest.mark.usefixtures("button")
def test_chattering_contacts_are_told_edge_by_edge(
    pin: MockPin, clock: FakeClock, edges: list[tuple[bool, float]]
):
    for drive in (pin.drive_low, pin.drive_high, pin.drive_low, pin.drive_high, pin.drive_low):
        drive()
        clock.advance(0.001)

    assert edges == [
        (True, 1000.0),
        (False, 1000.001),
        (True, 1000.002),
        (False, 1000.003),
        (True, 1000.004),
    ]


def test_nothing_is_told_after_it_was_closed(
    button: GpioButton, pin: MockPin, edges: list[tuple[bool, float]]
):
    button.close()
    button.close()

    pin.drive_low()

    assert edges == []


@pytest.mark.usefixtures("button")
def test_one_pin_is_not_shared(clock: FakeClock, factory: MockFactory):
    with pytest.raises(PinError, match=r"^GPIO 17 is asked for twice\. Give the button and"):
        GpioButton(PIN, lambda *_: None, clock, factory)


def test_a_pin_that_the_board_does_not_have(clock: FakeClock, factory: MockFactory):
    with pytest.raises(PinError, match=r"^This board has no GPIO 99\."):
        GpioButton(99, lambda *_: None, clock, factory)
