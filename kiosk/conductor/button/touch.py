"""What a touch of the button leads to, and what is done about a button that cannot be used."""

import logging

from kiosk.clock import Clock
from kiosk.conductor.at_hand import AtHand
from kiosk.conductor.button.press import Before, Presses
from kiosk.conductor.events import ButtonEdge, ButtonFound, ButtonMissing, ButtonNews
from kiosk.conductor.journal import Journal
from kiosk.conductor.session import Session
from kiosk.conductor.sound.announcer import Announcer
from kiosk.conductor.state_keeper import StateKeeper
from kiosk.model.snapshot import AT_REST, State, Trouble
from kiosk.session.gestures import Gesture
from kiosk.session.storm import way_back
from kiosk.session.transitions import Input

logger = logging.getLogger(__name__)


class Touch:
    """Hands on what a person means by the button. The conductor's thread only."""

    def __init__(
        self,
        clock: Clock,
        presses: Presses,
        keeper: StateKeeper,
        session: Session,
        at_hand: AtHand,
        announcer: Announcer,
        journal: Journal,
    ) -> None:
        self._clock = clock
        self._presses = presses
        self._keeper = keeper
        self._session = session
        self._at_hand = at_hand
        self._announcer = announcer
        self._journal = journal

    def feel(self, event: ButtonNews) -> None:
        """Do what follows from news of the button."""
        match event:
            case ButtonEdge(down, at):
                self._act_on(self._presses.on_edge(down, at))
            case ButtonFound(down, at):
                self._presses.found(down, at)
            case ButtonMissing():
                self._presses.lost()
        self._mind_the_button()

    def look(self, now: float) -> None:
        """Do what follows from the time having come to `now`."""
        self._act_on(self._presses.on_time(now))
        self._mind_the_button()

    def _mind_the_button(self) -> None:
        """See whether the button can be used. What a storm of edges has led to is led back."""
        now = self._clock.now()
        complaint = self._presses.complaint(now)
        before = self._presses.storm_broke_out(now)
        if before is not None:
            self._lead_back(before)
        if (complaint is not None) is self._keeper.has_trouble(Trouble.BUTTON):
            return
        if complaint is not None:
            logger.warning("The button cannot be used. %s", complaint)
        else:
            logger.info("the button can be used again")
        self._keeper.note_trouble(Trouble.BUTTON, here=complaint is not None)

    def _lead_back(self, before: Before) -> None:
        way = way_back(before.state, self._keeper.state)
        touched = way or self._at_hand.due is not before.row
        for cause in way:
            self._keeper.apply(cause)
        if before.state not in AT_REST:
            return
        self._announcer.fall_silent()
        if before.row is not None and touched:
            self._journal.put_back(before.row)

    def _act_on(self, gestures: tuple[Gesture, ...]) -> None:
        for gesture in gestures:
            match gesture:
                case Gesture.PRESS:
                    self._pressed()
                case Gesture.HOLD if not self._presses.last.gave_code:
                    self._keeper.apply(Input.PUT_OFF if self._at_hand.answered else Input.HOLD)
                case Gesture.LONG_HOLD:
                    self._held_long()

    def _pressed(self) -> None:
        self._presses.comes_upon(self._keeper.state, self._at_hand.due)
        at_rest = self._keeper.at_rest
        code = self._presses.code_for_press(at_rest=at_rest)
        if at_rest and code is None:
            self._pressed_at_rest()
            return
        self._at_hand.answered = None
        if code is not None:
            self._announcer.tell_code(code)
        else:
            self._keeper.apply(Input.PRESS)

    def _pressed_at_rest(self) -> None:
        ticket, was_due = self._session.ticket, self._at_hand.due
        was_called_out = self._keeper.state is State.REMINDING
        meaning = self._at_hand.meaning_of_press(self._keeper.state, self._clock.now())
        if meaning is None:
            # A second press of a trembling hand; it would begin a session nobody wants.
            self._keeper.note_ignored_press()
            return
        self._keeper.apply(meaning)
        began = self._session.ticket if self._session.ticket != ticket else None
        touched = began is not None or self._at_hand.due is not was_due
        self._presses.has_led_to(began, was_due if touched and not was_called_out else None)

    def _held_long(self) -> None:
        """Let a caregiver in who has held the button down, if somebody can be let in so."""
        code = self._presses.code_for_long_hold(at_rest=self._keeper.at_rest)
        if code is None:
            return
        press = self._presses.last
        if press.began == self._session.ticket:
            self._keeper.apply(Input.TAKE_BACK)
        if press.row is not None:
            self._journal.put_back(press.row)
        self._announcer.tell_code(code)
