"""The button, on a pin."""

import logging
from collections.abc import Callable

from gpiozero import DigitalInputDevice
from gpiozero.pins import Factory

from kiosk.adapters.pins.factory import edges_are_told, explain, pin_errors
from kiosk.clock import Clock

logger = logging.getLogger(__name__)


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
