"""How a timeline sounds: `render` is behind the speaker, the sound file and the preview.

With the clips of a session in memory, and the software volume.
"""

from array import array
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import byteorder

from kiosk.timeline.timeline import Sound, Speech, Timeline, Tone
from kiosk.timeline.tones import pcm_of
from kiosk.units import BYTES_PER_FRAME, Frames, Millis, frames_of, millis_covering


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
