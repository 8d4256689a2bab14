"""Software volume: from the percent a person sets to the samples."""

from array import array
from sys import byteorder

_UNITY = 1 << 15


def gain_of(percent: int) -> int:
    """The factor for `percent`, in 1/32768.

    Squared, because hearing is closer to logarithmic than to linear: half the way down the scale
    sounds about half as loud (-12 dB), not barely quieter.
    """
    return _UNITY * percent * percent // 10_000


def scale(pcm: bytes, percent: int) -> bytes:
    """`pcm` at `percent` of its loudness; never louder, so it cannot clip."""
    gain = gain_of(percent)
    if gain >= _UNITY or not any(pcm):
        return pcm
    samples = array("h", pcm)
    if byteorder == "big":  # PCM is little-endian, whatever the machine is
        samples.byteswap()
    scaled = array("h", [(sample * gain) >> 15 for sample in samples])
    if byteorder == "big":
        scaled.byteswap()
    return scaled.tobytes()
