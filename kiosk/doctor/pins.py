"""The speaker, the button and the light.

Asks for a press of the button, and lights the light.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gpiozero.pins import Factory

from kiosk.clock import Clock
from kiosk.doctor.finding import Finding, bad, ok, skipped, warn
from kiosk.errors import PinError
from kiosk.hardware.gpio import GpioButton, GpioLight

FAINT = 100
"""A sample that large, of 32 767, is what a mixer turned almost down leaves of a tone."""

_IN_USE = "The running kiosk has it. "


def in_use(name: str, instead: str) -> Finding:
    """A part that must not be taken from the running kiosk."""
    return skipped(name, f"{_IN_USE}{instead}")


@dataclass(frozen=True, slots=True)
class SpeakerFacts:
    """What came of a tone that was played."""

    name: str
    error: str = ""
    loudest: int | None = None
    """The largest sample that was heard; `None` where there is nothing to listen with."""


def speaker(facts: SpeakerFacts) -> Finding:
    """Whether it plays, and whether that is heard."""
    name = "speaker"
    if facts.error:
        do = "Look at its plug; `kiosk say hello --audio-device NAME` tries another."
        return bad(name, facts.error, do)
    if facts.loudest is None:
        told = f"A tone was played on {facts.name}. Nothing here can listen, so do that yourself."
        return ok(name, told)
    if facts.loudest == 0:
        do = "Turn the mixer up: alsamixer (F6: card, M: unmute), then: sudo alsactl store"
        return bad(name, f"A tone was played on {facts.name}, and nothing of it was heard.", do)
    if facts.loudest < FAINT:
        do = "Turn the mixer up: alsamixer, then: sudo alsactl store"
        return warn(name, f"A tone was played on {facts.name}, and heard very faintly.", do)
    return ok(name, f"A tone was played on {facts.name}, and heard.")


def no_speaker(chosen: bool) -> Finding:
    """Where nothing is played: because that is `chosen`, or because there is no card."""
    if chosen:
        return ok("speaker", "None is wanted (audio_device is none): the kiosk stays silent.")
    do = "Plug one in; if there is one: sudo usermod -aG audio USER, for the kiosk's user."
    return bad("speaker", "There is no sound card, so nothing is heard.", do)


@dataclass(frozen=True, slots=True)
class ButtonFacts:
    """What the button's pin did while somebody was asked to press."""

    pin: int
    error: str = ""
    down_at_first: bool = False
    pressed: bool = False
    edges: int = 0


def button(facts: ButtonFacts, waited_s: int) -> Finding:
    """Whether a press arrives."""
    name, pin = "button", f"GPIO {facts.pin}"
    if facts.error:
        return bad(name, facts.error, "Set `pin` to the pin that the button is on.")
    if facts.down_at_first and not facts.pressed:
        do = "Pull one of its wires off. Where that changes nothing, `pin` is not the button's."
        return bad(name, f"The button on {pin} was down all the time.", do)
    if not facts.pressed:
        do = f"See that its wires are on {pin} and on ground, or set `pin` to where they are."
        return bad(name, f"No press arrived on {pin} in {waited_s} seconds.", do)
    if facts.edges > 40:
        do = "See that its wires are firm; then set debounce_ms to 60, or take another button."
        return warn(name, f"A press arrived on {pin}, with {facts.edges} chatters.", do)
    return ok(name, f"A press arrived on {pin}.")


def light(pin: int | None, error: str) -> Finding:
    """Whether the light's pin could be used, where one is set."""
    if pin is None:
        return skipped("light", "No light is set (led_pin).")
    if error:
        return bad("light", error, "Set `led_pin` to the pin that the light is on, or to none.")
    return ok("light", f"The light on GPIO {pin} was lit for a moment; did you see it?")


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
