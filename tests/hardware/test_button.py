"""The pin is driven, and the edges are reported."""

import pytest
from gpiozero.pins.mock import MockFactory

from kiosk.errors import PinError
from kiosk.hardware.gpio import GpioButton
from tests.fakes.button import FakeButton
from tests.fakes.clock import FakeClock

PIN = 17


@pytest.fixture(params=["gpio", "fake"])
def parts(request: pytest.FixtureRequest, clock: FakeClock, factory: MockFactory):
    """(a real button or its fake, how to press it, how to let it go, the edges it reported)."""
    edges: list[tuple[bool, float]] = []

    def on_edge(down: bool, at: float) -> None:
        edges.append((down, at))

    if request.param == "gpio":
        pin = factory.pin(PIN)
        return GpioButton(PIN, on_edge, clock, factory), pin.drive_low, pin.drive_high, edges
    fake = FakeButton(clock, on_edge)
    return fake, fake.down, fake.up, edges


def test_every_edge_is_reported_with_its_time_chatter_included(parts, clock: FakeClock):
    button, press, release, edges = parts
    assert (button.is_pressed, button.is_watched) == (False, True)

    for drive in (press, release, press, release, press):
        drive()
        clock.advance(0.25)

    assert button.is_pressed
    assert edges == [
        (True, 1000.0),
        (False, 1000.25),
        (True, 1000.5),
        (False, 1000.75),
        (True, 1001),
    ]


def test_nothing_is_reported_after_it_was_closed(parts):
    button, press, _, edges = parts
    button.close()
    button.close()

    press()

    assert edges == []


def test_the_pin_is_pulled_up_and_is_not_shared(clock: FakeClock, factory: MockFactory):
    button = GpioButton(PIN, lambda *_: None, clock, factory)

    assert factory.pin(PIN).pull == "up"
    with pytest.raises(PinError, match=r"^GPIO 17 is asked for twice\. Give the button and"):
        GpioButton(PIN, lambda *_: None, clock, factory)
    button.close()


def test_a_pin_that_the_board_does_not_have(clock: FakeClock, factory: MockFactory):
    with pytest.raises(PinError, match=r"^This board has no GPIO 99\."):
        GpioButton(99, lambda *_: None, clock, factory)
