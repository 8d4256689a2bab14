"""What every speaker does: the sound card, the silent one, and the tests' own."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kiosk.audio.sound_card import SoundCard
from kiosk.audio.speaker import SilentSpeaker, Speaker
from kiosk.clock import Clock
from kiosk.errors import AudioError
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


@pytest.fixture(params=["sound card", "silent", 0, 100])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    clock = FakeClock()
    match request.param:
        case "sound card":
            request.getfixturevalue("rig")
            made = Bench(SoundCard(), SystemClock())
        case "silent":
            made = Bench(SilentSpeaker(clock), clock)
        case delay:
            made = Bench(FakeSpeaker(clock, delay=delay), clock)
    yield made
    made.speaker.close()


def test_it_has_a_name(bench: Bench):
    assert bench.speaker.name


def test_opening_it_twice_is_like_opening_it_once(bench: Bench):
    bench.speaker.open()
    bench.speaker.open()

    bench.speaker.write(CHUNK)


@pytest.mark.parametrize("pieces", [[CHUNK] * 25, [HALF_A_SECOND]], ids=["chunks", "at once"])
def test_writing_keeps_the_pace_of_the_sound_but_for_what_is_queued(bench: Bench, pieces):
    bench.speaker.open()
    begun = bench.clock.now()

    for pcm in pieces:
        bench.speaker.write(pcm)

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


# The silent speaker's time, exactly


SECOND = bytes(SAMPLE_RATE * BYTES_PER_FRAME)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def silent(clock: FakeClock) -> SilentSpeaker:
    return SilentSpeaker(clock)


def test_the_first_100_ms_are_accepted_at_once_and_the_rest_as_time_goes_by(clock, silent):
    accepted = []
    for _ in range(8):
        silent.write(CHUNK)
        accepted.append(round((clock.now() - 1000) * 1000))

    assert accepted == [0, 0, 0, 0, 0, 20, 40, 60]


def test_five_minutes_in_odd_pieces_take_five_minutes(clock, silent):
    for start in range(0, 300 * SAMPLE_RATE, 347):
        silent.write(bytes(min(300 * SAMPLE_RATE - start, 347) * BYTES_PER_FRAME))
    silent.close()

    assert round(clock.now() - 1000, 6) == 300


@pytest.mark.parametrize(("late", "end"), [(0.08, 1002.0), (10, 1000 + 0.9 + 10 + 1)])
def test_a_late_writer_does_not_delay_what_follows_and_after_a_gap_it_begins_anew(
    clock, silent, late, end
):
    silent.write(SECOND)
    clock.advance(late)
    silent.write(SECOND)
    silent.close()

    assert clock.now() == end


def test_nothing_is_left_to_wait_for_after_an_abort(clock, silent):
    silent.write(SECOND)
    silent.abort()
    silent.close()

    assert clock.now() == 1000.9


# The tests' own speaker: what it stores, and how it fails


ONE, TWO, THREE = (bytes([n]) * 882 for n in (1, 2, 3))
"""20 ms each."""


def test_what_was_queued_at_an_abort_is_not_heard():
    speaker = FakeSpeaker(FakeClock(), delay=20)
    speaker.open()

    speaker.write(ONE)
    speaker.write(TWO)
    speaker.abort()
    speaker.write(THREE)

    assert speaker.heard() == ONE + THREE
    assert speaker.aborts == [1000.04]


def test_it_is_lost_and_found_as_it_is_set():
    speaker = FakeSpeaker(FakeClock(), failing_writes={2}, failing_opens={2})
    speaker.open()
    speaker.write(ONE)

    with pytest.raises(AudioError, match="was lost"):
        speaker.write(TWO)
    with pytest.raises(AudioError, match="not open"):
        speaker.write(TWO)
    with pytest.raises(AudioError, match="not there"):
        speaker.open()
    speaker.open()
    speaker.write(THREE)

    assert speaker.heard() == ONE + THREE
