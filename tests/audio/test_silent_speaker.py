"""The silent speaker's time, exactly."""

from kiosk.audio.speaker import SilentSpeaker
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, frames_of
from tests.fakes.clock import FakeClock

SECOND = bytes(SAMPLE_RATE * BYTES_PER_FRAME)
CHUNK = bytes(frames_of(20) * BYTES_PER_FRAME)


def test_the_first_100_ms_are_accepted_at_once_and_the_rest_as_time_goes_by():
    clock = FakeClock()
    speaker = SilentSpeaker(clock)

    accepted = []
    for _ in range(8):
        speaker.write(CHUNK)
        accepted.append(round((clock.now() - 1000) * 1000))

    assert accepted == [0, 0, 0, 0, 0, 20, 40, 60]


def test_five_minutes_in_odd_pieces_take_five_minutes():
    clock = FakeClock()
    speaker = SilentSpeaker(clock)
    left = 300 * SAMPLE_RATE

    while left:
        frames = min(left, 347)
        speaker.write(bytes(frames * BYTES_PER_FRAME))
        left -= frames
    speaker.close()

    assert round(clock.now() - 1000, 6) == 300


def test_a_late_writer_does_not_delay_what_follows():
    clock = FakeClock()
    speaker = SilentSpeaker(clock)

    speaker.write(SECOND)
    clock.advance(0.08)
    speaker.write(SECOND)
    speaker.close()

    assert clock.now() == 1002.0


def test_after_a_gap_the_sound_begins_anew():
    clock = FakeClock()
    speaker = SilentSpeaker(clock)

    speaker.write(SECOND)
    clock.advance(10)
    speaker.write(SECOND)
    speaker.close()

    assert clock.now() == 1000 + 0.9 + 10 + 1


def test_nothing_is_left_to_wait_for_after_an_abort():
    clock = FakeClock()
    speaker = SilentSpeaker(clock)
    speaker.write(SECOND)

    speaker.abort()
    speaker.close()

    assert clock.now() == 1000.9
