"""Sound for the pages: rendered as it is asked for, never kept whole."""

from dataclasses import dataclass

from kiosk.timeline.bank import ClipBank
from kiosk.timeline.render import render
from kiosk.timeline.timeline import Timeline
from kiosk.units import Frames, Millis, frames_of


@dataclass(frozen=True)
class TimelineSound:
    """Implements `kiosk.api.programs.Sound`: what the speaker would play of `timeline`. Any thread;
    asked for in pieces it is to the byte what it is in one.
    """

    timeline: Timeline
    bank: ClipBank

    @property
    def duration(self) -> Millis:
        """How long it is."""
        return self.timeline.duration

    @property
    def frames(self) -> Frames:
        """The same in frames."""
        return frames_of(self.timeline.duration)

    def pcm(self, start: Frames, count: Frames) -> bytes:
        """The `count` frames from frame `start` on; fewer only at the end."""
        first = min(max(start, 0), self.frames)
        end = min(max(start + count, first), self.frames)
        return render(self.timeline, self.bank, first, end - first)
