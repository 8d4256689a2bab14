"""The six digits that the kiosk says, and what they open."""

import logging

import pytest

from kiosk.auth.pairing_code import CodeState
from kiosk.errors import DoorError
from tests.auth.kit import FIREFOX, PHONE, RIGHT, STRANGER, TABLET, Entrance, refusal_of

MINUTE = 60.0
ANEW = "The passphrase was chosen anew with a code from the button"


@pytest.fixture
def entrance():
    return Entrance()


@pytest.fixture
def door(entrance):
    return entrance.door


def other_than(code):
    return f"{(int(code) + 1) % 10**6:06}"


class TestThePress:
    def test_a_press_says_a_code_only_when_somebody_awaits_it(self, entrance, door):
        assert (door.code_state(), door.pressed()) == (CodeState.NONE, None)
        door.await_press()
        assert door.code_state() is CodeState.AWAITED
        code = door.pressed()
        assert len(code) == 6
        assert code.isdecimal()
        assert entrance.told == [code]
        assert door.code_state() is CodeState.SAID

    def test_the_press_after_it_does_what_presses_do(self, door):
        door.await_press()
        assert door.pressed() is not None
        assert door.pressed() is None

    def test_it_is_awaited_for_five_minutes(self, entrance, door):
        door.await_press()
        entrance.wait(5 * MINUTE - 0.1)
        assert door.code_state() is CodeState.AWAITED
        entrance.wait(0.1)
        assert door.code_state() is CodeState.NONE
        assert door.pressed() is None

    def test_a_wall_clock_that_leaps_changes_nothing(self, entrance, door):
        door.await_press()
        entrance.wall.set(entrance.wall.utc().replace(year=2038))
        code = door.pressed()
        entrance.wall.set(entrance.wall.utc().replace(year=1970))
        assert door.enter_code(code, PHONE)

    def test_once_set_up_a_press_says_no_code(self, entrance, door):
        entrance.set_up()
        error = refusal_of(door.await_press)
        assert "hold its button down for ten seconds" in str(error)
        assert door.pressed() is None
        assert door.code_state() is CodeState.NONE

    def test_it_needs_nothing_of_the_store(self, entrance, door):
        """The controller's thread must not wait for a memory card."""
        entrance.store = None
        door._store = door._guests._store = None
        door.await_press()
        assert door.pressed()
        assert door.held()


class TestTheButtonHeld:
    def test_it_says_a_code_at_any_time(self, entrance, door):
        assert door.held() == entrance.told[-1]
        entrance.set_up()
        entrance.wait(2 * MINUTE)
        code = door.held()
        assert code == entrance.told[-1]
        assert door.code_state() is CodeState.SAID

    def test_held_twice_in_a_minute_it_says_the_same_again(self, entrance, door):
        first = door.held()
        entrance.wait(59)
        assert door.held() == first
        entrance.wait(1)
        second = door.held()
        assert second != first
        assert refusal_of(door.enter_code, first, PHONE).field == "code"
        assert door.enter_code(second, PHONE)

    def test_a_code_that_is_used_up_is_not_said_again(self, door):
        first = door.held()
        door.enter_code(first, PHONE)
        assert door.held() != first


class TestTypingTheCode:
    @pytest.mark.parametrize("written", ["{0}", " {0} ", "{1} {2}", "{1}-{2}", "{3}"])
    def test_it_may_be_written_as_people_write(self, entrance, door, written):
        code = entrance.code_by_press()
        fullwidth = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code)  # noqa: RUF001
        assert door.enter_code(written.format(code, code[:3], code[3:], fullwidth), PHONE)

    def test_it_counts_for_ten_minutes(self, entrance, door):
        code = entrance.code_by_press()
        entrance.wait(10 * MINUTE - 0.1)
        assert door.code_state() is CodeState.SAID
        entrance.wait(0.1)
        assert door.code_state() is CodeState.NONE
        assert "There is no code that counts now" in str(refusal_of(door.enter_code, code, PHONE))

    def test_five_wrong_tries_and_it_counts_no_more_for_who_made_them(self, entrance, door):
        code = entrance.code_by_press()
        told = [str(refusal_of(door.enter_code, other_than(code), PHONE)) for _ in range(5)]
        assert [sentence.partition(". ")[2] for sentence in told] == [
            "4 tries are left.",
            "3 tries are left.",
            "2 tries are left.",
            "One try is left.",
            "Have the kiosk say another.",
        ]
        assert "There is no code" in str(refusal_of(door.enter_code, code, PHONE))
        assert door.code_state() is CodeState.SAID
        assert door.enter_code(code, TABLET)

    def test_a_device_that_guesses_takes_nobody_else_s_tries(self, entrance, door):
        code = entrance.code_by_press()
        for _ in range(1000):
            refusal_of(door.enter_code, other_than(code), STRANGER)
        told = str(refusal_of(door.enter_code, other_than(code), PHONE))
        assert told.endswith("4 tries are left.")
        assert door.enter_code(code, PHONE)

    def test_with_all_the_addresses_of_a_network_it_guesses_no_more(self, entrance, door):
        code = entrance.code_by_press()
        for number in range(1000):
            refusal_of(door.enter_code, other_than(code), f"fd00::{number:x}:1")
        assert door.enter_code(code, PHONE)

    def test_twenty_wrong_tries_from_everywhere_and_it_is_void(self, entrance, door):
        code = entrance.code_by_press()
        for number in range(19):
            refusal_of(door.enter_code, other_than(code), f"192.168.1.{100 + number}")
        assert door.code_state() is CodeState.SAID
        told = str(refusal_of(door.enter_code, other_than(code), PHONE))
        assert (
            told
            == "That was wrong too often, so the code counts no more. Have the kiosk say another."
        )
        assert door.code_state() is CodeState.NONE
        assert "There is no code" in str(refusal_of(door.enter_code, code, TABLET))
        assert door.enter_code(entrance.code_by_press(), TABLET)

    def test_of_the_last_tries_of_all_each_is_told(self, entrance, door):
        code = entrance.code_by_press()
        for number in range(18):
            refusal_of(door.enter_code, other_than(code), f"192.168.1.{100 + number}")
        told = str(refusal_of(door.enter_code, other_than(code), PHONE))
        assert told.endswith("One try is left.")

    def test_who_has_no_tries_left_gets_another_code_at_once(self, entrance, door):
        first = entrance.code_by_press()
        for _ in range(5):
            refusal_of(door.enter_code, other_than(first), PHONE)
        second = entrance.code_by_press()
        assert second != first
        assert door.enter_code(second, PHONE)

    def test_after_four_the_right_one_still_counts(self, entrance, door):
        code = entrance.code_by_press()
        for _ in range(4):
            refusal_of(door.enter_code, other_than(code), PHONE)
        assert door.enter_code(code, PHONE)

    def test_it_counts_once(self, entrance, door):
        code = entrance.code_by_press()
        door.enter_code(code, PHONE)
        refusal_of(door.enter_code, code, PHONE)

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "٣" * 1000, "\udcff"])
    def test_anything_else_is_simply_wrong(self, entrance, door, typed):
        entrance.code_by_press()
        error = refusal_of(door.enter_code, typed, PHONE)
        assert "That is not the code the kiosk said" in str(error)

    def test_without_a_code_nothing_is_right(self, door):
        for typed in ("", "000000"):
            assert "There is no code" in str(refusal_of(door.enter_code, typed, PHONE))


