"""Serves the pages with waitress, inside the kiosk's process.

Theory of operation. Waitress has 32 threads, because a live page holds one for as long as it is
open, and so does a download to a slow client. But Python lets one thread run at a time, and thirty
that are all busy rendering pages would each go before the thread that plays the session, over and
over, until the sound card has nothing left to play. So requests take *turns*: only two are worked
on at a time (`InTurns`), which is enough to use the time in which one waits for the disk. A turn is
held while the view runs, until the answer is ready to be sent; the body's iteration, which is where
live pages and sounds are, takes none. A view that waits rather than works (a backup, a restore, a
sound that is being rendered) gives its turn up early by `step_aside`. Whoever has waited five
seconds for a turn goes ahead without one: then the two others hang, on a slow disk for example.

`connections.py` keeps bad clients within limits.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from web.connections import MOST_CONNECTIONS, Listener

AT_ONCE = 2  # requests that are worked on at a time
TURN_WITHIN = 5.0  # seconds after which a request goes ahead without a turn
CHECKS_EVERY = 2.0  # seconds between two checks of the connections
ENDS_WITHIN = 2  # seconds that the threads have to end when the server is closed

MOST_IN_MEMORY = 64 * 1024
"""Bytes of a request's body; a larger one is buffered in a file, so that many that come in at once
take no more memory than there is."""

MOST_UNSENT = 256 * 1024
"""Bytes of an answer that are buffered for its client; the thread that makes more waits."""

LARGEST_HEAD = 16 * 1024
LARGEST_REQUEST = 64 * 1024 * 1024

NEVER = 10**12  # seconds, for a time limit of waitress's own that `connections.py` replaces

_TURN = "kiosk.turn"

# Its warnings are of requests that wait for a thread; in a flood, many do.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class Turn:
    """The turn of one request, waited for as it is made. The request's own thread."""

    def __init__(self, turns: threading.BoundedSemaphore) -> None:
        self._turns = turns
        self._held = turns.acquire(timeout=TURN_WITHIN)

    def end(self) -> None:
        """Give it up; may be called again."""
        if self._held:
            self._held = False
            self._turns.release()


class InTurns:
    """A WSGI app whose requests take turns. Any thread."""

    def __init__(self, app: WSGIApplication, at_once: int = AT_ONCE) -> None:
        self._app = app
        self._turns = threading.BoundedSemaphore(at_once)

    def __call__(self, environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        """Answer a request when it is its turn."""
        turn = environ[_TURN] = Turn(self._turns)
        try:
            return self._app(environ, respond)
        finally:
            turn.end()


def step_aside(environ: WSGIEnvironment) -> None:
    """Give up the turn of this request, before something that takes long without being work."""
    turn: Turn | None = environ.get(_TURN)
    if turn is not None:
        turn.end()


class PageServer:
    """A server for `app`. `run`: its own thread, once; `close`: any thread."""

    def __init__(
        self,
        app: WSGIApplication,
        listening: socket.socket,
        threads: int,
        now: Callable[[], float] = time.monotonic,
        checks_every: float = CHECKS_EVERY,
        may_upload: Callable[[str], bool] = lambda _cookies: True,
    ) -> None:
        """Serves the connections of the socket `listening`, and closes it in the end.

        `now` is the clock of the connections' time limits, and `checks_every` the seconds between
        two checks. `may_upload` tells by a Cookie header whether to receive an upload; it is quick.
        """
        self._threads = threads
        self._now = now
        self._checks_every = checks_every
        self._sockets: dict[int, Any] = {}
        self._closing = False
        self._dispatcher = ThreadedTaskDispatcher()
        adjustments = Adjustments(
            threads=threads,
            channel_request_lookahead=1,
            channel_timeout=NEVER,
            connection_limit=MOST_CONNECTIONS,
            max_request_header_size=LARGEST_HEAD,
            max_request_body_size=LARGEST_REQUEST,
            inbuf_overflow=MOST_IN_MEMORY,
            outbuf_high_watermark=MOST_UNSENT,
            ident="kiosk",
            expose_tracebacks=False,
            log_socket_errors=False,
        )
        self._listener = Listener(
            InTurns(app), self._sockets, listening, self._dispatcher, adjustments, now, may_upload
        )

    @property
    def port(self) -> int:
        """The port that is bound."""
        return int(self._listener.effective_port)

    def run(self) -> None:
        """The thread's body: serves until `close`."""
        self._dispatcher.set_thread_count(self._threads)
        next_check = self._now()
        try:
            while not self._closing:
                wasyncore.loop(self._checks_every, use_poll=True, map=self._sockets, count=1)
                now = self._now()
                if now >= next_check:
                    next_check = now + self._checks_every
                    self._listener.close_overdue()
        finally:
            self._listener.close()
            self._dispatcher.shutdown(timeout=ENDS_WITHIN)

    def close(self) -> None:
        """Accept no more requests and let `run` return. May be called again."""
        self._closing = True
        self._listener.pull_trigger()
