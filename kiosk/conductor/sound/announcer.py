"""Says what is not part of a session: notices that are ready, and sentences made for the moment."""

from functools import partial

from kiosk.conductor.events import AnnouncementReady, Post
from kiosk.conductor.jobs import Jobs
from kiosk.conductor.sound.player import Player
from kiosk.conductor.sound.studio import Studio
from kiosk.model.history import Spot
from kiosk.model.plan import WALK
from kiosk.timeline.asides import (
    Notice,
    code_score,
    cut_off_score,
    notice_score,
    reminder_score,
)
from kiosk.timeline.score import Score
from kiosk.units import Millis


class Announcer:
    """Belongs to the conductor's thread."""

    def __init__(self, studio: Studio, jobs: Jobs, player: Player, post: Post) -> None:
        self._studio = studio
        self._jobs = jobs
        self._player = player
        self._post = post
        self._number = 0

    def say(self, notice: Notice) -> Millis:
        """Say `notice` now, instead of whatever is playing; how long it takes."""
        self.hush()
        take = self._studio.notice(notice)
        self._player.play(take)
        return take.timeline.duration

    def tell_code(self, code: str) -> None:
        """Say the code that lets a caregiver in, and nothing else any more."""
        self.fall_silent()
        self._announce(code_score(code, self._studio.wording))

    def remind_of(self, program: str) -> None:
        """Call out what is due, as soon as its title is looked up and its speech is rendered."""
        self.hush()
        self._jobs.submit(partial(self._make_reminder, self._number, program))

    def tell_cut_off(self, spot: Spot | None) -> None:
        """Say that the last session was cut off at `spot`, and may be gone on with."""
        self._announce(cut_off_score(spot, self._studio.wording))

    def test_sound(self) -> None:
        """Let somebody hear how loud the kiosk speaks."""
        self._announce(notice_score(Notice.SOUND_TEST, self._studio.wording))

    def fall_silent(self) -> None:
        """Stop whatever is playing."""
        self._player.halt()

    def hush(self) -> None:
        """Forget what is being made."""
        self._number += 1

    def ready(self, event: AnnouncementReady) -> None:
        """What was being made is there."""
        if event.number == self._number:
            self._player.play(event.take)

    def _announce(self, score: Score) -> None:
        """Say `score` as soon as its speech is rendered, unless something else is said before.

        At once where the notices have all of it: somebody may wait, and the voice be busy for long.
        """
        self.hush()
        take = self._studio.at_hand(score)
        if take is not None:
            self._player.play(take)
            return
        self._jobs.submit(partial(self._make, self._number, score))

    def _make_reminder(self, number: int, program: str) -> None:
        """Runs as a job, on another thread."""
        title = None if program == WALK else self._studio.title_of(program)
        self._make(number, reminder_score(title, self._studio.wording))

    def _make(self, number: int, score: Score) -> None:
        """Runs as a job, on another thread."""
        self._post(AnnouncementReady(number, self._studio.announcement(score)))
