"""What makes pins: the Raspberry Pi's own, or simulated ones. And what is wrong when it cannot."""

import importlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from gpiozero import GPIOPinInUse, GPIOZeroError, PinInvalidPin, PinInvalidState, PinUnknownPi
from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.errors import PinError


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
