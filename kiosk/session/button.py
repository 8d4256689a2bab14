"""The button: what its presses come upon and do, and the codes they ask for.

What a touch of the button leads to, and what is done about a button that cannot be used.
"""

import logging
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.clock import Clock
from kiosk.schedule.model import LedgerRow
from kiosk.session.announcer import Announcer
from kiosk.session.events import ButtonEdge, ButtonFound, ButtonMissing, ButtonNews
from kiosk.session.gestures import (
    CALM,
    ButtonRules,
    ButtonState,
    EdgeRate,
    Gesture,
    after,
    found,
    inputs_back,
    next_deadline,
    on_edge,
    on_time,
)
from kiosk.session.recorder import SessionRecorder
from kiosk.session.session import Session
from kiosk.session.snapshot import AT_REST, Fault, State
from kiosk.session.start_options import StartOptions
from kiosk.session.state import StateOwner
from kiosk.session.transitions import Input
from kiosk.settings.model import Settings
from kiosk.units import seconds

logger = logging.getLogger(__name__)


class PairingCodes(Protocol):
    """Gives the code that lets a caregiver in. Called by the controller's thread; quick, never
    raises.
    """

    def pressed(self) -> str | None:
        """The six digits to say in place of what a press means, where somebody waits for them at
        the set-up page; else `None`.
        """
        ...

    def held(self) -> str | None:
        """The six digits to say after the button was held down for ten seconds; `None` where there
        is nothing to give.
        """
        ...


@dataclass(frozen=True, slots=True)
class Press:
    """What a press came upon and has done: it may still turn out to be held on."""

    at_rest: bool = False
    """Whether no session was under way when the button went down."""

    gave_code: bool = False
    """Whether it had a code said, and so means nothing else, however long it lasts."""

    began: int | None = None
    """The ticket of the session that it has begun."""

    row: LedgerRow | None = None
    """What was due when it came, as it was, where the press has begun or confirmed it. `None` where
    it answered a reminder: held on, that was put off, and the person was told so."""


@dataclass(frozen=True, slots=True)
class StateBefore:
    """How things were before the presses that follow closely upon each other."""

    state: State
    row: LedgerRow | None
    """What was due."""


class NoPairingCodes:
    """A pairing_codes that gives no code."""

    def pressed(self) -> str | None:
        """See `PairingCodes.pressed`."""
        return None

    def held(self) -> str | None:
        """See `PairingCodes.held`."""
        return None


class Presses:
    """One press after another. The controller's thread only."""

    def __init__(self, settings: Settings) -> None:
        self.last = Press()
        self._button = ButtonState()
        self._traffic = EdgeRate()
        self._missing = False
        self._before: StateBefore | None = None
        self._rules = _rules_of(settings)
        self._pairing_codes: PairingCodes = NoPairingCodes()

    def attend(self, pairing_codes: PairingCodes) -> None:
        """Ask `pairing_codes` for codes from now on."""
        self._pairing_codes = pairing_codes

    def change_settings(self, settings: Settings) -> None:
        """Go by the times of `settings` from now on."""
        self._rules = _rules_of(settings)

    def next_deadline(self) -> float | None:
        """When `on_time` has something to say at the latest, if no edge comes."""
        times = [next_deadline(self._button, self._rules)]
        if self._traffic.stormy_until != CALM:
            times.append(self._traffic.stormy_until)
        return min((time for time in times if time is not None), default=None)

    def on_edge(self, down: bool, at: float) -> tuple[Gesture, ...]:
        """The contacts closed (`down`) or opened at `at`; what the person did by that."""
        self._button, gestures = on_edge(self._button, down, at, self._rules)
        return self._believed(gestures, at, edges=1)

    def on_time(self, now: float) -> tuple[Gesture, ...]:
        """Time has come to `now`, with no edge since; what the person did by that."""
        self._button, gestures = on_time(self._button, now, self._rules)
        if self._traffic.stormy_until <= now:
            self._traffic = replace(self._traffic, stormy_until=CALM)
        return self._believed(gestures, now, edges=0)

    def found(self, down: bool, at: float) -> None:
        """The button can be used, and is down or not."""
        self._button = found(self._button, down, at)
        self._missing = False

    def lost(self) -> None:
        """The button cannot be used; if it was down, nobody will tell of its release."""
        self._button = ButtonState()
        self._missing = True

    def comes_upon(self, state: State, row: LedgerRow | None) -> None:
        """A press comes while the kiosk is in `state` and `row` is due."""
        if self._traffic.presses <= 1.0:
            self._before = StateBefore(state, row)

    def storm_broke_out(self, now: float) -> StateBefore | None:
        """How things were before a storm, where one has just begun."""
        if self._before is None or not self._traffic.is_stormy(now):
            return None
        before, self._before = self._before, None
        return before

    def complaint(self, now: float) -> str | None:
        """Why the button cannot be used; `None` where it can."""
        if self._missing:
            return "There is no button."
        if self._button.stuck:
            return "The button has been down for a minute: it is stuck, or its wires touch."
        if self._traffic.is_stormy(now):
            return "The button flutters: look at its contacts and wires."
        return None

    def code_for_press(self, *, at_rest: bool) -> str | None:
        """The code that the press which comes now has said, if somebody waits for it."""
        code = self._pairing_codes.pressed() if at_rest else None
        self.last = Press(at_rest, gave_code=code is not None)
        return code

    def code_for_long_hold(self, *, at_rest: bool) -> str | None:
        """The code that the last press, held on until now, has said, if there is one to give."""
        # What somebody else has begun meanwhile, from a page, is not to be broken into.
        if not at_rest or not self.last.at_rest or self.last.gave_code:
            return None
        return self._pairing_codes.held()

    def has_led_to(self, began: int | None, row: LedgerRow | None) -> None:
        """What the last press, which came while nothing ran, has done: see `Press`."""
        self.last = Press(at_rest=True, began=began, row=row)

    def _believed(
        self, gestures: tuple[Gesture, ...], at: float, *, edges: int
    ) -> tuple[Gesture, ...]:
        """Those of the gestures that a person has made."""
        presses = gestures.count(Gesture.PRESS)
        self._traffic = after(self._traffic, at, edges=edges, presses=presses)
        return () if self._traffic.is_stormy(at) else gestures


