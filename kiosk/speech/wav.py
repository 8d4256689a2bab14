"""Sound files in, PCM in the format of `kiosk.units` out, trimmed to where the sound is."""

import sys
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

from kiosk.errors import SpeechError
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Frames, frames_of

LONGEST_S = 60  # seconds a clip may last; anything longer is a mistake of the engine

FULL_SCALE = 32_767

SILENT = FULL_SCALE // 100
"""A clip that is nowhere louder than this, 1 % of full scale, cannot be heard."""

ONSET = FULL_SCALE // 50
"""The sound begins where it first reaches 2 % of full scale.

espeak-ng's softest beginnings (the `f` of four, the `th` of three, the `h` of hold) pass 1 % within
half a millisecond and 2 % up to 8 ms after their first frame, of the 40 to 110 ms that they last.
To cut that much is not heard, and whoever looks for the onset at 2 % or anything below finds it
where the clip begins.
"""

ENDING = FULL_SCALE // 333
"""The sound ends where it was last at 0.3 % of full scale; beyond, espeak-ng is silent."""

LEAD: Frames = frames_of(1) // 2
"""Kept before the onset, half a millisecond, to fade in without a click."""

TAIL: Frames = frames_of(5)  # kept after the ending, to fade out without a click


def read_clip(path: Path) -> bytes:
    """The sound in the WAV file `path`, converted to one channel at `SAMPLE_RATE`, not trimmed.

    Raises SpeechError where it is not whole, not 16-bit PCM, empty, or longer than `LONGEST_S`.
    """
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate, frames, *_ = file.getparams()
            check_format(channels, width, rate, frames)
            data = file.readframes(frames)
    except OSError as error:
        raise SpeechError(f"The rendered sound cannot be read: {error}.") from error
    except (wave.Error, EOFError) as error:
        raise SpeechError(f"The rendered sound is no WAV file of plain PCM ({error}).") from error
    if len(data) != frames * channels * width:
        raise SpeechError("The rendered sound is cut off.")
    if (channels, rate) == (1, SAMPLE_RATE):
        return data
    return packed(resampled(mixed(unpacked(data), channels), rate))


def check_format(channels: int, width: int, rate: int, frames: int) -> None:
    """Raises SpeechError where the kiosk cannot use sound of this format and length."""
    if width != BYTES_PER_FRAME:
        raise SpeechError(f"The rendered sound has {8 * width} bits a sample; 16 were expected.")
    if channels < 1 or rate < 1:
        raise SpeechError(f"The rendered sound has {channels} channels at {rate} Hz.")
    if frames < 1:
        raise SpeechError("The rendered sound is empty.")
    if frames > LONGEST_S * rate:
        raise SpeechError(
            f"The rendered sound lasts {frames // rate} s; at most {LONGEST_S} s can be used."
            " Split the text into shorter ones."
        )


def trim(pcm: bytes) -> bytes:
    """The part of `pcm` where there is sound, its ends faded within `LEAD` and `TAIL`.

    The sound begins with the first frame, a lead of half a millisecond aside. In a soft clip the
    thresholds are lower in proportion. Raises SpeechError where all of it is silent.
    """
    samples = unpacked(pcm)
    peak = max(map(abs, samples), default=0)
    if peak < SILENT:
        raise SpeechError("The rendered sound is silent.")
    onset, ending = min(ONSET, peak // 8), min(ENDING, peak // 50)
    first = next(n for n, sample in enumerate(samples) if abs(sample) >= onset)
    last = next(n for n in reversed(range(len(samples))) if abs(samples[n]) >= ending)
    sound = samples[max(0, first - LEAD) : last + 1 + TAIL]
    fade(sound, range(min(LEAD, len(sound))))
    fade(sound, range(len(sound) - 1, max(-1, len(sound) - 1 - TAIL), -1))
    return packed(sound)


def fade(samples: "array[int]", places: Sequence[int]) -> None:
    """Soften `samples` at `places`, the first the most."""
    for step, place in enumerate(places, start=1):
        samples[place] = samples[place] * step // (len(places) + 1)


def mixed(samples: "array[int]", channels: int) -> "array[int]":
    """The mean of the channels, which stand side by side in `samples`."""
    if channels == 1:
        return samples
    by_channel = (samples[channel::channels] for channel in range(channels))
    return array("h", (sum(frame) // channels for frame in zip(*by_channel, strict=True)))


def resampled(samples: "array[int]", rate: int) -> "array[int]":
    """`samples`, taken `rate` times a second, at `SAMPLE_RATE`, by drawing lines between them."""
    if rate == SAMPLE_RATE:
        return samples
    last = len(samples) - 1
    result = array("h")
    for n in range(max(1, len(samples) * SAMPLE_RATE // rate)):
        place, part = divmod(n * rate, SAMPLE_RATE)
        before, after = samples[min(place, last)], samples[min(place + 1, last)]
        result.append(before + (after - before) * part // SAMPLE_RATE)
    return result


def unpacked(pcm: bytes) -> "array[int]":
    """The samples in `pcm`, whatever the byte order of this machine."""
    samples = array("h", pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def packed(samples: "array[int]") -> bytes:
    """`samples` as PCM, little-endian on every machine."""
    if sys.byteorder == "big":
        samples = samples[:]
        samples.byteswap()
    return samples.tobytes()
