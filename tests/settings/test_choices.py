"""What a machine offers for the settings."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.audio.speaker import cards_that_play
from kiosk.locale.problems import sentence
from kiosk.settings.choices import SettingChoices
from kiosk.settings.model import Settings
from kiosk.speech.engine import Pyttsx3Engine
from kiosk.speech.model import Known
from kiosk.speech.preparer import SessionPreparer
from tests.builders import ENGLISH
from tests.session.bench import MarkedVoice, Shelf

BOARD = """\
 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 1 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 2 [Webcam         ]: USB-Audio - Webcam - with microphone
                      Maker Webcam at usb-0000:01:00.0-1.2, high speed
10 [Device         ]: USB-Audio - USB Audio Device
                      C-Media USB Audio Device at usb-0000:01:00.0-1.1, full speed
"""
OUTPUTS = """\
00-00: MAI PCM i2s-hifi-0 : MAI PCM i2s-hifi-0 : playback 1
01-00: bcm2835 Headphones : bcm2835 Headphones : playback 8
02-00: USB Audio : USB Audio : capture 1
10-00: USB Audio : USB Audio : playback 1 : capture 1
"""


def choices_with(voices) -> SettingChoices:
    preparer = SessionPreparer(Shelf(), MarkedVoice(), ENGLISH, Settings)
    return SettingChoices(Shelf(), preparer, voices)


@pytest.fixture(scope="module")
def choices() -> Iterator[SettingChoices]:
    """As this machine has them."""
    with closing(Pyttsx3Engine()) as engine:
        yield choices_with(engine.voices)


def problems(choices, name, text):
    return [sentence(problem) for problem in choices.problems(name, text)]


class TestChoices:
    def test_there_are_voices_for_english_by_name(self, choices):
        voices = choices.voices()
        assert ("gmw/en-us", "English (America)") in [(voice.id, voice.name) for voice in voices]
        assert [voice.name for voice in voices] == sorted(voice.name for voice in voices)
        assert {voice.language.partition("-")[0] for voice in voices} == {"en"}

    def test_a_voice_that_is_not_there_is_refused_with_near_ones(self, choices):
        assert problems(choices, "voice", "gmw/en-us") == []
        (message,) = problems(choices, "voice", "gmw/en-uz")
        assert re.match(
            r"The speech engine has no voice 'gmw/en-uz'.* Near ones: .*gmw/en-us", message
        )

    def test_zones_that_people_live_in(self, choices):
        zones = choices.zones()
        assert {"Europe/Oslo", "America/New_York"} <= set(zones)
        assert zones[-1] == "UTC"
        assert list(zones[:-1]) == sorted(zones[:-1])
        assert not [zone for zone in zones if zone.startswith(("Etc/", "US/", "posix/"))]
        for zone in ("Europe/Oslo", "UTC", ""):
            assert problems(choices, "time_zone", zone) == []


class TestVoices:
    def test_the_engine_is_asked_once(self):
        asked = []

        def voices():
            asked.append("voices")
            return [Known("gmw/en", "English", "en-gb"), Known("gmw/de", "German", "de")]

        choices = choices_with(voices)
        assert choices.voices() == choices.voices() == (Known("gmw/en", "English", "en-gb"),)
        assert problems(choices, "voice", "German") == []
        assert asked == ["voices"]

    def test_one_that_was_installed_meanwhile_is_found(self):
        there = [Known("gmw/en", "English", "en")]
        choices = choices_with(lambda: tuple(there))
        choices.voices()
        better = Known("mb/en-us", "Better English", "en-us")
        there.append(better)
        assert problems(choices, "voice", "mb/en-us") == []
        assert better in choices.voices()


class TestCards:
    @pytest.fixture
    def sound(self, tmp_path: Path) -> Path:
        (tmp_path / "cards").write_text(BOARD, encoding="utf-8")
        (tmp_path / "pcm").write_text(OUTPUTS, encoding="utf-8")
        return tmp_path

    def test_those_that_play_by_the_names_that_portaudio_begins_with(self, sound):
        names = ("vc4-hdmi-0", "bcm2835 Headphones", "USB Audio Device")
        assert cards_that_play(sound) == names

    def test_two_of_the_same_name_are_one_choice(self, sound):
        with (sound / "cards").open("a") as cards:
            cards.write("11 [Device_1       ]: USB-Audio - USB Audio Device\n   Another one\n")
        with (sound / "pcm").open("a") as outputs:
            outputs.write("11-00: USB Audio : USB Audio : playback 1\n")
        assert cards_that_play(sound).count("USB Audio Device") == 1

    def test_a_card_whose_name_has_dashes_keeps_it(self, sound):
        with (sound / "pcm").open("a") as outputs:
            outputs.write("02-01: USB Audio : USB Audio : playback 1\n")
        assert "Webcam - with microphone" in cards_that_play(sound)

    def test_without_any_there_is_none(self, tmp_path):
        assert cards_that_play(tmp_path / "asound") == ()
        (tmp_path / "cards").write_text("--- no soundcards ---\n", encoding="utf-8")
        (tmp_path / "pcm").write_text("", encoding="utf-8")
        assert cards_that_play(tmp_path) == ()
