"""What every speaker does: the sound card, the silent one, and the tests' own."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kiosk.audio.sound_card import OutputDevice, SoundCard, pick
from kiosk.audio.speaker import SilentSpeaker, Speaker, open_speaker
from kiosk.clock import Clock
from kiosk.errors import AudioError
from kiosk.system.clock import SystemClock
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, frames_of
from tests.audio.rig import AudioRig
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


# Which speaker the kiosk gets


@pytest.mark.usefixtures("rig")
@pytest.mark.parametrize(
    ("device", "kind"),
    [
        *((device, SoundCard) for device in ("", "rig", "default")),
        *((device, SilentSpeaker) for device in ("none", "None")),
    ],
)
def test_a_sound_card_is_taken_where_there_is_one_unless_silence_is_chosen(device: str, kind: type):
    speaker, message = open_speaker(device, FakeClock())

    assert isinstance(speaker, kind)
    assert message is None
    speaker.open()
    speaker.close()


def test_a_machine_without_a_card_runs_in_silence_and_says_why(rig: AudioRig):
    rig.unplug()
    speaker, message = open_speaker("", FakeClock())

    assert isinstance(speaker, SilentSpeaker)
    assert message is not None
    assert "there is no sound card" in message


def test_a_named_card_that_is_not_there_is_lost_and_is_found_once_it_is_plugged_in(rig: AudioRig):
    rig.unplug()
    speaker, message = open_speaker("rig", FakeClock())
    assert isinstance(speaker, SoundCard)
    assert message is None
    with pytest.raises(AudioError, match="There is no sound card"):
        speaker.open()

    rig.plug_in()

    speaker.open()
    speaker.close()


# By its name


HDMI = OutputDevice(0, "vc4-hdmi: MAI PCM i2s-hifi-0 (plughw:0,0)")
USB = OutputDevice(1, "USB Audio Device: - (plughw:1,0)")
USB_OUT = OutputDevice(2, "USB")
DEFAULT = OutputDevice(3, "default", is_default=True)
ALL = (HDMI, USB, USB_OUT, DEFAULT)


def test_no_name_means_the_system_s_default_or_else_the_first():
    assert pick(ALL, "") == DEFAULT
    assert pick((HDMI, USB), "") == HDMI


@pytest.mark.parametrize("wanted", ["hdmi", "HDMI", "i2s", "PLUGHW:0,0"])
def test_a_part_of_the_name_will_do_in_any_case_of_letters(wanted: str):
    assert pick(ALL, wanted) == HDMI


def test_the_one_whose_name_it_is_wins_over_those_that_contain_it():
    assert pick(ALL, "usb") == USB_OUT


def test_among_several_that_contain_it_the_first_is_taken_and_said(
    caplog: pytest.LogCaptureFixture,
):
    with caplog.at_level("INFO"):
        assert pick((HDMI, USB, DEFAULT), "plughw") == HDMI

    assert "2 sound cards match 'plughw'; taking 'vc4-hdmi" in caplog.text


def test_an_unknown_name_is_answered_with_the_names_there_are():
    with pytest.raises(AudioError) as failure:
        pick((USB, DEFAULT), "Jabra")

    assert str(failure.value) == (
        "No sound card's name contains 'Jabra'. There are: 'USB Audio Device: - (plughw:1,0)', "
        "'default'. Set `audio_device` to a part of one of these names, or leave it empty for the "
        "system's default."
    )


@pytest.mark.parametrize("wanted", ["", "USB"])
def test_where_there_is_no_card_at_all_it_says_so(wanted: str):
    with pytest.raises(AudioError, match="There is no sound card"):
        pick((), wanted)
