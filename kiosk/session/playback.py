"""The session under way, or the last one: prepared, played, recorded. The controller's thread."""

from collections.abc import Callable
from functools import partial

from kiosk.audio.player import Player
from kiosk.audio.playlist import PlaybackPosition, Segment
from kiosk.history.model import Ending, ExerciseDone, Spot
from kiosk.history.recorder import LedgerWriter
from kiosk.locale.problems import error_text
from kiosk.session.events import Post, PreparationFailed, PreparationProgress, SessionPrepared
from kiosk.session.navigation import done_in, spot_at, taken_up_at
from kiosk.session.recorder import SessionRecorder
from kiosk.session.start_options import SessionChoice
from kiosk.speech.preparer import UNUSABLE, PreparedSession, SessionPreparer
from kiosk.system.jobs import JobQueue
from kiosk.timeline.timeline import Timeline, resume_point
from kiosk.units import Millis

Target = Callable[[Timeline, Millis], Millis]
"""Where to go to, from a position in a timeline (`kiosk.session.navigation`)."""


class SessionPlayback:
    """The playhead of one prepared session, moved on the player.

    The player plays one playlist after another, and announcements among them; the session's own is
    known by its number, and everything reported of another is ignored.
    """

    def __init__(
        self, material: PreparedSession, player: Player, preparer: SessionPreparer
    ) -> None:
        self.material = material
        self.timeline = material.timeline
        self._player = player
        self._preparer = preparer
        self._playlist: int | None = None
        """The number of the playlist that plays it; `None` while it is silent."""

        self._resting_at: Millis = 0
        """The playhead while it is silent, or while the lead-in plays."""

        self._playing_from: Millis = 0
        self._heard: dict[Millis, Millis] = {}
        """What was heard: for each position it was played from, how far it got."""

    def plays(self, playlist: int) -> bool:
        """Whether `playlist` is what plays this session now."""
        return playlist == self._playlist

    def position(self) -> Millis:
        """The playhead: what the person hears of the session, not what is at the sound card."""
        return self._position_at(self._player.position())

    def is_leading_in(self) -> bool:
        """Whether the lead-in to the session is heard."""
        heard = self._player.position()
        return heard is not None and heard.playlist == self._playlist and heard.leading

    def done(self) -> tuple[ExerciseDone, ...]:
        """How much was done of each exercise, going by what was heard."""
        return done_in(self.timeline, self._heard.items())

    def spot(self) -> Spot:
        """The playhead, as the history stores it."""
        return spot_at(self.timeline, self.position())

    def begin(self, at: Millis = 0) -> None:
        """Play from the start or, of a session that was interrupted at `at`, from there."""
        if at:
            self._resting_at = at
            self.resume()
        else:
            self._play_from(0)

    def resume(self) -> None:
        """Play from the start of the span that was interrupted, after a short lead-in."""
        at = resume_point(self.timeline, self._resting_at)
        lead_in = self._preparer.lead_in(self.material, at)
        self._play_from(at, *([lead_in] if lead_in else []))

    def halt(self) -> None:
        """Be silent, and leave the playhead where the person heard it stop."""
        self.rest_at(self._player.halt())

    def rest_at(self, position: PlaybackPosition | None) -> None:
        """The player has stopped at `position`; `None` where it played nothing."""
        if position is not None:
            self.count(position)
            self._resting_at = self._position_at(position)
        self._playlist = None

    def finish(self) -> None:
        """Move the playhead to the end: the last sound was heard."""
        if self._playlist is not None:
            self._heard[self._playing_from] = self.timeline.duration
        self._resting_at = self.timeline.duration
        self._playlist = None

    def move(self, target: Target) -> None:
        """Go to `target`: at once where the session plays, else when it is resumed."""
        heard = self._player.position()
        if heard is not None:
            self.count(heard)
        at = target(self.timeline, self.position())
        if self._playlist is not None:
            self._play_from(at)
        else:
            self._resting_at = at

    def count(self, position: PlaybackPosition) -> None:
        """Count what was played up to `position` as heard."""
        if self._is_own(position):
            furthest = self._heard.get(self._playing_from, 0)
            self._heard[self._playing_from] = max(furthest, position.at)

    def _play_from(self, at: Millis, *lead_in: Segment) -> None:
        self._resting_at = self._playing_from = at
        main = Segment(self.timeline, self.material.bank, at)
        self._playlist = self._player.play(*lead_in, main)

    def _position_at(self, heard: PlaybackPosition | None) -> Millis:
        return heard.at if heard is not None and self._is_own(heard) else self._resting_at

    def _is_own(self, heard: PlaybackPosition) -> bool:
        return heard.playlist == self._playlist and not heard.leading


