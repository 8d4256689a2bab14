"""An ear that knows by the sound alone what of a session is being heard.

It has the whole session as sound, and follows in it what is written to the speaker, sample by
sample. The player's own word of where it stands is only used to find the place; a place that is not
there, or a sample that is another one, breaks the house rules.
"""

from dataclasses import dataclass, field

from kiosk.audio.playlist import PlaybackPosition
from kiosk.speech.preparer import PreparedSession
from kiosk.timeline.render import render, scale
from kiosk.timeline.timeline import Timeline
from kiosk.units import BYTES_PER_FRAME, Frames, frames_of
from tests.soak.invariants import BrokenRuleError, Stretch, cues_in_order
from tests.soak.speaker import DELAY

CHUNK: Frames = frames_of(20)

AUDIBLE = 100
"""Bytes that are not silence, by which a place can be told."""

KEPT = 30
"""Chunks that are remembered until the place is found."""


@dataclass
class Listened:
    """One session, and which stretches of it were heard."""

    timeline: Timeline
    sound: bytes
    stretches: list[Stretch] = field(default_factory=list)

    def at(self, frame: Frames, frames: Frames) -> bytes:
        """The sound from `frame` on; silence after the end."""
        found = self.sound[frame * BYTES_PER_FRAME : (frame + frames) * BYTES_PER_FRAME]
        return found + bytes(frames * BYTES_PER_FRAME - len(found))


class Ear:
    """Follows the session that is played; what is said aside is only counted."""

    def __init__(self) -> None:
        self.session: Listened | None = None
        self.asides = 0
        """How many announcements were begun to be heard."""

        self._playlist: int | None = None
        self._at: Frames | None = None
        self._floor: Frames | None = None
        self._led_in = False
        self._pending: list[bytes] = []

    def expect(self, material: PreparedSession) -> Listened:
        """From now on what is heard while a session runs is `material`."""
        timeline = material.timeline
        cues_in_order(timeline)
        sound = render(timeline, material.bank, 0, frames_of(timeline.duration))
        self.session = Listened(timeline, sound)
        self._turn_to(None)
        return self.session

    def hears(
        self, pcm: bytes, claim: PlaybackPosition | None, *, running: bool, volume: int
    ) -> None:
        """`pcm` is written; the player says that `claim` is heard now."""
        if claim is None:
            raise BrokenRuleError("something is played, and the player knows of nothing")
        if claim.playlist != self._playlist:
            self._turn_to(claim.playlist)
            self.asides += not running
        if not running or self.session is None:
            return
        if not claim.leading and self._floor is None:
            self._floor = frames_of(claim.at)
        self._led_in |= claim.leading
        if self._at is None:
            self._find(self.session, pcm, claim, volume)
        else:
            self._follow(self.session, self._at, pcm, volume)

    def is_silenced(self, unheard: Frames) -> None:
        """The sound stops; the last `unheard` frames are never heard."""
        if self._at is not None and self.session is not None:
            stretch = self.session.stretches[-1]
            self.session.stretches[-1] = stretch.up_to(stretch.end - unheard)
        self._turn_to(None)

    def _turn_to(self, playlist: int | None) -> None:
        self._playlist = playlist
        self._at = self._floor = None
        self._led_in = False
        self._pending = []

    def _follow(self, session: Listened, at: Frames, pcm: bytes, volume: int) -> None:
        frames = len(pcm) // BYTES_PER_FRAME
        if scale(session.at(at, frames), volume) != pcm:
            raise BrokenRuleError(f"at frame {at} of the session something else is played")
        self._at = at + frames
        session.stretches[-1] = session.stretches[-1].up_to(self._at)

    def _find(self, session: Listened, pcm: bytes, claim: PlaybackPosition, volume: int) -> None:
        """Find the place of `pcm` around where the player says it is."""
        self._pending = [*self._pending, pcm][-KEPT:]
        if claim.leading or self._floor is None or len(pcm.strip(b"\0")) < AUDIBLE:
            return
        low = max(frames_of(claim.at) - CHUNK, 0)
        window = session.at(low, frames_of(DELAY) + 4 * CHUNK)
        place = _find_frame(scale(window, volume), pcm)
        if place is None:
            raise BrokenRuleError(f"what is played at {claim} is not of the session")
        begin = low + place
        before = b"".join(self._pending[:-1])
        back = min(len(before) // BYTES_PER_FRAME, max(begin - self._floor, 0))
        expected = scale(session.at(begin - back, back), volume)
        if back and before[-back * BYTES_PER_FRAME :] != expected:
            raise BrokenRuleError(f"what was played before {claim} is not of the session")
        self._at = begin + len(pcm) // BYTES_PER_FRAME
        session.stretches.append(Stretch(begin - back, self._at, self._led_in))


def _find_frame(sound: bytes, piece: bytes) -> Frames | None:
    at = sound.find(piece)
    while at % BYTES_PER_FRAME and at >= 0:
        at = sound.find(piece, at + 1)
    return None if at < 0 else at // BYTES_PER_FRAME
