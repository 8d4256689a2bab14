"""What the player plays: stretches of timelines, one after another without a gap. Pure."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from kiosk.timeline.render import ClipBank, render
from kiosk.timeline.timeline import Timeline, boundaries
from kiosk.units import BYTES_PER_FRAME, Frames, Millis, frames_of, millis_of


@dataclass(frozen=True)
class Segment:
    """A timeline from `start` to its end."""

    timeline: Timeline
    bank: ClipBank
    start: Millis = 0

    @property
    def frames(self) -> Frames:
        """How much of it is played."""
        return frames_of(self.timeline.duration) - frames_of(self.start)


@dataclass(frozen=True, slots=True)
class PlaybackPosition:
    """Which moment of what is played the person hears."""

    playlist: int
    """The number of the playlist."""

    at: Millis
    """The moment of the take's timeline."""

    leading: bool
    """Whether it is a take that leads in to the playlist's last one, which is what matters."""


class Playlist:
    """Takes, played in order; positions in it are frames from its start."""

    def __init__(self, number: int, *takes: Segment) -> None:
        self.number = number
        self.takes = takes
        ends = list(accumulate(take.frames for take in takes))
        self._starts: list[Frames] = [0, *ends[:-1]]
        self.frames: Frames = ends[-1]

    def sound(self, start: Frames, frames: Frames) -> bytes:
        """The PCM of `frames` frames from `start` on; silence after the end."""
        pieces: list[bytes] = []
        at = start
        end = start + frames
        while at < min(end, self.frames):
            index = self._take_at(at)
            take, begins = self.takes[index], self._starts[index]
            count = min(end, begins + take.frames) - at
            offset = frames_of(take.start) + at - begins
            pieces.append(render(take.timeline, take.bank, offset, count))
            at += count
        pieces.append(bytes((end - at) * BYTES_PER_FRAME))
        return b"".join(pieces)

    def heard(self, frame: Frames) -> PlaybackPosition:
        """What stands at `frame`; before the start the first moment, after the end the last."""
        at = min(max(frame, 0), self.frames)
        index = self._take_at(at)
        take = self.takes[index]
        millis = take.start + millis_of(at - self._starts[index])
        leading = index < len(self.takes) - 1
        return PlaybackPosition(self.number, min(millis, take.timeline.duration), leading)

    def marks(self) -> tuple[Frames, ...]:
        """The frames at which what is going on changes, in order."""
        found: set[Frames] = set()
        for take, begins in zip(self.takes, self._starts, strict=True):
            skipped = frames_of(take.start)
            # One millisecond on, so that rounding never reports the stretch that just ended.
            found |= {
                begins + max(frames_of(mark + 1) - skipped, 0)
                for mark in boundaries(take.timeline)
                if take.start <= mark < take.timeline.duration
            }
        return tuple(sorted(found))

    def _take_at(self, frame: Frames) -> int:
        index = bisect_right(self._starts, frame) - 1
        return min(index, len(self.takes) - 1)
