"""The light in or beside the button, on a pin."""

import logging
from collections.abc import Callable

from gpiozero import PWMLED
from gpiozero.pins import Factory

from kiosk.adapters.pins.factory import explain, pin_errors
from kiosk.clock import Clock
from kiosk.errors import PinError
from kiosk.ports import Light

logger = logging.getLogger(__name__)

TRIES_EVERY = 30.0
"""Seconds between two attempts to get at a light that cannot be had."""


class GpioLight:
    """A light between a pin (by way of a resistor) and ground. One thread at a time uses it."""

    def __init__(self, pin: int, factory: Factory) -> None:
        """Raises PinError where the pin cannot be used."""
        try:
            self._led = PWMLED(pin, pin_factory=factory)
        except pin_errors() as e:
            raise explain(pin, e) from e
        self._shown = 0.0

    def set(self, brightness: float) -> None:
        """Shine at `brightness`, 0 (dark) to 1 (full); what lies beyond counts as the nearer end.

        Nothing happens after `close`.
        """
        wanted = min(max(brightness, 0.0), 1.0)
        if wanted != self._shown and not self._led.closed:
            self._led.value = wanted
            self._shown = wanted

    def close(self) -> None:
        """Go dark and let go of the pin."""
        self.set(0.0)
        self._led.close()


class LightInTime:
    """A light that may not be there yet; nobody has to wait for it. One thread at a time uses it.

    What cannot be had is told once in the log, and tried again now and then.
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
            self._light.set(brightness)

    def close(self) -> None:
        """Go dark and let go of the pin."""
        if self._light is not None:
            self._light.close()

    def _find(self) -> None:
        now = self._clock.now()
        if now < self._try_at:
            return
        self._try_at = now + TRIES_EVERY
        try:
            self._light = self._open_light()
        except PinError as error:
            if str(error) != self._said:
                logger.warning("There is no light. %s", error)
            self._said = str(error)
