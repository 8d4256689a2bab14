"""The sound card, played on and listened to."""

import ctypes
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kiosk.audio.sound_card import SoundCard
from kiosk.errors import AudioError
from kiosk.timeline.render import tone
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, frames_of
from tests.audio.rig import DEVICE, AudioRig
from tests.fakes.clock import FakeClock
from tests.processes import python

BURST = tone(880, 70, 0.5, fade=2)
HUM = tone(440, 5000, 0.5, fade=2)
WORD = np.random.default_rng(3).integers(-8000, 8000, frames_of(400)).astype("<i2").tobytes()


def silence(ms: int) -> bytes:
    return bytes(frames_of(ms) * BYTES_PER_FRAME)


@pytest.fixture
def card(rig: AudioRig) -> Iterator[SoundCard]:  # noqa: ARG001 - it is to be there
    """The rig's speaker, open."""
    card = SoundCard()
    card.open()
    yield card
    card.close()


def write_in_chunks(card: SoundCard, pcm: bytes) -> None:
    size = frames_of(20) * BYTES_PER_FRAME
    for start in range(0, len(pcm), size):
        card.write(pcm[start : start + size])


def test_three_sounds_are_heard_at_their_distances(rig: AudioRig, card: SoundCard):
    with rig.record() as recording:
        write_in_chunks(card, BURST + silence(430) + BURST + silence(680) + BURST)
        card.close()

    first = recording.sound_from(0)
    found = [
        recording.find(BURST, near_ms=first + after, within_ms=20) - first
        for after in (0, 500, 1250)
    ]
    assert found == pytest.approx([0, 500, 1250], abs=1)


def test_closing_lets_the_last_word_be_heard_to_its_end(rig: AudioRig, card: SoundCard):
    with rig.record() as recording:
        card.write(WORD)
        card.close()

    onset = recording.find(WORD, near_ms=150, within_ms=150)
    assert recording.silent_from(onset + 390) == pytest.approx(onset + 400, abs=0.2)


def test_an_abort_silences_it_within_100_ms(rig: AudioRig, card: SoundCard):
    with rig.record() as recording:
        card.write(HUM[: 2 * frames_of(600)])
        called = recording.length_ms()
        card.abort()
        recording.wait_until(called + 400)

    assert recording.sound_from(0) < called
    assert recording.silent_from(called) - called < 100


def test_what_is_written_after_an_abort_is_heard_and_nothing_of_before(
    rig: AudioRig, card: SoundCard
):
    card.write(HUM[: 2 * frames_of(300)])

    card.abort()
    with rig.record() as recording:
        recording.wait_until(150)
        card.write(WORD)
        card.close()

    assert recording.silent_from(100, for_ms=40) < 101
    onset = recording.find(WORD, near_ms=250, within_ms=150)
    assert recording.sound_from(100) == pytest.approx(onset, abs=0.2)


def test_it_plays_on_after_a_gap_in_the_writing(rig: AudioRig, card: SoundCard):
    with rig.record() as recording:
        card.write(BURST)
        recording.wait_until(500)
        card.write(WORD)
        card.close()

    assert recording.find(WORD, near_ms=600, within_ms=150) > 500


def test_a_lost_speaker_is_an_error_not_a_hang_and_is_found_when_it_is_back(
    rig: AudioRig, card: SoundCard
):
    errors: list[AudioError] = []

    def play() -> None:
        try:
            write_in_chunks(card, HUM)
        except AudioError as error:
            errors.append(error)

    writer = threading.Thread(target=play, daemon=True)
    with rig.record() as recording:
        writer.start()
        recording.wait_until(300)
    rig.unplug()
    writer.join(timeout=10)

    assert not writer.is_alive()
    assert str(errors[0]).startswith("The speaker 'default' was lost: ")
    with pytest.raises(AudioError, match="There is no sound card"):
        card.open()

    rig.plug_in()
    card.open()
    with rig.record() as recording:
        card.write(WORD)
        card.close()
    recording.find(WORD, near_ms=150, within_ms=150)


@pytest.mark.usefixtures("rig")
def test_it_is_chosen_by_a_part_of_its_name():
    card = SoundCard("RIG")
    assert card.name == "RIG"

    card.open()

    assert card.name == DEVICE
    card.close()


@pytest.mark.usefixtures("rig")
def test_the_cards_there_are_can_be_listed():
    assert [output.name for output in SoundCard().outputs()] == [DEVICE, "default"]


@pytest.mark.usefixtures("rig")
def test_an_unknown_name_is_answered_with_the_names_there_are():
    card = SoundCard("Jabra")

    with pytest.raises(AudioError, match=r"contains 'Jabra'\. There are: 'Rig speaker', 'default'"):
        card.open()


def test_writing_to_a_card_that_is_not_open_is_an_error():
    with pytest.raises(AudioError, match="not open"):
        SoundCard().write(BURST)


