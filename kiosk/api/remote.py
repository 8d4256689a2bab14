"""The session from afar: say what is wanted, look at what happens.

Wishes are posted and return at once; whether they applied shows in the next snapshot. One that does
not apply (a pause while nothing runs) changes nothing.
"""

from typing import Protocol

from kiosk.feed import Subscription
from kiosk.model.snapshot import Snapshot


class Remote(Protocol):
    """Every method may be called from any thread and returns without waiting."""

    def snapshot(self) -> Snapshot:
        """What is happening, its position as of now."""
        ...

    def subscribe(self) -> Subscription:
        """A place at the feed of snapshots, the present one first."""
        ...

    def start(self, program: str | None = None) -> None:
        """Begin a session of the program of that id, or of the default one."""
        ...

    def pause(self) -> None:
        """Pause the session that runs."""
        ...

    def resume(self) -> None:
        """Carry on with a paused session, from the start of the interrupted repetition."""
        ...

    def skip(self) -> None:
        """Go to the next exercise."""
        ...

    def back(self) -> None:
        """Go to the start of the exercise, or, where it has only just begun, to the one before."""
        ...

    def repeat(self) -> None:
        """Go to the start of the exercise."""
        ...

    def stop(self) -> None:
        """End the session."""
        ...

    def test_sound(self) -> None:
        """Have the kiosk say a sentence, unless a session is being prepared or runs, or an answer
        is awaited after it.
        """
        ...
