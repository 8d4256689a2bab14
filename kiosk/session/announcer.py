"""Announcements, which are not part of a session, and the rendering of speech in advance.

A notice is a fixed phrase, rendered at the start; it is said at once. Other sentences (a code, a
reminder with a title) are rendered by a job when they are needed, unless all of their speech is
rendered already.
"""

import logging
from functools import partial

from kiosk.audio.player import Player
from kiosk.history.model import Spot
from kiosk.locale.problems import error_text
from kiosk.schedule.model import WALK
from kiosk.session.events import (
    AnnouncementReady,
    FaultChanged,
    Post,
    PreparationProgress,
    SpeechChecked,
)
from kiosk.session.snapshot import Fault
from kiosk.speech.preparer import UNUSABLE, SessionPreparer
from kiosk.system.jobs import JobQueue
from kiosk.timeline.notices import Notice, code_score, cut_off_score, notice_score, reminder_score
from kiosk.timeline.score import Score
from kiosk.units import Millis

logger = logging.getLogger(__name__)


class Announcer:
    """Says the latest announcement. The controller's thread only, except for what runs as a job."""

    def __init__(
        self, preparer: SessionPreparer, jobs: JobQueue, player: Player, post: Post
    ) -> None:
        self._preparer = preparer
        self._jobs = jobs
        self._player = player
        self._post = post
        self._number = 0

    def say(self, notice: Notice) -> Millis:
        """Say `notice` now, instead of whatever is playing; returns how long it takes."""
        self.cancel()
        segment = self._preparer.notice(notice)
        self._player.play(segment)
        return segment.timeline.duration

    def say_code(self, code: str) -> None:
        """Say the pairing code, and stop whatever is playing even before it is rendered."""
        self.silence()
        self._announce(code_score(code, self._preparer.wording))

    def remind(self, program: str) -> None:
        """Call out what is due, once its title is looked up and its speech is rendered."""
        self.cancel()
        self._jobs.submit(partial(self._render_reminder, self._number, program))

    def offer_interrupted(self, spot: Spot | None) -> None:
        """Say that the last session was interrupted at `spot`, and can be resumed by a press."""
        self._announce(cut_off_score(spot, self._preparer.wording))

    def test_sound(self) -> None:
        """Say a sentence by which somebody hears how loud the kiosk speaks."""
        self._announce(notice_score(Notice.SOUND_TEST, self._preparer.wording))

    def silence(self) -> None:
        """Stop whatever is playing."""
        self._player.halt()

    def cancel(self) -> None:
        """Do not say what is still rendered."""
        self._number += 1

    def play_rendered(self, event: AnnouncementReady) -> None:
        """Say what was rendered, unless it was cancelled meanwhile."""
        if event.number == self._number:
            self._player.play(event.segment)

    def _announce(self, score: Score) -> None:
        """Say `score` as soon as its speech is rendered, unless something else is said before.

        At once where the notices have all of it: somebody may wait, and the voice be busy for long.
        """
        self.cancel()
        segment = self._preparer.rendered_segment(score)
        if segment is not None:
            self._player.play(segment)
        else:
            self._jobs.submit(partial(self._render, self._number, score))

    def _render_reminder(self, number: int, program: str) -> None:
        """A job: announce that `program` is due."""
        title = None if program == WALK else self._preparer.title_of(program)
        self._render(number, reminder_score(title, self._preparer.wording))

    def _render(self, number: int, score: Score) -> None:
        """A job: render `score`, and post the segment."""
        self._post(AnnouncementReady(number, self._preparer.announcement(score)))


def prepare_notices(preparer: SessionPreparer, post: Post) -> None:
    """Render the notices, and post why some are missing. A job."""
    post(SpeechChecked(preparer.prepare_notices()))


def prepare_default(preparer: SessionPreparer, post: Post) -> None:
    """Prepare a session of the default program, and post whether it can be used. A job."""
    # Posted before it is loaded: where only its last good copy can be, that is posted meanwhile.
    post(FaultChanged(Fault.NO_PROGRAM, present=False))
    try:
        preparer.prepare(
            preparer.settings().default_program,
            lambda done, total: post(PreparationProgress(None, done, total)),
        )
    except UNUSABLE as error:
        logger.warning("The default program cannot be used: %s", error_text(error))
        post(FaultChanged(Fault.NO_PROGRAM))
