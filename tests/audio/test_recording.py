"""The ear of the rig: it finds what is there, where it is, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kiosk.timeline.render import tone
from kiosk.units import SAMPLE_RATE
from tests.audio.recording import Recording

CLIP = np.random.default_rng(7).integers(-8000, 8000, SAMPLE_RATE // 4).astype("<i2")
OTHER = tone(440, 250, 0.5, fade=2)


def no_waiting(ready: Callable[[], bool]) -> None:
    assert ready()


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """Two seconds of silence, in which CLIP begins with frame 11,111 at half its volume."""
    samples = np.zeros(2 * SAMPLE_RATE, "<i2")
    samples[11_111 : 11_111 + len(CLIP)] = CLIP // 2
    path = tmp_path / "tape.raw"
    path.touch()
    path.write_bytes(samples.tobytes())
    return path


@pytest.fixture
def recording(tape: Path) -> Recording:
    content = tape.read_bytes()
    tape.write_bytes(b"")
    made = Recording(tape, no_waiting)
    tape.write_bytes(content)
    return made


def test_a_sound_is_found_to_the_sample_at_any_volume(recording: Recording):
    onset = recording.find(CLIP.tobytes(), near_ms=520, within_ms=40)

    assert round(onset * SAMPLE_RATE / 1000) == 11_111


def test_a_sound_outside_the_window_is_not_found(recording: Recording):
    with pytest.raises(AssertionError, match="not heard within 40 ms of 600 ms"):
        recording.find(CLIP.tobytes(), near_ms=600, within_ms=40)


def test_another_sound_is_not_taken_for_it(recording: Recording):
    with pytest.raises(AssertionError, match="best match is"):
        recording.find(OTHER, near_ms=504, within_ms=100)


def test_a_recording_that_ends_too_early_says_so(recording: Recording):
    with pytest.raises(AssertionError, match="recording is over"):
        recording.find(CLIP.tobytes(), near_ms=1950, within_ms=10)


def test_sound_and_silence_have_their_edges(recording: Recording):
    begins = recording.sound_from(0)
    ends = recording.silent_from(begins)

    assert round(begins * SAMPLE_RATE / 1000) == 11_111
    assert round(ends * SAMPLE_RATE / 1000) == 11_111 + len(CLIP)


def test_it_is_silent_from_the_moment_asked_for_where_it_is_silent_then(recording: Recording):
    assert recording.silent_from(100) == pytest.approx(100, abs=0.05)


def test_there_may_be_no_silence_and_no_sound_any_more(recording: Recording):
    with pytest.raises(AssertionError, match="never silent for 2500 ms"):
        recording.silent_from(0, for_ms=2500)
    with pytest.raises(AssertionError, match="Nothing is heard after 1000 ms"):
        recording.sound_from(1000)


def test_a_recording_is_its_own_stretch_of_the_tape(tape: Path):
    recording = Recording(tape, no_waiting)
    with tape.open("ab") as out:
        out.write(CLIP.tobytes())
    recording.end()
    with tape.open("ab") as out:
        out.write(OTHER)

    tape.unlink()

    assert recording.samples().tolist() == CLIP.tolist()
