"""The sounds of a session, in memory, and how long each really is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.timeline.timeline import Sound, Speech, Tone
from kiosk.timeline.tones import pcm_of
from kiosk.units import BYTES_PER_FRAME, Frames, Millis, millis_covering


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
