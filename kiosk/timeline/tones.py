"""The kiosk's own short tones, made here so that they sound even where no speech engine does."""

from array import array
from collections.abc import Mapping
from math import pi, sin
from sys import byteorder

from kiosk.units import SAMPLE_RATE, Millis, frames_of

TICK = "tick"
"""Stands for a count that could not be spoken."""

MARK = "mark"
"""Stands for the number or the side of a repetition: higher and longer, to be told from a tick."""

BLIP = "blip"
"""Answers a press that had nothing to do."""


def tone(hertz: float, length: Millis, level: float, fade: Millis = 8) -> bytes:
    """A sine tone with soft ends, as PCM in the format of `kiosk.units`; `level` from 0 to 1."""
    frames = frames_of(length)
    ramp = frames_of(fade)
    samples = array("h")
    for n in range(frames):
        envelope = min(1.0, (n + 1) / ramp, (frames - n) / ramp)
        samples.append(round(32_767 * level * envelope * sin(2 * pi * hertz * n / SAMPLE_RATE)))
    if byteorder == "big":  # PCM is little-endian, whatever the machine is
        samples.byteswap()
    return samples.tobytes()


TONES: Mapping[str, bytes] = {
    TICK: tone(880, 70, 0.5, fade=2),
    MARK: tone(1320, 120, 0.5, fade=2),
    BLIP: tone(440, 120, 0.3),
}
"""Every tone by name."""
