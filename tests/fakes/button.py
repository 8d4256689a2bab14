"""A button that a test presses, and breaks."""

from kiosk.errors import PinError


class FakeButton:
    """`down` and `up` tell of their edges, unless its thread is dead; `broken` cannot be read."""

    def __init__(self, clock, on_edge=lambda _down, _at: None, *, pressed=False):
        self._clock = clock
        self._on_edge = on_edge
        self._pressed = pressed
        self.is_watched = True
        self.broken = False
        self.deaf = False
        self.closed = False

    @property
    def is_pressed(self):
        if self.broken:
            raise PinError("GPIO 17 cannot be used: it is broken.")
        return self._pressed

    def down(self):
        self._turn(True)

    def up(self):
        self._turn(False)

    def close(self):
        self.closed = True

    def _turn(self, pressed):
        changed, self._pressed = pressed is not self._pressed, pressed
        if changed and not self.deaf and not self.closed:
            self._on_edge(pressed, self._clock.now())
