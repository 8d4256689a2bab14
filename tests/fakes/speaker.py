"""A speaker that stores what it was given, and fails where it is to."""

from collections.abc import Collection

from kiosk.errors import AudioError
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Millis, frames_of
from tests.fakes.clock import FakeClock


class FakeSpeaker:
    """Plays by moving its clock on by the length of whatever is written.

    `failing_opens` and `failing_writes` say which of them fail, counted from 1 over its whole life:
    `FakeSpeaker(clock, failing_writes={40}, failing_opens={2, 3})` is lost at the 40th write and
    not there for the next two attempts to open it. With `delay` (milliseconds) a frame is heard so
    long after it was written, and `abort` throws away that much.
    """

    name = "fake speaker"

    def __init__(
        self,
        clock: FakeClock,
        *,
        delay: Millis = 0,
        failing_opens: Collection[int] = (),
        failing_writes: Collection[int] = (),
    ) -> None:
        self._clock = clock
        self._delay = delay
        self._failing_opens = failing_opens
        self._failing_writes = failing_writes
        self._heard = bytearray()
        self._latest = bytearray()
        """What was written since the last `abort`, or since it was opened."""

        self.is_open = False
        self.opens = 0
        """Attempts to open it while it was not open."""

        self.writes: list[tuple[float, bytes]] = []
        """`(when, pcm)` of each write that it accepted, at its beginning."""

        self.aborts: list[float] = []
        self._attempts = 0

    def open(self) -> None:
        if self.is_open:
            return
        self.opens += 1
        if self.opens in self._failing_opens:
            raise AudioError("The fake speaker is not there.")
        self.is_open = True

    def write(self, pcm: bytes) -> None:
        if not self.is_open:
            raise AudioError("The speaker is not open.")
        self._attempts += 1
        if self._attempts in self._failing_writes:
            self._throw_away_queue()
            self.is_open = False
            raise AudioError("The fake speaker was lost.")
        self.writes.append((self._clock.now(), pcm))
        self._latest += pcm
        self._clock.advance(len(pcm) // BYTES_PER_FRAME / SAMPLE_RATE)

    def delay(self) -> Millis:
        return self._delay

    def abort(self) -> None:
        self.aborts.append(self._clock.now())
        self._throw_away_queue()

    def close(self) -> None:
        self._heard += self._latest
        self._latest.clear()
        self.is_open = False

    def heard(self) -> bytes:
        """Everything a person has heard, end to end, if nothing more is aborted."""
        return bytes(self._heard + self._latest)

    def _throw_away_queue(self) -> None:
        unheard = min(frames_of(self._delay) * BYTES_PER_FRAME, len(self._latest))
        self._heard += self._latest[: len(self._latest) - unheard]
        self._latest.clear()
