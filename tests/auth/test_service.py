"""Signing in, staying in, and getting out."""

import logging
from datetime import timedelta

import pytest

from kiosk.auth.service import IDLE
from kiosk.errors import AuthError, StoreError
from kiosk.locale.problems import error_text
from tests.auth.kit import (
    DAY,
    FIREFOX,
    MORNING,
    PHONE,
    RIGHT,
    STRANGER,
    TABLET,
    WRONG,
    AuthKit,
    refusal_of,
)

HOUR = 3600.0
NO_ROOM = "There is no room left on the disk."


@pytest.fixture
def kit():
    kit = AuthKit(passphrase=RIGHT)
    kit.first = kit.sign_in()
    return kit


class TestSigningIn:
    def test_with_the_passphrase(self, kit):
        session = kit.auth.session_of(kit.sign_in(address=TABLET))
        assert (session.since, session.seen) == (MORNING, MORNING)
        assert (session.device, session.address) == (FIREFOX, TABLET)
        assert kit.audit()[-1] == f"Signed in from {TABLET}."

    @pytest.mark.parametrize("typed", [f" {RIGHT} ", RIGHT.replace("c", "ｃ")])  # noqa: RUF001
    def test_however_a_keyboard_writes_it(self, kit, typed):
        assert kit.sign_in(typed)

    @pytest.mark.parametrize(
        "typed", [WRONG, "", RIGHT.upper(), RIGHT + "x", RIGHT * 1000, "\udcff"]
    )
    def test_not_with_another(self, kit, typed):
        error = kit.refused(typed)
        assert error_text(error) == "That is not the passphrase."
        assert (error.field, error.wait) == ("passphrase", 0.0)

    def test_not_before_one_is_chosen(self):
        assert error_text(AuthKit().refused("")) == "That is not the passphrase."

    def test_each_time_by_a_token_of_its_own(self, kit):
        tokens = {kit.first, kit.sign_in(), kit.sign_in()}
        assert len({kit.auth.session_of(token).id for token in tokens}) == 3

    def test_it_holds_across_restarts(self, kit):
        kit.restart()
        assert kit.auth.is_set_up()
        assert kit.auth.session_of(kit.first).address == PHONE
        assert kit.sign_in()

    def test_what_a_browser_says_of_itself_is_kept_short_and_on_one_line(self, kit):
        token = kit.auth.sign_in(RIGHT, "A\nb\0\u202e" + "c" * 5000, PHONE)
        device = kit.auth.session_of(token).device
        assert device == "A b " + "c" * 115 + "…"

    def test_what_is_kept_cannot_be_used_to_come_in(self, kit):
        for kept in kit.store.auth.sessions():
            assert kit.auth.session_of(kept.token_hash) is None
            assert kit.auth.session_of(kept.id) is None
        with pytest.raises(AuthError):
            kit.sign_in(kit.store.auth.secret("passphrase"))

    def test_kept_words_that_make_no_sense_let_nobody_in_but_the_button(self, kit, caplog):
        kit.store.auth.set_secret("passphrase", "scrypt$99999999$8$1$AAAA$AAAA")
        assert kit.refused(RIGHT)
        assert "Hold the button down for ten seconds" in caplog.text
        assert kit.choose(kit.auth.enter_code(kit.auth.held(), PHONE))


class TestGettingOut:
    def test_who_signs_out_is_out(self, kit):
        kit.auth.sign_out(kit.first)
        assert kit.auth.session_of(kit.first) is None
        assert kit.audit()[-1] == f"Signed out; had signed in from {PHONE}."
        kit.auth.sign_out(kit.first)
        assert len(kit.audit()) == 2

    def test_somebody_else_can_be_sent_out(self, kit):
        other = kit.sign_in(address=TABLET)
        kit.auth.sign_out_device(kit.auth.session_of(other).id)
        assert kit.auth.session_of(other) is None
        assert kit.auth.session_of(kit.first)
        assert kit.audit()[-1] == "A caregiver signed another device out."

    @pytest.mark.parametrize("token", ["", "nothing", "x" * 10_000, "\udcff"])
    def test_what_was_never_a_token_is_nobodys(self, kit, token):
        assert kit.auth.session_of(token) is None


