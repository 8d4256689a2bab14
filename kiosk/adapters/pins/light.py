"""The light in or beside the button, on a pin."""

import logging
from collections.abc import Callable
from functools import partial

from gpiozero import PWMLED, GPIODevice
from gpiozero.pins import Factory

from kiosk.adapters.pins.factory import explain, pin_errors
from kiosk.clock import Clock
from kiosk.errors import PinError
from kiosk.ports import Light

logger = logging.getLogger(__name__)

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
