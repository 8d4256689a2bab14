"""What makes pins: the Raspberry Pi's own, or simulated ones. And what is wrong when it cannot.

The button, on a pin.

The light in or beside the button, on a pin.
"""

import importlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

from gpiozero import (
    PWMLED,
    DigitalInputDevice,
    GPIODevice,
    GPIOPinInUse,
    GPIOZeroError,
    PinInvalidPin,
    PinInvalidState,
    PinUnknownPi,
)
from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.clock import Clock
from kiosk.errors import PinError
from kiosk.hardware.light import Light

logger = logging.getLogger(__name__)


def load_lgpio(runtime_folder: Path) -> ModuleType:
    """Import gpiozero's factory for lgpio.

    Raises ImportError where lgpio is missing, OSError where `runtime_folder` cannot be written to.
    """
    # lgpio keeps a pipe in this folder, and moves the whole process into it.
    os.environ.setdefault("LG_WD", str(runtime_folder))
    here = Path.cwd()
    try:
        return importlib.import_module("gpiozero.pins.lgpio")
    finally:
        os.chdir(here)


class SimulatedPin(MockPWMPin):  # type: ignore[misc]
    """A pin that forgets what it was: gpiozero's own keeps a list of all its states, and a light
    that breathes for months would take all memory there is.
    """

    def _change_state(self, value: float) -> bool:
        changed: bool = super()._change_state(value)
        del self.states[:-1]
        return changed


def pin_factory(
    simulate: bool,
    runtime_folder: Path,
    *,
    load: Callable[[Path], ModuleType] = load_lgpio,
) -> Factory:
    """Simulated pins, or those of the Raspberry Pi by way of lgpio, and by no other way.

    `runtime_folder` must be writable; a small pipe is kept in it. Raises PinError, saying what to
    do, where the pins cannot be reached.
    """
    if simulate:
        return MockFactory(pin_class=SimulatedPin)
    try:
        module = load(runtime_folder)
    except ImportError as e:
        raise PinError(
            "The pins need lgpio: install it (`sudo apt install python3-lgpio`) and make the "
            "virtual environment with --system-site-packages, so that it is seen there."
        ) from e
    except OSError as e:
        raise PinError(
            f"lgpio cannot make its pipe ({e.strerror}): {os.environ.get('LG_WD')} must be a "
            "folder that the kiosk's user may write to. LG_WD names another."
        ) from e
    try:
        return module.LGPIOFactory()
    except PinUnknownPi as e:
        raise PinError(
            "Neither /proc/device-tree nor /proc/cpuinfo says which Raspberry Pi this is, and "
            "without that the pins cannot be numbered. On another board, use --simulate."
        ) from e
    except (OSError, module.lgpio.error) as e:
        raise PinError(
            f"The pins do not open ({e}): the kiosk's user must be in the group `gpio` "
            "(`sudo usermod -aG gpio USER`, then log in again), and there must be a "
            "/dev/gpiochip0."
        ) from e


class Board:
    """The pins of this machine, as soon as they can be reached; any thread."""

    def __init__(self, make: Callable[[], Factory]) -> None:
        """`make` makes them, and raises PinError where it cannot yet."""
        self._make = make
        self._made: Factory | None = None
        self._lock = threading.Lock()

    def factory(self) -> Factory:
        """What makes pins. Raises PinError; a later try may succeed."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


def edges_are_told() -> bool:
    """Whether the thread runs that tells of all pins' edges; true where lgpio is not in use."""
    # It has no public name. An exception ends it, and nothing but a new process starts another.
    thread = getattr(sys.modules.get("lgpio"), "_notify_thread", None)
    return thread is None or thread.is_alive()


def pin_errors() -> tuple[type[Exception], ...]:
    """What a pin may raise when it is set up; lgpio has an error of its own, where it is in use."""
    lgpio = sys.modules.get("lgpio")
    own: tuple[type[Exception], ...] = () if lgpio is None else (lgpio.error,)
    return (GPIOZeroError, OSError, *own)


def explain(pin: int, error: Exception) -> PinError:
    """Why GPIO `pin` cannot be set up, and what to do about it."""
    if isinstance(error, GPIOPinInUse):
        return PinError(
            f"GPIO {pin} is asked for twice. Give the button and the light pins of their own "
            "(`pin` and `led_pin`)."
        )
    if isinstance(error, PinInvalidPin):
        return PinError(f"This board has no GPIO {pin}. Set `pin` or `led_pin` to one it has.")
    if isinstance(error, PinInvalidState):
        return PinError(
            f"GPIO {pin} does not do as it is told. See that no other program uses it (`gpioinfo` "
            "names it), then restart the kiosk."
        )
    if "busy" in str(error).lower():
        return PinError(
            f"GPIO {pin} is in use by another program. End that one (`gpioinfo` names it), or set "
            "`pin` or `led_pin` to another."
        )
    return PinError(f"GPIO {pin} cannot be used: {error}. Set `pin` or `led_pin` to another.")


