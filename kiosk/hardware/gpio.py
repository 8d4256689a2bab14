"""The pins: their factory, the button and the light on them.

Theory of operation
-------------------
gpiozero drives a pin through a *pin factory*. Left to itself it tries lgpio, RPi.GPIO, pigpio and a
native one in turn, and goes on with whatever loads; on a kiosk that would be a button that works on
one release of the operating system and not on the next. So the factory is always made here and
handed to each device: `pin_factory` makes lgpio's on a Raspberry Pi and gpiozero's mock one in
simulation. There is no fallback from one to the other: a Raspberry Pi whose pins cannot be had has
no button, says why, and tries again (`ButtonMonitor`, `ReopeningLight`), as another process may
hold a pin only for a while. `LazyFactory` keeps the one factory of the process, once it is made.

lgpio has one thread that reads edges for all pins. An exception in a handler ends that thread for
good, since only a new process starts another; a slow handler delays every other edge. Therefore the
handler of `GpioButton` takes the time and passes the edge to `on_edge`, which must only enqueue it.
Debouncing and gestures are decided later, from the queue, by pure code (`kiosk.session.gestures`).
By `edge_thread_alive` the watchdog knows when only a restart helps.

lgpio also keeps a named pipe in its working folder, `LG_WD`, and changes the *process's* current
folder to it at import; `load_lgpio` points it to the runtime folder and changes back.

Everything that a pin raises is one of `pin_errors()`, and `explain` turns it into a PinError with a
remedy: the pin asked for twice, a pin the board has not, a pin whose driver ignores it, a pin in
use by another process ("busy" is only in lgpio's text), anything else.
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

logger = logging.getLogger(__name__)


def load_lgpio(runtime_folder: Path) -> ModuleType:
    """Import gpiozero for lgpio, with its pipe in `runtime_folder`. Raises ImportError, OSError."""
    os.environ.setdefault("LG_WD", str(runtime_folder))
    here = Path.cwd()
    try:
        return importlib.import_module("gpiozero.pins.lgpio")
    finally:
        os.chdir(here)


class SimulatedPin(MockPWMPin):  # type: ignore[misc]
    """A mock pin without its history, which a light that breathes for months would fill."""

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
    """Simulated pins, or lgpio's with its pipe in `runtime_folder`. Raises PinError."""
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


class LazyFactory:
    """The one pin factory of the process, made at the first successful `get`. Any thread."""

    def __init__(self, make: Callable[[], Factory]) -> None:
        """`make` raises PinError where the pins cannot be had now."""
        self._make = make
        self._made: Factory | None = None
        self._lock = threading.Lock()

    def get(self) -> Factory:
        """The factory. Raises PinError; a later call may succeed."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


def edge_thread_alive() -> bool:
    """Whether lgpio's thread still reports edges; true where lgpio is not in use."""
    # It has no public name.
    thread = getattr(sys.modules.get("lgpio"), "_notify_thread", None)
    return thread is None or thread.is_alive()


def pin_errors() -> tuple[type[Exception], ...]:
    """The exceptions a pin may raise; lgpio's own among them, where it is in use."""
    lgpio = sys.modules.get("lgpio")
    own: tuple[type[Exception], ...] = () if lgpio is None else (lgpio.error,)
    return (GPIOZeroError, OSError, *own)


def explain(pin: int, error: Exception) -> PinError:
    """The PinError, with a remedy, for what GPIO `pin` has raised."""
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
    """A button between a pin and ground; reports every edge, chatter included.

    `on_edge(pressed, now)` runs on lgpio's only thread, which an exception would end: it must do no
    more than put the edge into a queue.
    """

    def __init__(
        self, pin: int, on_edge: Callable[[bool, float], None], clock: Clock, factory: Factory
    ) -> None:
        """Raises PinError where the pin cannot be used."""
        self._pin = pin
        try:
            # Not gpiozero's Button: its thread that waits for a hold delays closing by a second
            # while the button is down, and wakes the processor ten times a second.
            self._contact = DigitalInputDevice(
                pin, pull_up=True, bounce_time=None, pin_factory=factory
            )
        except pin_errors() as e:
            raise explain(pin, e) from e
        self._contact.when_activated = lambda: on_edge(True, clock.now())
        self._contact.when_deactivated = lambda: on_edge(False, clock.now())

    @property
    def is_pressed(self) -> bool:
        """As of `Button`. A press from before the pin was set up has no edge."""
        try:
            return bool(self._contact.is_active)
        except pin_errors() as e:
            raise explain(self._pin, e) from e

    @property
    def is_watched(self) -> bool:
        """Whether edges are still reported; see `edge_thread_alive`."""
        return edge_thread_alive()

    def close(self) -> None:
        """As of `Button`."""
        try:
            self._contact.close()
        except pin_errors() as e:
            logger.debug("the button's pin was not let go in good order: %s", e)


class _Led(PWMLED):  # type: ignore[misc]
    """A PWMLED that releases its pin even where the pin does not obey; gpiozero's keeps it then."""

    def close(self) -> None:
        """Go dark, and release the pin. Never raises, as this is called for a half-made one."""
        for close in (super().close, partial(GPIODevice.close, self)):
            try:
                close()
            except pin_errors() as e:
                logger.debug("the light's pin was not let go in good order: %s", e)


class GpioLight:
    """A light between a pin (by way of a resistor) and ground. One thread at a time uses it."""

    def __init__(self, pin: int, factory: Factory) -> None:
        """Raises PinError where the light's pin cannot be used."""
        self._pin = pin
        try:
            self._led = _Led(pin, pin_factory=factory)
        except pin_errors() as e:
            raise explain(pin, e) from e
        self._brightness = 0.0
        self._closed = False

    def set(self, brightness: float) -> None:
        """As of `Light`; clips `brightness` to its range, and does nothing after `close`."""
        wanted = min(max(brightness, 0.0), 1.0)
        if wanted == self._brightness or self._closed:
            return
        try:
            self._led.value = wanted
        except pin_errors() as e:
            raise explain(self._pin, e) from e
        self._brightness = wanted

    def close(self) -> None:
        """Go dark and release the pin; a pin that does not obey is only logged."""
        self._closed = True
        self._led.close()
