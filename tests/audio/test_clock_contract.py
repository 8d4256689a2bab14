"""What every clock does, the machine's own and the one that jumps."""

import pytest

from kiosk.clock import Clock
from kiosk.system.clock import SystemClock
from tests.fakes.clock import FakeClock


@pytest.fixture(params=[SystemClock, FakeClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_time_has_passed_after_a_sleep(clock: Clock):
    before = clock.now()

    clock.sleep(0.01)

    assert clock.now() >= before + 0.01


@pytest.mark.parametrize("seconds", [0.0, -5.0])
def test_there_is_no_sleeping_backwards(clock: Clock, seconds: float):
    before = clock.now()

    clock.sleep(seconds)

    assert 0 <= clock.now() - before < 1.0


def test_the_jumping_clock_stands_still_until_it_is_moved():
    clock = FakeClock()

    assert [clock.now(), clock.now()] == [1000.0, 1000.0]
    clock.advance(300)
    assert clock.now() == 1300.0


def test_many_small_steps_of_the_jumping_clock_end_where_one_large_one_does():
    clock = FakeClock()

    for _ in range(50):
        clock.sleep(0.02)

    assert clock.now() == 1001.0
