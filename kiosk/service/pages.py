"""The thread that loads and serves the pages, with another server where one has ceased to answer.

The port is open before, so a browser that is early waits for the moment that the pages take to be
loaded, in which the button is already answered. Where they cannot be loaded, the kiosk goes on
without them.
"""

import gc
import logging
import threading
from collections.abc import Callable

from kiosk.app import Pages
from kiosk.clock import Clock
from kiosk.errors import KioskError

logger = logging.getLogger(__name__)

SERVER_THREAD = "page server"  # the one thread that may die without the whole kiosk having to end
ENDS_WITHIN = 5.0  # seconds in which a server has to free its port


class PagesThread:
    """Runs the server in a thread of its own and replaces it when asked to.

    `run`: its own thread. `request_page`, `replace_server`: the watchdog's thread. `close`: any.
    """

    def __init__(self, pages: Pages, clock: Clock) -> None:
        self._pages = pages
        self._close_server: Callable[[], None] = lambda: None
        self._clock = clock
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.answered_at = clock.now()
        """`Clock.now()` when a page was last answered, or a server started."""

    def run(self) -> None:
        """The thread's body: returns after `close`, once no page is served any more."""
        with self._lock:
            try:
                self._start()
            except (KioskError, OSError) as error:
                logger.error(  # noqa: TRY400 - a sentence, not a trace
                    "There are no pages (%s). The button works without them. Put this right, or"
                    " install the kiosk again, and restart it.",
                    str(error).rstrip("."),
                )
        gc.freeze()  # what has been loaded stays, as in `Service.start`
        self._closed.wait()
        with self._lock:
            self._end()

    def close(self) -> None:
        """Accept no more requests and let `run` return."""
        self._closed.set()

    def request_page(self) -> None:
        """Request a page, which may take seconds, and note whether it was answered.

        It counts as answered as long as no server could be started.
        """
        if not self._closed.is_set() and (self._thread is None or self._pages.answer()):
            self.answered_at = self._clock.now()

    def replace_server(self) -> bool:
        """Serve by another server; `False` where it could not have the port, or `run` holds it."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._closed.is_set():
                return False
            self._end()
            self._start()
        except (KioskError, OSError) as error:
            logger.error("The pages cannot be served anew: %s", error)  # noqa: TRY400
            return False
        finally:
            self._lock.release()
        return True

    def _end(self) -> None:
        self._close_server()
        if self._thread is not None:
            self._thread.join(ENDS_WITHIN)

    def _start(self) -> None:
        """Start another server. Raises KioskError, OSError."""
        server = self._pages.serve()
        self._close_server = server.close
        self._thread = threading.Thread(target=server.run, name=SERVER_THREAD, daemon=True)
        self.answered_at = self._clock.now()
        self._thread.start()
