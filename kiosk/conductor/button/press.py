"""The button: what its presses come upon and do, and the codes they ask for."""

from dataclasses import dataclass, replace

from kiosk.model.plan import LedgerRow
from kiosk.model.settings import Settings
from kiosk.model.snapshot import State
from kiosk.ports import Doorbell
from kiosk.session.gestures import (
    Button,
    ButtonRules,
    Gesture,
    found,
    next_deadline,
    on_edge,
    on_time,
)
from kiosk.session.storm import CALM, Traffic, after
from kiosk.units import seconds


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
class Before:
    """How things were before the presses that follow closely upon each other."""

    state: State
    row: LedgerRow | None
    """What was due."""


class NobodyAtTheDoor:
    """A doorbell that gives no code."""

    def pressed(self) -> str | None:
        """See `Doorbell.pressed`."""
        return None

    def held(self) -> str | None:
        """See `Doorbell.held`."""
        return None


class Presses:
    """One press after another. The conductor's thread only."""

    def __init__(self, settings: Settings) -> None:
        self.last = Press()
        self._button = Button()
        self._traffic = Traffic()
        self._missing = False
        self._before: Before | None = None
        self._rules = _rules_of(settings)
        self._doorbell: Doorbell = NobodyAtTheDoor()

    def attend(self, doorbell: Doorbell) -> None:
        """Ask `doorbell` for codes from now on."""
        self._doorbell = doorbell

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
        self._button = Button()
        self._missing = True

    def comes_upon(self, state: State, row: LedgerRow | None) -> None:
        """A press comes while the kiosk is in `state` and `row` is due."""
        if self._traffic.presses <= 1.0:
            self._before = Before(state, row)

    def storm_broke_out(self, now: float) -> Before | None:
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
        code = self._doorbell.pressed() if at_rest else None
        self.last = Press(at_rest, gave_code=code is not None)
        return code

    def code_for_long_hold(self, *, at_rest: bool) -> str | None:
        """The code that the last press, held on until now, has said, if there is one to give."""
        # What somebody else has begun meanwhile, from a page, is not to be broken into.
        if not at_rest or not self.last.at_rest or self.last.gave_code:
            return None
        return self._doorbell.held()

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
