"""Who guesses wrong waits, whatever they do; who belongs here is not kept out by them."""

import logging
from collections import Counter
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kiosk.auth.rate_limit import AT_ONCE, FORGOTTEN_AFTER, LONGEST, key_of, wait_after
from kiosk.locale.problems import error_text
from tests.auth.kit import MORNING, PHONE, RIGHT, STRANGER, TABLET, WRONG, AuthKit
from tests.builders import at_once

HOUR = 3600.0


@pytest.fixture
def kit():
    kit = AuthKit(passphrase=RIGHT)
    kit.first = kit.sign_in()
    return kit


def guess_until(kit, end, addresses):
    """Guess as fast as is allowed, from each address in turn; the moments of the guesses."""
    looked_at = []
    for address in addresses:
        error = kit.refused(WRONG, address)
        if error_text(error) == "That is not the passphrase.":
            looked_at.append(kit.clock.now())
        elif error.wait and error.wait > 0:
            kit.wait(error.wait)
        if kit.clock.now() >= end:
            return looked_at
    return looked_at


class TestOneAddress:
    def test_five_wrong_ones_are_free_then_each_wait_is_twice_as_long(self, kit):
        waits = []
        for _ in range(18):
            error = kit.refused()
            waits.append(error.wait)
            kit.wait(error.wait)
        assert waits[:4] == [0, 0, 0, 0]
        assert waits[4:14] == [2.0**n for n in range(10)]
        assert waits[14:] == [LONGEST] * 4

    def test_while_one_waits_not_even_the_right_one_is_looked_at(self, kit):
        for _ in range(5):
            kit.refused()
        changes = kit.store.change_count()
        error = kit.refused(RIGHT)
        assert error.wait == 1.0
        assert error.code == "auth.too-many-wrong"
        assert kit.store.change_count() == changes
        kit.wait(1)
        assert kit.sign_in(RIGHT, STRANGER)

    def test_trying_meanwhile_does_not_make_it_longer_and_minutes_are_called_minutes(self, kit):
        kit.guess(13)
        assert kit.refused().wait == 512.0
        for _ in range(10):
            kit.refused()
        error = kit.refused()
        assert error.wait == 512.0
        assert "Try again in 9 minutes." in error_text(error)

    def test_who_comes_in_begins_anew(self, kit):
        kit.guess(6)
        kit.sign_in(address=STRANGER)
        assert [kit.refused().wait for _ in range(5)] == [0, 0, 0, 0, 1]

    def test_others_are_told_in_the_audit_once(self, kit):
        kit.guess(9)
        assert kit.audit()[1:] == [
            f"There were many wrong passphrases, the last of them from {STRANGER}."
        ]

    def test_a_quiet_day_is_forgiven(self, kit):
        kit.guess(12)
        kit.wait(FORGOTTEN_AFTER + 1)
        assert kit.refused().wait == 0.0


class TestARestart:
    @pytest.mark.parametrize("year", [2026, 1970, 2038], ids=["restart", "clock back", "ahead"])
    def test_neither_it_nor_a_leaping_clock_shortens_the_wait(self, kit, year):
        kit.guess(10)
        kit.refused()
        kit.wall.set(MORNING.replace(year=year))
        assert kit.refused(RIGHT).wait == 64.0
        kit.wait(63)
        kit.restart()
        assert kit.refused(RIGHT).wait == 64.0
        kit.wait(64)
        assert kit.sign_in(RIGHT, STRANGER)

    def test_a_try_that_was_cut_off_is_counted(self, kit):
        kit.refused()
        counted = kit.store.auth.failures(STRANGER)
        kit.store.auth.add_session = None
        with pytest.raises(TypeError):
            kit.sign_in(RIGHT, STRANGER)
        assert kit.store.auth.failures(STRANGER) == counted + 1


