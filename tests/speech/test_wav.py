"""Sound files are read, converted and trimmed: a cue's offset is where its sound begins."""

import struct
import wave
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import SpeechError
from kiosk.speech.wav import ENDING, FULL_SCALE, LEAD, ONSET, SILENT, TAIL, read_clip, trim
from kiosk.units import SAMPLE_RATE, frames_of
from tests.fakes.speech import hum
from tests.speech.kit import english, samples


def write(path, pcm, *, channels=1, width=2, rate=SAMPLE_RATE):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(pcm)
    return path


def pcm_of(*values):
    return array("h", values).tobytes()


# Reading


AT_MOST = "at most 60 s can be used. Split the text into shorter ones."


def test_the_kiosks_own_format_is_read_as_it_is(tmp_path):
    assert read_clip(write(tmp_path / "clip.wav", hum(300))) == hum(300)


def test_two_channels_become_their_mean(tmp_path):
    clip = write(tmp_path / "clip.wav", pcm_of(100, 300, -100, -400, 32767, 32767), channels=2)

    assert read_clip(clip) == pcm_of(200, -250, 32767)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
def test_another_rate_keeps_length_and_pitch(tmp_path, rate):
    times = np.arange(rate) / rate
    tone = (16_000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes()

    clip = samples(read_clip(write(tmp_path / "clip.wav", tone, rate=rate)))

    assert len(clip) == SAMPLE_RATE
    assert int(np.argmax(np.abs(np.fft.rfft(clip)))) == 440
    expected = 16_000 * np.sin(2 * np.pi * 440 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    assert np.abs(clip - expected)[:-10].max() < 300


def test_one_frame_of_another_rate_is_not_lost(tmp_path):
    assert read_clip(write(tmp_path / "clip.wav", pcm_of(900), rate=48_000)) == pcm_of(900)


@pytest.mark.parametrize(
    ("settings", "pcm", "message"),
    [
        ({}, b"", "The rendered sound is empty."),
        ({"width": 1}, b"\x80" * 99, "The rendered sound has 8 bits a sample; 16 were expected."),
        ({"width": 4}, bytes(400), "The rendered sound has 32 bits a sample; 16 were expected."),
        ({}, bytes(61 * SAMPLE_RATE * 2), f"The rendered sound lasts 61 s; {AT_MOST}"),
    ],
)
def test_a_sound_it_cannot_use_is_refused(tmp_path, settings, pcm, message):
    clip = write(tmp_path / "clip.wav", pcm, **settings)

    with pytest.raises(SpeechError) as refusal:
        read_clip(clip)

    assert str(refusal.value) == message


def test_a_sound_that_lasts_a_minute_is_just_right(tmp_path):
    assert len(read_clip(write(tmp_path / "clip.wav", bytes(60 * SAMPLE_RATE * 2)))) == 2_646_000


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"hello, world" * 20, b"RIFF\x24\0\0\0WAVE", b"RIFF\x24\0\0\0WAVEdata\0\0\0\0"],
)
def test_what_is_no_wav_file_is_refused(tmp_path, content):
    clip = tmp_path / "clip.wav"
    clip.write_bytes(content)

    with pytest.raises(SpeechError, match="The rendered sound is no WAV file of plain PCM"):
        read_clip(clip)


def test_a_file_that_was_cut_off_is_refused(tmp_path):
    clip = write(tmp_path / "clip.wav", hum(300))
    clip.write_bytes(clip.read_bytes()[:-1000])

    with pytest.raises(SpeechError, match=r"The rendered sound is cut off\."):
        read_clip(clip)


@pytest.mark.parametrize(("channels", "rate"), [(0, SAMPLE_RATE), (1, 0)])
def test_a_format_that_cannot_be_is_refused(tmp_path, channels, rate):
    clip = tmp_path / "clip.wav"
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, 2 * rate, 2, 16)
    clip.write_bytes(
        b"RIFF" + struct.pack("<I", 44) + b"WAVE" + form + b"data\x08\0\0\0" + bytes(8)
    )

    with pytest.raises(SpeechError, match="The rendered sound"):
        read_clip(clip)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(SpeechError, match=r"The rendered sound cannot be read: .*No such file"):
        read_clip(tmp_path / "clip.wav")


# Trimming


