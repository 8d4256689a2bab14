"""The wish that the kiosk should end, whoever has it.

Runs a kiosk: starts its threads, waits for the signal to end, and ends them in good order.
"""

import gc
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import Protocol

from kiosk.app import Kiosk
from kiosk.hardware.light import LightThread
from kiosk.service.pages import SERVER_THREAD, PagesThread
from kiosk.service.watchdog import Watchdog, is_occupied, vital_parts
from kiosk.session.announcer import prepare_default, prepare_notices
from kiosk.session.events import Shutdown

logger = logging.getLogger(__name__)


class EndRequest:
    """`come`: any thread, and a signal's handler at any moment. `wait`: one thread, once.

    Not an event: the main thread holds an event's lock for a moment when it begins to wait, and a
    signal's handler, which runs in that very thread, would wait for it for ever.
    """

    def __init__(self) -> None:
        self._wishes: SimpleQueue[None] = SimpleQueue()

    def come(self) -> None:
        """Let `wait` return; may be called again."""
        self._wishes.put(None)

    def wait(self) -> None:
        """Return once the end has come."""
        self._wishes.get()


ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

RESTARTS_IN = 1.5
"""Seconds between the wish for a restart and its beginning: the page has to answer first."""

AGAIN = 75
"""The exit code that asks for the kiosk to be started again."""

LOOKS_EVERY = 10.0
"""Seconds between two looks for signs of life, where nobody outside asks for them."""

RUNS_FOR = 0.0005
"""Seconds for which a busy thread keeps others waiting. Python's own five
milliseconds, for each of several, add up to more than the sound card can bridge.
"""

END_WITHIN = 0.8
"""Seconds the threads have, all together, to end in."""


class Supervisor(Protocol):
    """Whoever started the kiosk, and starts it anew when it gives no sign of life. Any thread."""

    @property
    def ping_every(self) -> float | None:
        """Seconds between two signs of life; `None` where nobody waits for one."""
        ...

    def ready(self, status: str) -> None:
        """Everything runs; `status` is a line for people."""
        ...

    def alive(self) -> None:
        """A sign of life."""
        ...

    def stopping(self) -> None:
        """The kiosk has begun to end."""
        ...


class Nobody:
    """Who supervises a kiosk that was started by hand."""

    ping_every = None

    def ready(self, _status: str) -> None:
        """Not told."""

    def alive(self) -> None:
        """Not told."""

    def stopping(self) -> None:
        """Not told."""


