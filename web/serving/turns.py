"""Few requests are worked on at a time, so that the voice gets its turn in between.

Python lets one thread run at a time. Thirty threads that are busy with pages would each go before
the one that plays the session, over and over, until the sound card has nothing left to play.
"""

import threading
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

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
