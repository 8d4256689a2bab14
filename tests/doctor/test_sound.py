"""A tone is played, and heard where the machine can hear itself."""

import sys

import pytest

from kiosk.audio.sound_card import SoundCard
from kiosk.audio.speaker import SilentSpeaker
from kiosk.doctor.sound import LOOPBACK, MONITOR, TONE, find_recorder, play_tone
from kiosk.errors import AudioError
from kiosk.system.clock import SystemClock
from tests.audio.rig import AudioRig, environment
from tests.fakes.clock import FakeClock


def recorder(program):
    """A command that runs a line of Python."""
    return [sys.executable, "-c", program]


def test_it_listens_to_what_there_is(tmp_path):
    assert find_recorder(lambda _command: None, tmp_path) is None
    assert find_recorder(lambda _command: "Server Name: x", tmp_path) == MONITOR
    (tmp_path / "proc/asound/Loopback").mkdir(parents=True)
    assert find_recorder(lambda _command: None, tmp_path) == LOOPBACK


def test_a_tone_is_heard_on_a_real_sound_path():
    with AudioRig() as rig, environment(rig.env):
        facts = play_tone(SoundCard(), 80, 100, SystemClock())
    assert facts.error == ""
    assert facts.loudest > 5000


def test_at_no_volume_nothing_is_heard_and_that_is_told():
    with AudioRig() as rig, environment(rig.env):
        facts = play_tone(SoundCard(), 0, 0, SystemClock())
    assert (facts.error, facts.loudest) == ("", 0)


@pytest.mark.parametrize(
    ("command", "loudest"),
    [
        (None, None),
        (["no-such-recorder"], None),
        (recorder("pass"), None),
        (recorder("import os, time; os.write(1, bytes([0, 0, 1, 128, 9])); time.sleep(60)"), 32767),
    ],
)
def test_whatever_becomes_of_the_recorder(command, loudest):
    facts = play_tone(SilentSpeaker(FakeClock()), 80, 0, SystemClock(), lambda: command)
    assert facts.loudest == loudest


def test_a_speaker_that_does_not_open():
    class Gone(SilentSpeaker):
        def open(self):
            raise AudioError("It is gone.")

    facts = play_tone(Gone(FakeClock()), 80, 0, FakeClock(), lambda: None)
    assert (facts.error, facts.loudest) == ("It is gone.", None)
    assert max(TONE) > 100
