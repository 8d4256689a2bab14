"""The six digits that the kiosk says, and what they open."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.auth.pairing_code import CodeState
from kiosk.errors import StoreError
from kiosk.locale.problems import error_text
from kiosk.store.auth import AuthTable
from tests.auth.kit import PHONE, STRANGER, TABLET, AuthKit, refusal_of

MINUTE = 60.0
MOMENT = 10.0
"""Seconds for which one thread waits for another at most."""


class BusySecrets(AuthTable):
    """Keeps whoever reads a secret waiting until it is let go, and then fails."""

    def __init__(self, database):
        super().__init__(database)
        self.reached, self.let_go = threading.Event(), threading.Event()
        self.waited_in_vain = False

    def secret(self, _name):
        self.reached.set()
        self.waited_in_vain = not self.let_go.wait(MOMENT)
        raise StoreError("The memory card has failed.")


@pytest.fixture
def kit():
    return AuthKit()


@pytest.fixture
def auth(kit):
    return kit.auth


@pytest.fixture
def code(kit):
    """A code that was just said."""
    return kit.code_by_press()


def other_than(code):
    return f"{(int(code) + 1) % 10**6:06}"


class TestThePress:
    def test_a_press_says_a_code_once_when_somebody_awaits_it(self, kit, auth):
        assert (auth.code_state(), auth.pressed()) == (CodeState.NONE, None)
        for _ in range(3):
            auth.await_press()
            auth.await_press()
            assert auth.code_state() is CodeState.AWAITED
            code = auth.pressed()
            assert re.fullmatch("[0-9]{6}", code)
            assert auth.code_state() is CodeState.SAID
            assert [auth.pressed(), auth.pressed()] == [None, None]
        assert kit.shown == [code] * 3

    def test_it_is_awaited_for_five_minutes(self, kit, auth):
        auth.await_press()
        kit.wait(5 * MINUTE - 0.1)
        assert auth.code_state() is CodeState.AWAITED
        kit.wait(0.1)
        assert auth.code_state() is CodeState.NONE
        assert auth.pressed() is None

    def test_a_wall_clock_that_leaps_changes_nothing(self, kit, auth):
        auth.await_press()
        kit.wall.set(kit.wall.utc().replace(year=2038))
        code = auth.pressed()
        kit.wall.set(kit.wall.utc().replace(year=1970))
        assert auth.enter_code(code, PHONE)

    def test_once_set_up_a_press_says_no_code(self, kit, auth):
        kit.choose(kit.grant())
        assert "hold its button down for ten seconds" in error_text(refusal_of(auth.await_press))
        assert auth.pressed() is None
        assert auth.code_state() is CodeState.NONE


class TestTheButtonHeld:
    def test_it_says_a_code_at_any_time_and_the_next_press_says_none(self, kit, auth):
        assert auth.held() == kit.shown[-1]
        assert auth.pressed() is None
        kit.choose(kit.grant())
        kit.wait(2 * MINUTE)
        assert auth.held() == kit.shown[-1]
        assert auth.code_state() is CodeState.SAID

    def test_held_twice_in_a_minute_or_after_a_press_it_says_the_same_again(self, kit, auth):
        first = kit.code_by_press()
        assert auth.held() == first
        kit.wait(59)
        assert auth.held() == first
        kit.wait(1)
        second = auth.held()
        assert second != first
        assert refusal_of(auth.enter_code, first, PHONE).field == "code"
        assert auth.enter_code(second, PHONE)

    def test_a_code_that_is_used_up_is_not_said_again(self, auth):
        first = auth.held()
        auth.enter_code(first, PHONE)
        assert auth.held() != first


class TestTheStoreInTheWay:
    """The button is the controller's: it never waits for the store, and does without it."""

    def test_one_that_fails(self, kit, auth):
        kit.store.disk.broken = StoreError("The memory card is full.")
        assert auth.pressed() is None
        assert kit.code_by_press() == auth.held()

    def test_one_that_is_busy_with_somebody_who_signs_in(self, kit, auth):
        kit.store.auth = slow = BusySecrets(kit.store.disk)
        with ThreadPoolExecutor(1) as somebody:
            signing_in = somebody.submit(kit.sign_in)
            assert slow.reached.wait(MOMENT)
            assert auth.pressed() is None
            assert kit.code_by_press() == auth.held()
            slow.let_go.set()
        assert isinstance(signing_in.exception(), StoreError)
        assert not slow.waited_in_vain, "the button waited for whoever signs in"


