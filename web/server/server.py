"""Few requests are worked on at a time, so that the voice gets its turn in between.

Python lets one thread run at a time. Thirty threads that are busy with pages would each go before
the one that plays the session, over and over, until the sound card has nothing left to play.

Serves the pages with waitress, inside the kiosk's process; keeps bad clients in their place.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from web.server.connections import ErrorsOnly, Listener

AT_ONCE = 2
"""How many requests are worked on at a time. What is only sent, such as a live page, takes no turn.
"""

PATIENCE = 5.0
"""Seconds after which a request goes ahead all the same: others may be waiting for the disk."""

_TURN = "kiosk.turn"


class Turn:
    """The turn of one request, taken as soon as there is one. Its own thread only."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self._places = places
        self._taken = places.acquire(timeout=PATIENCE)

    def end(self) -> None:
        """Let another one have it; may be called again."""
        if self._taken:
            self._taken = False
            self._places.release()


class InTurns:
    """An app whose requests take turns. Any thread."""

    def __init__(self, app: WSGIApplication, at_once: int = AT_ONCE) -> None:
        self._app = app
        self._places = threading.BoundedSemaphore(at_once)

    def __call__(self, environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        """Answer a request when it is its turn."""
        turn = environ[_TURN] = Turn(self._places)
        try:
            return self._app(environ, respond)
        finally:
            turn.end()


def step_aside(environ: WSGIEnvironment) -> None:
    """Give up the turn of this request, before something that takes long without being work."""
    turn: Turn | None = environ.get(_TURN)
    if turn is not None:
        turn.end()


LOOKS_EVERY = 2.0
"""Seconds between two looks at the connections."""

ENDS_WITHIN = 2
"""Seconds that the threads have to end when the server is closed."""

MOST_CONNECTIONS = 160

MOST_IN_MEMORY = 64 * 1024
"""Bytes of a request's body; more of it is kept in a file, so that many that come in at once, from
whomever, take no more memory than there is."""

MOST_UNSENT = 256 * 1024
"""Bytes of an answer that wait for the client; whoever makes more waits, too."""

LARGEST_HEAD = 16 * 1024
LARGEST_REQUEST = 64 * 1024 * 1024


class PageServer:
    """A server for `app` on `host` and `port`. `run`: its own thread, once; `close`: any thread.

    `now` and `looks_every` say by what clock and how often bad clients are looked for. `may_upload`
    says by the cookies of a large request whether to take it in; it is quick.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str,
        port: int,
        threads: int,
        now: Callable[[], float] = time.monotonic,
        looks_every: float = LOOKS_EVERY,
        may_upload: Callable[[str], bool] = lambda _cookies: True,
    ) -> None:
        """Takes the port. Raises OSError where it cannot."""
        self._threads = threads
        self._now = now
        self._looks_every = looks_every
        self._may_upload = may_upload
        self._map: dict[int, Any] = {}
        self._closing = False
        self._dispatcher = ThreadedTaskDispatcher()
        self._dispatcher.queue_logger = ErrorsOnly(self._dispatcher.queue_logger)
        self._listener = self._listen(InTurns(app), host, port)

    @property
    def port(self) -> int:
        """The port it has taken."""
        return int(self._listener.effective_port)

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._listener.active_channels)

    def run(self) -> None:
        """The thread's body: serves until `close`."""
        self._dispatcher.set_thread_count(self._threads)
        next_look = self._now()
        try:
            while not self._closing:
                wasyncore.poll2(self._looks_every, self._map)
                now = self._now()
                if now >= next_look:
                    next_look = now + self._looks_every
                    self._listener.look_after()
        finally:
            self._listener.close_connections()
            self._dispatcher.shutdown(timeout=ENDS_WITHIN)
            self._listener.close()

    def close(self) -> None:
        """Take no more requests and let `run` return. May be called again."""
        self._closing = True
        self._listener.pull_trigger()

    def _listen(self, app: WSGIApplication, host: str, port: int) -> Listener:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, _, _, address = found[0]
        listening = socket.socket(family, kind)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            return Listener(
                app,
                self._map,
                _sock=listening,
                dispatcher=self._dispatcher,
                adj=_settings(self._threads),
                sockinfo=(family, kind, None, address),
                bind_socket=False,
                now=self._now,
                may_upload=self._may_upload,
            )
        except OSError:
            wasyncore.close_all(self._map, ignore_all=True)
            listening.close()
            raise


def _settings(threads: int) -> Adjustments:
    return Adjustments(
        threads=threads,
        channel_request_lookahead=1,
        connection_limit=MOST_CONNECTIONS,
        max_request_header_size=LARGEST_HEAD,
        max_request_body_size=LARGEST_REQUEST,
        inbuf_overflow=MOST_IN_MEMORY,
        outbuf_high_watermark=MOST_UNSENT,
        ident="kiosk",
        expose_tracebacks=False,
        log_socket_errors=False,
    )