class TestManyAddresses:
    def test_they_get_a_handful_of_tries_an_hour_between_them(self, kit):
        start = kit.clock.now()
        strangers = (f"10.{n // 65536}.{n // 256 % 256}.{n % 256}" for n in range(10**6))
        guesses = guess_until(kit, start + 6 * HOUR, strangers)
        by_hour = Counter(int((at - start) // HOUR) for at in guesses)
        assert by_hour[0] <= 25
        assert [by_hour[hour] for hour in range(1, 6)] == [4] * 5

    def test_all_of_an_ipv6_network_is_one_address(self, kit):
        neighbours = (f"2001:db8:0:7::{n:x}" for n in range(1, 1000))
        start = kit.clock.now()
        assert len(guess_until(kit, start + 0.5, neighbours)) == 5

    def test_they_do_not_keep_out_who_is_in(self, kit):
        for n in range(30):
            kit.refused(WRONG, f"10.0.0.{n}")
        assert kit.refused(RIGHT, TABLET).wait > 0
        assert kit.auth.session_of(kit.first)
        kit.auth.confirm(kit.first, RIGHT, PHONE)
        assert kit.sign_in(RIGHT, PHONE), "another browser at an address where somebody is in"

    def test_such_an_address_has_its_own_five_tries_and_waits(self, kit):
        assert [kit.refused(WRONG, PHONE).wait for _ in range(5)] == [0, 0, 0, 0, 1]
        assert kit.refused(RIGHT, PHONE).wait == 1

    def test_nor_who_holds_the_button(self, kit):
        for n in range(30):
            kit.wait(kit.refused(WRONG, f"10.0.0.{n}").wait)
        assert kit.choose(kit.auth.enter_code(kit.auth.held(), TABLET), RIGHT, TABLET)
        assert kit.sign_in(RIGHT, STRANGER)


class TestManyAtOnce:
    def test_no_more_of_them_are_looked_at_than_one_after_the_other(self, kit):
        """And the rest are turned away instead of filling the memory."""
        refusals = at_once(*[partial(kit.sign_in, WRONG, STRANGER)] * 16)
        counts = Counter(error_text(error).partition(".")[0] for error in refusals)
        assert sum(counts.values()) == 16
        assert counts["That is not the passphrase"] == kit.store.auth.failures(STRANGER) <= 5
        assert set(counts) <= {
            "That is not the passphrase",
            "Several people are signing in at this moment",
            "There were too many wrong passphrases of late",
        }

    def test_who_finds_too_many_there_is_asked_to_come_back(self, kit):
        queue = kit.auth._attempts._queue
        for _ in range(AT_ONCE):
            queue.acquire()
        error = kit.refused(RIGHT, TABLET)
        queue.release(AT_ONCE)
        assert (error.wait, error.field) == (5.0, "passphrase")
        assert kit.store.auth.failures(TABLET) == 0
        assert kit.sign_in(RIGHT, TABLET)


class TestReckoning:
    @pytest.mark.parametrize(
        ("failures", "wait"), [(0, 0), (4, 0), (5, 1), (6, 2), (14, 512), (15, 900), (10**9, 900)]
    )
    def test_the_wait_after_so_many(self, failures, wait):
        assert wait_after(failures, free=5) == wait

    @pytest.mark.parametrize(
        ("address", "key"),
        [
            ("192.168.1.20", "192.168.1.20"),
            ("::ffff:192.168.1.20", "192.168.1.20"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::1"),
            ("::1", "::/64"),
            ("a name", "a name"),
            ("x" * 500, "x" * 64),
        ],
    )
    def test_by_what_an_address_is_counted(self, address, key):
        assert key_of(address) == key


class Guessing(RuleBasedStateMachine):
    """Whatever strangers, the household, the clock and the power do, in whatever order."""

    def __init__(self):
        super().__init__()
        logging.disable(logging.CRITICAL)
        self.kit = AuthKit(passphrase=RIGHT)
        self.inside = self.kit.sign_in()
        self.looked_at = []

    def teardown(self):
        logging.disable(logging.NOTSET)

    @rule(n=st.integers(1, 40))
    def a_stranger_guesses(self, n):
        error = self.kit.refused(WRONG, f"10.0.0.{n}")
        if error_text(error) == "That is not the passphrase.":
            self.looked_at.append(self.kit.clock.now())

    @rule(seconds=st.sampled_from([1, 30, 500, 900, 4000]))
    def time_passes(self, seconds):
        self.kit.wait(seconds)

    @rule()
    def the_power_fails(self):
        self.kit.restart()

    @rule(year=st.integers(2020, 2040))
    def the_clock_leaps(self, year):
        self.kit.wall.set(MORNING.replace(year=year))
        self.kit.wall.believe(trusted=False)

    @rule()
    def somebody_in_the_house_confirms(self):
        self.kit.auth.confirm(self.inside, RIGHT, PHONE)

    @invariant()
    def who_is_in_stays_in(self):
        assert self.kit.auth.session_of(self.inside)

    @invariant()
    def strangers_get_few_tries(self):
        start = self.kit.clock.now() - HOUR
        assert len([at for at in self.looked_at if at > start]) <= 25


TestGuessing = Guessing.TestCase
TestGuessing.settings = settings(max_examples=15, stateful_step_count=40, deadline=None)
