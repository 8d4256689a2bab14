"""Where real speech is cut: a cue's offset is where its sound begins."""

import numpy as np
import pytest

from kiosk.speech.wav import read_clip, trim
from tests.speech.kit import COUNTS, english, onset_ms, samples

WORDS = (*COUNTS, "hold", "left", "right", "last one", "Carrying on.", "Half way.", "Switch sides.")


@pytest.fixture(scope="module", params=[120, 155, 200], ids="{} words a minute".format)
def clips(request, espeak, tmp_path_factory):
    """Every word's clip as it was rendered and as it was trimmed, at one rate."""
    file = tmp_path_factory.mktemp("clips") / "clip.wav"
    result = {}
    for word in WORDS:
        espeak.render(word, english(request.param), file)
        raw = read_clip(file)
        result[word] = (raw, trim(raw))
    return result


@pytest.mark.parametrize("percent", [0.25, 0.5, 1.0, 2.0])
def test_the_sound_begins_within_two_milliseconds_of_the_first_frame(clips, percent):
    late = {word: onset_ms(trimmed, percent) for word, (_, trimmed) in clips.items()}

    assert {word: ms for word, ms in late.items() if ms > 2} == {}


def test_little_of_a_soft_beginning_is_lost(clips):
    """Of the `f`, `th` and `h`, which last 40 ms and more, at most the first 10."""
    lost = {word: onset_ms(raw, 2) - 0.5 - onset_ms(raw, 0.1) for word, (raw, _) in clips.items()}

    assert {word: ms for word, ms in lost.items() if ms > 10} == {}


def test_nothing_that_can_be_heard_is_lost(clips):
    for word, (raw, trimmed) in clips.items():
        before, after = (float(np.sum(samples(pcm).astype(float) ** 2)) for pcm in (raw, trimmed))
        assert after > 0.999 * before, word


def test_no_silence_is_left_at_the_end(clips):
    late = {
        word: onset_ms(samples(pcm)[::-1].astype("<i2").tobytes(), 0.3)
        for word, (_, pcm) in clips.items()
    }

    assert {word: ms for word, ms in late.items() if ms > 6} == {}


def test_counts_up_to_twenty_stay_short_at_the_usual_rate(espeak, tmp_path):
    """Longer ones would run into the rep that they announce."""
    lengths = {}
    for word in COUNTS[:20]:
        espeak.render(word, english(155), tmp_path / "clip.wav")
        lengths[word] = len(trim(read_clip(tmp_path / "clip.wav"))) / 2 / 22.05

    assert {word: ms for word, ms in lengths.items() if ms > 720} == {}
