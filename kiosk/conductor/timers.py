"""What the conductor has to do by itself, and when. Times are the clock's seconds."""

from dataclasses import dataclass

from kiosk.model.settings import Settings


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

    paused_at: float | None = None
    reminded_at: float | None = None
    """When a paused session was last brought to mind."""

    def stop(self) -> None:
        """Let nothing be due any more."""
        self.ask_for_a_moment = self.remind = self.give_up = self.answer_by = None
        self.paused_at = self.reminded_at = None

    def reckon_pause(self, settings: Settings) -> None:
        """Set what follows from a pause as `settings` have it; nothing where there is none."""
        if self.paused_at is None:
            return
        self.give_up = self.paused_at + settings.paused_limit_s
        if self.reminded_at is None:
            self.remind = self.paused_at + settings.paused_reminder_s
        else:
            self.remind = self.reminded_at + settings.paused_again_s

    def next(self) -> float | None:
        """The first of them."""
        times = (self.ask_for_a_moment, self.remind, self.give_up, self.answer_by)
        return min((time for time in times if time is not None), default=None)


def is_due(time: float | None, now: float) -> bool:
    """Whether what is to happen at `time` is to happen by `now`."""
    return time is not None and now >= time
