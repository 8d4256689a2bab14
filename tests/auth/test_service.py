"""Signing in, staying in, and getting out."""

import logging
from datetime import timedelta

import pytest

from kiosk.errors import DoorError, StoreError
from tests.auth.kit import (
    DAY,
    FIREFOX,
    MORNING,
    PHONE,
    RIGHT,
    STRANGER,
    TABLET,
    WRONG,
    Entrance,
    refusal_of,
)

HOUR = 3600.0


@pytest.fixture
def entrance():
    entrance = Entrance()
    entrance.first = entrance.set_up()
    return entrance


class TestSigningIn:
    def test_with_the_passphrase(self, entrance):
        visitor = entrance.door.visitor(entrance.sign_in(address=TABLET))
        assert (visitor.since, visitor.seen) == (MORNING, MORNING)
        assert (visitor.device, visitor.address) == (FIREFOX, TABLET)
        assert entrance.noted()[-1] == f"Signed in from {TABLET}."

    @pytest.mark.parametrize("typed", [f" {RIGHT} ", RIGHT.replace("c", "ｃ")])  # noqa: RUF001
    def test_however_a_keyboard_writes_it(self, entrance, typed):
        assert entrance.sign_in(typed)

    @pytest.mark.parametrize(
        "typed", [WRONG, "", RIGHT.upper(), RIGHT + "x", RIGHT * 1000, "\udcff"]
    )
    def test_not_with_another(self, entrance, typed):
        error = entrance.refused(typed)
        assert (str(error), error.field, error.wait) == (
            "That is not the passphrase.",
            "passphrase",
            0.0,
        )

    def test_not_before_one_is_chosen(self):
        assert str(Entrance().refused("")) == "That is not the passphrase."

    def test_each_time_by_a_token_of_its_own(self, entrance):
        tokens = {entrance.first, entrance.sign_in(), entrance.sign_in()}
        assert len({entrance.door.visitor(token).id for token in tokens}) == 3

    def test_it_holds_across_restarts(self, entrance):
        entrance.restart()
        assert entrance.door.is_set_up()
        assert entrance.door.visitor(entrance.first).address == PHONE
        assert entrance.sign_in()

    def test_what_a_browser_says_of_itself_is_kept_short_and_on_one_line(self, entrance):
        token = entrance.door.sign_in(RIGHT, "A\nb\0\u202e" + "c" * 5000, PHONE)
        device = entrance.door.visitor(token).device
        assert device == "A b " + "c" * 115 + "…"

    def test_what_is_kept_cannot_be_used_to_come_in(self, entrance):
        for kept in entrance.store.auth.sessions():
            assert entrance.door.visitor(kept.token_hash) is None
            assert entrance.door.visitor(kept.id) is None
        with pytest.raises(DoorError):
            entrance.sign_in(entrance.store.auth.secret("passphrase"))

    def test_kept_words_that_make_no_sense_let_nobody_in_but_the_button(self, entrance, caplog):
        entrance.store.auth.set_secret("passphrase", "scrypt$99999999$8$1$AAAA$AAAA")
        assert entrance.refused(RIGHT)
        assert "Hold the button down for ten seconds" in caplog.text
        grant = entrance.door.enter_code(entrance.door.held(), PHONE)
        assert entrance.door.choose_passphrase(grant, RIGHT, FIREFOX, PHONE)


class TestGettingOut:
    def test_who_signs_out_is_out(self, entrance):
        entrance.door.sign_out(entrance.first)
        assert entrance.door.visitor(entrance.first) is None
        assert entrance.noted()[-1] == f"Signed out; had signed in from {PHONE}."
        entrance.door.sign_out(entrance.first)
        assert len(entrance.noted()) == 2

    def test_somebody_else_can_be_sent_out(self, entrance):
        other = entrance.sign_in(address=TABLET)
        entrance.door.send_out(entrance.door.visitor(other).id)
        assert entrance.door.visitor(other) is None
        assert entrance.door.visitor(entrance.first)
        assert entrance.noted()[-1] == "A caregiver signed another device out."

    @pytest.mark.parametrize("token", ["", "nothing", "x" * 10_000, "\udcff"])
    def test_what_was_never_a_token_is_nobodys(self, entrance, token):
        assert entrance.door.visitor(token) is None

    def test_the_latest_seen_stands_first(self, entrance):
        entrance.wait(HOUR)
        entrance.sign_in(address=TABLET)
        entrance.wait(HOUR)
        entrance.door.visitor(entrance.first)
        assert [visitor.address for visitor in entrance.door.visitors()] == [PHONE, TABLET]