def test_silence_around_the_sound_goes():
    trimmed = trim(hum(300, silence=500))

    assert abs(len(trimmed) // 2 - frames_of(300)) <= LEAD + TAIL


def test_silence_inside_the_sound_stays():
    word = hum(200)
    trimmed = samples(trim(word + bytes(2 * frames_of(400)) + word))

    assert abs(len(trimmed) - frames_of(800)) <= LEAD + TAIL


def test_it_starts_and_ends_without_a_click():
    """A tone that is at its loudest where it is cut fades in and out in small steps."""
    loud = np.full(frames_of(100), 30_000, dtype="<i2")
    quiet = np.zeros(frames_of(50), dtype="<i2")
    trimmed = samples(trim(np.concatenate([quiet, loud, quiet]).tobytes()))
    bare = samples(trim(loud.tobytes()))

    assert abs(bare[0]) < 30_000 / LEAD
    assert abs(bare[-1]) < 30_000 / TAIL * 2
    assert abs(trimmed[0]) == abs(trimmed[-1]) == 0
    assert np.abs(np.diff(bare)).max() <= 30_000 / LEAD + 1


@pytest.mark.parametrize(
    "pcm", [b"", bytes(2), bytes(20_000), pcm_of(SILENT - 1, 1 - SILENT, 0)], ids=len
)
def test_a_clip_nobody_could_hear_is_refused(pcm):
    with pytest.raises(SpeechError, match=r"The rendered sound is silent\."):
        trim(pcm)


@pytest.mark.parametrize("value", [SILENT, -SILENT, FULL_SCALE, -FULL_SCALE - 1])
def test_a_single_frame_that_can_be_heard_is_kept(value):
    trimmed = samples(trim(pcm_of(*([0] * 100), value, *([0] * 300))))

    assert list(trimmed).index(value) == LEAD
    assert len(trimmed) == LEAD + 1 + TAIL


any_clip = st.builds(
    lambda before, sound, after: [0] * before + sound + [0] * after,
    before=st.integers(0, 500),
    sound=st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=400),
    after=st.integers(0, 500),
).filter(lambda clip: max(map(abs, clip)) >= SILENT)


@given(any_clip)
def test_only_quiet_frames_are_ever_lost(clip):
    peak = max(map(abs, clip))
    onset, ending = min(ONSET, peak // 8), min(ENDING, peak // 50)
    trimmed = list(samples(trim(pcm_of(*clip))))

    first = next(n for n, value in enumerate(clip) if abs(value) >= onset)
    last = max(n for n, value in enumerate(clip) if abs(value) >= ending)
    start, stop = max(0, first - LEAD), min(len(clip), last + 1 + TAIL)
    assert len(trimmed) == stop - start
    assert trimmed[LEAD : max(0, len(trimmed) - TAIL)] == clip[start + LEAD : max(0, stop - TAIL)]
    assert all(abs(a) <= abs(b) for a, b in zip(trimmed, clip[start:stop], strict=True))


@given(any_clip.filter(lambda clip: abs(clip[0]) < SILENT))
def test_the_sound_begins_within_the_lead(clip):
    onset = min(ONSET, max(map(abs, clip)) // 8)
    trimmed = samples(trim(pcm_of(*clip, *([0] * TAIL))))

    before = next(n for n, value in enumerate(clip) if abs(value) >= onset)
    assert before < LEAD or abs(trimmed[LEAD]) >= onset


# Where real speech is cut


"""Where real speech is cut: a cue's offset is where its sound begins."""


UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen")
MORE_TEENS = ("sixteen", "seventeen", "eighteen", "nineteen")
TWENTIES = ("twenty", *(f"twenty-{unit}" for unit in UNITS))
COUNTS = (*UNITS, *TEENS, *MORE_TEENS, *TWENTIES, "thirty")
"""Every number a rep or a hold may be counted with."""

WORDS = (*COUNTS, "hold", "left", "right", "last one", "Carrying on.", "Half way.", "Switch sides.")


def onset_ms(pcm: bytes, percent: float) -> float:
    """When the sound first reaches `percent` of full scale."""
    loud = np.abs(samples(pcm)) >= percent / 100 * 32_767
    assert loud.any(), f"never reaches {percent} %"
    return float(np.argmax(loud)) * 1000 / SAMPLE_RATE


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
