"""Runs a kiosk: starts its threads, waits for a request to end, and ends the threads in order.

Theory of operation. The main thread makes a `Service`, enters `signals`, calls `start` and then
`wait`. Every thread is a daemon, so that none can keep the process from ending. A request to end
comes from a signal, from a thread that died of an error nobody expected, from the watchdog, or from
a restored backup (`restart`). Then all threads but three are asked to return. The three end in this
order: the controller, which first records how far the session got; its player, which closes the
speaker; the scheduler, which may still get that record from the controller. All of them have 0.8
seconds together. Last go the pins, and the store, unless a thread that is still busy may use it.
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

from kiosk.app import Kiosk
from kiosk.hardware.light import LightThread
from kiosk.service.pages import SERVER_THREAD, PagesThread
from kiosk.service.systemd import Systemd
from kiosk.service.watchdog import Watchdog, liveness_checks
from kiosk.session.announcer import prepare_default, prepare_notices
from kiosk.session.events import Shutdown
from kiosk.session.snapshot import OCCUPIED

logger = logging.getLogger(__name__)

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

RESTARTS_IN = 1.5
"""Seconds between the request for a restart and the end: the page has to answer first."""

AGAIN = 75  # the exit code that asks for the kiosk to be started again

CHECKS_EVERY = 10.0
"""Seconds between two evaluations of the watchdog, where systemd does not set them."""

RUNS_FOR = 0.0005
"""Seconds for which a busy thread keeps others waiting. Python's own five milliseconds, for each of
several, add up to more than the sound card can bridge."""

END_WITHIN = 0.8  # seconds the threads have, all together, to end in


class EndRequest:
    """A request to end the kiosk. `make`: any thread, and a signal's handler at any moment. `wait`:
    one thread, once.

    Not a `threading.Event`: the main thread holds an event's lock for a moment when it begins to
    wait, and a signal's handler, which runs in that very thread, would wait for it for ever.
    """

    def __init__(self) -> None:
        self._requests: SimpleQueue[None] = SimpleQueue()

    def make(self) -> None:
        """End the `wait`; may be called again."""
        self._requests.put(None)

    def wait(self) -> None:
        """Return once there is a request."""
        self._requests.get()


class Service:
    """A kiosk's threads. The main thread, inside `signals`; `restart`: any."""

    def __init__(self, kiosk: Kiosk, systemd: Systemd | None = None) -> None:
        self._kiosk = kiosk
        self._systemd = systemd or Systemd()
        self._end_request = EndRequest()
        self._crashed = False
        self._restarting = False
        self._signalled = False
        kiosk.restart = self.restart
        self._threads: dict[str, threading.Thread] = {}
        self._closers: list[Callable[[], None]] = []

    @contextmanager
    def signals(self) -> Iterator[None]:
        """While this lasts, a signal to end or a crashed thread ends `wait`, and nothing else.

        Entered before anything is changed that has to be changed back, e.g. the terminal.
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
        # What has been loaded by now stays. A collection that walks through all of it holds every
        # thread up, on a small board for longer than the sound card can bridge.
        gc.freeze()
        self.add("player", kiosk.controller.player.run)
        self.add("controller", kiosk.controller.run)
        if kiosk.scheduler is not None:
            self.add("scheduler", kiosk.scheduler.run)
        self.add("button", kiosk.pins.button.run, kiosk.pins.button.close)
        if kiosk.pins.light is not None:
            light = LightThread(kiosk.pins.light, kiosk.session.snapshot, kiosk.clock)
            self.add("light", light.run, light.close)
        # Last those that load much.
        self.add("jobs", kiosk.jobs.run, kiosk.jobs.close)
        pages = None
        if kiosk.pages is not None:
            pages = PagesThread(kiosk.pages, kiosk.clock)
            self.add("pages", pages.run, pages.close)
        kiosk.jobs.submit(self._warm_up)
        watchdog = Watchdog(
            liveness_checks(kiosk, self._threads.get, pages),
            kiosk.clock,
            self._systemd.alive,
            self._systemd.ping_every or CHECKS_EVERY,
            self._give_up,
            lambda: kiosk.controller.feed.newest.state in OCCUPIED,
        )
        self.add("watchdog", watchdog.run, watchdog.close, awaited=False)

    def restart(self) -> None:
        """End the kiosk soon with the exit code `AGAIN`; returns at once. Any thread."""
        self._restarting = True
        timer = threading.Timer(RESTARTS_IN, self._end_request.make)
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
            pages = self._kiosk.pages
            self._systemd.ready("no pages" if pages is None else " ".join(pages.addresses))
            self._end_request.wait()
        finally:
            # Once notified of an end, systemd makes sure of it, after a while by force.
            if not self._is_to_restart():
                self._systemd.stopping()
            self.stop()
        if self._crashed:
            return 1
        return AGAIN if self._is_to_restart() else 0

    def stop(self) -> None:
        """End every thread: the speaker goes silent, the pins are let go."""
        kiosk = self._kiosk
        kiosk.controller.post(Shutdown())
        kiosk.preparer.close()  # ends rendering that is under way, and frees its thread
        for close in self._closers:
            close()
        deadline = kiosk.clock.now() + END_WITHIN
        self._join("controller", deadline)
        kiosk.controller.player.close()
        if kiosk.scheduler is not None:
            kiosk.scheduler.close()
        for name in self._threads:
            self._join(name, deadline)
        kiosk.pins.close()
        if kiosk.data is not None:
            users = (self._threads.get(name) for name in ("scheduler", "jobs", "pages"))
            if not any(thread is not None and thread.is_alive() for thread in users):
                kiosk.data.close()

    def _give_up(self) -> None:
        """A part does not respond; the log says which."""
        self._crashed = True
        self._end_request.make()

    def _is_to_restart(self) -> bool:
        # Who ends it in the very moment of a restart does not want it back.
        return self._restarting and not self._signalled

    def _join(self, name: str, deadline: float) -> None:
        thread = self._threads[name]
        thread.join(max(deadline - self._kiosk.clock.now(), 0.0))
        if thread.is_alive():
            logger.debug("the thread %s is still busy", name)

    def _warm_up(self) -> None:
        """A job: render everything that the first press may need, before it comes."""
        kiosk = self._kiosk
        prepare_notices(kiosk.preparer, kiosk.controller.post)
        prepare_default(kiosk.preparer, kiosk.controller.post)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signalled = True
        self._end_request.make()

    def _on_crash(self, crash: threading.ExceptHookArgs) -> None:
        """A thread died of an error nobody expected: better a new start than half a kiosk."""
        name = crash.thread.name if crash.thread else "?"
        if name == SERVER_THREAD:
            # The watchdog replaces it soon, and a session goes on.
            logger.error("the pages are not served any more", exc_info=crash.exc_value)
            return
        logger.critical("the thread %s has died", name, exc_info=crash.exc_value)
        self._crashed = True
        self._end_request.make()
