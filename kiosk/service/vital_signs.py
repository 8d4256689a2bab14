"""The parts of a kiosk that have to be alive, and how each shows that it is."""

from collections.abc import Callable
from threading import Thread

from kiosk.bootstrap.kiosk import Kiosk
from kiosk.clock import Clock
from kiosk.conductor.events import LifeSignWanted, Post
from kiosk.model.snapshot import OCCUPIED
from kiosk.service.pages_keeper import PagesKeeper
from kiosk.service.watchdog import Part

CONDUCTOR_WITHIN = 10.0
"""Seconds; whatever may take long it leaves to others."""

PLAYER_WITHIN = 20.0
"""Seconds; a sound card may take some to open, to be stuck, and to close."""

BUTTON_WITHIN = 3.0
THREADS_WITHIN = 3.0
"""Seconds; a thread that has ended does not come back."""

PAGES_WITHIN = 45.0
"""Seconds; where everybody looks at once, a page may take long."""


def vital_parts(
    kiosk: Kiosk, thread: Callable[[str], Thread | None], pages: PagesKeeper | None
) -> list[Part]:
    """What the watchdog asks; `thread` finds one by its name."""
    clock = kiosk.clock
    parts = [
        conductor_part(kiosk.conductor.post, clock),
        Part("the player", PLAYER_WITHIN, lambda: kiosk.conductor.player.alive_at),
        flag_part("the button's edges", BUTTON_WITHIN, lambda: kiosk.pins.button.is_well, clock),
    ]
    names = ["button", "jobs"] if kiosk.secretary is None else ["button", "jobs", "secretary"]
    parts += [thread_part(name, thread, clock) for name in names]
    if pages is not None:
        parts.append(pages_part(pages))
    return parts


def is_occupied(kiosk: Kiosk) -> bool:
    """Whether somebody exercises, or is about to."""
    return kiosk.conductor.feed.newest.state in OCCUPIED


def conductor_part(post: Post, clock: Clock) -> Part:
    """Whoever answers what is put into the conductor's inbox."""
    seen_at = clock.now()

    def answer() -> None:
        nonlocal seen_at
        seen_at = clock.now()

    return Part(
        "the conductor",
        CONDUCTOR_WITHIN,
        lambda: seen_at,
        ask=lambda: post(LifeSignWanted(answer)),
    )


def thread_part(name: str, thread: Callable[[str], Thread | None], clock: Clock) -> Part:
    """The thread of that name, which is alive as long as it runs."""

    def runs() -> bool:
        found = thread(name)
        return found is not None and found.is_alive()

    return flag_part(f"the thread {name}", THREADS_WITHIN, runs, clock)


def flag_part(name: str, within: float, is_well: Callable[[], bool], clock: Clock) -> Part:
    """Something of which it can be seen at any time whether it is well."""
    seen_at = clock.now()

    def look() -> float:
        nonlocal seen_at
        if is_well():
            seen_at = clock.now()
        return seen_at

    return Part(name, within, look)


def pages_part(pages: PagesKeeper) -> Part:
    """The pages, asked for as a browser would, over the network that stays in this machine."""
    return Part(
        "the pages",
        PAGES_WITHIN,
        lambda: pages.answered_at,
        ask=pages.ask,
        mend=pages.renew,
        can_wait=True,
    )
