"""Says what is not part of a session: notices that are ready, and sentences made for the moment.

Has ready what the next press may need, before it comes, by jobs for the thread of slow work.
"""

import logging
from functools import partial

from kiosk.audio.player import Player
from kiosk.history.model import Spot
from kiosk.locale.problems import error_text
from kiosk.schedule.model import WALK
from kiosk.session.events import (
    AnnouncementReady,
    Post,
    PreparingGoesOn,
    SpeechChecked,
    TroubleFound,
)
from kiosk.session.snapshot import Fault
from kiosk.settings.model import Settings
from kiosk.speech.preparer import UNUSABLE, SessionPreparer
from kiosk.system.jobs import Jobs
from kiosk.timeline.notices import Notice, code_score, cut_off_score, notice_score, reminder_score
from kiosk.timeline.score import Score
from kiosk.units import Millis

logger = logging.getLogger(__name__)


class Announcer:
    """Belongs to the controller's thread."""

    def __init__(self, preparer: SessionPreparer, jobs: Jobs, player: Player, post: Post) -> None:
        self._preparer = preparer
        self._jobs = jobs
        self._player = player
        self._post = post
        self._number = 0

    def say(self, notice: Notice) -> Millis:
        """Say `notice` now, instead of whatever is playing; how long it takes."""
        self.hush()
        take = self._preparer.notice(notice)
        self._player.play(take)
        return take.timeline.duration

    def tell_code(self, code: str) -> None:
        """Say the code that lets a caregiver in, and nothing else any more."""
        self.fall_silent()
        self._announce(code_score(code, self._preparer.wording))

    def remind_of(self, program: str) -> None:
        """Call out what is due, as soon as its title is looked up and its speech is rendered."""
        self.hush()
        self._jobs.submit(partial(self._make_reminder, self._number, program))

    def tell_cut_off(self, spot: Spot | None) -> None:
        """Say that the last session was cut off at `spot`, and may be gone on with."""
        self._announce(cut_off_score(spot, self._preparer.wording))

    def test_sound(self) -> None:
        """Let somebody hear how loud the kiosk speaks."""
        self._announce(notice_score(Notice.SOUND_TEST, self._preparer.wording))

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
        take = self._preparer.rendered_segment(score)
        if take is not None:
            self._player.play(take)
            return
        self._jobs.submit(partial(self._make, self._number, score))

    def _make_reminder(self, number: int, program: str) -> None:
        """Runs as a job, on another thread."""
        title = None if program == WALK else self._preparer.title_of(program)
        self._make(number, reminder_score(title, self._preparer.wording))

    def _make(self, number: int, score: Score) -> None:
        """Runs as a job, on another thread."""
        self._post(AnnouncementReady(number, self._preparer.announcement(score)))


def prepare_anew(settings: Settings, preparer: SessionPreparer, jobs: Jobs, post: Post) -> None:
    """Go by `settings` with all that is made from now on, and have made again what no longer fits
    them. By the controller's thread.
    """
    notices, default = preparer.change_settings(settings)
    if notices:
        jobs.submit(partial(prepare_notices, preparer, post))
    if default:
        jobs.submit(partial(prepare_default, preparer, post))


def prepare_missing_notices(preparer: SessionPreparer, jobs: Jobs, post: Post) -> bool:
    """Have the kiosk's own phrases rendered again where some are missing; whether that is so. By
    the controller's thread, once the voice has shown that it can speak.
    """
    if not preparer.lacks_notices:
        return False
    jobs.submit(partial(prepare_notices, preparer, post))
    return True


def prepare_notices(preparer: SessionPreparer, post: Post) -> None:
    """Have the kiosk's own phrases rendered, and tell what became of that."""
    post(SpeechChecked(preparer.prepare_notices()))


def prepare_default(preparer: SessionPreparer, post: Post) -> None:
    """Have a session of the default program prepared, and tell whether it can be used."""
    # Said before it is loaded: where only its last good copy can be, that is told meanwhile.
    post(TroubleFound(Fault.NO_PROGRAM, here=False))
    try:
        preparer.prepare(
            preparer.settings.default_program,
            lambda done, total: post(PreparingGoesOn(None, done, total)),
        )
    except UNUSABLE as error:
        logger.warning("The default program cannot be used: %s", error_text(error))
        post(TroubleFound(Fault.NO_PROGRAM))
