"""Playlists: parts of timelines, played one after another without a gap. Pure."""

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
        """The segment's length."""
        return frames_of(self.timeline.duration) - frames_of(self.start)


@dataclass(frozen=True, slots=True)
class PlaybackPosition:
    """The position that the person hears."""

    playlist: int
    at: Millis
    """In the timeline of the segment."""

    leading: bool
    """Whether the segment is a lead-in to the last one of the playlist."""


class Playlist:
    """Segments in the order in which they are played; frames count from its start."""

    def __init__(self, number: int, *segments: Segment) -> None:
        self.number = number
        self.segments = segments
        ends = list(accumulate(segment.frames for segment in segments))
        self._starts: list[Frames] = [0, *ends[:-1]]
        self.frames: Frames = ends[-1]

    def sound(self, start: Frames, frames: Frames) -> bytes:
        """The PCM of `frames` frames from `start` on; silence after the end."""
        pieces: list[bytes] = []
        at = start
        end = start + frames
        while at < min(end, self.frames):
            index = self._index_at(at)
            segment, begins = self.segments[index], self._starts[index]
            count = min(end, begins + segment.frames) - at
            offset = frames_of(segment.start) + at - begins
            pieces.append(render(segment.timeline, segment.bank, offset, count))
            at += count
        pieces.append(bytes((end - at) * BYTES_PER_FRAME))
        return b"".join(pieces)

    def position_at(self, frame: Frames) -> PlaybackPosition:
        """The position at `frame`; before the start the first one, after the end the last."""
        at = min(max(frame, 0), self.frames)
        index = self._index_at(at)
        segment = self.segments[index]
        millis = segment.start + millis_of(at - self._starts[index])
        leading = index < len(self.segments) - 1
        return PlaybackPosition(self.number, min(millis, segment.timeline.duration), leading)

    def marks(self) -> tuple[Frames, ...]:
        """The frames at which the next span of a timeline begins, in order."""
        found: set[Frames] = set()
        for segment, begins in zip(self.segments, self._starts, strict=True):
            skipped = frames_of(segment.start)
            # One millisecond on, so that rounding never reports the span that just ended.
            found |= {
                begins + max(frames_of(mark + 1) - skipped, 0)
                for mark in boundaries(segment.timeline)
                if segment.start <= mark < segment.timeline.duration
            }
        return tuple(sorted(found))

    def _index_at(self, frame: Frames) -> int:
        index = bisect_right(self._starts, frame) - 1
        return min(index, len(self.segments) - 1)
