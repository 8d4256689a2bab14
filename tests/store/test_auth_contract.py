"""How secrets, signed-in devices and failed attempts are stored."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.store.auth import FAILURES_KEPT
from tests.store.kit import MINUTE, NOW, a_line, a_visitor, everything

LATER = NOW + MINUTE
SIGNED_IN = AuditEntry(NOW, Actor.PAGE, Change.SIGNED_IN, after={"address": "192.168.1.20"})
PHONE, TABLET = "192.168.1.20", "192.168.1.30"


class TestSecrets:
    def test_a_secret_is_kept_by_name_as_it_is(self, store):
        store.auth.set_secret("calendar", "abc")
        store.auth.set_secret("passphrase", "one")
        store.auth.set_secret("passphrase", "two")
        assert (store.auth.secret("calendar"), store.auth.secret("passphrase")) == ("abc", "two")

    def test_one_can_be_dropped(self, store):
        store.auth.set_secret("calendar", "abc")
        store.auth.set_secret("calendar", None)
        store.auth.set_secret("passphrase", None)
        assert store.auth.secret("calendar") is None

    def test_the_line_that_comes_with_it_goes_to_the_audit_and_nothing_else_does(self, store):
        store.auth.set_secret("calendar", "abc")
        store.auth.set_secret("calendar", "def", a_line("The calendar has a new address."))
        assert store.audit.newest() == (a_line("The calendar has a new address."),)


class TestVisitors:
    def test_a_visitor_is_found_by_their_token(self, store):
        store.auth.add_session(a_visitor("phone"), SIGNED_IN)
        store.auth.add_session(a_visitor("tablet"), a_line())
        assert store.auth.session_of("hash of tablet") == a_visitor("tablet")
        assert store.auth.session_of("hash of laptop") is None
        assert store.audit.newest() == (SIGNED_IN, a_line())

    def test_the_latest_seen_stands_first(self, store):
        for hours, name in ((1, "laptop"), (3, "phone"), (2, "tablet")):
            store.auth.add_session(a_visitor(name, NOW + timedelta(hours=hours)), SIGNED_IN)
        store.auth.set_seen("laptop", NOW + timedelta(days=1))
        assert [one.id for one in store.auth.sessions()] == ["laptop", "phone", "tablet"]
        store.auth.set_seen("nobody", NOW)

    def test_moments_come_back_in_utc(self, store):
        east = timezone(timedelta(hours=9))
        store.auth.add_session(a_visitor(at=datetime(2026, 3, 2, 17, tzinfo=east)), SIGNED_IN)
        (visitor,) = store.auth.sessions()
        assert (visitor.since, visitor.since.utcoffset()) == (NOW, timedelta(0))

    def test_who_is_seen_before_they_came_in_came_in_then(self, store):
        store.auth.add_session(a_visitor(at=LATER), SIGNED_IN)
        store.auth.set_seen("1a2b", NOW)
        assert store.auth.sessions() == (a_visitor(at=NOW),)

    def test_the_same_token_or_id_twice_is_refused(self, store):
        store.auth.add_session(a_visitor("phone"), SIGNED_IN)
        kept = everything(store)
        same_token = replace(a_visitor("phone"), id="tablet")
        same_id = replace(a_visitor("tablet"), id="phone")
        for double in (same_token, same_id):
            with pytest.raises(StoreError):
                store.auth.add_session(double, SIGNED_IN)
            assert everything(store) == kept

    def test_some_are_removed(self, store):
        for name in ("phone", "tablet", "laptop"):
            store.auth.add_session(a_visitor(name), SIGNED_IN)
        store.auth.remove_sessions(["phone", "laptop", "nobody"], a_line("Signed out."))
        assert store.auth.sessions() == (a_visitor("tablet"),)
        assert store.audit.newest()[-1] == a_line("Signed out.")

    def test_removing_nobody_leaves_no_line(self, store):
        store.auth.remove_sessions(["nobody"], a_line("Signed out."))
        store.auth.remove_sessions([])
        assert store.audit.newest() == ()

    def test_nothing_that_is_shown_of_a_visitor_tells_of_their_token(self, store):
        store.auth.add_session(a_visitor("phone"), SIGNED_IN)
        assert "hash of" not in repr(store.auth.sessions())


class TestFailures:
    def test_they_are_counted_by_key(self, store):
        store.auth.add_failure([PHONE, "everybody"])
        store.auth.add_failure([TABLET, "everybody"])
        assert [store.auth.failures(key) for key in (PHONE, TABLET, "everybody")] == [1, 1, 2]
        assert store.auth.failures("laptop") == 0

    def test_who_comes_in_begins_anew(self, store):
        store.auth.add_failure([PHONE, "everybody", TABLET])
        store.auth.add_session(a_visitor(), SIGNED_IN, forget=[PHONE, "everybody"])
        assert [store.auth.failures(key) for key in (PHONE, TABLET, "everybody")] == [0, 1, 0]

    def test_they_can_be_forgotten(self, store):
        store.auth.add_failure([PHONE, TABLET])
        store.auth.forget_failures([PHONE, "laptop"])
        assert [store.auth.failures(key) for key in (PHONE, TABLET)] == [0, 1]

    def test_however_many_addresses_there_are_only_the_last_to_fail_are_kept(self, store):
        first = [f"10.0.{n // 256}.{n % 256}" for n in range(FAILURES_KEPT)]
        store.auth.add_failure(first)
        store.auth.add_failure([first[0]])
        store.auth.add_failure([PHONE])
        assert store.auth.failures(first[0]) == 2
        assert store.auth.failures(first[1]) == 0
        assert store.auth.failures(first[2]) == 1
        assert store.auth.failures(PHONE) == 1


def test_a_door_that_is_renewed_has_nobody_in_but_the_one_who_did_it(store):
    store.auth.set_secret("calendar", "abc")
    store.auth.set_secret("passphrase", "old")
    store.auth.add_session(a_visitor("phone"), SIGNED_IN)
    store.auth.add_failure([PHONE, "everybody"])
    chosen = a_line("The passphrase was changed.")
    store.auth.renew({"passphrase": "new"}, a_visitor("tablet"), chosen)
    assert store.auth.secret("passphrase") == "new"
    assert store.auth.secret("calendar") == "abc"
    assert store.auth.sessions() == (a_visitor("tablet"),)
    assert [store.auth.failures(key) for key in (PHONE, "everybody")] == [0, 0]
    assert store.audit.newest() == (SIGNED_IN, chosen)


def test_a_door_that_cannot_be_renewed_stays_as_it_is(store):
    store.auth.set_secret("passphrase", "old")
    store.auth.add_session(a_visitor("phone"), SIGNED_IN)
    kept = everything(store)
    nobody_knows_when = a_visitor("tablet", NOW.replace(tzinfo=None))
    with pytest.raises(TypeError):
        store.auth.renew({"passphrase": "new"}, nobody_knows_when, SIGNED_IN)
    assert everything(store) == kept
