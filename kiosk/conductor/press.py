"""The button: what its presses come upon and do, and the codes they ask for."""

from dataclasses import dataclass

from kiosk.model.plan import LedgerRow
from kiosk.model.settings import Settings
from kiosk.ports import Doorbell
from kiosk.session.gestures import Button, ButtonRules, Gesture, next_deadline, on_edge, on_time
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
        return next_deadline(self._button, self._rules)

    def on_edge(self, down: bool, at: float) -> tuple[Gesture, ...]:
        """The contacts closed (`down`) or opened at `at`; what the person did by that."""
        self._button, gestures = on_edge(self._button, down, at, self._rules)
        return gestures

    def on_time(self, now: float) -> tuple[Gesture, ...]:
        """Time has come to `now`, with no edge since; what the person did by that."""
        self._button, gestures = on_time(self._button, now, self._rules)
        return gestures

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


def _rules_of(settings: Settings) -> ButtonRules:
    return ButtonRules(seconds(settings.debounce_ms), seconds(settings.hold_ms))
