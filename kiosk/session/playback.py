"""One session being played: where its playhead is, and moving it. The controller's thread only.

The session under way, or the last one: it is prepared, played, written down.
"""

from collections.abc import Callable

from kiosk.audio.player import Player
from kiosk.audio.playlist import PlaybackPosition, Segment
from kiosk.history.model import ExerciseDone, Spot
from kiosk.session.performed import Stretches, done_in, spot_at
from kiosk.speech.preparer import PreparedSession, SessionPreparer
from kiosk.timeline.timeline import Timeline, resume_point
from kiosk.units import Millis

Target = Callable[[Timeline, Millis], Millis]
"""Where to go to, from where in a timeline (`kiosk.session.navigation`)."""


class SessionPlayback:
    """A prepared session and the player it is played on."""

    def __init__(
        self, material: PreparedSession, player: Player, preparer: SessionPreparer
    ) -> None:
        self.material = material
        self._player = player
        self._preparer = preparer
        self._resting_at: Millis = 0
        self._playing_from: Millis = 0
        self._playlist: int | None = None
        self._stretches = Stretches()

    @property
    def timeline(self) -> Timeline:
        """The session's timeline."""
        return self.material.timeline

    @property
    def playing(self) -> bool:
        """Whether the player is at it."""
        return self._playlist is not None

    def concerns(self, playlist: int) -> bool:
        """Whether `playlist` is what plays this session now."""
        return playlist == self._playlist

    def position(self) -> Millis:
        """What is heard of the session; where it stands while it is not heard."""
        heard = self._player.heard()
        return self._resting_at if heard is None else self._position_at(heard)

    def leading_in(self) -> bool:
        """Whether the lead-in to the session is what is heard."""
        heard = self._player.heard()
        return heard is not None and heard.playlist == self._playlist and heard.leading

    def begin(self, at: Millis = 0) -> None:
        """Play from the start or, of a session that was cut off at `at`, from there."""
        if at:
            self._resting_at = at
            self.carry_on()
        else:
            self._play_from(0)

    def carry_on(self) -> None:
        """Play from the start of whatever was interrupted, after a short lead-in."""
        at = resume_point(self.timeline, self._resting_at)
        lead_in = self._preparer.lead_in(self.material, at)
        self._play_from(at, *([lead_in] if lead_in else []))

    def halt(self) -> None:
        """Be silent, and stay where the person heard it stop."""
        heard = self._player.halt()
        if heard is not None:
            self.was_heard(heard)
            self._rest_at(heard)
        self._playlist = None

    def interrupted(self, heard: PlaybackPosition) -> None:
        """The player has stopped by itself, when `heard` was what the person heard."""
        self.was_heard(heard)
        self._rest_at(heard)
        self._playlist = None

    def finish(self) -> None:
        """The last sound was heard."""
        if self.playing:
            self._stretches.add(self._playing_from, self.timeline.duration)
        self._resting_at = self.timeline.duration
        self._playlist = None

    def move(self, target: Target) -> None:
        """Go to `target`: at once where the session plays, else when it carries on."""
        heard = self._player.heard()
        if heard is not None:
            self.was_heard(heard)
        at = target(self.timeline, self.position())
        if self.playing:
            self._play_from(at)
        else:
            self._resting_at = at

    def was_heard(self, heard: PlaybackPosition) -> None:
        """Count what was played up to there as heard."""
        if heard.playlist == self._playlist and not heard.leading:
            self._stretches.add(self._playing_from, heard.at)

    def done(self) -> tuple[ExerciseDone, ...]:
        """What has been done of each exercise, going by what was heard."""
        return done_in(self.timeline, self._stretches)

    def spot(self) -> Spot:
        """Where it is, as history has it."""
        return spot_at(self.timeline, self.position())

    def _play_from(self, at: Millis, *lead_in: Segment) -> None:
        self._resting_at = self._playing_from = at
        main = Segment(self.material.timeline, self.material.bank, at)
        self._playlist = self._player.play(*lead_in, main)

    def _rest_at(self, heard: PlaybackPosition) -> None:
        self._resting_at = self._position_at(heard)

    def _position_at(self, heard: PlaybackPosition) -> Millis:
        ours = heard.playlist == self._playlist and not heard.leading
        return heard.at if ours else self._resting_at
