"""Short tones, made here: they sound even where no speech engine does."""

from array import array
from functools import cache
from math import pi, sin
from sys import byteorder

from kiosk.units import SAMPLE_RATE, Millis, frames_of

TICK = "tick"
"""Stands for a count that could not be spoken."""

MARK = "mark"
"""Stands for the number or the side of a repetition: higher and longer, to be told from a tick."""

CHIME = "chime"
"""Calls a person who is not waiting for it."""

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


@cache
def pcm_of(name: str) -> bytes:
    """The tone of that name, made when it is first asked for; KeyError where there is none."""
    match name:
        case "tick":
            return tone(880, 70, 0.5, fade=2)
        case "mark":
            return tone(1320, 120, 0.5, fade=2)
        case "chime":
            return tone(660, 350, 0.4, fade=120) + tone(880, 600, 0.4, fade=250)
        case "blip":
            return tone(440, 120, 0.3)
        case _:
            raise KeyError(name)
