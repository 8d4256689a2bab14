"""How a timeline sounds: to the frame, in whatever pieces it is asked for."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.settings.model import Settings
from kiosk.timeline.render import ClipBank, gain_of, pcm_of, render, scale
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
