"""What every pairing_codes does, the kiosk's own door and its stand-in alike."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from kiosk.errors import StoreError
from kiosk.session.button import PairingCodes
from kiosk.store.auth import AuthTable
from kiosk.store.database import Database
from tests.auth.kit import Entrance
from tests.fakes.pairing_codes import FakeDoorbell

CODE = "483129"

MOMENT = 10.0
"""Seconds for which one thread waits for another at most."""


@dataclass
class AtTheDoor:
    """A pairing_codes, and somebody who can ask it for a code."""

    bell: PairingCodes

    ask: Callable[[], None]
    """Have the next press say a code, as the set-up page does."""


class BusySecrets(AuthTable):
    """Once `busy`, it keeps whoever asks it for a secret waiting until it is let go, and then
    fails.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.busy = False
        self.reached = threading.Event()
        self.let_go = threading.Event()
        self.waited_in_vain = False

    def secret(self, name: str) -> str | None:
        if self.busy:
            self.reached.set()
            self.waited_in_vain = not self.let_go.wait(MOMENT)
            raise StoreError("The memory card has failed.")
        return super().secret(name)


@contextmanager
def a_fake() -> Iterator[AtTheDoor]:
    bell = FakeDoorbell(for_hold=CODE)

    def ask() -> None:
        bell.for_press = CODE

    yield AtTheDoor(bell, ask)


@contextmanager
def the_kiosk_s_own() -> Iterator[AtTheDoor]:
    door = Entrance().door
    yield AtTheDoor(door, door.await_press)


@contextmanager
def one_whose_store_fails() -> Iterator[AtTheDoor]:
    entrance = Entrance()
    entrance.store.disk.broken = StoreError("The memory card is full.")
    yield AtTheDoor(entrance.door, entrance.door.await_press)


@contextmanager
def one_that_is_busy_with_somebody() -> Iterator[AtTheDoor]:
    """Somebody is signing in, and the store is slow about it: the button must not wait for them."""
    entrance = Entrance()
    slow = BusySecrets(entrance.store.disk)
    entrance.store.auth = slow
    refusals: list[StoreError] = []

    def sign_in() -> None:
        try:
            entrance.sign_in()
        except StoreError as refusal:
            refusals.append(refusal)

    slow.busy = True
    somebody = threading.Thread(target=sign_in)
    somebody.start()
    assert slow.reached.wait(MOMENT)
    yield AtTheDoor(entrance.door, entrance.door.await_press)
    slow.let_go.set()
    somebody.join()
    assert len(refusals) == 1
    assert not slow.waited_in_vain, "the button waited for whoever signs in"


@pytest.fixture(
    params=[a_fake, the_kiosk_s_own, one_whose_store_fails, one_that_is_busy_with_somebody]
)
def door(request: pytest.FixtureRequest) -> Iterator[AtTheDoor]:
    with request.param() as made:
        yield made


def is_six_digits(code: str | None) -> bool:
    return code is not None and re.fullmatch("[0-9]{6}", code) is not None


def test_a_press_that_nobody_awaits_gives_nothing(door: AtTheDoor):
    assert [door.bell.pressed(), door.bell.pressed()] == [None, None]


def test_a_press_that_somebody_awaits_gives_six_digits(door: AtTheDoor):
    door.ask()

    assert is_six_digits(door.bell.pressed())


def test_one_asking_is_good_for_one_press(door: AtTheDoor):
    door.ask()

    codes = [door.bell.pressed() for _ in range(3)]

    assert [code is None for code in codes] == [False, True, True]


def test_to_ask_twice_before_the_press_is_like_asking_once(door: AtTheDoor):
    door.ask()
    door.ask()

    assert door.bell.pressed() is not None
    assert door.bell.pressed() is None


def test_who_asks_again_after_a_press_is_given_a_code_again(door: AtTheDoor):
    for _ in range(3):
        door.ask()
        assert is_six_digits(door.bell.pressed())
        assert door.bell.pressed() is None


def test_a_long_hold_gives_six_digits_though_nobody_asked_and_each_time(door: AtTheDoor):
    assert [is_six_digits(door.bell.held()) for _ in range(3)] == [True] * 3


def test_a_long_hold_does_not_make_the_next_press_say_a_code(door: AtTheDoor):
    door.bell.held()

    assert door.bell.pressed() is None


def test_a_hold_right_after_a_press_has_the_same_code_said_again(door: AtTheDoor):
    door.ask()

    assert door.bell.pressed() == door.bell.held()


def test_it_may_be_asked_by_one_thread_and_pressed_by_another(door: AtTheDoor):
    asking = threading.Thread(target=door.ask)
    asking.start()
    asking.join()

    assert is_six_digits(door.bell.pressed())
