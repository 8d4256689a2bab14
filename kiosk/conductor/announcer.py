"""Says what is not part of a session: notices that are ready, and sentences made for the moment."""

from functools import partial

from kiosk.conductor.events import AnnouncementReady, Post
from kiosk.conductor.jobs import Jobs
from kiosk.conductor.player import Player
from kiosk.conductor.studio import Studio
from kiosk.timeline.asides import Notice
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

    def announce(self, score: Score) -> None:
        """Say `score` as soon as its speech is rendered, unless something else is said before."""
        self.hush()
        self._jobs.submit(partial(self._make, self._number, score))

    def hush(self) -> None:
        """Forget what is being made."""
        self._number += 1

    def ready(self, event: AnnouncementReady) -> None:
        """What was being made is there."""
        if event.number == self._number:
            self._player.play(event.take)

    def _make(self, number: int, score: Score) -> None:
        """Runs as a job, on another thread."""
        self._post(AnnouncementReady(number, self._studio.announcement(score)))