class Session:
    """One session after another, from its preparation to its end in the history."""

    def __init__(
        self,
        preparer: SessionPreparer,
        jobs: JobQueue,
        player: Player,
        post: Post,
        recorder: SessionRecorder,
    ) -> None:
        self.ticket = 0
        """Numbers the sessions, so that a late answer to an earlier one is known."""

        self.choice: SessionChoice | None = None
        """What the session under way, or the last one, was made of."""

        self.prepared: float | None = None
        """How much of its speech is rendered, from 0 to 1, while it is prepared."""

        self.playback: SessionPlayback | None = None
        """`None` until it is prepared."""

        self._preparer = preparer
        self._jobs = jobs
        self._player = player
        self._post = post
        self._recorder = recorder
        self._recorded_rep: object = None
        """The pass through a repetition that was recorded last."""

    def prepare(self, choice: SessionChoice) -> None:
        """Have another session prepared, instead of whatever plays."""
        self._recorder.close()
        self._player.halt()
        self.ticket += 1
        self.choice = choice
        self.prepared = 0.0
        self.playback = None
        self._jobs.submit(partial(self._make_material, self.ticket, choice.program))

    def begin(self, playback: SessionPlayback) -> None:
        """Play it from its start, or from where it was interrupted."""
        choice = self.choice
        self._recorder.began(playback.material, choice.row if choice else None)
        self._recorded_rep = None
        spot = choice.resumed.stopped_at if choice and choice.resumed else None
        playback.begin(taken_up_at(playback.timeline, spot) if spot else 0)

    def plays(self, playlist: int) -> bool:
        """Whether `playlist` is what plays it now."""
        return self.playback is not None and self.playback.plays(playlist)

    def playback_moved(self, position: PlaybackPosition) -> None:
        """The player has reached `position`; recorded whenever that is another repetition."""
        playback = self.playback
        if playback is None or not playback.plays(position.playlist):
            return
        playback.count(position)
        if position.leading:
            return
        spot = playback.spot()
        if spot.rep_pass != self._recorded_rep:
            self._recorded_rep = spot.rep_pass
            self._recorder.progressed(spot, playback.done())

    def speaker_lost(self, position: PlaybackPosition) -> bool:
        """The player has stopped by itself at `position`; whether it was playing this session."""
        if self.playback is None or not self.playback.plays(position.playlist):
            return False
        self.playback.rest_at(position)
        return True

    def complete(self, playback: SessionPlayback) -> None:
        """End it at its end: all of it was heard."""
        playback.finish()
        self._recorder.ended(Ending.COMPLETED, playback.spot(), playback.done())

    def stop(self) -> None:
        """End it before its end, perhaps before anything of it was heard."""
        if self.playback is not None:
            self.playback.halt()
            self._recorder.ended(Ending.STOPPED, self.playback.spot(), self.playback.done())
        elif self.choice is not None and self.choice.row is not None:
            self._recorder.change_row(LedgerWriter.break_off, self.choice.row)

    def interrupt(self) -> None:
        """End it because the kiosk ends; the next start can go on with it."""
        if self.playback is not None:
            self.playback.halt()
            self._recorder.progressed(self.playback.spot(), self.playback.done())

    def take_back(self) -> None:
        """Forget it: it was not meant."""
        if self.playback is not None:
            self.playback.halt()
        self._recorder.taken_back()
        self.playback = None

    def _make_material(self, ticket: int, program: str) -> None:
        """Runs as a job, on another thread; answers through the inbox."""
        try:
            material = self._preparer.prepare(
                program, lambda done, total: self._post(PreparationProgress(ticket, done, total))
            )
        except UNUSABLE as error:
            self._post(PreparationFailed(ticket, error_text(error)))
        else:
            self._post(SessionPrepared(ticket, material))