def test_the_libraries_below_keep_off_the_terminal_and_are_in_the_log(
    rig: AudioRig,
    card: SoundCard,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level("DEBUG")
    card.write(BURST)
    rig.unplug()

    with pytest.raises(AudioError, match="was lost"):
        write_in_chunks(card, HUM)
    with pytest.raises(AudioError):
        card.open()

    assert capfd.readouterr() == ("", "")
    assert "failed in 'src/hostapi/alsa/pa_linux_alsa.c'" in caplog.text


@pytest.mark.usefixtures("rig")
def test_the_libraries_may_print_again_once_it_is_closed(capfd: pytest.CaptureFixture[str]):
    c_library = ctypes.CDLL(None)
    card = SoundCard()

    card.open()
    c_library.perror(b"while it is open")
    card.close()
    c_library.perror(b"once it is closed")

    printed = capfd.readouterr().err
    assert "while it is open" not in printed
    assert "once it is closed" in printed


def test_without_portaudio_it_says_what_to_install():
    def not_installed():
        raise OSError("PortAudio library not found")

    card = SoundCard(load=not_installed)

    with pytest.raises(AudioError, match=r"sudo apt install libportaudio2"):
        card.open()
    card.close()


def test_without_portaudio_sounddevice_cannot_be_imported(tmp_path: Path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    script = "from kiosk.audio.speaker import open_speaker; print(open_speaker('', None))"
    done = python(script, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.stderr == ""
    assert "Running without sound. Sound needs the PortAudio library" in done.stdout


def test_a_mistake_in_the_configuration_of_alsa_is_reported_and_ends_nothing(tmp_path: Path):
    broken = tmp_path / "asound.conf"
    broken.write_text("pcm.!default { type pulse\n")
    script = """if True:
        import ctypes
        from kiosk.audio.sound_card import SoundCard
        from kiosk.errors import AudioError
        card = SoundCard()
        for _ in range(2):
            try:
                card.open()
            except AudioError as error:
                print(error)
        ctypes.CDLL(None).perror(b"after it")
    """
    done = python(script, env={**os.environ, "ALSA_CONFIG_PATH": str(broken)})

    message = (
        "PortAudio does not start: Error initializing PortAudio: Unanticipated host error. See that"
        " /etc/asound.conf and .asoundrc, if there are any, have no mistake.\n"
    )
    assert (done.returncode, done.stdout) == (0, message * 2)
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["after it"]


def test_cards_are_reached_through_the_converting_layer():
    script = (
        "import os; from kiosk.audio.sound_card import load_sounddevice;"
        "load_sounddevice(); print(os.environ['PA_ALSA_PLUGHW'])"
    )
    os.environ.pop("PA_ALSA_PLUGHW", None)
    assert python(script).stdout == "1\n"
    assert python(script, env={**os.environ, "PA_ALSA_PLUGHW": "0"}).stdout == "0\n"


class StandInError(Exception):
    """What a stand-in for PortAudio raises."""


def portaudio_with(*names: str | UnicodeDecodeError, **parts: object) -> SimpleNamespace:
    """A stand-in for PortAudio with outputs of these names; an error is raised in asking for it."""

    def query_devices(index: int) -> dict[str, object]:
        name = names[index]
        if isinstance(name, UnicodeDecodeError):
            raise name
        return {"name": name, "max_output_channels": 2}

    api = {"devices": list(range(len(names))), "default_output_device": 0}
    return SimpleNamespace(
        PortAudioError=StandInError,
        _initialized=1,
        _terminate=lambda: None,
        query_hostapis=lambda: (api,),
        query_devices=query_devices,
        **parts,
    )


class DeadStream:
    """A stream whose card takes the first 100 ms and then no more, without an error."""

    def __init__(self, **_: object) -> None:
        self.write_available = SAMPLE_RATE // 10

    def start(self) -> None:
        """Nothing moves."""

    abort = close = start

    def write(self, pcm: bytes) -> bool:
        self.write_available -= len(pcm) // BYTES_PER_FRAME
        return False


def test_a_card_that_silently_stops_taking_sound_is_lost_after_5_seconds():
    clock = FakeClock()
    portaudio = portaudio_with("Telly", RawOutputStream=DeadStream)
    card = SoundCard(clock=clock, load=lambda: portaudio)
    card.open()

    with pytest.raises(AudioError, match="The speaker 'Telly' was lost: it takes no more sound"):
        write_in_chunks(card, HUM)

    assert 1005.0 <= clock.now() < 1005.1


def test_a_card_that_refuses_our_sound_says_which_and_why():
    def refuse(**_: object):
        raise StandInError("Invalid sample rate", -9997)

    portaudio = portaudio_with("Telly", RawOutputStream=refuse)
    card = SoundCard(load=lambda: portaudio)

    with pytest.raises(AudioError, match="'Telly' does not open: Invalid sample rate"):
        card.open()
    with pytest.raises(AudioError, match="not open"):
        card.write(BURST)


def test_a_name_of_a_persons_own_has_no_mixer_that_could_keep_it_silent():
    asked = []
    portaudio = portaudio_with("kitchen", RawOutputStream=DeadStream)
    card = SoundCard(load=lambda: portaudio, open_mixer=asked.append)
    card.open()
    card.write(BURST)
    assert asked == []


def test_a_card_with_an_unreadable_name_is_left_out():
    unreadable = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    portaudio = portaudio_with(unreadable, "USB")

    outputs = SoundCard(load=lambda: portaudio).outputs()

    assert [output.name for output in outputs] == ["USB"]
