"""A kiosk on the bench whose button can be lost, stuck, or pick up what hums around it."""

from kiosk.errors import PinError
from kiosk.hardware.button import CHECKS_EVERY, ButtonMonitor
from tests.fakes.button import FakeButton
from tests.session.bench import Bench


class BenchWithButton(Bench):
    """Checked once a second; `cannot` is why the pin cannot be had, empty where it can."""

    def __init__(self, *programs, pressed=False, cannot="", **options):
        super().__init__(*programs, **options)
        self.cannot = cannot
        self.opened: list[FakeButton] = []
        self._pressed_at_start = pressed
        self.monitor = ButtonMonitor(self._open, self.clock, self.controller.post)
        self.monitor.check()
        self._button_checked_at = self.clock.now() + CHECKS_EVERY
        self.settle()

    @property
    def button(self) -> FakeButton:
        return self.opened[-1]

    def down(self):
        self.button.down()
        self.settle()

    def up(self):
        self.button.up()
        self.settle()

    def flutter(self, seconds: float, every: float) -> None:
        """Close and open the contacts every so many seconds."""
        end = self.clock.now() + seconds
        closed = False
        while self.clock.now() < end:
            closed = not closed
            (self.button.down if closed else self.button.up)()
            self.run_for(every)
        self.up()

    def _go_on(self, end):
        if self.clock.now() >= self._button_checked_at:
            self._button_checked_at = self.clock.now() + CHECKS_EVERY
            self.monitor.check()
        super()._go_on(end)

    def _open(self, on_edge):
        if self.cannot:
            raise PinError(self.cannot)
        pressed, self._pressed_at_start = self._pressed_at_start, False
        self.opened.append(FakeButton(self.clock, on_edge, pressed=pressed))
        return self.button
