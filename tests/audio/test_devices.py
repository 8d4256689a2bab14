"""Choosing a sound card by its name."""

import pytest

from kiosk.audio.sound_card import OutputDevice, pick
from kiosk.errors import AudioError

HDMI = OutputDevice(0, "vc4-hdmi: MAI PCM i2s-hifi-0 (plughw:0,0)")
USB = OutputDevice(1, "USB Audio Device: - (plughw:1,0)")
USB_OUT = OutputDevice(2, "USB")
DEFAULT = OutputDevice(3, "default", is_default=True)
ALL = (HDMI, USB, USB_OUT, DEFAULT)


def test_no_name_means_the_system_s_default():
    assert pick(ALL, "") == DEFAULT


def test_without_a_default_no_name_means_the_first():
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
    with pytest.raises(AudioError) as told:
        pick((USB, DEFAULT), "Jabra")

    assert str(told.value) == (
        "No sound card's name contains 'Jabra'. There are: 'USB Audio Device: - (plughw:1,0)', "
        "'default'. Set `audio_device` to a part of one of these names, or leave it empty for the "
        "system's default."
    )


@pytest.mark.parametrize("wanted", ["", "USB"])
def test_where_there_is_no_card_at_all_it_says_so(wanted: str):
    with pytest.raises(AudioError, match="There is no sound card"):
        pick((), wanted)
