"""The pins: whether a press of the button arrives, and whether the light can be lit."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gpiozero.pins import Factory

from kiosk.clock import Clock
from kiosk.doctor.finding import Finding, bad, ok, skipped, warn
from kiosk.errors import PinError
from kiosk.hardware.gpio import GpioButton, GpioLight, pin_factory

WAIT = 20
"""Seconds that a press is waited for."""

POLLED_EVERY = 0.05
SETTLES_IN = 0.3
"""Seconds after the press in which its chatter is counted."""

MANY_EDGES = 40
"""More edges than these of one press mean a bad contact."""

LIT_FOR = 1.0


def real_pins(folder: Path) -> Factory:
    """The factory of the board's pins. lgpio's pipe is put into `folder`, since this user may not
    write to that of the service. Raises PinError.
    """
    os.environ["LG_WD"] = str(folder)
    return pin_factory(False, folder)


@dataclass(frozen=True, slots=True)
class ButtonFacts:
    """The readings of the button's pin while a press was awaited."""

    pin: int
    error: str = ""
    down_at_first: bool = False
    pressed: bool = False
    edges: int = 0


def await_press(make_factory: Callable[[], Factory], pin: int, clock: Clock) -> ButtonFacts:
    """Wait `WAIT` seconds for one press of the button on GPIO `pin`."""
    edges: list[bool] = []
    try:
        button = GpioButton(pin, lambda down, _at: edges.append(down), clock, make_factory())
        try:
            down_at_first = button.is_pressed
            until = clock.now() + WAIT
            while True not in edges and clock.now() < until:
                clock.sleep(POLLED_EVERY)
            if True in edges:
                clock.sleep(SETTLES_IN)
        finally:
            button.close()
    except PinError as error:
        return ButtonFacts(pin, str(error))
    return ButtonFacts(pin, "", down_at_first, True in edges, len(edges))


def judge_button(facts: ButtonFacts) -> Finding:
    """Whether a press arrived, and with how much chatter."""
    name, pin = "button", f"GPIO {facts.pin}"
    if facts.error:
        return bad(name, facts.error, "Set `pin` to the pin that the button is on.")
    if facts.down_at_first and not facts.pressed:
        do = "Pull one of its wires off. Where that changes nothing, `pin` is not the button's."
        return bad(name, f"The button on {pin} was down all the time.", do)
    if not facts.pressed:
        do = f"See that its wires are on {pin} and on ground, or set `pin` to where they are."
        return bad(name, f"No press arrived on {pin} in {WAIT} seconds.", do)
    if facts.edges > MANY_EDGES:
        do = "See that its wires are firm; then set debounce_ms to 60, or take another button."
        return warn(name, f"A press arrived on {pin}, with {facts.edges} chatters.", do)
    return ok(name, f"A press arrived on {pin}.")


def flash_light(make_factory: Callable[[], Factory], pin: int, clock: Clock) -> str:
    """Light the light on GPIO `pin` for a second; why that failed, or nothing."""
    try:
        light = GpioLight(pin, make_factory())
        try:
            light.set(1.0)
            clock.sleep(LIT_FOR)
        finally:
            light.close()
    except PinError as error:
        return str(error)
    return ""


def judge_light(pin: int | None, error: str) -> Finding:
    """Whether the light's pin, where one is set, could be used; `error` says why not."""
    if pin is None:
        return skipped("light", "No light is set (led_pin).")
    if error:
        return bad("light", error, "Set `led_pin` to the pin that the light is on, or to none.")
    return ok("light", f"The light on GPIO {pin} was lit for a moment; did you see it?")
