"""How a timeline sounds: to the frame, in whatever pieces it or its WAV file is asked for."""

import io
import wave
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.settings.model import Settings
from kiosk.timeline.render import (
    HEADER_BYTES,
    PIECE,
    ClipBank,
    gain_of,
    pcm_of,
    render,
    scale,
    wav_bytes,
    wav_header,
    wav_size,
)
from kiosk.timeline.script import compile_timeline
from kiosk.timeline.timeline import BLIP, CHIME, MARK, TICK, Speech
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, frames_of
from tests.builders import ENGLISH, a_program, an_exercise
from tests.timeline.test_session_script import timeline_of


def a_clip(text: str) -> bytes:
    """As many frames as 10 ms a letter give, none of them silent and the first one the loudest."""
    frames = frames_of(10 * len(text))
    return array("h", [20_000] + [5000] * (frames - 1)).tobytes()


def bank_for(timeline) -> ClipBank:
    texts = {cue.sound.text for cue in timeline.cues if isinstance(cue.sound, Speech)}
    return ClipBank({text: a_clip(text) for text in texts})


TIMELINE = timeline_of(an_exercise(reps=2))
BANK = bank_for(TIMELINE)
FRAMES = frames_of(TIMELINE.duration)
WHOLE = render(TIMELINE, BANK, 0, FRAMES)


def test_every_cue_begins_at_its_frame():
    samples = array("h", WHOLE)

    assert [n for n, sample in enumerate(samples) if sample == 20_000] == [
        frames_of(cue.at) for cue in TIMELINE.cues
    ]


def test_between_the_cues_there_is_silence():
    samples = array("h", WHOLE)
    sounding = {
        n
        for cue in TIMELINE.cues
        for n in range(frames_of(cue.at), frames_of(cue.at) + BANK.frames(cue.sound))
    }

    assert all(sample == 0 for n, sample in enumerate(samples) if n not in sounding)


@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=30))
def test_pieces_of_any_size_make_the_same_sound_as_the_whole(sizes):
    start, pieces = 0, []
    for size in sizes:
        pieces.append(render(TIMELINE, BANK, start, size))
        start += size

    assert b"".join(pieces) == render(TIMELINE, BANK, 0, start)


def test_outside_the_timeline_there_is_silence():
    assert render(TIMELINE, BANK, FRAMES, 100) == bytes(200)
    before = render(TIMELINE, BANK, -100, 200)
    assert before[:200] == bytes(200)
    assert before[200:] == WHOLE[:200]


def test_missing_speech_is_heard_as_a_tone():
    program = a_program(an_exercise(reps=1))
    bank = ClipBank()
    timeline = compile_timeline(program, ENGLISH, Settings(), bank.length)

    at = next(cue.at for cue in timeline.cues)
    heard = render(timeline, bank, frames_of(at), len(pcm_of("tick")) // BYTES_PER_FRAME)
    assert heard == pcm_of("tick")


@pytest.mark.parametrize("name", [TICK, MARK, CHIME, BLIP])
def test_tones_begin_and_end_softly_and_do_not_clip(name):
    samples = array("h", pcm_of(name))

    assert 5000 < max(samples) < 32_000
    assert abs(samples[0]) < 1500
    assert abs(samples[-1]) < 1500
    assert len(samples) < (SAMPLE_RATE if name == CHIME else SAMPLE_RATE // 5)


def test_volume_is_squared_so_that_half_way_down_sounds_half_as_loud():
    assert gain_of(100) == 32_768
    assert gain_of(50) == 32_768 // 4
    assert gain_of(0) == 0


def test_scaling_keeps_the_shape_of_the_sound():
    pcm = array("h", [0, 20_000, -20_000, 32_767, -32_768]).tobytes()

    assert scale(pcm, 100) == pcm
    assert array("h", scale(pcm, 50)).tolist() == [0, 5000, -5000, 8191, -8192]
    assert scale(pcm, 0) == bytes(10)


# --- WAV files ------------------------------------------------------------------------------------


SOUND_FRAMES = 2 * PIECE + 777
SOUND = b"".join((n * 31 % 65_536).to_bytes(2, "little") for n in range(SOUND_FRAMES))


def pcm(start, count):
    assert 0 < count <= PIECE
    return SOUND[start * BYTES_PER_FRAME : (start + count) * BYTES_PER_FRAME]


FILE = b"".join(wav_bytes(pcm, SOUND_FRAMES))


def test_the_standard_library_reads_the_file():
    with wave.open(io.BytesIO(FILE)) as file:
        assert file.getparams()[:4] == (1, BYTES_PER_FRAME, SAMPLE_RATE, SOUND_FRAMES)
        assert file.readframes(SOUND_FRAMES + 1) == SOUND


def test_the_header_is_what_the_standard_library_writes():
    for frames in (0, 1, SOUND_FRAMES):
        written = io.BytesIO()
        with wave.open(written, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(BYTES_PER_FRAME)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(bytes(frames * BYTES_PER_FRAME))
        assert wav_header(frames) == written.getvalue()[:HEADER_BYTES]
        assert wav_size(frames) == len(written.getvalue())


AT_THE_START = st.integers(0, HEADER_BYTES + 5)
ANYWHERE = st.integers(0, len(FILE) + 9)


@settings(max_examples=200)
@given(AT_THE_START | ANYWHERE, AT_THE_START | ANYWHERE)
def test_any_part_of_a_file_is_that_part_of_the_whole(start, end):
    assert b"".join(wav_bytes(pcm, SOUND_FRAMES, start, end)) == FILE[start:end]


def test_no_piece_is_longer_than_a_second_of_sound():
    assert max(map(len, wav_bytes(pcm, SOUND_FRAMES))) == PIECE * BYTES_PER_FRAME
