"""Lines become presses, presses become edges."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import FileIO

import pytest
from gpiozero.pins.mock import MockFactory

from kiosk.hardware.gpio import GpioButton
from kiosk.hardware.simulation import HINT, LineReader, SimulatedButton
from tests.fakes.clock import FakeClock

PIN = 17

Edges = list[tuple[bool, float]]


@pytest.fixture
def edges(clock: FakeClock, factory: MockFactory) -> Iterator[Edges]:
    reported: Edges = []
    button = GpioButton(PIN, lambda pressed, at: reported.append((pressed, at)), clock, factory)
    yield reported
    button.close()


@pytest.fixture
def finger(clock: FakeClock, factory: MockFactory) -> SimulatedButton:
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


def read_all(keyboard: Keyboard, finger: SimulatedButton) -> None:
    """Read what was typed, to the end of input."""
    keyboard.keys.close()
    reader = LineReader(keyboard.stream.fileno(), finger, keyboard.hints.append)
    reader.run()
    reader.close()


def test_a_press_is_as_long_as_wanted(finger: SimulatedButton, edges: Edges):
    finger.press()
    finger.press(0.75)

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
    line: bytes, seconds: float, keyboard: Keyboard, finger: SimulatedButton, edges: Edges
):
    keyboard.type(line)
    read_all(keyboard, finger)

    assert edges == [(True, 1000.0), (False, 1000.0 + seconds)]
    assert keyboard.hints == []


@pytest.mark.parametrize("line", [b"help\n", b"holdd\n", b"\xff\xfe\n", b"x" * 5000 + b"\n"])
def test_anything_else_is_answered_with_a_hint_and_does_nothing(
    line: bytes, keyboard: Keyboard, finger: SimulatedButton, edges: Edges
):
    keyboard.type(line)
    read_all(keyboard, finger)

    assert edges == []
    assert keyboard.hints == [HINT]


def test_lines_typed_ahead_are_pressed_one_after_the_other(
    keyboard: Keyboard, finger: SimulatedButton, edges: Edges
):
    keyboard.type(b"\nhold\nwhat?\n\n")
    read_all(keyboard, finger)

    assert edges == [
        (True, 1000.0),
        (False, 1000.1),
        (True, 1000.1),
        (False, 1002.6),
        (True, 1002.6),
        (False, 1002.7),
    ]
    assert keyboard.hints == [HINT]


def test_no_input_at_all_is_no_press(keyboard: Keyboard, finger: SimulatedButton, edges: Edges):
    read_all(keyboard, finger)

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
    keyboard: Keyboard, finger: SimulatedButton, edges: Edges
):
    reader = LineReader(keyboard.stream.fileno(), finger)
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
