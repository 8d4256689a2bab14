"""The pins: whether a press of the button arrives, and whether the light can be lit."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from gpiozero.pins import Factory

from kiosk.clock import Clock
from kiosk.doctor.finding import Finding, bad, ok, warn
from kiosk.errors import PinError
from kiosk.hardware.gpio import GpioButton, GpioLight, pin_factory

WAIT = 20  # seconds that a press is waited for

POLLED_EVERY = 0.05
SETTLES_IN = 0.3  # seconds after the press in which its chatter is counted
MANY_EDGES = 40  # more edges than these of one press mean a bad contact

LIT_FOR = 1.0


def real_pins(folder: Path) -> Factory:
    """The factory of the board's pins. lgpio's pipe is put into `folder`, since this user may not
    write to that of the service. Raises PinError.
    """
    os.environ["LG_WD"] = str(folder)
    return pin_factory(False, folder)


def check_button(make_factory: Callable[[], Factory], gpio: int, clock: Clock) -> Finding:
    """Whether a press of the button on that GPIO arrives within `WAIT` seconds, and with how much
    chatter.
    """
    name, pin = "button", f"GPIO {gpio}"
    edges: list[bool] = []
    try:
        button = GpioButton(gpio, lambda down, _at: edges.append(down), clock, make_factory())
        with closing(button):
            down_at_first = button.is_pressed
            until = clock.now() + WAIT
            while True not in edges and clock.now() < until:
                clock.sleep(POLLED_EVERY)
            if True in edges:
                clock.sleep(SETTLES_IN)
    except PinError as error:
        return bad(name, str(error), "Set `pin` to the pin that the button is on.")
    pressed = True in edges
    if down_at_first and not pressed:
        do = "Pull one of its wires off. Where that changes nothing, `pin` is not the button's."
        return bad(name, f"The button on {pin} was down all the time.", do)
    if not pressed:
        do = f"See that its wires are on {pin} and on ground, or set `pin` to where they are."
        return bad(name, f"No press arrived on {pin} in {WAIT} seconds.", do)
    if len(edges) > MANY_EDGES:
        do = "See that its wires are firm; then set debounce_ms to 60, or take another button."
        return warn(name, f"A press arrived on {pin}, with {len(edges)} chatters.", do)
    return ok(name, f"A press arrived on {pin}.")


def check_light(make_factory: Callable[[], Factory], gpio: int, clock: Clock) -> Finding:
    """Whether the light on that GPIO can be used; lights it for a moment."""
    try:
        with closing(GpioLight(gpio, make_factory())) as light:
            light.set(1.0)
            clock.sleep(LIT_FOR)
    except PinError as error:
        return bad(
            "light", str(error), "Set `led_pin` to the pin that the light is on, or to none."
        )
    return ok("light", f"The light on GPIO {gpio} was lit for a moment; did you see it?")