class GpioButton:
    """Tells of every edge of a button that connects its pin to ground, chatter and all.

    `on_edge(pressed, now)` runs on the pin library's only thread, which an exception would end: it
    must do no more than put the edge into a queue.
    """

    def __init__(
        self, pin: int, on_edge: Callable[[bool, float], None], clock: Clock, factory: Factory
    ) -> None:
        """Raises PinError where the pin cannot be used."""
        self._pin = pin
        self._on_edge = on_edge
        self._clock = clock
        try:
            # Not gpiozero's Button: its thread that waits for a hold delays closing by a second
            # while the button is down, and wakes the processor ten times a second.
            self._contact = DigitalInputDevice(
                pin, pull_up=True, bounce_time=None, pin_factory=factory
            )
        except pin_errors() as e:
            raise explain(pin, e) from e
        self._contact.when_activated = self._pressed
        self._contact.when_deactivated = self._released

    @property
    def is_pressed(self) -> bool:
        """Whether it is down now. A press from before it was set up has no edge to tell of it.

        Raises PinError where the pin cannot be read.
        """
        try:
            return bool(self._contact.is_active)
        except pin_errors() as e:
            raise explain(self._pin, e) from e

    @property
    def is_watched(self) -> bool:
        """Whether the pin library's thread still tells of edges; it can be started only once."""
        return edges_are_told()

    def close(self) -> None:
        """Let go of the pin; no edge is told after that."""
        try:
            self._contact.close()
        except pin_errors() as e:
            logger.debug("the button's pin was not let go in good order: %s", e)

    def _pressed(self) -> None:
        self._on_edge(True, self._clock.now())

    def _released(self) -> None:
        self._on_edge(False, self._clock.now())


TRIES_EVERY = 30.0
"""Seconds between two attempts to get at a light that cannot be had."""


class _Led(PWMLED):  # type: ignore[misc]
    """Lets go of its pin even where that does not obey: a PWMLED then keeps it from everybody."""

    def close(self) -> None:
        """Go dark, and let go of the pin. Never raises, as this is called for a half-made one."""
        for let_go in (super().close, partial(GPIODevice.close, self)):
            try:
                let_go()
            except pin_errors() as e:
                logger.debug("the light's pin was not let go in good order: %s", e)


class GpioLight:
    """A light between a pin (by way of a resistor) and ground. One thread at a time uses it."""

    def __init__(self, pin: int, factory: Factory) -> None:
        """Raises PinError where the pin cannot be used."""
        self._pin = pin
        try:
            self._led = _Led(pin, pin_factory=factory)
        except pin_errors() as e:
            raise explain(pin, e) from e
        self._shown = 0.0
        self._closed = False

    def set(self, brightness: float) -> None:
        """Shine at `brightness`, 0 (dark) to 1 (full); what lies beyond counts as the nearer end.

        Nothing happens after `close`. Raises PinError where the pin does not obey.
        """
        wanted = min(max(brightness, 0.0), 1.0)
        if wanted == self._shown or self._closed:
            return
        try:
            self._led.value = wanted
        except pin_errors() as e:
            raise explain(self._pin, e) from e
        self._shown = wanted

    def close(self) -> None:
        """Go dark and let go of the pin; what the pin does not obey is in the log alone."""
        self._closed = True
        self._led.close()


class LightInTime:
    """A light that may not be there yet; nobody has to wait for it. One thread at a time uses it.

    What cannot be had, or no longer obeys, is told once in the log, and tried again now and then.
    """

    def __init__(self, open_light: Callable[[], Light], clock: Clock) -> None:
        """`open_light` raises PinError where the light cannot be had now."""
        self._open_light = open_light
        self._clock = clock
        self._light: Light | None = None
        self._said = ""
        self._try_at = clock.now()
        self._find()

    def set(self, brightness: float) -> None:
        """Shine at `brightness`, 0 (dark) to 1 (full), where it can."""
        if self._light is None:
            self._find()
        if self._light is not None:
            try:
                self._light.set(brightness)
            except PinError as error:
                self.close()
                self._try_at = self._clock.now() + TRIES_EVERY
                self._say(error)

    def close(self) -> None:
        """Go dark and let go of the pin."""
        if self._light is not None:
            self._light.close()
        self._light = None

    def _find(self) -> None:
        now = self._clock.now()
        if now < self._try_at:
            return
        self._try_at = now + TRIES_EVERY
        try:
            self._light = self._open_light()
        except PinError as error:
            self._say(error)

    def _say(self, error: PinError) -> None:
        if str(error) != self._said:
            logger.warning("There is no light. %s", error)
        self._said = str(error)
