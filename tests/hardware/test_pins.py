"""Button and light on their pins: what is reported, and pins that can be had only later."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import FileIO
from types import SimpleNamespace

import pytest
from gpiozero.pins.mock import MockFactory

from kiosk.app import make_pins
from kiosk.errors import PinError
from kiosk.hardware.button import ButtonMonitor
from kiosk.hardware.gpio import GpioButton, GpioLight, LazyFactory, edge_thread_alive
from kiosk.hardware.light import ReopeningLight
from kiosk.hardware.simulation import HINT, LineReader, SimulatedButton
from kiosk.session.events import ButtonEdge, ButtonFound, ButtonMissing
from kiosk.settings.model import Settings
from tests.fakes.button import FakeButton
from tests.fakes.clock import FakeClock

PIN = 17


@pytest.fixture(params=["gpio", "fake"])
def parts(request: pytest.FixtureRequest, clock: FakeClock, factory: MockFactory):
    """(a real button or its fake, how to press it, how to let it go, the edges it reported)."""
    edges: list[tuple[bool, float]] = []

    def on_edge(down: bool, at: float) -> None:
        edges.append((down, at))

    if request.param == "gpio":
        pin = factory.pin(PIN)
        return GpioButton(PIN, on_edge, clock, factory), pin.drive_low, pin.drive_high, edges
    fake = FakeButton(clock, on_edge)
    return fake, fake.down, fake.up, edges


def test_every_edge_is_reported_with_its_time_chatter_included(parts, clock: FakeClock):
    button, press, release, edges = parts
    assert (button.is_pressed, button.is_watched) == (False, True)

    for drive in (press, release, press, release, press):
        drive()
        clock.advance(0.25)

    assert button.is_pressed
    assert edges == [
        (True, 1000.0),
        (False, 1000.25),
        (True, 1000.5),
        (False, 1000.75),
        (True, 1001),
    ]


def test_nothing_is_reported_after_it_was_closed(parts):
    button, press, _, edges = parts
    button.close()
    button.close()

    press()

    assert edges == []


def test_the_pin_is_pulled_up_and_is_not_shared(clock: FakeClock, factory: MockFactory):
    button = GpioButton(PIN, lambda *_: None, clock, factory)

    assert factory.pin(PIN).pull == "up"
    with pytest.raises(PinError, match=r"^GPIO 17 is asked for twice\. Give the button and"):
        GpioButton(PIN, lambda *_: None, clock, factory)
    button.close()


def test_a_pin_that_the_board_does_not_have(clock: FakeClock, factory: MockFactory):
    with pytest.raises(PinError, match=r"^This board has no GPIO 99\."):
        GpioButton(99, lambda *_: None, clock, factory)


# Pins that cannot be had at first: nobody waits, and they are opened once they can be


class BusyPins:
    """A factory whose pins are in use by somebody else, until they are not."""

    def __init__(self, factory):
        self._factory = factory
        self.busy = True
        self.asked = 0

    def get(self):
        self.asked += 1
        if self.busy:
            raise PinError("GPIO 17 is in use by another program.")
        return self._factory


@pytest.fixture
def busy(factory: MockFactory) -> BusyPins:
    return BusyPins(factory)


def test_a_button_whose_pin_is_busy_is_had_once_it_is_free(clock, busy, factory):
    events = []
    monitor = ButtonMonitor(
        lambda on_edge: GpioButton(17, on_edge, clock, busy.get()), clock, events.append
    )
    monitor.check()
    clock.advance(29)
    monitor.check()
    assert (events, busy.asked) == ([ButtonMissing()], 1)

    busy.busy = False
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


def test_after_it_was_closed_nothing_is_opened_any_more(clock, busy):
    monitor = ButtonMonitor(lambda _on_edge: busy.get(), clock, lambda _event: None)
    monitor.close()
    monitor.check()
    monitor.run()
    assert busy.asked == 0


def test_a_light_whose_pin_is_busy_shines_once_it_is_free(clock, busy, caplog):
    light = ReopeningLight(lambda: GpioLight(22, busy.get()), clock)
    for _ in range(10):
        light.set(1.0)
    assert busy.asked == 1
    assert [record.message for record in caplog.records] == [
        "There is no light. GPIO 17 is in use by another program."
    ]

    busy.busy = False
    clock.advance(30)
    light.set(1.0)
    assert busy.get().pin(22).state == 1.0
    light.close()
    assert busy.get().pin(22).state == 0.0


def test_a_light_that_fails_meanwhile_is_logged_once_and_shines_again_once_it_can(
    clock, wilful_board, caplog
):
    light = ReopeningLight(lambda: GpioLight(22, wilful_board), clock)
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


def test_one_that_never_came_can_be_let_go(clock, busy):
    ReopeningLight(lambda: GpioLight(22, busy.get()), clock).close()


def test_a_factory_is_made_once_and_tried_again_until_then():
    answers = [None, PinError("The pins do not open."), PinError("The pins do not open.")]
    made = SimpleNamespace()

    def make():
        answer = answers.pop()
        if answer is not None:
            raise answer
        return made

    factory = LazyFactory(make)
    for _ in range(2):
        with pytest.raises(PinError, match="do not open"):
            factory.get()
    assert factory.get() is made
    assert factory.get() is made


def test_without_lgpio_nobodys_thread_can_have_died():
    assert edge_thread_alive()


def test_a_pin_the_board_does_not_have_stops_no_kiosk(tmp_path):
    events = []
    pins = make_pins(
        Settings(pin=27, led_pin=99), FakeClock(), events.append, tmp_path, simulate=True
    )
    pins.light.set(1.0)
    pins.close()
    assert events == [ButtonFound(False, 1000.0)]


def test_the_pins_of_button_and_light_are_made_and_let_go(tmp_path):
    events = []
    clock = FakeClock()
    pins = make_pins(Settings(led_pin=22), clock, events.append, tmp_path, simulate=True)
    pins.light.set(0.5)
    pins.simulated_button.press(1.5)
    pins.close()

    assert events == [
        ButtonFound(False, 1000.0),
        ButtonEdge(True, 1000.0),
        ButtonEdge(False, 1001.5),
    ]


# The simulated button: lines become presses, presses become edges


Edges = list[tuple[bool, float]]


@pytest.fixture
def edges(clock: FakeClock, factory: MockFactory) -> Iterator[Edges]:
    reported: Edges = []
    button = GpioButton(PIN, lambda pressed, at: reported.append((pressed, at)), clock, factory)
    yield reported
    button.close()


@pytest.fixture
def button(clock: FakeClock, factory: MockFactory) -> SimulatedButton:
    return SimulatedButton(PIN, clock, factory)


@dataclass
class Keyboard:
    """Standard input, seen from the other end."""

    stream: FileIO
    keys: FileIO
    hints: list[str] = field(default_factory=list)

    def type(self, text: bytes) -> None:
        self.keys.write(text)


@pytest.fixture
def keyboard() -> Iterator[Keyboard]:
    read, write = os.pipe()
    with FileIO(read, "rb") as stream, FileIO(write, "wb") as keys:
        yield Keyboard(stream, keys)


def read_all(keyboard: Keyboard, button: SimulatedButton) -> None:
    """Read what was typed, to the end of input."""
    keyboard.keys.close()
    reader = LineReader(keyboard.stream.fileno(), button, keyboard.hints.append)
    reader.run()
    reader.close()


def test_a_press_is_as_long_as_wanted(button: SimulatedButton, edges: Edges):
    button.press()
    button.press(0.75)

    assert edges == [(True, 1000.0), (False, 1000.1), (True, 1000.1), (False, 1000.85)]


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        *((line, 0.1) for line in (b"\n", b"  \n", b"press\n", b"PRESS\r\n", b"press")),
        *((line, 2.5) for line in (b"hold\n", b" Hold \n", b"hold")),
        (b"hold on\n", 10.5),
    ],
)
def test_a_line_says_how_long_the_press_is(
    line: bytes, seconds: float, keyboard: Keyboard, button: SimulatedButton, edges: Edges
):
    keyboard.type(line)
    read_all(keyboard, button)

    assert edges == [(True, 1000.0), (False, 1000.0 + seconds)]
    assert keyboard.hints == []


@pytest.mark.parametrize("line", [b"help\n", b"holdd\n", b"\xff\xfe\n", b"x" * 5000 + b"\n"])
def test_anything_else_is_answered_with_a_hint_and_does_nothing(
    line: bytes, keyboard: Keyboard, button: SimulatedButton, edges: Edges
):
    keyboard.type(line)
    read_all(keyboard, button)

    assert edges == []
    assert keyboard.hints == [HINT]


def test_lines_typed_ahead_are_pressed_one_after_the_other(
    keyboard: Keyboard, button: SimulatedButton, edges: Edges
):
    keyboard.type(b"\nhold\nwhat?\n\n")
    read_all(keyboard, button)

    assert edges == [
        (True, 1000.0),
        (False, 1000.1),
        (True, 1000.1),
        (False, 1002.6),
        (True, 1002.6),
        (False, 1002.7),
    ]
    assert keyboard.hints == [HINT]


def test_no_input_at_all_is_no_press(keyboard: Keyboard, button: SimulatedButton, edges: Edges):
    read_all(keyboard, button)

    assert edges == []


def test_a_line_is_a_press_as_soon_as_it_is_ended(
    keyboard: Keyboard, clock: FakeClock, factory: MockFactory
):
    pressed = threading.Event()
    button = GpioButton(27, lambda *_: pressed.set(), clock, factory)
    reader = LineReader(keyboard.stream.fileno(), SimulatedButton(27, clock, factory))
    thread = threading.Thread(target=reader.run, daemon=True)
    thread.start()

    keyboard.type(b"pre")
    keyboard.type(b"ss\n")

    assert pressed.wait(timeout=10)
    reader.close()
    thread.join(timeout=10)
    button.close()
    assert not thread.is_alive()


def test_closing_ends_the_reading_though_no_line_comes(
    keyboard: Keyboard, button: SimulatedButton, edges: Edges
):
    reader = LineReader(keyboard.stream.fileno(), button)
    thread = threading.Thread(target=reader.run, daemon=True)
    thread.start()

    reader.close()
    reader.close()
    thread.join(timeout=10)

    assert not thread.is_alive()
    assert edges == []


def test_closing_while_it_is_held_presses_no_more(
    keyboard: Keyboard, clock: FakeClock, factory: MockFactory
):
    edges: list[bool] = []
    readers: list[LineReader] = []

    def close_when_pressed(pressed: bool, _: float) -> None:
        edges.append(pressed)
        readers[0].close()

    button = GpioButton(27, close_when_pressed, clock, factory)
    readers.append(LineReader(keyboard.stream.fileno(), SimulatedButton(27, clock, factory)))
    keyboard.type(b"hold\n\n\n")
    readers[0].run()

    assert edges == [True, False]
    button.close()