class TestWhatItOpens:
    def test_one_choice_of_a_passphrase(self, entrance, door):
        grant = door.enter_code(entrance.code_by_press(), PHONE)
        assert not door.is_set_up()
        token = door.choose_passphrase(grant, RIGHT, FIREFOX, PHONE)
        assert door.is_set_up()
        assert door.visitor(token).address == PHONE
        error = refusal_of(door.choose_passphrase, grant, "another good one", FIREFOX, PHONE)
        assert error.field == "code"

    def test_within_half_an_hour(self, entrance, door):
        grant = door.enter_code(entrance.code_by_press(), PHONE)
        entrance.wait(30 * MINUTE)
        error = refusal_of(door.choose_passphrase, grant, RIGHT, FIREFOX, PHONE)
        assert "Have the kiosk say a new code" in str(error)
        assert not door.is_set_up()

    def test_a_passphrase_that_is_too_easy_does_not_use_it_up(self, entrance, door):
        grant = door.enter_code(entrance.code_by_press(), PHONE)
        assert refusal_of(door.choose_passphrase, grant, "short", FIREFOX, PHONE).field == (
            "passphrase"
        )
        assert door.choose_passphrase(grant, RIGHT, FIREFOX, PHONE)

    def test_a_later_code_takes_its_place(self, entrance, door):
        first = door.enter_code(entrance.code_by_press(), PHONE)
        second = door.enter_code(entrance.code_by_press(), PHONE)
        refusal_of(door.choose_passphrase, first, RIGHT, FIREFOX, PHONE)
        assert door.choose_passphrase(second, RIGHT, FIREFOX, PHONE)

    def test_a_grant_cannot_be_made_up(self, entrance, door):
        for grant in ("", "something", "\udcff"):
            refusal_of(door.choose_passphrase, grant, RIGHT, FIREFOX, PHONE)
        door.enter_code(entrance.code_by_press(), PHONE)
        for grant in ("", "something"):
            refusal_of(door.choose_passphrase, grant, RIGHT, FIREFOX, PHONE)
        assert not door.is_set_up()

    def test_a_restart_makes_both_void(self, entrance, door):
        grant = door.enter_code(entrance.code_by_press(), PHONE)
        code = entrance.code_by_press()
        entrance.restart()
        for act in (
            lambda: entrance.door.enter_code(code, PHONE),
            lambda: entrance.door.choose_passphrase(grant, RIGHT, FIREFOX, PHONE),
        ):
            with pytest.raises(DoorError):
                act()

    def test_a_forgotten_passphrase_is_chosen_anew_and_everybody_signed_out(self, entrance, door):
        lost = entrance.set_up("a good one, but forgotten")
        grant = door.enter_code(door.held(), PHONE)
        token = door.choose_passphrase(grant, RIGHT, FIREFOX, PHONE)
        assert door.visitor(lost) is None
        assert [visitor.id for visitor in door.visitors()] == [door.visitor(token).id]
        assert entrance.refused("a good one, but forgotten", PHONE)
        assert entrance.sign_in()
        assert entrance.noted()[:2] == [
            f"The passphrase was chosen, from {PHONE}. Everybody else was signed out.",
            f"{ANEW}, from {PHONE}. Everybody else was signed out.",
        ]


def test_nothing_secret_is_told_to_a_log_or_shown(entrance, door, caplog):
    caplog.set_level(logging.DEBUG)
    code = entrance.code_by_press()
    refusals = [repr(refusal_of(door.enter_code, other_than(code), PHONE))]
    grant = door.enter_code(code, PHONE)
    refusals.append(repr(refusal_of(door.choose_passphrase, "wrong grant", RIGHT, FIREFOX, PHONE)))
    token = door.choose_passphrase(grant, RIGHT, FIREFOX, PHONE)
    shown = "\n".join(
        [caplog.text, *refusals, repr(vars(door)), repr(vars(door._code)), *entrance.noted()]
    )
    for secret in (code, grant, token, RIGHT, entrance.store.auth.secret("passphrase")):
        assert secret not in shown
