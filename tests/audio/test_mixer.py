"""What of a mixer keeps a card silent, and what does not; with ALSA's own library."""

import time

import pytest

from kiosk.audio.mixer import Control, Mixer, mixer_of, silenced_by
from tests.audio.rig import PATIENCE, AudioRig


@pytest.mark.parametrize(
    ("controls", "silent"),
    [
        ([], None),
        ([Control("Master", is_on=True, loudness=-600)], None),
        ([Control("Master", is_on=False, loudness=0)], "Master"),
        ([Control("PCM", loudness=-10_239)], "PCM"),
        ([Control("PCM", loudness=-4999)], None),
        ([Control("PCM", loudness=-5000)], "PCM"),
        ([Control("Master", is_on=True), Control("PCM", is_on=False)], "PCM"),
        # A headset's microphone that is not played back, and the like, silence nobody.
        ([Control("Mic", is_on=False), Control("PCM", is_on=True)], None),
        ([Control("Mic", is_on=False), Control("Auto Gain Control", is_on=False)], None),
        # Of several ways out one is enough.
        ([Control("Headphone", is_on=False), Control("Speaker", is_on=True)], None),
        ([Control("Headphone", is_on=False), Control("Speaker", is_on=False)], "Headphone"),
        ([Control("Speaker")], None),
    ],
)
def test_a_card_is_silent_where_no_way_is_open(controls, silent):
    assert silenced_by(controls) == silent


@pytest.mark.parametrize(
    ("device", "mixer"),
    [
        ("USB Audio Device: - (hw:1,0)", "hw:1"),
        ("vc4-hdmi-0: MAI PCM i2s-hifi-0 (plughw:12,0)", "hw:12"),
        ("default", "default"),
        ("sysdefault", "default"),
        # Where a name from a person's own configuration leads, nobody knows.
        ("kitchen", None),
        ("dmix", None),
    ],
)
def test_each_card_has_its_own_mixer(device, mixer):
    assert mixer_of(device) == mixer


def wait_for(mixer: Mixer, control: str | None) -> None:
    deadline = time.monotonic() + PATIENCE
    while mixer.silenced_by() != control:
        assert time.monotonic() < deadline, f"not {control} but {mixer.silenced_by()}"


def test_a_mixer_that_is_muted_while_it_is_open_is_seen_to_be(rig: AudioRig):
    mixer = Mixer("default")
    assert mixer.silenced_by() is None

    rig.mute(True)
    wait_for(mixer, "Master")
    rig.mute(False)
    wait_for(mixer, None)
    mixer.close()
    mixer.close()


def test_one_that_is_muted_when_it_is_opened_too(rig: AudioRig):
    rig.mute(True)
    mixer = Mixer("default")
    wait_for(mixer, "Master")
    mixer.close()


def test_of_a_card_without_a_mixer_nothing_is_known(rig: AudioRig):
    assert Mixer("hw:31").silenced_by() is None
    mixer = Mixer("default")
    rig.mute(True)
    mixer.close()
    assert mixer.silenced_by() is None


def test_nor_without_the_library():
    assert Mixer("default", "libasound-is-not-here.so").silenced_by() is None