class Service:
    """A kiosk's threads. Made, started and ended by the main thread, inside `signals`."""

    def __init__(self, kiosk: Kiosk, supervisor: Supervisor | None = None) -> None:
        self._kiosk = kiosk
        self._supervisor: Supervisor = supervisor or Nobody()
        self._ending = EndRequest()
        self._crashed = False
        self._again = False
        self._told_to_end = False
        kiosk.restart = self.restart
        self._threads: dict[str, threading.Thread] = {}
        self._closers: list[Callable[[], None]] = []

    @contextmanager
    def signals(self) -> Iterator[None]:
        """While this lasts, a signal to end or a crashed thread ends `wait`, and nothing else.

        To be entered before anything is changed that has to be changed back, e.g. the terminal.
        """
        before = {number: signal.signal(number, self._on_signal) for number in ENDING_SIGNALS}
        hook, threading.excepthook = threading.excepthook, self._on_crash
        try:
            yield
        finally:
            threading.excepthook = hook
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self) -> None:
        """Start every thread. From here on a press of the button is answered."""
        kiosk = self._kiosk
        sys.setswitchinterval(RUNS_FOR)
        # What has been loaded by now stays. Looking through all of it for what could be thrown
        # away holds every thread up, on a small board for longer than the sound card can bridge.
        gc.freeze()
        self.add("player", kiosk.controller.player.run)
        self.add("controller", kiosk.controller.run)
        self.add("jobs", kiosk.jobs.run, kiosk.jobs.close)
        if kiosk.scheduler is not None:
            self.add("scheduler", kiosk.scheduler.run)
        self.add("button", kiosk.pins.button.run, kiosk.pins.button.close)
        if kiosk.pins.light is not None:
            keeper = LightThread(kiosk.pins.light, kiosk.session.snapshot, kiosk.clock)
            self.add("light", keeper.run, keeper.close)
        pages = self._keep_pages()
        kiosk.jobs.submit(self._warm_up)
        watchdog = Watchdog(
            vital_parts(kiosk, self._threads.get, pages),
            kiosk.clock,
            self._supervisor.alive,
            self._supervisor.ping_every or LOOKS_EVERY,
            self._give_up,
            lambda: is_occupied(kiosk),
        )
        self.add("watchdog", watchdog.run, watchdog.close, awaited=False)

    def restart(self) -> None:
        """End the kiosk soon, in order to be started again; returns at once. Any thread."""
        self._again = True
        timer = threading.Timer(RESTARTS_IN, self._ending.come)
        timer.daemon = True
        timer.start()

    def add(
        self,
        name: str,
        body: Callable[[], None],
        close: Callable[[], None] | None = None,
        *,
        awaited: bool = True,
    ) -> None:
        """Start a thread of that name; `close` lets its body return when the kiosk ends.

        One that has nothing to put in order need not be `awaited` then.
        """
        thread = threading.Thread(target=body, name=name, daemon=True)
        if awaited:
            self._threads[name] = thread
        if close is not None:
            self._closers.append(close)
        thread.start()

    def wait(self) -> int:
        """Wait until the kiosk has to end, and end it; the exit code, which may be `AGAIN`."""
        try:
            self._supervisor.ready(self._status())
            self._ending.wait()
        finally:
            # A supervisor that is told of an end makes sure of it, after a while by force.
            if not self._begins_again():
                self._supervisor.stopping()
            self.stop()
        if self._crashed:
            return 1
        return AGAIN if self._begins_again() else 0

    def stop(self) -> None:
        """End every thread: the speaker goes silent, the pins are let go."""
        kiosk = self._kiosk
        kiosk.controller.post(Shutdown())
        kiosk.preparer.close()  # what is being rendered comes to nothing, and its thread is free
        for close in self._closers:
            close()
        deadline = kiosk.clock.now() + END_WITHIN
        self._join("controller", deadline)
        kiosk.controller.player.close()
        if kiosk.scheduler is not None:
            kiosk.scheduler.close()  # the controller has told how far the session got
        for name in self._threads:
            self._join(name, deadline)
        kiosk.pins.close()
        if kiosk.data is not None and not self._is_busy("scheduler", "jobs", "pages"):
            kiosk.data.close()

    def _keep_pages(self) -> PagesThread | None:
        pages = self._kiosk.pages
        if pages is None:
            return None
        keeper = PagesThread(pages.server, pages.renew, pages.answer, self._kiosk.clock)
        self.add("pages", keeper.run, keeper.close)
        return keeper

    def _give_up(self) -> None:
        """A part is dead; the log says which."""
        self._crashed = True
        self._ending.come()

    def _status(self) -> str:
        """Where the pages are, for whoever looks after the machine."""
        pages = self._kiosk.pages
        return "no pages" if pages is None else " ".join(pages.addresses)

    def _begins_again(self) -> bool:
        # Who ends it in the very moment of a restart does not want it back.
        return self._again and not self._told_to_end

    def _is_busy(self, *names: str) -> bool:
        """Whether one of these threads has not come to its end, and may still use the store."""
        threads = (self._threads.get(name) for name in names)
        return any(thread is not None and thread.is_alive() for thread in threads)

    def _join(self, name: str, deadline: float) -> None:
        thread = self._threads[name]
        thread.join(max(deadline - self._kiosk.clock.now(), 0.0))
        if thread.is_alive():
            logger.debug("the thread %s is still busy", name)

    def _warm_up(self) -> None:
        """A job: have everything rendered that the first press may need, before it comes."""
        kiosk = self._kiosk
        prepare_notices(kiosk.preparer, kiosk.controller.post)
        prepare_default(kiosk.preparer, kiosk.controller.post)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_end = True
        self._ending.come()

    def _on_crash(self, crash: threading.ExceptHookArgs) -> None:
        """A thread died of an error nobody expected: better a new start than half a kiosk."""
        name = crash.thread.name if crash.thread else "?"
        if name == SERVER_THREAD:
            # The pages are served anew soon, and whoever exercises is none the wiser.
            logger.error("the pages are not served any more", exc_info=crash.exc_value)
            return
        logger.critical("the thread %s has died", name, exc_info=crash.exc_value)
        self._crashed = True
        self._ending.come()
