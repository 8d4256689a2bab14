"""TODO."""

from functools import partial

from kiosk.audio.player import Player
from kiosk.audio.playlist import PlaybackPosition
from kiosk.history.model import Ending
from kiosk.locale.problems import error_text
from kiosk.session.events import Post, PreparingGoesOn, SessionPrepared, SessionUnprepared
from kiosk.session.navigation import taken_up_at
from kiosk.session.playback import SessionPlayback
from kiosk.session.recorder import SessionRecorder
from kiosk.session.start_options import SessionChoice
from kiosk.speech.preparer import UNUSABLE, PreparedSession, SessionPreparer
from kiosk.system.jobs import Jobs


class Session:
    """One session after another. The controller's thread only."""

    def __init__(
        self,
        preparer: SessionPreparer,
        jobs: Jobs,
        player: Player,
        post: Post,
        recorder: SessionRecorder,
    ) -> None:
        self.ticket = 0
        """Numbers the sessions, so that a late answer to an earlier one is known."""

        self.choice: SessionChoice | None = None
        """What the last session was made of, or is."""

        self.prepared: float | None = None
        """How much of it is there, from 0 to 1, while it is prepared."""

        self.performance: SessionPlayback | None = None
        """The playing of it, once it is prepared."""

        self._preparer = preparer
        self._jobs = jobs
        self._player = player
        self._post = post
        self._recorder = recorder

    # --- before it is heard ------------------------------------------------------------------

    def prepare(self, choice: SessionChoice) -> None:
        """Have another session made, instead of whatever plays."""
        self._recorder.close()
        self._player.halt()
        self.ticket += 1
        self.choice = choice
        self.prepared = 0.0
        self.performance = None
        self._jobs.submit(partial(self._make_material, self.ticket, choice.program))

    def is_ready(self, material: PreparedSession) -> None:
        """It is prepared."""
        self.performance = SessionPlayback(material, self._player, self._preparer)

    def _make_material(self, ticket: int, program: str) -> None:
        """Runs as a job, on another thread; answers through the inbox."""
        try:
            material = self._preparer.prepare(
                program, lambda done, total: self._post(PreparingGoesOn(ticket, done, total))
            )
        except UNUSABLE as error:
            self._post(SessionUnprepared(ticket, error_text(error)))
        else:
            self._post(SessionPrepared(ticket, material))

    # --- what the player says ----------------------------------------------------------------

    def plays(self, playlist: int) -> bool:
        """Whether `playlist` is what plays it now."""
        return self.performance is not None and self.performance.concerns(playlist)

    def was_heard(self, heard: PlaybackPosition) -> None:
        """The player has got as far as `heard`, perhaps in something else."""
        if self.performance is not None and self.performance.concerns(heard.playlist):
            self.performance.was_heard(heard)
            if not heard.leading:
                self._recorder.went_on(self.performance)

    def was_interrupted(self, heard: PlaybackPosition) -> bool:
        """The player has stopped by itself at `heard`; whether it was playing this session."""
        if self.performance is None or not self.performance.concerns(heard.playlist):
            return False
        self.performance.interrupted(heard)
        return True

    # --- from its first sound to its end -----------------------------------------------------

    def begin(self, performance: SessionPlayback) -> None:
        """Play it from its start, or from where it was cut off."""
        row = self.choice.row if self.choice else None
        self._recorder.began(self.ticket, performance, row)
        cut_off = self.choice.going_on if self.choice else None
        spot = cut_off.stopped_at if cut_off else None
        performance.begin(taken_up_at(performance.timeline, spot) if spot else 0)

    def complete(self, performance: SessionPlayback) -> None:
        """All of it was heard."""
        performance.finish()
        self._recorder.ended(performance, Ending.COMPLETED)

    def stop(self) -> None:
        """End it before its end, perhaps before anything of it was heard."""
        if self.performance is not None:
            self.performance.halt()
            self._recorder.ended(self.performance, Ending.STOPPED)
        elif self.choice is not None and self.choice.row is not None:
            self._recorder.left_undone(self.choice.row)

    def halt(self) -> None:
        """Be silent, if it is heard."""
        if self.performance is not None:
            self.performance.halt()

    def take_back(self) -> None:
        """Forget it: it was not meant."""
        self._recorder.taken_back()
        self.performance = None

    def cut_off(self) -> None:
        """End it because the kiosk ends; the next start can go on with it."""
        if self.performance is not None:
            self.performance.halt()
            self._recorder.interrupted(self.performance)
