"""The watchdog: checks that every part of the kiosk responds, and restarts what does not.

Theory of operation. Half a kiosk would let somebody press in vain, so every part that must not fail
has a *liveness check*: a way to have it respond, and the time of its last response. Every interval
the watchdog sends all requests, waits a second, and looks at the ages:

- All responded in time: systemd's watchdog is notified. A kiosk whose watchdog thread itself is
  stuck notifies nobody, and systemd starts it anew.
- A part is late and can be restarted by itself (the pages' server): it is, once in ten minutes.
- Any other part is late: not a word to systemd, and at the second time in a row the whole kiosk
  ends, to be started anew. Once is not enough: where the whole machine was held up, every age is
  old at once. A part that can wait does not end the kiosk while a session is going on.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Thread

from kiosk.app import Kiosk
from kiosk.clock import Clock
from kiosk.service.pages import PagesThread
from kiosk.session.events import LifeSignWanted, Post

logger = logging.getLogger(__name__)

RESPONDS_WITHIN = 1.0  # seconds between the requests and looking at the ages
GIVES_UP_AFTER = 2  # evaluations in a row with a part that does not respond

RESTARTS_EVERY = 600.0
"""Seconds within which the same part is not restarted again: that has not helped."""

CONTROLLER_WITHIN = 10.0  # seconds; whatever takes long it leaves to other threads
PLAYER_WITHIN = 20.0  # seconds; a sound card may take some to open, to be stuck, and to close

BUTTON_WITHIN = 3.0
THREADS_WITHIN = 3.0  # seconds; a thread that has ended does not come back
PAGES_WITHIN = 45.0  # seconds; where many browsers ask at once, a page may take long


@dataclass(frozen=True, slots=True)
class LivenessCheck:
    """How one part of the kiosk shows that it responds. Called by the watchdog's thread."""

    name: str
    """For the log, e.g. `the player`."""

    within: float
    """Seconds that may pass between two responses."""

    responded_at: Callable[[], float]
    """`Clock.now()` of its last response; never raises."""

    request: Callable[[], None] = lambda: None
    """Have it respond; never raises, returns within seconds."""

    restart: Callable[[], bool] | None = None
    """Restart it by itself; whether that was possible. Never raises."""

    can_wait: bool = False
    """Whether a session is worth more than ending the kiosk for it."""


class Watchdog:
    """`run`: its own thread. `close`: any. Tests call `request` and `evaluate` instead of `run`."""

    def __init__(
        self,
        checks: Sequence[LivenessCheck],
        clock: Clock,
        notify: Callable[[], None],
        interval: float,
        give_up: Callable[[], None],
        occupied: Callable[[], bool] = lambda: False,
    ) -> None:
        """`notify` is called every `interval` seconds as long as all parts respond; `give_up` has
        the whole kiosk end, and returns at once; `occupied` says whether a session is going on.
        """
        self._checks = tuple(checks)
        self._clock = clock
        self._notify = notify
        self._interval = interval
        self._give_up = give_up
        self._occupied = occupied
        self._closed = threading.Event()
        self._restarted_at: dict[str, float] = {}
        self._logged: frozenset[str] = frozenset()
        """Names of the parts that did not respond at the last evaluation."""
        self._in_a_row = 0

    def run(self) -> None:
        """The watchdog's thread; returns after `close`."""
        rest = 0.0
        while not self._closed.wait(rest):
            self.request()
            if self._closed.wait(min(RESPONDS_WITHIN, self._interval / 2)):
                return
            self.evaluate()
            rest = max(self._interval - RESPONDS_WITHIN, self._interval / 2)

    def close(self) -> None:
        """End the watchdog's thread; nobody is notified after that."""
        self._closed.set()

    def request(self) -> None:
        """Have every part respond."""
        for check in self._checks:
            check.request()

    def evaluate(self) -> None:
        """Notify, restart parts, or give up, by the ages of the last responses."""
        ages = {check: self._age(check) for check in self._checks}
        late = {check: age for check, age in ages.items() if age > check.within}
        news = {check: age for check, age in late.items() if check.name not in self._logged}
        if news:
            logger.warning("There is no sign of life from %s.", _names(news))
        self._logged = frozenset(check.name for check in late)
        occupied = self._occupied()
        ending = {
            check: age
            for check, age in late.items()
            if not self._restart(check) and not (occupied and check.can_wait)
        }
        if not ending:
            self._in_a_row = 0
            self._notify()
            return
        self._in_a_row += 1
        if self._in_a_row == GIVES_UP_AFTER:
            logger.critical("No sign of life from %s: the kiosk ends.", _names(ending))
            self._give_up()

    def _age(self, check: LivenessCheck) -> float:
        """Seconds since the part's last response, or since it was restarted."""
        restarted_at = self._restarted_at.get(check.name, float("-inf"))
        return self._clock.now() - max(check.responded_at(), restarted_at)

    def _restart(self, check: LivenessCheck) -> bool:
        """Restart the part, unless that was done of late; whether it was restarted."""
        last = self._restarted_at.get(check.name, float("-inf"))
        if check.restart is None or self._clock.now() - last < RESTARTS_EVERY:
            return False
        if not check.restart():
            return False
        self._restarted_at[check.name] = self._clock.now()
        logger.warning("%s: started anew", check.name)
        return True