class TestHowLongItHolds:
    def test_who_was_not_seen_for_ninety_days_is_out(self, kit):
        for length, stays in ((90 * DAY, True), (90 * DAY + timedelta(seconds=1), False)):
            kit.restart()
            kit.wall.advance(length)
            assert bool(kit.auth.session_of(kit.first)) is stays
        assert kit.auth.sessions() == ()

    def test_who_looks_in_each_month_stays_for_a_year(self, kit):
        for _ in range(12):
            kit.restart()
            kit.wall.advance(30 * DAY)
            assert kit.auth.session_of(kit.first)
        kit.wall.advance(6 * DAY)
        assert kit.auth.session_of(kit.first) is None

    def test_a_clock_that_is_not_trusted_puts_nobody_out(self, kit):
        """A board without a battery may think for a while that it is another year."""
        kit.restart()
        kit.wall.believe(trusted=False)
        kit.wall.advance(1000 * DAY)
        assert kit.auth.session_of(kit.first).seen == MORNING
        kit.wall.set(MORNING + DAY)
        kit.wall.believe()
        kit.wait(HOUR)
        assert kit.auth.session_of(kit.first)

    def test_a_device_that_was_lost_is_out_though_the_kiosk_has_run_all_the_while(self, kit):
        used = kit.sign_in(address=TABLET)
        kit.wait(IDLE.total_seconds())
        assert kit.auth.session_of(used)
        kit.wait(1)
        assert kit.auth.session_of(kit.first) is None
        assert [session.address for session in kit.auth.sessions()] == [TABLET]

    def test_a_day_of_use_and_a_clock_that_leapt_make_nobody_idle(self, kit):
        kit.wall.advance(200 * DAY)
        kit.wait(24 * HOUR)
        assert kit.auth.session_of(kit.first)

    def test_who_came_in_by_a_clock_that_was_ahead_does_not_stay_the_longer(self, kit):
        kit.wall.advance(3000 * DAY)
        early = kit.sign_in()
        kit.wall.set(MORNING)
        kit.wait(HOUR)
        assert kit.auth.session_of(early)
        assert kit.auth.session_of(early).since == MORNING + timedelta(hours=1)

    def test_who_is_out_stays_out_when_the_clock_goes_back(self, kit):
        kit.restart()
        kit.wall.advance(400 * DAY)
        kit.sign_in(address=TABLET)
        kit.wall.set(MORNING)
        assert kit.auth.session_of(kit.first) is None

    def test_when_somebody_was_seen_is_written_once_an_hour(self, kit):
        changes = kit.store.change_count()
        for _ in range(59):
            kit.wait(60)
            kit.auth.session_of(kit.first)
        assert kit.store.change_count() == changes
        kit.wait(60)
        kit.auth.session_of(kit.first)
        assert kit.store.change_count() == changes + 1
        assert kit.auth.session_of(kit.first).seen == MORNING + timedelta(hours=1)

    def test_a_full_disk_keeps_nobody_out_who_is_in(self, kit, caplog):
        kit.wait(HOUR)
        kit.store.disk.full = StoreError(NO_ROOM)
        assert kit.auth.session_of(kit.first)
        assert kit.auth.session_of(kit.first)
        assert [record.levelno for record in caplog.records] == [logging.WARNING]


