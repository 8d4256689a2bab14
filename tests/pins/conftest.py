"""A board of simulated pins, and a clock."""

from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from kiosk.adapters.pins.factory import pin_factory
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def factory(tmp_path: Path):
    made: MockFactory = pin_factory(simulate=True, runtime_folder=tmp_path)
    yield made
    made.close()
