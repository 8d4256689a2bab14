"""The light in or beside the button, on a pin."""

from gpiozero import PWMLED
from gpiozero.pins import Factory

from kiosk.adapters.pins.factory import explain, pin_errors


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
