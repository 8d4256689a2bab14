"""Which speaker the kiosk gets."""

import pytest

from kiosk.audio.sound_card import SoundCard
from kiosk.audio.speaker import SilentSpeaker, open_speaker
from kiosk.errors import AudioError
from tests.audio.rig import AudioRig
from tests.fakes.clock import FakeClock


@pytest.fixture
def no_card(rig: AudioRig) -> None:
    """There is a way to a sound card, but no card at its end."""
    rig.unplug()


@pytest.mark.usefixtures("rig")
@pytest.mark.parametrize("device", ["", "rig", "default"])
def test_a_sound_card_is_taken_where_there_is_one(device: str):
    speaker, message = open_speaker(device, FakeClock())

    assert isinstance(speaker, SoundCard)
    assert message is None
    speaker.open()
    speaker.close()


@pytest.mark.usefixtures("rig")
@pytest.mark.parametrize("device", ["none", "None"])
def test_none_is_silence_and_nothing_to_remark_on(device: str):
    speaker, message = open_speaker(device, FakeClock())

    assert isinstance(speaker, SilentSpeaker)
    assert message is None


@pytest.mark.usefixtures("no_card")
def test_a_machine_without_a_card_runs_in_silence_and_says_why():
    speaker, message = open_speaker("", FakeClock())

    assert isinstance(speaker, SilentSpeaker)
    assert message is not None
    assert "there is no sound card" in message


@pytest.mark.usefixtures("no_card")
def test_a_named_card_that_is_not_there_is_lost_not_absent():
    speaker, message = open_speaker("USB", FakeClock())

    assert isinstance(speaker, SoundCard)
    assert message is None
    with pytest.raises(AudioError, match="There is no sound card"):
        speaker.open()


def test_a_named_card_is_found_once_it_is_plugged_in(rig: AudioRig):
    rig.unplug()
    speaker, _ = open_speaker("rig", FakeClock())
    with pytest.raises(AudioError):
        speaker.open()

    rig.plug_in()

    speaker.open()
    speaker.close()
