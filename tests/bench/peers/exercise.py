"""What all four ways have in common: the numbers, the sentence, and the Enter key for a button."""

import queue
import sys
import threading

COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
EVERY = 4.5
"""Seconds from one number to the next."""

SENTENCE = (
    "Lift your arms slowly to the side until they are as high as your shoulders, and no higher."
)
SENTENCES = 3
"""How often it is read."""


class Enter:
    """The Enter key."""

    def __init__(self) -> None:
        self._pressed: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        sys.stdout.write("Press Enter.\n")
        sys.stdout.flush()

    def wait(self) -> None:
        """Return when it is pressed."""
        self._pressed.get()

    def pause(self) -> None:
        """Where it has been pressed, wait until it is pressed again."""
        if not self._pressed.empty():
            self.wait()
            self.wait()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._pressed.put(line)
