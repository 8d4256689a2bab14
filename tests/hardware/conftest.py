"""A board of simulated pins, and a clock."""

from pathlib import Path

import pytest
from gpiozero import PinInvalidState
from gpiozero.pins.mock import MockFactory

from kiosk.hardware.gpio import SimulatedPin, pin_factory
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def factory(tmp_path: Path):
    made: MockFactory = pin_factory(simulate=True, runtime_folder=tmp_path)
    yield made
    made.close()


class Wilful(SimulatedPin):
    """A pin that can stop obeying, as one does whose driver was taken away."""

    obeys = True

    def _set_state(self, value):
        if not self.obeys:
            raise PinInvalidState(f'invalid state "{value}" for pin GPIO22')
        super()._set_state(value)

    def _set_frequency(self, value):
        if not self.obeys:
            raise OSError("GPIO not allocated")
        super()._set_frequency(value)


@pytest.fixture
def wilful_board():
    made = MockFactory(pin_class=Wilful)
    yield made
    for pin in made.pins.values():
        pin.obeys = True
    made.close()
