"""Units of time and of sound.

Timelines count whole milliseconds (`Millis`); sound counts frames of one format, the one that the
speech engine produces and that the speaker is opened with. Float seconds exist only at the clock.
"""

from typing import TypeAlias

Millis: TypeAlias = int  # whole milliseconds
Frames: TypeAlias = int  # whole sound frames at `SAMPLE_RATE`

SAMPLE_RATE = 22_050
"""Frames a second. What espeak-ng renders; played as it is, never resampled by us."""

BYTES_PER_FRAME = 2  # one channel of signed 16-bit little-endian samples


def frames_of(millis: Millis) -> Frames:
    """The frame at which `millis` falls, rounded to the nearest."""
    return (millis * SAMPLE_RATE + 500) // 1000


def millis_of(frames: Frames) -> Millis:
    """The millisecond in which `frames` falls, rounded to the nearest."""
    return (frames * 1000 + SAMPLE_RATE // 2) // SAMPLE_RATE


def millis_covering(frames: Frames) -> Millis:
    """The least number of whole milliseconds that `frames` fit into."""
    return -(-frames * 1000 // SAMPLE_RATE)


def seconds(millis: Millis) -> float:
    """`millis` as the float seconds a clock takes."""
    return millis / 1000
