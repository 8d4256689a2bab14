"""What the conductor has to do by itself, and when. Times are the clock's seconds."""

from dataclasses import dataclass


@dataclass
class Timers:
    """`None` stands for what is not due at all."""

    ask_for_a_moment: float | None = None
    """When a person who waits for a session is asked for a moment."""

    remind: float | None = None
    """When a paused session is brought to mind."""

    give_up: float | None = None
    """When a paused session ends."""

    answer_by: float | None = None
    """Until when a question may be answered."""

    def next(self) -> float | None:
        """The first of them."""
        times = (self.ask_for_a_moment, self.remind, self.give_up, self.answer_by)
        return min((time for time in times if time is not None), default=None)


def is_due(time: float | None, now: float) -> bool:
    """Whether what is to happen at `time` is to happen by `now`."""
    return time is not None and now >= time
