"""Pins that cannot be had at first: nobody waits for them, and they are there once they can be."""

from types import SimpleNamespace

import pytest
from gpiozero.pins.mock import MockFactory

from kiosk.app import make_pins
from kiosk.errors import PinError
from kiosk.hardware.button import ButtonMonitor
from kiosk.hardware.gpio import Board, GpioButton, GpioLight, LightInTime, edges_are_told
from kiosk.session.events import ButtonEdge, ButtonFound, ButtonMissing
from kiosk.settings.model import Settings
from tests.fakes.button import FakeButton
from tests.fakes.clock import FakeClock


class BusyBoard:
    """Its pins are in use by somebody else, until they are not."""

    def __init__(self, factory):
        self._factory = factory
        self.busy = True
        self.asked = 0

    def factory(self):
        self.asked += 1
        if self.busy:
            raise PinError("GPIO 17 is in use by another program.")
        return self._factory


@pytest.fixture
def board(factory: MockFactory) -> BusyBoard:
    return BusyBoard(factory)


def test_a_button_whose_pin_is_busy_is_had_once_it_is_free(clock, board, factory):
    events = []
    monitor = ButtonMonitor(
        lambda on_edge: GpioButton(17, on_edge, clock, board.factory()), clock, events.append
    )
    monitor.check()
    clock.advance(29)
    monitor.check()
    assert (events, board.asked) == ([ButtonMissing()], 1)

    board.busy = False
    clock.advance(1)
    monitor.check()
    factory.pin(17).drive_low()
    monitor.close()

    assert events[1:] == [ButtonFound(False, 1030.0), ButtonEdge(True, 1030.0)]


def test_a_pin_of_gpiozeros_that_failed_once_can_be_had_the_next_time(clock, factory, caplog):
    taken = GpioLight(17, factory)
    events = []
    monitor = ButtonMonitor(
        lambda on_edge: GpioButton(17, on_edge, clock, factory), clock, events.append
    )
    monitor.check()
    assert events == [ButtonMissing()]
    assert "GPIO 17 is asked for twice." in caplog.text

    taken.close()
    clock.advance(30)
    monitor.check()
    assert events[1:] == [ButtonFound(False, 1030.0)]
    monitor.close()


def test_after_it_was_closed_nothing_is_opened_any_more(clock, board):
    monitor = ButtonMonitor(lambda _on_edge: board.factory(), clock, lambda _event: None)
    monitor.close()
    monitor.check()
    monitor.run()
    assert board.asked == 0


def test_a_light_whose_pin_is_busy_shines_once_it_is_free(clock, board, caplog):
    light = LightInTime(lambda: GpioLight(22, board.factory()), clock)
    for _ in range(10):
        light.set(1.0)
    assert board.asked == 1
    assert [record.message for record in caplog.records] == [
        "There is no light. GPIO 17 is in use by another program."
    ]

    board.busy = False
    clock.advance(30)
    light.set(1.0)
    assert board.factory().pin(22).state == 1.0
    light.close()
    assert board.factory().pin(22).state == 0.0


def test_a_light_that_fails_meanwhile_is_told_once_and_shines_again_once_it_can(
    clock, wilful_board, caplog
):
    light = LightInTime(lambda: GpioLight(22, wilful_board), clock)
    light.set(0.5)
    wilful_board.pin(22).obeys = False
    for _ in range(100):
        light.set(1.0)
        clock.advance(1)
    assert [r.message for r in caplog.records if r.levelname == "WARNING"] == [
        (
            "There is no light. GPIO 22 does not do as it is told."
            " See that no other program uses it (`gpioinfo` names it), then restart the kiosk."
        ),
        (
            "There is no light. GPIO 22 cannot be used: GPIO not allocated."
            " Set `pin` or `led_pin` to another."
        ),
    ]

    wilful_board.pin(22).obeys = True
    clock.advance(30)
    light.set(1.0)
    assert wilful_board.pin(22).state == 1.0
    light.close()


def test_one_that_never_came_can_be_let_go(clock, board):
    LightInTime(lambda: GpioLight(22, board.factory()), clock).close()


def test_the_board_is_asked_until_it_answers_and_never_again():
    answers = [None, PinError("The pins do not open."), PinError("The pins do not open.")]
    made = SimpleNamespace()

    def make():
        answer = answers.pop()
        if answer is not None:
            raise answer
        return made

    board = Board(make)
    for _ in range(2):
        with pytest.raises(PinError, match="do not open"):
            board.factory()
    assert board.factory() is made
    assert board.factory() is made


def test_without_lgpio_nobodys_thread_can_have_died():
    assert edges_are_told()


def test_a_pin_the_board_does_not_have_stops_no_kiosk(tmp_path):
    events = []
    pins = make_pins(
        Settings(pin=27, led_pin=99), FakeClock(), events.append, tmp_path, simulate=True
    )
    pins.light.set(1.0)
    pins.close()
    assert events == [ButtonFound(False, 1000.0)]


# --- what the real button and its stand-in have in common


@pytest.fixture(params=["gpio", "fake"])
def both(request, clock, factory):
    """(the button, how to press it, how to let it go, the edges it has told of)."""
    edges = []

    def on_edge(down, at):
        edges.append((down, at))

    if request.param == "gpio":
        pin = factory.pin(17)
        button = GpioButton(17, on_edge, clock, factory)
        return button, pin.drive_low, pin.drive_high, edges
    fake = FakeButton(clock, on_edge)
    return fake, fake.down, fake.up, edges


def test_a_button_tells_of_its_edges_and_can_be_looked_at(both, clock):
    button, press, release, edges = both
    assert (button.is_pressed, button.is_watched) == (False, True)

    press()
    assert button.is_pressed
    clock.advance(1)
    release()

    assert edges == [(True, 1000.0), (False, 1001.0)]
    button.close()
    press()
    assert len(edges) == 2
