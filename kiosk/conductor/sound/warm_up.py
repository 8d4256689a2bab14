"""Has ready what the next press may need, before it comes, by jobs for the thread of slow work."""

import logging
from functools import partial

from kiosk.conductor.events import Post, PreparingGoesOn, SpeechChecked, TroubleFound
from kiosk.conductor.jobs import Jobs
from kiosk.conductor.sound.studio import UNUSABLE, Studio
from kiosk.model.settings import Settings
from kiosk.model.snapshot import Trouble

logger = logging.getLogger(__name__)


def prepare_anew(settings: Settings, studio: Studio, jobs: Jobs, post: Post) -> None:
    """Go by `settings` with all that is made from now on, and have made again what no longer fits
    them. By the conductor's thread.
    """
    notices, default = studio.change_settings(settings)
    if notices:
        jobs.submit(partial(prepare_notices, studio, post))
    if default:
        jobs.submit(partial(prepare_default, studio, post))


def prepare_missing_notices(studio: Studio, jobs: Jobs, post: Post) -> bool:
    """Have the kiosk's own phrases rendered again where some are missing; whether that is so. By
    the conductor's thread, once the voice has shown that it can speak.
    """
    if not studio.lacks_notices:
        return False
    jobs.submit(partial(prepare_notices, studio, post))
    return True


def prepare_notices(studio: Studio, post: Post) -> None:
    """Have the kiosk's own phrases rendered, and tell what became of that."""
    post(SpeechChecked(studio.prepare_notices()))


def prepare_default(studio: Studio, post: Post) -> None:
    """Have a session of the default program prepared, and tell whether it can be used."""
    # Said before it is loaded: where only its last good copy can be, that is told meanwhile.
    post(TroubleFound(Trouble.NO_PROGRAM, here=False))
    try:
        studio.prepare(
            studio.settings.default_program,
            lambda done, total: post(PreparingGoesOn(None, done, total)),
        )
    except UNUSABLE as error:
        logger.warning("The default program cannot be used: %s", error)
        post(TroubleFound(Trouble.NO_PROGRAM))
