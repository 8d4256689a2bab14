"""A speaker whose sound takes its time from a clock that jumps, and that can be pulled out."""

from collections.abc import Callable

from kiosk.errors import AudioError
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Frames, Millis, frames_of
from tests.fakes.clock import FakeClock

DELAY: Millis = 100
"""So much of what was written is not heard yet."""


class HouseSpeaker:
    """Keeps nothing of what it plays: a year of sound is more than there is memory for.

    `hears` is told of each piece as it is written, `is_silenced` how much of what was written last
    is never heard, because the sound was stopped.
    """

    name = "the house's speaker"

    def __init__(
        self,
        clock: FakeClock,
        hears: Callable[[bytes], None],
        is_silenced: Callable[[Frames], None],
    ) -> None:
        self.there = True
        """Whether it is plugged in."""

        self.seconds = 0.0
        """Of sound that it was given."""

        self.losses = 0
        """How often it was gone when something was to be heard."""

        self._clock = clock
        self._hears = hears
        self._is_silenced = is_silenced
        self._open = False
        self._waiting: Frames = 0

    def open(self) -> None:
        if not self.there:
            raise AudioError("The house's speaker is not plugged in.")
        self._open = True

    def write(self, pcm: bytes) -> None:
        if not self._open:
            raise AudioError("The speaker is not open.")
        if not self.there:
            self.losses += 1
            self.abort()
            self._open = False
            raise AudioError("The house's speaker was pulled out.")
        self._hears(pcm)
        frames = len(pcm) // BYTES_PER_FRAME
        self._waiting = min(self._waiting + frames, frames_of(DELAY))
        self.seconds += frames / SAMPLE_RATE
        self._clock.advance(frames / SAMPLE_RATE)

    def delay(self) -> Millis:
        return DELAY

    def abort(self) -> None:
        self._is_silenced(self._waiting)
        self._waiting = 0

    def close(self) -> None:
        self._waiting = 0
        self._open = False