class TestHowLongItHolds:
    def test_who_was_not_seen_for_ninety_days_is_out(self, entrance):
        entrance.restart()
        entrance.wall.advance(90 * DAY)
        assert entrance.door.visitor(entrance.first)
        entrance.restart()
        entrance.wall.advance(90 * DAY + timedelta(seconds=1))
        assert entrance.door.visitor(entrance.first) is None
        assert entrance.door.visitors() == ()

    def test_who_looks_in_each_month_stays_for_a_year(self, entrance):
        for _ in range(12):
            entrance.restart()
            entrance.wall.advance(30 * DAY)
            assert entrance.door.visitor(entrance.first)
        entrance.wall.advance(6 * DAY)
        assert entrance.door.visitor(entrance.first) is None

    def test_a_clock_that_is_not_trusted_puts_nobody_out(self, entrance):
        """A board without a battery may think for a while that it is another year."""
        entrance.restart()
        entrance.wall.believe(trusted=False)
        entrance.wall.advance(1000 * DAY)
        assert entrance.door.visitor(entrance.first).seen == MORNING
        entrance.wall.set(MORNING + DAY)
        entrance.wall.believe()
        entrance.wait(HOUR)
        assert entrance.door.visitor(entrance.first)

    def test_nobody_who_was_here_today_is_idle_because_the_clock_leapt(self, entrance):
        entrance.wall.advance(200 * DAY)
        assert entrance.door.visitor(entrance.first)

    def test_who_came_in_by_a_clock_that_was_ahead_does_not_stay_the_longer(self, entrance):
        entrance.wall.advance(3000 * DAY)
        early = entrance.sign_in()
        entrance.wall.set(MORNING)
        entrance.wait(HOUR)
        assert entrance.door.visitor(early)
        assert entrance.door.visitor(early).since == MORNING + timedelta(hours=1)

    def test_who_is_out_stays_out_when_the_clock_goes_back(self, entrance):
        entrance.restart()
        entrance.wall.advance(400 * DAY)
        entrance.sign_in(address=TABLET)
        entrance.wall.set(MORNING)
        assert entrance.door.visitor(entrance.first) is None

    def test_when_somebody_was_seen_is_written_once_an_hour(self, entrance):
        changes = entrance.store.change_count()
        for _ in range(59):
            entrance.wait(60)
            entrance.door.visitor(entrance.first)
        assert entrance.store.change_count() == changes
        entrance.wait(60)
        entrance.door.visitor(entrance.first)
        assert entrance.store.change_count() == changes + 1
        assert entrance.door.visitor(entrance.first).seen == MORNING + timedelta(hours=1)

    def test_a_full_disk_keeps_nobody_out_who_is_in(self, entrance, caplog):
        entrance.wait(HOUR)
        entrance.store.auth.set_seen = a_full_disk
        assert entrance.door.visitor(entrance.first)
        assert entrance.door.visitor(entrance.first)
        assert [record.levelno for record in caplog.records] == [logging.WARNING]