class TestTypingTheCode:
    @pytest.mark.parametrize("written", ["{0}", " {0} ", "{1} {2}", "{1}-{2}", "{3}"])
    def test_it_may_be_written_as_people_write(self, auth, code, written):
        fullwidth = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code)  # noqa: RUF001
        assert auth.enter_code(written.format(code, code[:3], code[3:], fullwidth), PHONE)

    def test_it_counts_for_ten_minutes(self, kit, auth, code):
        kit.wait(10 * MINUTE - 0.1)
        assert auth.code_state() is CodeState.SAID
        kit.wait(0.1)
        assert auth.code_state() is CodeState.NONE
        assert "There is no code that counts now" in error_text(
            refusal_of(auth.enter_code, code, PHONE)
        )

    def test_five_wrong_tries_and_who_made_them_needs_another_code(self, kit, auth, code):
        said = [error_text(refusal_of(auth.enter_code, other_than(code), PHONE)) for _ in range(5)]
        assert [sentence.partition(". ")[2] for sentence in said] == [
            "4 tries are left.",
            "3 tries are left.",
            "2 tries are left.",
            "One try is left.",
            "Have the kiosk say another.",
        ]
        assert "There is no code" in error_text(refusal_of(auth.enter_code, code, PHONE))
        assert auth.code_state() is CodeState.SAID
        second = kit.code_by_press()
        assert second != code
        assert auth.enter_code(second, PHONE)

    @pytest.mark.parametrize("address", [STRANGER, "fd00::{:x}:1"], ids=["device", "network"])
    def test_who_guesses_takes_nobody_else_s_tries(self, auth, code, address):
        for number in range(1000):
            refusal_of(auth.enter_code, other_than(code), address.format(number))
        refused = refusal_of(auth.enter_code, other_than(code), PHONE)
        assert error_text(refused).endswith("4 tries are left.")
        assert auth.enter_code(code, PHONE)

    def test_twenty_wrong_tries_from_everywhere_and_it_is_void(self, kit, auth, code):
        for number in range(18):
            refusal_of(auth.enter_code, other_than(code), f"192.168.1.{100 + number}")
        refused = refusal_of(auth.enter_code, other_than(code), PHONE)
        assert error_text(refused).endswith("One try is left.")
        assert auth.code_state() is CodeState.SAID
        refused = refusal_of(auth.enter_code, other_than(code), PHONE)
        assert refused.code == "auth.code-used-up"
        assert auth.code_state() is CodeState.NONE
        assert "There is no code" in error_text(refusal_of(auth.enter_code, code, TABLET))
        assert auth.enter_code(kit.code_by_press(), TABLET)

    def test_after_four_the_right_one_still_counts_and_once(self, auth, code):
        for _ in range(4):
            refusal_of(auth.enter_code, other_than(code), PHONE)
        assert auth.enter_code(code, PHONE)
        refusal_of(auth.enter_code, code, PHONE)

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "٣" * 1000, "\udcff"])
    def test_anything_else_is_simply_wrong(self, kit, auth, typed):
        assert "There is no code" in error_text(refusal_of(auth.enter_code, typed, PHONE))
        kit.code_by_press()
        error = refusal_of(auth.enter_code, typed, PHONE)
        assert "That is not the code the kiosk said" in error_text(error)


class TestWhatItOpens:
    def test_one_choice_of_a_passphrase(self, kit, auth):
        grant = kit.grant()
        assert not auth.is_set_up()
        token = kit.choose(grant)
        assert auth.is_set_up()
        assert auth.session_of(token).address == PHONE
        assert refusal_of(kit.choose, grant, "another good one").field == "code"

    def test_within_half_an_hour(self, kit, auth):
        grant = kit.grant()
        kit.wait(30 * MINUTE)
        assert "Have the kiosk say a new code" in error_text(refusal_of(kit.choose, grant))
        assert not auth.is_set_up()

    def test_a_passphrase_that_is_too_easy_does_not_use_it_up(self, kit):
        grant = kit.grant()
        assert refusal_of(kit.choose, grant, "short").field == "passphrase"
        assert kit.choose(grant)

    def test_a_later_code_takes_its_place(self, kit):
        first, second = kit.grant(), kit.grant()
        refusal_of(kit.choose, first)
        assert kit.choose(second)

    @pytest.mark.parametrize("grant", ["", "something", "\udcff"])
    def test_a_grant_cannot_be_made_up(self, kit, auth, grant):
        refusal_of(kit.choose, grant)
        kit.grant()
        refusal_of(kit.choose, grant)
        assert not auth.is_set_up()

    def test_a_restart_makes_both_void(self, kit):
        grant, code = kit.grant(), kit.code_by_press()
        kit.restart()
        refusal_of(kit.auth.enter_code, code, PHONE)
        refusal_of(kit.choose, grant)

    def test_a_forgotten_passphrase_is_chosen_anew_and_everybody_signed_out(self, kit, auth):
        lost = kit.choose(kit.grant(), "a good one, but forgotten")
        token = kit.choose(auth.enter_code(auth.held(), PHONE))
        assert auth.session_of(lost) is None
        assert [session.id for session in auth.sessions()] == [auth.session_of(token).id]
        assert kit.refused("a good one, but forgotten", PHONE)
        assert kit.sign_in()
        first, second = kit.audit()[:2]
        assert first == f"The passphrase was chosen, from {PHONE}. Everybody else was signed out."
        assert second == (
            f"The passphrase was chosen anew with a code from the button, from {PHONE}."
            " Everybody else was signed out."
        )
