"""What every speaker does: the sound card, the silent one, and the tests' own."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kiosk.audio.sound_card import SoundCard
from kiosk.audio.speaker import SilentSpeaker, Speaker
from kiosk.clock import Clock
from kiosk.system.clock import SystemClock
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, frames_of
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker

HALF_A_SECOND = bytes(SAMPLE_RATE // 2 * BYTES_PER_FRAME)
CHUNK = bytes(frames_of(20) * BYTES_PER_FRAME)


@dataclass
class Bench:
    speaker: Speaker
    clock: Clock
    """The one whose time the speaker takes."""

    def ms_since(self, moment: float) -> float:
        return round((self.clock.now() - moment) * 1000, 3)


@pytest.fixture(params=["sound card", "silent", "fake", "fake with a delay"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    clock = FakeClock()
    match request.param:
        case "sound card":
            request.getfixturevalue("rig")
            made = Bench(SoundCard(), SystemClock())
        case "silent":
            made = Bench(SilentSpeaker(clock), clock)
        case "fake":
            made = Bench(FakeSpeaker(clock), clock)
        case _:
            made = Bench(FakeSpeaker(clock, delay=100), clock)
    yield made
    made.speaker.close()


def test_it_has_a_name(bench: Bench):
    assert bench.speaker.name


def test_opening_it_twice_is_like_opening_it_once(bench: Bench):
    bench.speaker.open()
    bench.speaker.open()

    bench.speaker.write(CHUNK)


def test_writing_keeps_the_pace_of_the_sound_but_for_what_is_queued(bench: Bench):
    bench.speaker.open()
    begun = bench.clock.now()

    for _ in range(25):
        bench.speaker.write(CHUNK)

    assert bench.ms_since(begun) >= 500 - bench.speaker.delay()


def test_a_long_piece_may_be_written_at_once(bench: Bench):
    bench.speaker.open()
    begun = bench.clock.now()

    bench.speaker.write(HALF_A_SECOND)

    assert bench.ms_since(begun) >= 500 - bench.speaker.delay()


def test_the_delay_stays_the_same_while_it_plays(bench: Bench):
    bench.speaker.open()
    before = bench.speaker.delay()

    bench.speaker.write(HALF_A_SECOND)

    assert bench.speaker.delay() == before
    assert 0 <= before <= 200


def test_closing_waits_until_all_of_it_has_been_heard(bench: Bench):
    bench.speaker.open()
    begun = bench.clock.now()

    bench.speaker.write(HALF_A_SECOND)
    bench.speaker.close()

    assert bench.ms_since(begun) >= 500


def test_it_plays_on_after_an_abort(bench: Bench):
    bench.speaker.open()
    bench.speaker.write(HALF_A_SECOND)

    bench.speaker.abort()

    begun = bench.clock.now()
    bench.speaker.write(HALF_A_SECOND)
    assert bench.ms_since(begun) >= 500 - bench.speaker.delay()


def test_it_can_be_silenced_whatever_it_is_doing(bench: Bench):
    bench.speaker.abort()
    bench.speaker.open()
    bench.speaker.abort()
    bench.speaker.write(CHUNK)
    bench.speaker.abort()
    bench.speaker.abort()

    bench.speaker.write(CHUNK)


def test_it_can_be_opened_again_after_it_was_closed(bench: Bench):
    bench.speaker.close()
    bench.speaker.open()
    bench.speaker.write(CHUNK)
    bench.speaker.close()
    bench.speaker.close()

    bench.speaker.open()
    bench.speaker.write(CHUNK)
