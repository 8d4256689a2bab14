"""Decides whether the kiosk is alive, and says so to whoever starts it anew where it is not.

Every part that must not fail is asked for a sign of life, and its last one has an age. Where all
are fresh, that is passed on; where one is not, it is started anew if it can be by itself, and
otherwise the whole kiosk is: half a kiosk would let somebody press in vain.

The parts of a kiosk that have to be alive, and how each shows that it is.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Thread

from kiosk.app import Kiosk
from kiosk.clock import Clock
from kiosk.service.pages import PagesThread
from kiosk.session.events import LifeSignWanted, Post
from kiosk.session.snapshot import OCCUPIED

logger = logging.getLogger(__name__)


ANSWERS_WITHIN = 1.0
"""Seconds between asking and judging."""

GIVES_UP_AFTER = 2
"""Judgements in a row without life. One may come of the whole machine having been held up, which
makes everything old at once."""

MENDS_EVERY = 600.0
"""Seconds within which the same part is not started anew again: that has not helped."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the kiosk that has to be alive. Called by the watchdog's thread."""

    name: str
    """What people call it, e.g. `the player`."""

    within: float
    """Seconds that may pass without a sign of life."""

    seen_at: Callable[[], float]
    """The clock's `now()` at its last sign of life; never raises."""

    ask: Callable[[], None] = lambda: None
    """Have it give one; never raises, returns within seconds."""

    mend: Callable[[], bool] | None = None
    """Start it anew by itself, and tell whether that was possible; never raises."""

    can_wait: bool = False
    """Whether a session is worth more: the kiosk is not started anew for it while one goes on."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a part at some moment."""

    part: Part
    age: float
    """Seconds since its last sign of life."""


def lifeless(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Those of parts that have been silent for too long."""
    return tuple(fact for fact in facts if fact.age > fact.part.within)


def fatal(facts: Iterable[Fact], *, occupied: bool) -> tuple[Fact, ...]:
    """Those of lifeless parts without which the kiosk is better started anew."""
    return tuple(fact for fact in facts if not (occupied and fact.part.can_wait))


def in_words(facts: Iterable[Fact]) -> str:
    """Which parts are silent, and for how long."""
    return " and ".join(f"{fact.part.name} ({fact.age:.0f} seconds)" for fact in facts)


class Watchdog:
    """`run`: its own thread. `close`: any. Tests call `ask` and `judge` instead of `run`."""

    def __init__(
        self,
        parts: Sequence[Part],
        clock: Clock,
        notify: Callable[[], None],
        interval: float,
        give_up: Callable[[], None],
        occupied: Callable[[], bool] = lambda: False,
    ) -> None:
        """`notify` passes a sign of life on, every `interval` seconds; `give_up` has the whole
        kiosk end, and returns at once.
        """
        self._parts = tuple(parts)
        self._clock = clock
        self._notify = notify
        self._interval = interval
        self._give_up = give_up
        self._occupied = occupied
        self._closed = threading.Event()
        self._mended_at: dict[str, float] = {}
        self._silent: frozenset[str] = frozenset()
        self._in_a_row = 0

    def run(self) -> None:
        """The thread's body: returns after `close`."""
        rest = 0.0
        while not self._closed.wait(rest):
            self.ask()
            if self._closed.wait(min(ANSWERS_WITHIN, self._interval / 2)):
                return
            self.judge()
            rest = max(self._interval - ANSWERS_WITHIN, self._interval / 2)

    def close(self) -> None:
        """Let `run` return; nothing is passed on after that."""
        self._closed.set()

    def ask(self) -> None:
        """Ask every part for a sign of life."""
        for part in self._parts:
            part.ask()

    def judge(self) -> None:
        """Pass on that all are alive, or do something about it."""
        silent = lifeless(self._facts())
        self._tell_of(silent)
        hopeless = tuple(fact for fact in silent if not self._mend(fact.part))
        dead = fatal(hopeless, occupied=self._occupied())
        if not dead:
            self._in_a_row = 0
            self._notify()
            return
        self._in_a_row += 1
        if self._in_a_row == GIVES_UP_AFTER:
            logger.critical("No sign of life from %s: the kiosk ends.", in_words(dead))
            self._give_up()

    def _facts(self) -> list[Fact]:
        now = self._clock.now()
        return [Fact(part, now - self._seen_at(part)) for part in self._parts]

    def _seen_at(self, part: Part) -> float:
        return max(part.seen_at(), self._mended_at.get(part.name, part.seen_at()))

    def _mend(self, part: Part) -> bool:
        """Start `part` anew, unless that has been done of late; whether it was."""
        now = self._clock.now()
        last = self._mended_at.get(part.name)
        if part.mend is None or (last is not None and now - last < MENDS_EVERY):
            return False
        if not part.mend():
            return False
        self._mended_at[part.name] = self._clock.now()
        logger.warning("%s: started anew", part.name)
        return True

    def _tell_of(self, silent: Sequence[Fact]) -> None:
        names = frozenset(fact.part.name for fact in silent)
        news = [fact for fact in silent if fact.part.name not in self._silent]
        if news:
            logger.warning("There is no sign of life from %s.", in_words(news))
        self._silent = names


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
    kiosk: Kiosk, thread: Callable[[str], Thread | None], pages: PagesThread | None
) -> list[Part]:
    """What the watchdog asks; `thread` finds one by its name."""
    clock = kiosk.clock
    parts = [
        controller_part(kiosk.controller.post, clock),
        Part("the player", PLAYER_WITHIN, lambda: kiosk.controller.player.alive_at),
        flag_part("the button's edges", BUTTON_WITHIN, lambda: kiosk.pins.button.is_well, clock),
    ]
    names = ["button", "jobs"] if kiosk.scheduler is None else ["button", "jobs", "scheduler"]
    parts += [thread_part(name, thread, clock) for name in names]
    if pages is not None:
        parts.append(pages_part(pages))
    return parts


def is_occupied(kiosk: Kiosk) -> bool:
    """Whether somebody exercises, or is about to."""
    return kiosk.controller.feed.newest.state in OCCUPIED


def controller_part(post: Post, clock: Clock) -> Part:
    """Whoever answers what is put into the controller's inbox."""
    seen_at = clock.now()

    def answer() -> None:
        nonlocal seen_at
        seen_at = clock.now()

    return Part(
        "the controller",
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


def pages_part(pages: PagesThread) -> Part:
    """The pages, asked for as a browser would, over the network that stays in this machine."""
    return Part(
        "the pages",
        PAGES_WITHIN,
        lambda: pages.answered_at,
        ask=pages.ask,
        mend=pages.renew,
        can_wait=True,
    )
