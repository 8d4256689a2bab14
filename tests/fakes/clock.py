"""A clock that jumps."""

import threading

NANOSECONDS = 1_000_000_000


class FakeClock:
    """Stands at 1000.0 until somebody sleeps on it or moves it on. Any thread may.

    It counts nanoseconds, so that many small steps end exactly where one large one does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ns = 1000 * NANOSECONDS

    def now(self) -> float:
        return self._ns / NANOSECONDS

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.advance(seconds)

    def advance(self, seconds: float) -> None:
        assert seconds >= 0, "time does not go back"
        with self._lock:
            self._ns += round(seconds * NANOSECONDS)
