"""What waits for the disk: it is kept as soon as the store takes it, in the order it came in."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from kiosk.errors import StoreError
from kiosk.session.events import Post, StoreWorks

logger = logging.getLogger(__name__)


Change: TypeAlias = Callable[[], None]
"""Something to keep; raises StoreError where the disk does not take it."""

MOST = 1000
"""Changes that wait for the disk at the most; the oldest are given up."""


class Backlog:
    """Lets the kiosk go on where the store fails. The scheduler's thread only."""

    def __init__(self, first: Change, post: Post) -> None:
        """`first` is kept before anything else."""
        self._changes: deque[Change] = deque([first], maxlen=MOST)
        self._post = post
        self._works = True

    def later(self, change: Change) -> None:
        """Make `change` now or, where the disk does not take it, as soon as it does; in order."""
        self._changes.append(change)
        self.work_off()

    def work_off(self) -> None:
        """Make the changes that wait, as far as the disk takes them."""
        with self.minding_the_store():
            while self._changes:
                self._changes[0]()
                self._changes.popleft()

    @contextmanager
    def minding_the_store(self) -> Iterator[None]:
        """Let the kiosk go on where the store fails, and say so once."""
        try:
            yield
        except StoreError as error:
            if self._works:
                logger.warning("What is done cannot be kept for now. %s", error)
            self._tell(works=False)

    def store_has_worked(self) -> None:
        """The store has done something else just now: it works again, if nothing waits for it."""
        if not self._changes:
            self._tell(works=True)

    def _tell(self, *, works: bool) -> None:
        """Tell the controller when the store ceases to work, and when it works again."""
        if works is not self._works:
            self._works = works
            self._post(StoreWorks(works))
