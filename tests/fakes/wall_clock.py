"""A time of day that jumps, by hand or with a clock."""

from datetime import UTC, datetime, timedelta

from kiosk.clock import Clock


class FakeWallClock:
    """Shows `start`, which knows its zone, until it is moved.

    Tied to a `clock`, it runs on as that one does.
    """

    def __init__(
        self, start: datetime, *, trusted: bool = True, clock: Clock | None = None
    ) -> None:
        self._clock = clock
        self._trusted = trusted
        self.set(start)

    def utc(self) -> datetime:
        return self._shown + timedelta(seconds=self._ticked() - self._at)

    def trusted(self) -> bool:
        return self._trusted

    def set(self, moment: datetime) -> None:
        """Jump to `moment`, in either direction."""
        self._at = self._ticked()
        self._shown = moment.astimezone(UTC)

    def advance(self, length: timedelta) -> None:
        self.set(self.utc() + length)

    def believe(self, *, trusted: bool = True) -> None:
        """From now on it is `trusted`, or is not."""
        self._trusted = trusted

    def _ticked(self) -> float:
        return self._clock.now() if self._clock else 0.0
