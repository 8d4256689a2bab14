"""Asks for a press of the button, and lights the light."""

from collections.abc import Callable

from gpiozero.pins import Factory

from kiosk.adapters.pins.button import GpioButton
from kiosk.adapters.pins.light import GpioLight
from kiosk.clock import Clock
from kiosk.desk.findings.parts import ButtonFacts
from kiosk.errors import PinError

WAITS_S = 20
LOOKS_EVERY = 0.05
SETTLES = 0.3
"""Seconds after the press in which its chatter is counted."""

LIT = 1.0


def watch_the_button(
    make_factory: Callable[[], Factory], pin: int, clock: Clock, wait_s: int = WAITS_S
) -> ButtonFacts:
    """Wait for one press. An error is told as the kiosk would tell it."""
    downs: list[bool] = []
    try:
        button = GpioButton(pin, lambda down, _at: downs.append(down), clock, make_factory())
        try:
            down_at_first = button.is_pressed
            until = clock.now() + wait_s
            while True not in downs and clock.now() < until:
                clock.sleep(LOOKS_EVERY)
            if True in downs:
                clock.sleep(SETTLES)
        finally:
            button.close()
    except PinError as error:
        return ButtonFacts(pin, str(error))
    return ButtonFacts(pin, "", down_at_first, True in downs, len(downs))


def light_up(make_factory: Callable[[], Factory], pin: int, clock: Clock) -> str:
    """Light the light for a moment; why it could not be, or nothing."""
    try:
        light = GpioLight(pin, make_factory())
        try:
            light.set(1.0)
            clock.sleep(LIT)
        finally:
            light.close()
    except PinError as error:
        return str(error)
    return ""
