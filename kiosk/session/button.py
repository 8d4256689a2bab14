"""The button: from its edges to what the person means by them.

Edges become gestures by the pure rules of `kiosk.session.gestures`. Here is what a press, a hold
and a long hold do, in which state, and what happens where the button cannot be believed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.clock import Clock
from kiosk.history.recorder import LedgerWriter
from kiosk.schedule.model import LedgerRow
from kiosk.session.announcer import Announcer
from kiosk.session.gestures import (
    NOT_NOISY,
    ButtonRules,
    ButtonState,
    EdgeRate,
    Gesture,
    after,
    found,
    next_deadline,
    on_edge,
    on_time,
    undoing,
)
from kiosk.session.playback import Session
from kiosk.session.recorder import SessionRecorder
from kiosk.session.snapshot import AT_REST, Fault, State
from kiosk.session.start_options import StartOptions
from kiosk.session.state import StateOwner
from kiosk.session.transitions import Input
from kiosk.settings.model import Settings
from kiosk.units import seconds

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Press:
    """The last press and its effect: it may still turn out to be held on."""

    at_rest: bool = False
    """Whether no session was under way when the button went down."""

    gave_code: bool = False
    """Whether it had a code said, and so means nothing else, however long it lasts."""

    began: int | None = None
    """The ticket of the session that it has begun."""

    row: LedgerRow | None = None
    """What was due when it came, as it was, where the press has begun or confirmed it. `None` where
    it answered a reminder: held on, that was put off, and the voice said so."""


class ButtonHandler:
    """Lets edges and time take effect. The controller's thread only."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        state: StateOwner,
        session: Session,
        start_options: StartOptions,
        announcer: Announcer,
        recorder: SessionRecorder,
    ) -> None:
        self.code_for_press: Callable[[], str | None] = lambda: None
        """The pairing code to say in place of what a press means, where the set-up page waits for
        it; else `None`. Quick, never raises; `code_for_hold`, too."""

        self.code_for_hold: Callable[[], str | None] = lambda: None
        """The pairing code to say after the button was held down for ten seconds, if any."""

        self._clock = clock
        self._state = state
        self._session = session
        self._start_options = start_options
        self._announcer = announcer
        self._recorder = recorder
        # Both are settings of the start: they never change.
        self._rules = ButtonRules(seconds(settings.debounce_ms), seconds(settings.hold_ms))
        self._button = ButtonState()
        self._rate = EdgeRate()
        self._is_missing = False
        self._press = Press()
        self._before: tuple[State, LedgerRow | None] | None = None
        """Before presses that follow closely upon each other: the state, and what was due."""

    def next_deadline(self) -> float | None:
        """When `on_time` has something to do at the latest, if no edge comes."""
        times = [next_deadline(self._button, self._rules)]
        if self._rate.noisy_until != NOT_NOISY:
            times.append(self._rate.noisy_until)
        return min((time for time in times if time is not None), default=None)

    def on_edge(self, down: bool, at: float) -> None:
        """The contacts closed (`down`) or opened at `at`."""
        self._button, gestures = on_edge(self._button, down, at, self._rules)
        self._act_on(gestures, at, edges=1)

    def on_time(self, now: float) -> None:
        """Time has come to `now`, with no edge since."""
        self._button, gestures = on_time(self._button, now, self._rules)
        if self._rate.noisy_until <= now:
            self._rate = replace(self._rate, noisy_until=NOT_NOISY)
        self._act_on(gestures, now, edges=0)

    def on_found(self, down: bool, at: float) -> None:
        """The button can be used, and is down or not."""
        self._button = found(self._button, down, at)
        self._is_missing = False
        self._check()

    def on_missing(self) -> None:
        """The button cannot be used; if it was down, nobody will report its release."""
        self._button = ButtonState()
        self._is_missing = True
        self._check()

    # --- gestures ----------------------------------------------------------------------------

    def _act_on(self, gestures: tuple[Gesture, ...], at: float, *, edges: int) -> None:
        presses = gestures.count(Gesture.PRESS)
        self._rate = after(self._rate, at, edges=edges, presses=presses)
        for gesture in () if self._rate.is_noisy(at) else gestures:
            match gesture:
                case Gesture.PRESS:
                    self._pressed()
                case Gesture.HOLD if not self._press.gave_code:
                    answered = self._start_options.answered
                    self._state.apply(Input.HOLD if answered is None else Input.PUT_OFF)
                case Gesture.LONG_HOLD:
                    self._held_long()
        self._check()

    def _pressed(self) -> None:
        if self._rate.presses <= 1.0:
            self._before = self._state.state, self._start_options.plan.due
        at_rest = self._state.is_at_rest
        code = self.code_for_press() if at_rest else None
        self._press = Press(at_rest, gave_code=code is not None)
        if at_rest and code is None:
            self._pressed_at_rest()
            return
        self._start_options.answered = None
        if code is not None:
            self._announcer.say_code(code)
        else:
            self._state.apply(Input.PRESS)

    def _pressed_at_rest(self) -> None:
        ticket, was_due = self._session.ticket, self._start_options.plan.due
        was_reminder = self._state.state is State.REMINDING
        meaning = self._start_options.meaning_of_press(self._state.state, self._clock.now())
        if meaning is None:
            # A second press of a trembling hand; it would begin a session nobody wants.
            self._state.report_ignored_press()
            return
        self._state.apply(meaning)
        began = self._session.ticket if self._session.ticket != ticket else None
        touched = began is not None or self._start_options.plan.due is not was_due
        row = was_due if touched and not was_reminder else None
        self._press = Press(at_rest=True, began=began, row=row)

    def _held_long(self) -> None:
        """Say the pairing code for a long hold, if any, and undo the effects of its press."""
        press = self._press
        # What somebody else has begun meanwhile, from a page, is not to be broken into.
        if not self._state.is_at_rest or not press.at_rest or press.gave_code:
            return
        code = self.code_for_hold()
        if code is None:
            return
        if press.began == self._session.ticket:
            self._state.apply(Input.TAKE_BACK)
        if press.row is not None:
            self._recorder.change_row(LedgerWriter.restore, press.row)
        self._announcer.say_code(code)

    # --- a button that cannot be believed ----------------------------------------------------

    def _check(self) -> None:
        """Report whether the button can be used. What noise has done is undone."""
        now = self._clock.now()
        complaint = self._complaint(now)
        if self._before is not None and self._rate.is_noisy(now):
            before, self._before = self._before, None
            self._undo(*before)
        if (complaint is not None) is (Fault.BUTTON in self._state.faults):
            return
        if complaint is not None:
            logger.warning("The button cannot be used. %s", complaint)
        else:
            logger.info("the button can be used again")
        self._state.report_fault(Fault.BUTTON, present=complaint is not None)

    def _complaint(self, now: float) -> str | None:
        """Why the button cannot be used; `None` where it can."""
        if self._is_missing:
            return "There is no button."
        if self._button.stuck:
            return "The button has been down for a minute: it is stuck, or its wires touch."
        if self._rate.is_noisy(now):
            return "The button flutters: look at its contacts and wires."
        return None

    def _undo(self, before: State, row: LedgerRow | None) -> None:
        causes = undoing(before, self._state.state)
        touched = causes or self._start_options.plan.due is not row
        for cause in causes:
            self._state.apply(cause)
        if before in AT_REST:
            self._announcer.silence()
            if row is not None and touched:
                self._recorder.change_row(LedgerWriter.restore, row)
