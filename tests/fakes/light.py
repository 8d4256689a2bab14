"""A light that remembers."""

from kiosk.clock import Clock


class FakeLight:
    """Keeps `(when, how bright)` for each time it was set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.shown: list[tuple[float, float]] = []
        self.closed = False

    def set(self, brightness: float) -> None:
        assert not self.closed, "set after it was closed"
        assert 0 <= brightness <= 1, f"a light cannot shine at {brightness}"
        self.shown.append((self._clock.now(), brightness))

    def close(self) -> None:
        self.closed = True
