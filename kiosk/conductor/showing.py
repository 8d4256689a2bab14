"""What onlookers are shown of the session, and of what is not well."""

from kiosk.clock import Clock
from kiosk.conductor.at_hand import AtHand
from kiosk.conductor.session import Session
from kiosk.feed import Feed
from kiosk.model.snapshot import State, Trouble
from kiosk.session.picture import Scene, take_picture


class Showing:
    """Puts one picture after another into the feed. The conductor's thread only."""

    def __init__(
        self, clock: Clock, session: Session, at_hand: AtHand, trouble: frozenset[Trouble]
    ) -> None:
        self.trouble = trouble
        """What is not well."""

        self._clock = clock
        self._session = session
        self._at_hand = at_hand
        self._ignored_press_at: float | None = None
        self.feed = Feed(take_picture(self._scene(State.IDLE), 0, clock.now()))

    def publish(self, state: State) -> None:
        """Show how things stand now, in `state`."""
        seq = self.feed.newest.seq + 1
        self.feed.publish(take_picture(self._scene(state), seq, self._clock.now()))

    def note_trouble(self, trouble: Trouble, *, here: bool) -> None:
        """From the next picture on, `trouble` is there, or is over."""
        self.trouble = self.trouble | {trouble} if here else self.trouble - {trouble}

    def note_ignored_press(self) -> None:
        """From the next picture on, a press of just now is seen to have changed nothing."""
        self._ignored_press_at = self._clock.now()

    def _scene(self, state: State) -> Scene:
        session, agenda = self._session, self._at_hand.agenda
        performance = session.performance
        return Scene(
            state=state,
            program=session.choice.program if session.choice else None,
            timeline=performance.timeline if performance else None,
            position=performance.position() if performance else 0,
            leading_in=performance.leading_in() if performance else False,
            prepared=session.prepared,
            due=agenda.due.occurrence.program if agenda.due else None,
            next_due=agenda.next.due if agenda.next else None,
            next_program=agenda.next.program if agenda.next else None,
            trouble=self.trouble,
            ignored_press_at=self._ignored_press_at,
        )
