"""Pairing codes for the button that a test sets."""

from kiosk.session.controller import Controller


class FakePairingCodes:
    """`for_press` is given to the next press and then gone; `for_hold` to every long hold."""

    def __init__(self, *, for_press: str | None = None, for_hold: str | None = None) -> None:
        self.for_press = for_press
        self.for_hold = for_hold
        self.presses = 0
        self.holds = 0

    def use_in(self, controller: Controller) -> None:
        controller.use_pairing_codes(self.pressed, self.held)

    def pressed(self) -> str | None:
        self.presses += 1
        code, self.for_press = self.for_press, None
        return code

    def held(self) -> str | None:
        self.holds += 1
        return self.for_hold
