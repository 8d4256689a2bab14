"""Tells the log what goes on, where there is no terminal to show it on."""

import logging

from kiosk.adapters.terminal.words import exercise_line, rep_line, trouble_line
from kiosk.feed import Feed
from kiosk.model.snapshot import Snapshot

logger = logging.getLogger(__name__)


class Logbook:
    """Logs what changes from one snapshot to the next; `run` is the body of a thread."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._lines = ("", "", "")

    def run(self) -> None:
        """The thread's body: returns when the feed is closed."""
        onlooker = self._feed.subscribe()
        while (snapshot := onlooker.next()) is not None:
            self.note(snapshot)

    def note(self, snapshot: Snapshot) -> None:
        """Log what is new in `snapshot`: exercises and trouble for everybody, the rest for those
        who look for a fault.
        """
        lines = (trouble_line(snapshot), exercise_line(snapshot), rep_line(snapshot))
        levels = (logging.WARNING, logging.INFO, logging.DEBUG)
        for level, line, before in zip(levels, lines, self._lines, strict=True):
            if line and line != before:
                logger.log(level, "%s", line)
        self._lines = lines