class TestBeingAskedAgain:
    def test_the_passphrase_confirms_who_it_is(self, entrance):
        entrance.door.confirm(entrance.first, RIGHT, PHONE)
        error = refusal_of(entrance.door.confirm, entrance.first, WRONG, PHONE)
        assert error.field == "passphrase"
        assert entrance.noted() == [
            f"The passphrase was chosen, from {PHONE}. Everybody else was signed out."
        ]

    def test_a_token_alone_is_not_enough_to_guess_by(self, entrance):
        for _ in range(5):
            error = refusal_of(entrance.door.confirm, entrance.first, WRONG, PHONE)
        assert error.wait == 1.0
        error = refusal_of(entrance.door.confirm, entrance.first, RIGHT, PHONE)
        assert "Try again in 1 second." in str(error)
        entrance.wait(1)
        entrance.door.confirm(entrance.first, RIGHT, PHONE)
        assert entrance.sign_in(address=STRANGER)

    def test_somebody_who_is_out_confirms_nothing(self, entrance):
        entrance.door.sign_out(entrance.first)
        for error in (
            refusal_of(entrance.door.confirm, entrance.first, RIGHT, PHONE),
            refusal_of(
                entrance.door.change_passphrase, entrance.first, RIGHT, "new words", "", PHONE
            ),
        ):
            assert str(error) == "You are not signed in any more. Sign in again."

    def test_a_changed_passphrase_signs_everybody_else_out(self, entrance):
        other = entrance.sign_in(address=TABLET)
        new = "four new words, please"
        token = entrance.door.change_passphrase(entrance.first, RIGHT, new, FIREFOX, PHONE)
        assert [entrance.door.visitor(each) for each in (entrance.first, other)] == [None, None]
        assert entrance.door.visitor(token).address == PHONE
        assert entrance.refused(RIGHT)
        assert entrance.sign_in(new)
        assert f"The passphrase was changed, from {PHONE}. Everybody else was signed out." in (
            entrance.noted()
        )

    @pytest.mark.parametrize(
        ("old", "new", "field"), [(WRONG, "four new words", "old"), (RIGHT, "12345678", "new")]
    )
    def test_it_says_which_of_the_two_is_wrong(self, entrance, old, new, field):
        change = entrance.door.change_passphrase
        assert refusal_of(change, entrance.first, old, new, FIREFOX, PHONE).field == field
        assert entrance.door.visitor(entrance.first)
        assert entrance.sign_in()


class TestTheCalendarFeed:
    def test_its_secret_is_made_at_set_up_and_stays(self, entrance):
        changes = entrance.store.change_count()
        token = entrance.door.calendar_token()
        entrance.restart()
        assert entrance.door.calendar_token() == token
        assert entrance.store.change_count() == changes
        assert len(token) >= 43

    def test_it_can_be_renewed(self, entrance):
        before = entrance.door.calendar_token()
        renewed = entrance.door.renew_calendar_token()
        assert before != renewed == entrance.door.calendar_token()
        assert entrance.noted()[-1] == "The calendar feed has a new address."

    def test_a_new_passphrase_leaves_it_as_it_is(self, entrance):
        token = entrance.door.calendar_token()
        grant = entrance.door.enter_code(entrance.door.held(), PHONE)
        entrance.door.choose_passphrase(grant, "another good one", FIREFOX, PHONE)
        assert entrance.door.calendar_token() == token


def a_full_disk(*_):
    raise StoreError("There is no room left on the disk.")


def test_a_set_up_that_cannot_be_kept_has_not_happened():
    entrance = Entrance()
    grant = entrance.door.enter_code(entrance.code_by_press(), PHONE)
    entrance.store.disk.broken = StoreError("There is no room left on the disk.")
    with pytest.raises(StoreError):
        entrance.door.choose_passphrase(grant, RIGHT, FIREFOX, PHONE)
    entrance.store.disk.broken = None
    assert not entrance.door.is_set_up()
    assert entrance.door.choose_passphrase(grant, RIGHT, FIREFOX, PHONE)


def test_nothing_secret_is_told_to_a_log_or_shown(entrance, caplog):
    caplog.set_level(logging.DEBUG)
    token = entrance.sign_in()
    refusals = [repr(entrance.refused()), repr(entrance.refused(RIGHT + "x"))]
    shown = "\n".join(
        [caplog.text, *refusals, repr(entrance.door.visitors()), *entrance.noted()]
        + [repr(vars(part)) for part in (entrance.door, entrance.door._guests)]
        + [repr(entrance.store.auth.sessions())]
    )
    for secret in (
        token,
        RIGHT,
        WRONG,
        entrance.door.calendar_token(),
        entrance.store.auth.sessions()[0].token_hash,
    ):
        assert secret not in shown
