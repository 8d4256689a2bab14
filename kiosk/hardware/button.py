"""Has the button opened, looks after it, and opens it anew where it was lost.

A kiosk without its button still has its pages and its reminders; so it waits for the button, and
says so. A thread of its own looks once a second; the edges themselves come by another thread.
"""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from kiosk.clock import Clock
from kiosk.errors import PinError
from kiosk.session.events import ButtonEdge, ButtonFound, ButtonMissing, Post

logger = logging.getLogger(__name__)


class Button(Protocol):
    """A button that tells of its edges, chatter and all, whoever has opened it."""

    @property
    def is_pressed(self) -> bool:
        """Whether its contacts are closed now, by looking. Raises PinError where it cannot look."""
        ...

    @property
    def is_watched(self) -> bool:
        """Whether that which tells of its edges still runs."""
        ...

    def close(self) -> None:
        """Let go of it; no edge is told after that. Never raises."""
        ...


OnEdge = Callable[[bool, float], None]

LOOKS_EVERY = 1.0
TRIES_EVERY = 30.0
"""Seconds between two attempts to open a button that cannot be had."""

MOST_EDGES = 300
"""Edges between two looks: beyond these it is let go for a while, for the processor's sake."""


class ButtonMonitor:
    """`look` and `close`: any thread. `run`: its own."""

    def __init__(self, open_button: Callable[[OnEdge], Button], clock: Clock, post: Post) -> None:
        """`open_button` raises PinError where the button cannot be had now. What it is given is
        called for each edge, by the pins' thread, and does no more than post it.
        """
        self._open = open_button
        self._clock = clock
        self._post = post
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._button: Button | None = None
        self._try_at = clock.now()
        self._said = ""
        self._deaf = False

        # Written by the pins' thread alone, but for the count, which may be off by a few.
        self._down = False
        self._edges = 0
        self._passing = True
        self._in_doubt: tuple[bool, int] | None = None
        self._all_edges = 0

    @property
    def is_well(self) -> bool:
        """Whether edges are told, as far as is known; nothing is missed of a button that is not
        there.
        """
        button = self._button
        return button is None or (button.is_watched and not self._deaf)

    def run(self) -> None:
        """The thread's body: returns after `close`."""
        while not self._closed.wait(LOOKS_EVERY):
            self.look()

    def close(self) -> None:
        """Let go of the button, and let `run` return."""
        self._closed.set()
        with self._lock:
            if self._button is not None:
                self._button.close()
                self._button = None

    def look(self) -> None:
        """See whether the button is as it should be, and open it where it is not open."""
        with self._lock:
            if self._closed.is_set():
                return
            if self._button is None:
                self._find()
            elif self._take_edges() > MOST_EDGES:
                logger.warning("The button's pin has more edges than anybody can make.")
                self._let_go(self._button)
            else:
                self._compare(self._button)

    def _find(self) -> None:
        now = self._clock.now()
        if now < self._try_at:
            return
        try:
            self._button = self._open(self._on_edge)
            self._down = self._button.is_pressed
        except PinError as error:
            self._give_up(str(error))
            return
        self._said, self._in_doubt, self._deaf, self._edges = "", None, False, 0
        if self._passing:
            self._post(ButtonFound(self._down, now))

    def _give_up(self, why: str) -> None:
        if why != self._said:
            logger.error("%s The kiosk goes on without it, and tries again.", why)
        self._said = why
        self._let_go(self._button)

    def _let_go(self, button: Button | None) -> None:
        if button is not None:
            button.close()
            # It was there, so it has to show first that it is calm.
            self._passing = False
        self._button = None
        self._try_at = self._clock.now() + TRIES_EVERY
        self._post(ButtonMissing())

    def _take_edges(self) -> int:
        edges, self._edges = self._edges, 0
        return edges

    def _compare(self, button: Button) -> None:
        """Whether what the contacts say is what their last edge said, or one must be missing."""
        try:
            down = button.is_pressed
        except PinError as error:
            self._give_up(str(error))
            return
        if not self._passing:
            self._passing, self._down = True, down
            self._post(ButtonFound(down, self._clock.now()))
        if down == self._down:
            self._in_doubt = None
            return
        seen = (down, self._all_edges)
        if self._in_doubt == seen and not self._deaf:
            logger.error("The button is pressed or let go, and nothing tells of it.")
            self._deaf = True
        self._in_doubt = seen

    def _on_edge(self, down: bool, at: float) -> None:
        """By the pins' thread, which an exception would end."""
        self._down = down
        self._edges += 1
        self._all_edges += 1
        if self._passing and self._edges <= MOST_EDGES:
            self._post(ButtonEdge(down, at))
