"""Opens the button, checks it once a second, and opens it anew where it was lost.

A kiosk without its button still has its pages and its reminders, so it goes on without it and
reports that. The checks have a thread of their own; edges come by the pin library's thread.
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
    """An open pin with a button, whose edges, chatter and all, call what it was opened with."""

    @property
    def is_pressed(self) -> bool:
        """Whether its contacts are closed now. Raises PinError where that cannot be read."""
        ...

    @property
    def is_watched(self) -> bool:
        """Whether the thread that reports its edges still runs."""
        ...

    def close(self) -> None:
        """Release the pin; no edge is reported after that. Never raises."""
        ...


OnEdge = Callable[[bool, float], None]

CHECKS_EVERY = 1.0
TRIES_EVERY = 30.0  # seconds between two attempts to open a button that cannot be had

MOST_EDGES = 300
"""Edges between two checks: beyond these it is closed for a while, for the processor's sake."""


class ButtonMonitor:
    """`check` and `close`: any thread. `run`: its own."""

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
        self._logged = ""
        self._misses_edges = False

        # Written by the pins' thread alone, but for the count, which may be off by a few.
        self._down = False
        self._edges = 0
        self._is_trusted = True
        self._doubted: tuple[bool, int] | None = None
        self._all_edges = 0

    @property
    def is_well(self) -> bool:
        """Whether edges are reported, as far as is known; `True` of a button that is not there."""
        button = self._button
        return button is None or (button.is_watched and not self._misses_edges)

    def run(self) -> None:
        """The monitor's thread; returns after `close`."""
        while not self._closed.wait(CHECKS_EVERY):
            self.check()

    def close(self) -> None:
        """Close the button and end the monitor's thread."""
        self._closed.set()
        with self._lock:
            if self._button is not None:
                self._button.close()
                self._button = None

    def check(self) -> None:
        """Compare the button with what was reported of it; open it where it is not open."""
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
        self._logged, self._doubted, self._misses_edges, self._edges = "", None, False, 0
        if self._is_trusted:
            self._post(ButtonFound(self._down, now))

    def _give_up(self, why: str) -> None:
        if why != self._logged:
            logger.error("%s The kiosk goes on without it, and tries again.", why)
        self._logged = why
        self._let_go(self._button)

    def _let_go(self, button: Button | None) -> None:
        if button is not None:
            button.close()
            # It was there, so it has to show first that it is calm.
            self._is_trusted = False
        self._button = None
        self._try_at = self._clock.now() + TRIES_EVERY
        self._post(ButtonMissing())

    def _take_edges(self) -> int:
        edges, self._edges = self._edges, 0
        return edges

    def _compare(self, button: Button) -> None:
        """Whether the contacts are as their last edge said; else an edge was not reported."""
        try:
            down = button.is_pressed
        except PinError as error:
            self._give_up(str(error))
            return
        if not self._is_trusted:
            self._is_trusted, self._down = True, down
            self._post(ButtonFound(down, self._clock.now()))
        if down == self._down:
            self._doubted = None
            return
        seen = (down, self._all_edges)
        if self._doubted == seen and not self._misses_edges:
            logger.error("The button is pressed or let go, and nothing tells of it.")
            self._misses_edges = True
        self._doubted = seen

    def _on_edge(self, down: bool, at: float) -> None:
        """By the pins' thread, which an exception would end."""
        self._down = down
        self._edges += 1
        self._all_edges += 1
        if self._is_trusted and self._edges <= MOST_EDGES:
            self._post(ButtonEdge(down, at))