class TestBeingAskedAgain:
    def test_the_passphrase_confirms_who_it_is(self, kit):
        kit.auth.confirm(kit.first, RIGHT, PHONE)
        error = refusal_of(kit.auth.confirm, kit.first, WRONG, PHONE)
        assert error.field == "passphrase"
        assert kit.audit() == [f"Signed in from {PHONE}."]

    def test_a_token_alone_is_not_enough_to_guess_by(self, kit):
        for _ in range(5):
            error = refusal_of(kit.auth.confirm, kit.first, WRONG, PHONE)
        assert error.wait == 1.0
        error = refusal_of(kit.auth.confirm, kit.first, RIGHT, PHONE)
        assert "Try again in 1 second." in error_text(error)
        kit.wait(1)
        kit.auth.confirm(kit.first, RIGHT, PHONE)
        assert kit.sign_in(address=STRANGER)

    def test_somebody_who_is_out_confirms_nothing(self, kit):
        kit.auth.sign_out(kit.first)
        for error in (
            refusal_of(kit.auth.confirm, kit.first, RIGHT, PHONE),
            refusal_of(kit.auth.change_passphrase, kit.first, RIGHT, "new words", "", PHONE),
        ):
            assert error_text(error) == "You are not signed in any more. Sign in again."

    def test_a_changed_passphrase_signs_everybody_else_out(self, kit):
        other = kit.sign_in(address=TABLET)
        new = "four new words, please"
        token = kit.auth.change_passphrase(kit.first, RIGHT, new, FIREFOX, PHONE)
        assert [kit.auth.session_of(each) for each in (kit.first, other)] == [None, None]
        assert kit.auth.session_of(token).address == PHONE
        assert kit.refused(RIGHT)
        assert kit.sign_in(new)
        changed = f"The passphrase was changed, from {PHONE}. Everybody else was signed out."
        assert changed in kit.audit()

    @pytest.mark.parametrize(
        ("old", "new", "field"), [(WRONG, "four new words", "old"), (RIGHT, "12345678", "new")]
    )
    def test_it_says_which_of_the_two_is_wrong(self, kit, old, new, field):
        change = kit.auth.change_passphrase
        assert refusal_of(change, kit.first, old, new, FIREFOX, PHONE).field == field
        assert kit.auth.session_of(kit.first)
        assert kit.sign_in()


class TestTheCalendarFeed:
    def test_its_secret_is_made_at_set_up_and_stays(self):
        kit = AuthKit()
        kit.choose(kit.grant())
        changes = kit.store.change_count()
        token = kit.auth.calendar_token()
        kit.restart()
        assert kit.auth.calendar_token() == token
        assert kit.store.change_count() == changes
        assert len(token) >= 43

    def test_it_can_be_renewed_and_a_new_passphrase_leaves_it_as_it_is(self, kit):
        before = kit.auth.calendar_token()
        renewed = kit.auth.renew_calendar_token()
        assert kit.audit()[-1] == "The calendar feed has a new address."
        kit.choose(kit.auth.enter_code(kit.auth.held(), PHONE), "another good one")
        assert before != renewed == kit.auth.calendar_token()


def test_a_set_up_that_cannot_be_kept_has_not_happened():
    kit = AuthKit()
    grant = kit.grant()
    kit.store.disk.full = StoreError(NO_ROOM)
    with pytest.raises(StoreError):
        kit.choose(grant)
    kit.store.disk.full = None
    assert not kit.auth.is_set_up()
    assert kit.choose(grant)


def test_nothing_secret_is_logged_or_shown(caplog):
    caplog.set_level(logging.DEBUG)
    kit = AuthKit()
    code = kit.code_by_press()
    wrong_code = f"{(int(code) + 1) % 10**6:06}"
    refusals = [refusal_of(kit.auth.enter_code, wrong_code, PHONE), refusal_of(kit.choose, "wrong")]
    grant = kit.auth.enter_code(code, PHONE)
    tokens = [kit.choose(grant), kit.sign_in()]
    refusals += [kit.refused(), kit.refused(RIGHT + "x")]
    hashes = [kept.token_hash for kept in kit.store.auth.sessions()]
    hashes.append(kit.store.auth.secret("passphrase"))
    parts = (kit.auth, kit.auth._code)
    tables = (kit.auth.sessions(), kit.store.auth.sessions())
    shown = "\n".join(
        [caplog.text, *kit.audit(), *map(repr, (*refusals, *tables, *map(vars, parts)))]
    )
    for secret in (code, grant, RIGHT, WRONG, kit.auth.calendar_token(), *tokens, *hashes):
        assert secret not in shown
