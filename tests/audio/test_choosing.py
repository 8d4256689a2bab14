"""Which speaker the kiosk gets, and which sound card a name means."""

import pytest

from kiosk.audio.sound_card import OutputDevice, SoundCard, pick
from kiosk.audio.speaker import SilentSpeaker, open_speaker
from kiosk.errors import AudioError
from tests.audio.rig import AudioRig
from tests.fakes.clock import FakeClock


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
