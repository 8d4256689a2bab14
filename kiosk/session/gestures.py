"""What the button's edges mean: a pure function of edges and times.

A press counts at its first edge, so that a pause is instant; the contacts are then left to chatter
for `debounce`, and believed again after it. Held down for `hold`, it counts once more, as a hold;
held on for `long_hold`, yet once more, as a long hold. Nobody holds it down for `stuck`: then it
is stuck.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

LONG_HOLD = 10.0
"""Seconds after which nobody can be holding the button down by accident. It is no setting: whoever
has forgotten the passphrase must find it in the documentation."""

STUCK = 60.0
"""Seconds after which it is no finger that holds the button down."""


class Gesture(StrEnum):
    """What a person did with the button."""

    PRESS = "press"
    HOLD = "hold"
    LONG_HOLD = "long hold"


@dataclass(frozen=True, slots=True)
class ButtonRules:
    """The times that tell gestures apart, in seconds."""

    debounce: float
    hold: float
    long_hold: float = LONG_HOLD
    stuck: float = STUCK


@dataclass(frozen=True, slots=True)
class Button:
    """What is known of the button at some moment."""

    down: bool = False
    """Whether it counts as pressed, chatter aside."""

    contact: bool = False
    """What the contacts said last."""

    deaf_until: float = float("-inf")
    """Until when edges are taken for chatter."""

    pressed_at: float = 0.0
    held: bool = False
    """Whether the hold of this press was told already."""

    held_long: bool = False
    """Whether its long hold was, too."""

    stuck: bool = False
    """Whether it has been down for longer than anybody holds a button."""


def on_edge(
    button: Button, contact: bool, at: float, rules: ButtonRules
) -> tuple[Button, tuple[Gesture, ...]]:
    """The contacts closed (`contact`) or opened at `at`."""
    button, earlier = on_time(button, at, rules)
    button = replace(button, contact=contact)
    if at < button.deaf_until:
        return button, earlier
    button, now = _believe(button, at, rules)
    return button, earlier + now


def on_time(button: Button, now: float, rules: ButtonRules) -> tuple[Button, tuple[Gesture, ...]]:
    """Time has come to `now`, with no edge since."""
    gestures: tuple[Gesture, ...] = ()
    if now >= button.deaf_until:
        button, gestures = _believe(button, button.deaf_until, rules)
    if button.down and not button.held and now >= button.pressed_at + rules.hold:
        button = replace(button, held=True)
        gestures += (Gesture.HOLD,)
    if button.down and not button.held_long and now >= button.pressed_at + rules.long_hold:
        button = replace(button, held_long=True)
        gestures += (Gesture.LONG_HOLD,)
    if button.down and now >= button.pressed_at + rules.stuck:
        button = replace(button, stuck=True)
    return button, gestures


def found(button: Button, contact: bool, at: float) -> Button:
    """What the contacts say at `at`, as nobody has told of their edges. It is no gesture: who has
    started the kiosk with the button down has not pressed it.
    """
    if contact == button.contact:
        return button
    return Button(contact, contact, at, pressed_at=at, held=contact, held_long=contact)


def next_deadline(button: Button, rules: ButtonRules) -> float | None:
    """When `on_time` has something to say at the latest, if no edge comes."""
    times = []
    if button.contact != button.down:
        times.append(button.deaf_until)
    if button.down and not button.held:
        times.append(button.pressed_at + rules.hold)
    if button.down and not button.held_long:
        times.append(button.pressed_at + rules.long_hold)
    if button.down and not button.stuck:
        times.append(button.pressed_at + rules.stuck)
    return min(times, default=None)


def _believe(button: Button, at: float, rules: ButtonRules) -> tuple[Button, tuple[Gesture, ...]]:
    """Take the contacts at their word, as of `at`."""
    if button.contact == button.down:
        return button, ()
    deaf_until = at + rules.debounce
    if button.contact:
        return Button(True, True, deaf_until, pressed_at=at), (Gesture.PRESS,)
    return replace(button, down=False, deaf_until=deaf_until, stuck=False), ()
