"""Pairing codes for the button: the service's own and those of the fake alike."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kiosk.auth.service import AuthService
from kiosk.errors import StoreError
from kiosk.store.auth import AuthTable
from kiosk.store.database import Database
from tests.auth.kit import AuthKit
from tests.fakes.pairing_codes import FakePairingCodes

CODE = "483129"

MOMENT = 10.0
"""Seconds for which one thread waits for another at most."""

PairingCodes = AuthService | FakePairingCodes


class BusySecrets(AuthTable):
    """Once `busy`, it keeps whoever reads a secret waiting until it is let go, and then fails."""

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
def a_fake() -> Iterator[PairingCodes]:
    yield FakePairingCodes(for_hold=CODE)


@contextmanager
def the_service() -> Iterator[PairingCodes]:
    yield AuthKit().auth


@contextmanager
def a_service_whose_store_fails() -> Iterator[PairingCodes]:
    kit = AuthKit()
    kit.store.disk.broken = StoreError("The memory card is full.")
    yield kit.auth


@contextmanager
def a_service_busy_with_signing_in() -> Iterator[PairingCodes]:
    """Somebody is signing in, and the store is slow about it: the button must not wait for them."""
    kit = AuthKit()
    kit.store.auth = slow = BusySecrets(kit.store.disk)
    refusals: list[StoreError] = []

    def sign_in() -> None:
        try:
            kit.sign_in()
        except StoreError as refusal:
            refusals.append(refusal)

    slow.busy = True
    somebody = threading.Thread(target=sign_in)
    somebody.start()
    assert slow.reached.wait(MOMENT)
    yield kit.auth
    slow.let_go.set()
    somebody.join()
    assert len(refusals) == 1
    assert not slow.waited_in_vain, "the button waited for whoever signs in"


@pytest.fixture(
    params=[a_fake, the_service, a_service_whose_store_fails, a_service_busy_with_signing_in]
)
def codes(request: pytest.FixtureRequest) -> Iterator[PairingCodes]:
    with request.param() as codes:
        yield codes


def is_six_digits(code: str | None) -> bool:
    return code is not None and re.fullmatch("[0-9]{6}", code) is not None


def test_a_press_that_nobody_awaits_gives_nothing(codes):
    assert [codes.pressed(), codes.pressed()] == [None, None]


def test_each_time_a_press_is_awaited_one_press_gives_six_digits(codes):
    for _ in range(3):
        codes.await_press()
        assert is_six_digits(codes.pressed())
        assert [codes.pressed(), codes.pressed()] == [None, None]


def test_a_press_that_is_awaited_twice_is_one(codes):
    codes.await_press()
    codes.await_press()

    assert codes.pressed() is not None
    assert codes.pressed() is None


def test_a_long_hold_gives_six_digits_though_nobody_asked_and_each_time(codes):
    assert [is_six_digits(codes.held()) for _ in range(3)] == [True] * 3


def test_a_long_hold_does_not_make_the_next_press_say_a_code(codes):
    codes.held()

    assert codes.pressed() is None


def test_a_hold_right_after_a_press_has_the_same_code_said_again(codes):
    codes.await_press()

    assert codes.pressed() == codes.held()


def test_one_thread_may_await_a_press_that_another_reports(codes):
    asking = threading.Thread(target=codes.await_press)
    asking.start()
    asking.join()

    assert is_six_digits(codes.pressed())
