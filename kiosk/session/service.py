"""The session as pages and other programs see and steer it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.clock import Clock
from kiosk.session.events import Command, Event, SettingsChanged, TestSoundWanted
from kiosk.session.feed import Feed, Subscription
from kiosk.session.snapshot import Snapshot
from kiosk.session.transitions import Input
from kiosk.settings.model import Settings


@dataclass(frozen=True)
class SessionService:
    """Reads the controller's feed and posts to its inbox; any thread."""

    post: Callable[[Event], None]
    feed: Feed
    clock: Clock

    def snapshot(self) -> Snapshot:
        """The state now: the newest snapshot, with its position moved on by the clock, though not
        beyond the end of the phase, where the next snapshot takes over.
        """
        newest = self.feed.newest
        if not newest.moving:
            return newest
        now = self.clock.now()
        passed = min(max(round((now - newest.as_of) * 1000), 0), newest.phase_ends_in_ms)
        return replace(
            newest,
            as_of=now,
            position_ms=newest.position_ms + passed,
            phase_ends_in_ms=newest.phase_ends_in_ms - passed,
        )

    def subscribe(self) -> Subscription:
        """A subscription to the feed; the present snapshot comes first."""
        return self.feed.subscribe()

    def start(self, program: str | None = None) -> None:
        """Begin a session of `program`, or of the default program."""
        self.post(Command(Input.START, program))

    def pause(self) -> None:
        """Pause the session."""
        self.post(Command(Input.PAUSE))

    def resume(self) -> None:
        """Carry on with the session."""
        self.post(Command(Input.RESUME))

    def skip(self) -> None:
        """Go to the next exercise."""
        self.post(Command(Input.SKIP))

    def back(self) -> None:
        """Go back by an exercise."""
        self.post(Command(Input.BACK))

    def repeat(self) -> None:
        """Go to the start of the exercise."""
        self.post(Command(Input.REPEAT))

    def stop(self) -> None:
        """End the session."""
        self.post(Command(Input.STOP))

    def test_sound(self) -> None:
        """Have the kiosk say a sentence, unless it prepares or plays a session, or has asked."""
        self.post(TestSoundWanted())

    def change_settings(self, settings: Settings) -> None:
        """Go by `settings` from now on; the language stays what it was until the next start."""
        self.post(SettingsChanged(settings))
