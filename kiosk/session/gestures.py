"""What the button's edges mean: a pure function of edges and times.

A press counts at its first edge, so that a pause is instant; the contacts are then left to chatter
for `debounce`, and believed again after it. Held down for `hold`, it counts once more, as a hold;
held on for `long_hold`, yet once more, as a long hold. Nobody holds it down for `stuck`: then it
is stuck.

A pin whose wire has come off picks up mains hum, and a worn contact flutters. Such noise differs
from a person's presses by its rate (`after`), and what it has led to before that is undone
(`undoing`).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.session.snapshot import AT_REST, UNDER_WAY, State
from kiosk.session.transitions import Input

LONG_HOLD = 10.0
"""Seconds after which nobody can be holding the button down by accident. It is no setting: whoever
has forgotten the passphrase must find it in the documentation."""

STUCK = 60.0  # seconds after which it is no finger that holds the button down


class Gesture(StrEnum):
    """A person's use of the button."""

    PRESS = "press"
    HOLD = "hold"
    LONG_HOLD = "long hold"


@dataclass(frozen=True, slots=True)
class ButtonRules:
    """The times by which gestures differ, in seconds."""

    debounce: float
    hold: float
    long_hold: float = LONG_HOLD
    stuck: float = STUCK


@dataclass(frozen=True, slots=True)
class ButtonState:
    """The button at some moment."""

    down: bool = False
    """Whether it counts as pressed, chatter aside."""

    contact: bool = False
    """Whether the contacts were closed by the last edge."""

    bouncing_until: float = float("-inf")
    """Until when edges are taken for chatter, in seconds."""

    pressed_at: float = 0.0
    held: bool = False
    """Whether the hold of this press was reported."""

    held_long: bool = False
    stuck: bool = False


def on_edge(
    button: ButtonState, contact: bool, at: float, rules: ButtonRules
) -> tuple[ButtonState, tuple[Gesture, ...]]:
    """The button after its contacts closed (`contact`) or opened at `at`, and what that means."""
    button, earlier = on_time(button, at, rules)
    button = replace(button, contact=contact)
    if at < button.bouncing_until:
        return button, earlier
    button, now = _believe(button, at, rules)
    return button, earlier + now


def on_time(
    button: ButtonState, now: float, rules: ButtonRules
) -> tuple[ButtonState, tuple[Gesture, ...]]:
    """The button at `now`, with no edge since, and what that means."""
    gestures: tuple[Gesture, ...] = ()
    if now >= button.bouncing_until:
        button, gestures = _believe(button, button.bouncing_until, rules)
    if button.down and not button.held and now >= button.pressed_at + rules.hold:
        button = replace(button, held=True)
        gestures += (Gesture.HOLD,)
    if button.down and not button.held_long and now >= button.pressed_at + rules.long_hold:
        button = replace(button, held_long=True)
        gestures += (Gesture.LONG_HOLD,)
    if button.down and now >= button.pressed_at + rules.stuck:
        button = replace(button, stuck=True)
    return button, gestures


def found(button: ButtonState, contact: bool, at: float) -> ButtonState:
    """The button whose contacts are found closed (`contact`) or open at `at`, without an edge. That
    is no gesture: a button that is down as the kiosk starts was not pressed.
    """
    if contact == button.contact:
        return button
    return ButtonState(contact, contact, at, pressed_at=at, held=contact, held_long=contact)


def next_deadline(button: ButtonState, rules: ButtonRules) -> float | None:
    """When `on_time` has something to report at the latest, if no edge comes."""
    times = []
    if button.contact != button.down:
        times.append(button.bouncing_until)
    if button.down and not button.held:
        times.append(button.pressed_at + rules.hold)
    if button.down and not button.held_long:
        times.append(button.pressed_at + rules.long_hold)
    if button.down and not button.stuck:
        times.append(button.pressed_at + rules.stuck)
    return min(times, default=None)


def _believe(
    button: ButtonState, at: float, rules: ButtonRules
) -> tuple[ButtonState, tuple[Gesture, ...]]:
    """The button with its contacts believed, as of `at`."""
    if button.contact == button.down:
        return button, ()
    bouncing_until = at + rules.debounce
    if button.contact:
        return ButtonState(True, True, bouncing_until, pressed_at=at), (Gesture.PRESS,)
    return replace(button, down=False, bouncing_until=bouncing_until, stuck=False), ()


PRESSES_A_SECOND = 1.5  # presses that nobody minds, however long they go on
PRESSES_AT_ONCE = 5.0  # presses beyond those that an impatient or trembling hand makes

EDGES_A_SECOND = 100.0
EDGES_AT_ONCE = 150.0  # the same for edges: old contacts chatter with each press
QUIET_AFTER = 5.0  # seconds without another sign of noise after which the button is believed again
NOT_NOISY = float("-inf")  # `noisy_until` where there is no noise


@dataclass(frozen=True, slots=True)
class EdgeRate:
    """Presses and edges of late: leaky buckets, which run off as time goes by."""

    presses: float = 0.0
    edges: float = 0.0
    at: float = 0.0
    noisy_until: float = NOT_NOISY

    def is_noisy(self, now: float) -> bool:
        """Whether the contacts are not to be believed."""
        return now < self.noisy_until


def after(rate: EdgeRate, at: float, *, edges: int, presses: int) -> EdgeRate:
    """`rate` after so many edges at `at`, which are so many presses if a person made them."""
    passed = max(at - rate.at, 0.0)
    all_presses = max(rate.presses - passed * PRESSES_A_SECOND, 0.0) + presses
    all_edges = max(rate.edges - passed * EDGES_A_SECOND, 0.0) + edges
    is_too_much = all_presses > PRESSES_AT_ONCE or all_edges > EDGES_AT_ONCE
    until = at + QUIET_AFTER if is_too_much else rate.noisy_until
    # It never holds more than that, so that it runs off soon once the noise is over.
    return EdgeRate(min(all_presses, PRESSES_AT_ONCE), min(all_edges, EDGES_AT_ONCE), at, until)


def undoing(before: State, now: State) -> tuple[Input, ...]:
    """The inputs that lead from the state `now` back to the one `before` the noise."""
    if before in AT_REST and now in UNDER_WAY:
        return (Input.STOP, Input.TAKE_BACK)
    if before in AT_REST and now is State.CONFIRMING:
        return (Input.TIME_UP,)
    if (before, now) == (State.RUNNING, State.PAUSED):
        return (Input.RESUME,)
    if (before, now) == (State.PAUSED, State.RUNNING):
        return (Input.PAUSE,)
    return ()
