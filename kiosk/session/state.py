"""What onlookers are shown of the session, and of what is not well.

The state of the kiosk, in the one place where it changes: by `kiosk.session.transitions`.
"""

import logging

from kiosk.clock import Clock
from kiosk.session.actions import Actions, Timers
from kiosk.session.feed import SnapshotPublisher
from kiosk.session.recorder import SessionRecorder
from kiosk.session.snapshot import AT_REST, OCCUPIED, Fault, State
from kiosk.session.transitions import Input, step
from kiosk.settings.model import Settings

logger = logging.getLogger(__name__)


class StateOwner:
    """Lets what happens take effect, and shows it. The controller's thread only."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        timers: Timers,
        actions: Actions,
        recorder: SessionRecorder,
        publisher: SnapshotPublisher,
    ) -> None:
        self.settings = settings
        """What the kiosk goes by now."""

        self.state = State.IDLE
        self._clock = clock
        self._timers = timers
        self._actions = actions
        self._recorder = recorder
        self._publisher = publisher

    @property
    def at_rest(self) -> bool:
        """Whether a session may begin."""
        return self.state in AT_REST

    def apply(self, cause: Input, program: str | None = None) -> None:
        """Let `cause` take effect, if it has one in this state."""
        next_step = step(self.state, cause)
        if next_step is None:
            logger.debug("%s does not apply while %s", cause, self.state)
            return
        if next_step.state is not self.state:
            logger.info("%s, by %s", next_step.state, cause)
        was_occupied = self.state in OCCUPIED
        self.state = next_step.state
        self._timers.stop()
        self._actions.carry_out(next_step.action, cause, program or self.settings.default_program)
        if self.state is State.PAUSED:
            self._timers.paused_at = self._clock.now()
            self._timers.reckon_pause(self.settings)
        if was_occupied is not (self.state in OCCUPIED):
            self._recorder.occupied(self.state in OCCUPIED)
        self.publish()

    def note_trouble(self, trouble: Fault, *, here: bool = True) -> None:
        """Show that `trouble` is there, or is over."""
        self._publisher.note_trouble(trouble, here=here)
        self.publish()

    def has_trouble(self, trouble: Fault) -> bool:
        """Whether `trouble` is there."""
        return trouble in self._publisher.trouble

    def note_ignored_press(self) -> None:
        """Show that a press of just now has changed nothing."""
        self._publisher.note_ignored_press()
        self.publish()

    def publish(self) -> None:
        """Show how things stand now."""
        self._publisher.publish(self.state)