def _rules_of(settings: Settings) -> ButtonRules:
    return ButtonRules(seconds(settings.debounce_ms), seconds(settings.hold_ms))


class ButtonHandler:
    """Hands on what a person means by the button. The controller's thread only."""

    def __init__(
        self,
        clock: Clock,
        presses: Presses,
        keeper: StateOwner,
        session: Session,
        start_options: StartOptions,
        announcer: Announcer,
        recorder: SessionRecorder,
    ) -> None:
        self._clock = clock
        self._presses = presses
        self._keeper = keeper
        self._session = session
        self._start_options = start_options
        self._announcer = announcer
        self._recorder = recorder

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
        if (complaint is not None) is self._keeper.has_trouble(Fault.BUTTON):
            return
        if complaint is not None:
            logger.warning("The button cannot be used. %s", complaint)
        else:
            logger.info("the button can be used again")
        self._keeper.note_trouble(Fault.BUTTON, here=complaint is not None)

    def _lead_back(self, before: StateBefore) -> None:
        way = inputs_back(before.state, self._keeper.state)
        touched = way or self._start_options.due is not before.row
        for cause in way:
            self._keeper.apply(cause)
        if before.state not in AT_REST:
            return
        self._announcer.fall_silent()
        if before.row is not None and touched:
            self._recorder.put_back(before.row)

    def _act_on(self, gestures: tuple[Gesture, ...]) -> None:
        for gesture in gestures:
            match gesture:
                case Gesture.PRESS:
                    self._pressed()
                case Gesture.HOLD if not self._presses.last.gave_code:
                    self._keeper.apply(
                        Input.PUT_OFF if self._start_options.answered else Input.HOLD
                    )
                case Gesture.LONG_HOLD:
                    self._held_long()

    def _pressed(self) -> None:
        self._presses.comes_upon(self._keeper.state, self._start_options.due)
        at_rest = self._keeper.at_rest
        code = self._presses.code_for_press(at_rest=at_rest)
        if at_rest and code is None:
            self._pressed_at_rest()
            return
        self._start_options.answered = None
        if code is not None:
            self._announcer.tell_code(code)
        else:
            self._keeper.apply(Input.PRESS)

    def _pressed_at_rest(self) -> None:
        ticket, was_due = self._session.ticket, self._start_options.due
        was_called_out = self._keeper.state is State.REMINDING
        meaning = self._start_options.meaning_of_press(self._keeper.state, self._clock.now())
        if meaning is None:
            # A second press of a trembling hand; it would begin a session nobody wants.
            self._keeper.note_ignored_press()
            return
        self._keeper.apply(meaning)
        began = self._session.ticket if self._session.ticket != ticket else None
        touched = began is not None or self._start_options.due is not was_due
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
            self._recorder.put_back(press.row)
        self._announcer.tell_code(code)
