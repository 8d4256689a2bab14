"""The player: plays playlists on the speaker; the sound is the clock of a session.

Theory of operation
-------------------

The player's thread alone uses the speaker. Any other thread says what to play (`play`, `halt`) by
putting a playlist, or none, into `_wanted`, and never waits: the thread looks there before each
chunk of 20 ms, so both take effect within one.

A chunk is rendered just before it is written, from the timeline and the volume of that moment.
Writing blocks for as long as the card's queue is full; that paces the thread, and no other clock is
asked where a session stands. What the person hears is what was written less the card's queue:

    position = frames written - speaker.delay()

After each chunk, marks that this position has passed are posted as `PlaybackMoved` (the next span
of a timeline has begun), and the end as `PlaybackFinished`. Posts carry the playlist's number, for
another may be wanted since.

Before the first sound after a second of silence comes a silent lead-in (`_written` begins below 0),
for HDMI and Bluetooth swallow the first of it. After ten seconds of silence the speaker is closed.

A speaker that fails ends the playlist: `SpeakerLost` with the position. It is then opened again and
again with growing waits, until it is found (`FaultChanged`) or another playlist is wanted, which
tries at once. The controller pauses the session meanwhile; the player resumes nothing by itself.
"""

import itertools
import logging
import threading
from collections.abc import Callable

from kiosk.audio.playlist import PlaybackPosition, Playlist, Segment
from kiosk.audio.speaker import Speaker, speaker_while_playing
from kiosk.clock import Clock
from kiosk.errors import AudioError
from kiosk.session.events import (
    Event,
    FaultChanged,
    PlaybackFinished,
    PlaybackMoved,
    SpeakerLost,
)
from kiosk.session.snapshot import Fault
from kiosk.settings.model import Settings
from kiosk.timeline.render import scale
from kiosk.units import Frames, Millis, frames_of

logger = logging.getLogger(__name__)


CHUNK: Frames = frames_of(20)
"""Written at a time; the longest that a new playlist waits for the speaker."""

RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits after each failed attempt to open a lost speaker; the last one over and over."""

BEATS_EVERY = 5.0
"""Seconds between two updates of `alive_at` at the most, while there is nothing to do."""

LET_GO_AFTER = 10.0  # seconds without sound after which the sound card is let go


class Player:
    """The player. `run` and `step` belong to its own thread; all others are for any thread."""

    def __init__(
        self,
        speaker: Speaker,
        clock: Clock,
        post: Callable[[Event], None],
        *,
        volume: int,
        lead_in: Millis,
        missing: bool = False,
    ) -> None:
        """`volume` in percent. A speaker that may be `missing` is looked for at once."""
        self._speaker = speaker
        self._clock = clock
        self._post = post
        self.lead_in = lead_in
        """Milliseconds of silence that wake the speaker; any thread may set it."""

        self.volume = volume
        """Percent; any thread may set it, and it is heard with the next chunk."""

        self.alive_at = clock.now()
        """The clock's `now()` at the thread's last sign of life; any thread may read it."""

        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._wanted: Playlist | None = None
        self._last_position: PlaybackPosition | None = None
        self._closing = False
        self._next_speaker: Speaker | None = None

        # What follows belongs to the player's own thread; `_written` and `_delay` are read by
        # others under the lock.
        self._playing: Playlist | None = None
        self._written: Frames = 0
        self._delay: Frames = 0
        self._marks: list[Frames] = []
        self._open = False
        self._lost = missing
        self._attempts = 0
        self._retry_at = clock.now()
        self._quiet_since = clock.now()

    def play(self, *segments: Segment) -> int:
        """Play `segments`, instead of whatever is playing. Returns the number of their playlist."""
        playlist = Playlist(next(self._numbers), *segments)
        self._want(playlist)
        return playlist.number

    def halt(self) -> PlaybackPosition | None:
        """Be silent. Returns the position at which; `None` where nothing was played."""
        position = self.position()
        self._want(None)
        return position

    def position(self) -> PlaybackPosition | None:
        """What the person hears now; `None` where nothing is played.

        Of a playlist that has ended by itself, its last position: the event of its end may still
        be in the controller's inbox.
        """
        with self._lock:
            playlist = self._wanted
            if playlist is None:
                return self._last_position
            if playlist is not self._playing:
                return playlist.position_at(0)
            return playlist.position_at(self._written - self._delay)

    def change_speaker(self, speaker: Speaker) -> None:
        """Play on `speaker` once nothing plays; from now on only the player uses it."""
        with self._lock:
            self._next_speaker = speaker
        self._wake.set()

    def follow_device(self, settings: Settings) -> None:
        """Play on the speaker that is set now."""
        speaker, silent = speaker_while_playing(settings.audio_device, self._clock)
        self.change_speaker(speaker)
        self._post(FaultChanged(Fault.NO_SPEAKER, present=silent))

    def close(self) -> None:
        """Be silent and let `run` return."""
        self._closing = True
        self._want(None)

    def run(self) -> None:
        """The player's thread; returns after `close`."""
        while not self._closing:
            self.alive_at = self._clock.now()
            if not self.step():
                self._wake.wait(self._patience())
                self._wake.clear()
        self.step()
        self._speaker.close()

    def step(self) -> bool:
        """Do the next small piece of work; whether there was any. Only on the player's thread."""
        if self._next_speaker is not None and self._playing is None:
            self._take_next_speaker()
            return True
        if self._wanted is not self._playing:
            self._switch()
            return True
        if self._playing is not None:
            self._play_on(self._playing)
            return True
        return self._service_speaker()

    def _want(self, playlist: Playlist | None) -> None:
        with self._lock:
            self._wanted = playlist
            self._last_position = None
        self._wake.set()

    def _switch(self) -> None:
        """Turn to the playlist that is wanted now, or to silence."""
        # After a while of silence the speaker may sleep, so that its first sound would be lost.
        is_quiet = not self._open or self._clock.now() - self._quiet_since > 1.0
        asleep = self._playing is None and is_quiet
        if self._playing is not None:
            self._speaker.abort()
        with self._lock:
            playlist = self._wanted
            self._playing = playlist
            self._written = -frames_of(self.lead_in) if asleep else 0
        self._quiet_since = self._clock.now()
        if playlist is None:
            return
        self._marks = list(reversed(playlist.marks()))
        try:
            self._speaker.open()
        except AudioError as error:
            self._lose_speaker(playlist, error)
            return
        self._speaker_opened()
        with self._lock:
            self._delay = frames_of(self._speaker.delay())

    def _take_next_speaker(self) -> None:
        """Close the old speaker; the new one is opened with the next sound."""
        self._speaker.close()
        with self._lock:
            if self._next_speaker is not None:
                self._speaker, self._next_speaker = self._next_speaker, None
        self._open = False
        # Where the old one was lost, the new one is tried now and told of once it is found.
        self._attempts, self._retry_at = 0, self._clock.now()

    def _play_on(self, playlist: Playlist) -> None:
        start = self._written
        silence = min(max(-start, 0), CHUNK)
        pcm = bytes(2 * silence) + playlist.sound(start + silence, CHUNK - silence)
        try:
            self._speaker.write(scale(pcm, self.volume))
        except AudioError as error:
            self._lose_speaker(playlist, error)
            return
        with self._lock:
            self._written = start + CHUNK
        self._report(playlist, self._written - self._delay)

    def _report(self, playlist: Playlist, heard: Frames) -> None:
        passed = False
        while self._marks and self._marks[-1] <= heard:
            self._marks.pop()
            passed = True
        if passed:
            self._post(PlaybackMoved(playlist.position_at(heard)))
        if heard >= playlist.frames:
            self._end(playlist)
            self._post(PlaybackFinished(playlist.number))
            self._speaker.abort()
            self._quiet_since = self._clock.now()

    def _end(self, playlist: Playlist) -> PlaybackPosition:
        """`playlist` has ended by itself; returns its last position."""
        with self._lock:
            position = playlist.position_at(self._written - self._delay)
            self._playing = None
            if self._wanted is playlist:
                self._wanted = None
                self._last_position = position
        return position

    def _lose_speaker(self, playlist: Playlist, error: AudioError) -> None:
        """The speaker failed in the middle of `playlist`."""
        self._post(SpeakerLost(self._end(playlist)))
        self._open = False
        self._lost = True
        self._retry_later()
        logger.warning("%s", error)

    def _service_speaker(self) -> bool:
        """With nothing to play: find a lost speaker again, let an idle one go."""
        now = self._clock.now()
        if self._lost and now >= self._retry_at:
            try:
                self._speaker.open()
            except AudioError:
                self._retry_later()
            else:
                self._speaker_opened()
                self._post(FaultChanged(Fault.SPEAKER_LOST, present=False))
            return True
        if self._open and now - self._quiet_since >= LET_GO_AFTER:
            self._speaker.close()
            self._open = False
            return True
        return False

    def _speaker_opened(self) -> None:
        self._open = True
        self._lost = False
        self._attempts = 0

    def _retry_later(self) -> None:
        wait = RETRY_SECONDS[min(self._attempts, len(RETRY_SECONDS) - 1)]
        self._retry_at = self._clock.now() + wait
        self._attempts += 1

    def _patience(self) -> float:
        """How long there is nothing to do, if nobody wants anything."""
        now = self._clock.now()
        if self._lost:
            return min(max(self._retry_at - now, 0.0), BEATS_EVERY)
        if self._open:
            return min(max(self._quiet_since + LET_GO_AFTER - now, 0.0), BEATS_EVERY)
        return BEATS_EVERY
