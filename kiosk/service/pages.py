"""Serves the pages; with a new server, where the old one has ceased to answer."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from kiosk.clock import Clock

logger = logging.getLogger(__name__)


SERVER_THREAD = "page server"
"""The thread that may die without the whole kiosk having to end."""

ENDS_WITHIN = 5.0
"""Seconds in which a server has to let go of its port."""


class Server(Protocol):
    """What answers browsers; see `web.server.server.PageServer`."""

    def run(self) -> None:
        """The body of a thread: returns after `close`."""
        ...

    def close(self) -> None:
        """Let `run` return; any thread, may be called again."""
        ...


class PagesThread:
    """`run`: its own thread. `ask`, `renew`: the watchdog's thread. `close`: any."""

    def __init__(
        self,
        server: Server,
        make_server: Callable[[], Server],
        answers: Callable[[], bool],
        clock: Clock,
    ) -> None:
        """`make_server` makes another on the same port, or raises OSError; `answers` asks for a
        page, and tells within seconds whether one came.
        """
        self._server = server
        self._make_server = make_server
        self._answers = answers
        self._clock = clock
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.answered_at = clock.now()
        """The clock's `now()` when a page was last had."""

    def run(self) -> None:
        """The thread's body: returns after `close`, once no page is served any more."""
        with self._lock:
            if self._thread is None:
                self._thread = self._start(self._server)
        self._closed.wait()
        with self._lock:
            self._end()

    def close(self) -> None:
        """Take no more requests and let `run` return."""
        self._closed.set()

    def ask(self) -> None:
        """Ask for a page; that may take seconds."""
        if not self._closed.is_set() and self._answers():
            self.answered_at = self._clock.now()

    def renew(self) -> bool:
        """Serve by another server; whether the port could be had for one."""
        with self._lock:
            if self._closed.is_set():
                return False
            self._end()
            try:
                self._server = self._make_server()
            except OSError as error:
                logger.error("The pages cannot be served anew: %s", error)  # noqa: TRY400
                return False
            self._thread = self._start(self._server)
        self.answered_at = self._clock.now()
        return True

    def _end(self) -> None:
        self._server.close()
        if self._thread is not None:
            self._thread.join(ENDS_WITHIN)

    def _start(self, server: Server) -> threading.Thread:
        thread = threading.Thread(target=server.run, name=SERVER_THREAD, daemon=True)
        thread.start()
        return thread
