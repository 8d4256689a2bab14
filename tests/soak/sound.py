"""The soak test's speaker, and a listener that knows by the sound alone what of a session is heard.

The listener has the whole session as sound, and follows in it what is written to the speaker,
sample by sample. The player's own position is only used to find the place; a place that is not
there, or a sample that is another one, breaks a rule.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.audio.playlist import PlaybackPosition
from kiosk.errors import AudioError
from kiosk.speech.preparer import PreparedSession
from kiosk.timeline.render import render, scale
from kiosk.timeline.timeline import Timeline
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Frames, Millis, frames_of
from tests.fakes.clock import FakeClock
from tests.soak.invariants import BrokenRuleError, Stretch, cues_in_order

DELAY: Millis = 100
"""So much of what was written is not heard yet."""

CHUNK: Frames = frames_of(20)

AUDIBLE = 100
"""Bytes that are not silence, by which a place can be told."""

KEPT = 30
"""Chunks that are remembered until the place is found."""


class SoakSpeaker:
    """A speaker that can be unplugged, and whose sound takes its time from a clock that jumps.

    It stores nothing of what it plays: a year of sound is more than there is memory for. `on_sound`
    gets each chunk as it is written, `on_abort` the number of frames written last that are never
    heard, because the sound was stopped.
    """

    name = "the soak test's speaker"

    def __init__(
        self,
        clock: FakeClock,
        on_sound: Callable[[bytes], None],
        on_abort: Callable[[Frames], None],
    ) -> None:
        self.plugged_in = True
        self._clock = clock
        self._on_sound = on_sound
        self._on_abort = on_abort
        self._open = False
        self._waiting: Frames = 0

    def open(self) -> None:
        if not self.plugged_in:
            raise AudioError("The speaker is not plugged in.")
        self._open = True

    def write(self, pcm: bytes) -> None:
        if not self._open:
            raise AudioError("The speaker is not open.")
        if not self.plugged_in:
            self.abort()
            self._open = False
            raise AudioError("The speaker was unplugged.")
        self._on_sound(pcm)
        frames = len(pcm) // BYTES_PER_FRAME
        self._waiting = min(self._waiting + frames, frames_of(DELAY))
        self._clock.advance(frames / SAMPLE_RATE)

    def delay(self) -> Millis:
        return DELAY

    def abort(self) -> None:
        self._on_abort(self._waiting)
        self._waiting = 0

    def close(self) -> None:
        self._waiting = 0
        self._open = False


@dataclass
class HeardSession:
    """A session, and the stretches of it that were heard."""

    timeline: Timeline
    sound: bytes
    stretches: list[Stretch] = field(default_factory=list)

    def at(self, frame: Frames, frames: Frames) -> bytes:
        """The sound from `frame` on; silence after the end."""
        found = self.sound[frame * BYTES_PER_FRAME : (frame + frames) * BYTES_PER_FRAME]
        return found + bytes(frames * BYTES_PER_FRAME - len(found))


class Listener:
    """Follows the session that is played; announcements are only counted."""

    def __init__(self) -> None:
        self.session: HeardSession | None = None
        self.announcements = 0
        """Those of which something was heard."""

        self._playlist: int | None = None
        self._at: Frames | None = None
        self._floor: Frames | None = None
        self._led_in = False
        self._pending: list[bytes] = []

    def expect(self, prepared: PreparedSession) -> HeardSession:
        """From now on `prepared` is what is heard while a session runs."""
        timeline = prepared.timeline
        cues_in_order(timeline)
        sound = render(timeline, prepared.bank, 0, frames_of(timeline.duration))
        self.session = HeardSession(timeline, sound)
        self._turn_to(None)
        return self.session

    def on_sound(
        self, pcm: bytes, position: PlaybackPosition | None, *, running: bool, volume: int
    ) -> None:
        """`pcm` is written; the player says that `position` is heard now."""
        if position is None:
            raise BrokenRuleError("something is played, and the player knows of nothing")
        if position.playlist != self._playlist:
            self._turn_to(position.playlist)
            self.announcements += not running
        if not running or self.session is None:
            return
        if not position.leading and self._floor is None:
            self._floor = frames_of(position.at)
        self._led_in |= position.leading
        if self._at is None:
            self._find(self.session, pcm, position, volume)
        else:
            self._follow(self.session, self._at, pcm, volume)

    def on_abort(self, unheard: Frames) -> None:
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

    def _follow(self, session: HeardSession, at: Frames, pcm: bytes, volume: int) -> None:
        frames = len(pcm) // BYTES_PER_FRAME
        if scale(session.at(at, frames), volume) != pcm:
            raise BrokenRuleError(f"at frame {at} of the session something else is played")
        self._at = at + frames
        session.stretches[-1] = session.stretches[-1].up_to(self._at)

    def _find(
        self, session: HeardSession, pcm: bytes, position: PlaybackPosition, volume: int
    ) -> None:
        """Find the place of `pcm` around where the player says it is."""
        self._pending = [*self._pending, pcm][-KEPT:]
        if position.leading or self._floor is None or len(pcm.strip(b"\0")) < AUDIBLE:
            return
        low = max(frames_of(position.at) - CHUNK, 0)
        window = session.at(low, frames_of(DELAY) + 4 * CHUNK)
        place = _find_frame(scale(window, volume), pcm)
        if place is None:
            raise BrokenRuleError(f"what is played at {position} is not of the session")
        begin = low + place
        before = b"".join(self._pending[:-1])
        back = min(len(before) // BYTES_PER_FRAME, max(begin - self._floor, 0))
        expected = scale(session.at(begin - back, back), volume)
        if back and before[-back * BYTES_PER_FRAME :] != expected:
            raise BrokenRuleError(f"what was played before {position} is not of the session")
        self._at = begin + len(pcm) // BYTES_PER_FRAME
        session.stretches.append(Stretch(begin - back, self._at, self._led_in))


def _find_frame(sound: bytes, piece: bytes) -> Frames | None:
    at = sound.find(piece)
    while at % BYTES_PER_FRAME and at >= 0:
        at = sound.find(piece, at + 1)
    return None if at < 0 else at // BYTES_PER_FRAME