def _names(ages: Mapping[LivenessCheck, float]) -> str:
    return " and ".join(f"{check.name} ({age:.0f} seconds)" for check, age in ages.items())


def liveness_checks(
    kiosk: Kiosk, thread: Callable[[str], Thread | None], pages: PagesThread | None
) -> list[LivenessCheck]:
    """The checks of a whole kiosk; `thread` finds a thread by its name."""
    clock, player, button = kiosk.clock, kiosk.controller.player, kiosk.pins.button
    checks = [
        controller_check(kiosk.controller.post, clock),
        LivenessCheck("the player", PLAYER_WITHIN, lambda: player.alive_at),
        flag_check("the button's edges", BUTTON_WITHIN, lambda: button.is_well, clock),
    ]
    names = ["button", "jobs"] if kiosk.scheduler is None else ["button", "jobs", "scheduler"]
    checks += [thread_check(name, thread, clock) for name in names]
    if pages is not None:
        checks.append(pages_check(pages))
    return checks


def controller_check(post: Post, clock: Clock) -> LivenessCheck:
    """The controller's thread, which has to take an event out of its inbox."""
    responded_at = clock.now()

    def respond() -> None:
        nonlocal responded_at
        responded_at = clock.now()

    return LivenessCheck(
        "the controller",
        CONTROLLER_WITHIN,
        lambda: responded_at,
        request=lambda: post(LifeSignWanted(respond)),
    )


def thread_check(name: str, thread: Callable[[str], Thread | None], clock: Clock) -> LivenessCheck:
    """The thread of that name, which only has to run."""

    def runs() -> bool:
        found = thread(name)
        return found is not None and found.is_alive()

    return flag_check(f"the thread {name}", THREADS_WITHIN, runs, clock)


def flag_check(
    name: str, within: float, is_well: Callable[[], bool], clock: Clock
) -> LivenessCheck:
    """A part that says at any time whether it is well."""
    well_at = clock.now()

    def responded_at() -> float:
        nonlocal well_at
        if is_well():
            well_at = clock.now()
        return well_at

    return LivenessCheck(name, within, responded_at)


def pages_check(pages: PagesThread) -> LivenessCheck:
    """The pages' server, which has to answer a request over the loopback network."""
    return LivenessCheck(
        "the pages",
        PAGES_WITHIN,
        lambda: pages.answered_at,
        request=pages.request_page,
        restart=pages.replace_server,
        can_wait=True,
    )
