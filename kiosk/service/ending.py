"""The wish that the kiosk should end, whoever has it."""

from queue import SimpleQueue


class Ending:
    """`come`: any thread, and a signal's handler at any moment. `wait`: one thread, once.

    Not an event: the main thread holds an event's lock for a moment when it begins to wait, and a
    signal's handler, which runs in that very thread, would wait for it for ever.
    """

    def __init__(self) -> None:
        self._wishes: SimpleQueue[None] = SimpleQueue()

    def come(self) -> None:
        """Let `wait` return; may be called again."""
        self._wishes.put(None)

    def wait(self) -> None:
        """Return once the end has come."""
        self._wishes.get()
