"""How a timeline sounds: `render` is behind the speaker, the sound file and the preview.

With the clips of a session in memory, the kiosk's own short tones, and the software volume.
"""

import struct
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import pi, sin
from sys import byteorder

from kiosk.timeline.timeline import BLIP, CHIME, MARK, TICK, Sound, Speech, Timeline, Tone
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Frames, Millis, frames_of, millis_covering


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
    return {
        TICK: lambda: tone(880, 70, 0.5, fade=2),
        MARK: lambda: tone(1320, 120, 0.5, fade=2),
        CHIME: lambda: tone(660, 350, 0.4, fade=120) + tone(880, 600, 0.4, fade=250),
        BLIP: lambda: tone(440, 120, 0.3),
    }[name]()


@dataclass(frozen=True)
class ClipBank:
    """Rendered speech by its text, and the kiosk's own tones. Frozen; any thread may read it."""

    speech: Mapping[str, bytes] = field(default_factory=dict)
    """PCM in the format of `kiosk.units`, trimmed: the sound begins with the first frame."""

    def pcm(self, sound: Sound) -> bytes:
        """The frames of `sound`. Raises KeyError where it is speech that was not rendered."""
        match sound:
            case Speech(text):
                return self.speech[text]
            case Tone(name):
                return pcm_of(name)

    def __contains__(self, sound: Sound) -> bool:
        return isinstance(sound, Tone) or sound.text in self.speech

    def frames(self, sound: Sound) -> Frames:
        """The length of `sound`. Raises KeyError as `pcm` does."""
        return len(self.pcm(sound)) // BYTES_PER_FRAME

    def length(self, sound: Sound) -> Millis | None:
        """The length of `sound`, rounded up; `None` where it is speech that was not rendered."""
        return millis_covering(self.frames(sound)) if sound in self else None


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


def render(timeline: Timeline, bank: ClipBank, start: Frames, frames: Frames) -> bytes:
    """The `frames` of sound from frame `start` on, as PCM in the format of `kiosk.units`.

    Rendered in pieces it is the same to the byte as in one; outside the timeline there is silence.
    Pure; any thread.
    """
    end = start + frames
    pieces: list[bytes] = []
    filled = start
    cues = timeline.cues
    index = max(bisect_right(cues, start, key=lambda cue: frames_of(cue.at)) - 1, 0)
    while index < len(cues) and (first := frames_of(cues[index].at)) < end:
        pcm = bank.pcm(cues[index].sound)
        from_frame, to_frame = max(first, filled), min(first + len(pcm) // BYTES_PER_FRAME, end)
        if from_frame < to_frame:
            pieces.append(bytes((from_frame - filled) * BYTES_PER_FRAME))
            pieces.append(
                pcm[(from_frame - first) * BYTES_PER_FRAME : (to_frame - first) * BYTES_PER_FRAME]
            )
            filled = to_frame
        index += 1
    pieces.append(bytes((end - filled) * BYTES_PER_FRAME))
    return b"".join(pieces)


HEADER_BYTES = 44

PIECE: Frames = SAMPLE_RATE  # asked for at a time: a second


def wav_header(frames: Frames) -> bytes:
    """The WAV header for `frames` of sound in the format of `kiosk.units`."""
    size = frames * BYTES_PER_FRAME
    pcm, channels, bits = 1, 1, 8 * BYTES_PER_FRAME
    rates = (SAMPLE_RATE, SAMPLE_RATE * BYTES_PER_FRAME, BYTES_PER_FRAME)
    riff = struct.pack("<4sI4s", b"RIFF", HEADER_BYTES - 8 + size, b"WAVE")
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, pcm, channels, *rates, bits)
    return riff + form + struct.pack("<4sI", b"data", size)


def wav_size(frames: Frames) -> int:
    """Bytes of the whole file."""
    return HEADER_BYTES + frames * BYTES_PER_FRAME


def wav_bytes(
    pcm: Callable[[Frames, Frames], bytes], frames: Frames, start: int = 0, end: int | None = None
) -> Iterator[bytes]:
    """The bytes of the file from `start` up to, not including, `end` (without one, its end), in
    pieces of about a second; `pcm` gives any part of the sound by its first frame and how many.
    """
    size = wav_size(frames)
    end = size if end is None else min(end, size)
    if start < min(end, HEADER_BYTES):
        yield wav_header(frames)[start:end]
        start = HEADER_BYTES
    while start < end:
        first, skipped = divmod(start - HEADER_BYTES, BYTES_PER_FRAME)
        count = min(PIECE, frames - first)
        piece = pcm(first, count)[skipped : end - start + skipped]
        yield piece
        start += len(piece)
