"""A speaker for a machine without sound: it takes as long as the sound would, and plays nothing."""

from kiosk.clock import Clock
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Frames, Millis, seconds

QUEUE: Millis = 100
"""How far writing may run ahead of what would be heard, as with a real card."""


class SilentSpeaker:
    """Keeps the pace of the sound on a clock. One thread at a time uses it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = 0.0
        self._queued: Frames = 0
        """Frames written since `_began`. Counted, not summed up in seconds, lest errors add up."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        return "no speaker"

    def open(self) -> None:
        """Ready at once."""

    def write(self, pcm: bytes) -> None:
        """Return when no more than `QUEUE` of everything written is still to be heard."""
        now = self._clock.now()
        if now >= self._heard_at():
            self._began, self._queued = now, 0
        self._queued += len(pcm) // BYTES_PER_FRAME
        self._clock.sleep(self._heard_at() - seconds(QUEUE) - now)

    def delay(self) -> Millis:
        """How long after it was written a frame would be heard."""
        return QUEUE

    def abort(self) -> None:
        """Forget what is queued."""
        self._began, self._queued = self._clock.now(), 0

    def close(self) -> None:
        """Wait until what is queued would have been heard."""
        self._clock.sleep(self._heard_at() - self._clock.now())

    def _heard_at(self) -> float:
        """When everything written would have been heard."""
        return self._began + self._queued / SAMPLE_RATE
