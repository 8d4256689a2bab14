"""Who may come in, as every store keeps it, the one on disk and its stand-in alike."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor, AuditEntry
from kiosk.store.auth import FAILURES_KEPT
from tests.store.kit import MINUTE, NOW, a_line, a_visitor, everything

LATER = NOW + MINUTE
SIGNED_IN = AuditEntry(NOW, Actor.PAGE, "Signed in.")
PHONE, TABLET = "192.168.1.20", "192.168.1.30"


@pytest.fixture
def store(any_store):
    return any_store


class TestSecrets:
    def test_a_secret_is_kept_by_name_as_it_is(self, store):
        store.keep_door_secret("calendar", "abc")
        store.keep_door_secret("passphrase", "one")
        store.keep_door_secret("passphrase", "two")
        assert (store.door_secret("calendar"), store.door_secret("passphrase")) == ("abc", "two")

    def test_one_can_be_dropped(self, store):
        store.keep_door_secret("calendar", "abc")
        store.keep_door_secret("calendar", None)
        store.keep_door_secret("passphrase", None)
        assert store.door_secret("calendar") is None

    def test_the_line_that_comes_with_it_goes_to_the_audit_and_nothing_else_does(self, store):
        store.keep_door_secret("calendar", "abc")
        store.keep_door_secret("calendar", "def", a_line("The calendar has a new address."))
        assert store.audit() == (a_line("The calendar has a new address."),)


class TestVisitors:
    def test_a_visitor_is_found_by_their_token(self, store):
        store.add_visitor(a_visitor("phone"), SIGNED_IN)
        store.add_visitor(a_visitor("tablet"), a_line())
        assert store.visitor_of("hash of tablet") == a_visitor("tablet")
        assert store.visitor_of("hash of laptop") is None
        assert store.audit() == (SIGNED_IN, a_line())

    def test_the_latest_seen_stands_first(self, store):
        for hours, name in ((1, "laptop"), (3, "phone"), (2, "tablet")):
            store.add_visitor(a_visitor(name, NOW + timedelta(hours=hours)), SIGNED_IN)
        store.see_visitor("laptop", NOW + timedelta(days=1))
        assert [one.id for one in store.kept_visitors()] == ["laptop", "phone", "tablet"]
        store.see_visitor("nobody", NOW)

    def test_moments_come_back_in_utc(self, store):
        east = timezone(timedelta(hours=9))
        store.add_visitor(a_visitor(at=datetime(2026, 3, 2, 17, tzinfo=east)), SIGNED_IN)
        (visitor,) = store.kept_visitors()
        assert (visitor.since, visitor.since.utcoffset()) == (NOW, timedelta(0))

    def test_who_is_seen_before_they_came_in_came_in_then(self, store):
        store.add_visitor(a_visitor(at=LATER), SIGNED_IN)
        store.see_visitor("1a2b", NOW)
        assert store.kept_visitors() == (a_visitor(at=NOW),)

    def test_the_same_token_or_id_twice_is_refused(self, store):
        store.add_visitor(a_visitor("phone"), SIGNED_IN)
        kept = everything(store)
        same_token = replace(a_visitor("phone"), id="tablet")
        same_id = replace(a_visitor("tablet"), id="phone")
        for double in (same_token, same_id):
            with pytest.raises(StoreError):
                store.add_visitor(double, SIGNED_IN)
            assert everything(store) == kept

    def test_some_are_removed(self, store):
        for name in ("phone", "tablet", "laptop"):
            store.add_visitor(a_visitor(name), SIGNED_IN)
        store.remove_visitors(["phone", "laptop", "nobody"], a_line("Signed out."))
        assert store.kept_visitors() == (a_visitor("tablet"),)
        assert store.audit()[-1] == a_line("Signed out.")

    def test_removing_nobody_leaves_no_line(self, store):
        store.remove_visitors(["nobody"], a_line("Signed out."))
        store.remove_visitors([])
        assert store.audit() == ()

    def test_nothing_that_is_shown_of_a_visitor_tells_of_their_token(self, store):
        store.add_visitor(a_visitor("phone"), SIGNED_IN)
        assert "hash of" not in repr(store.kept_visitors())


class TestFailures:
    def test_they_are_counted_by_key(self, store):
        store.note_failure([PHONE, "everybody"])
        store.note_failure([TABLET, "everybody"])
        assert [store.failures(key) for key in (PHONE, TABLET, "everybody")] == [1, 1, 2]
        assert store.failures("laptop") == 0

    def test_who_comes_in_begins_anew(self, store):
        store.note_failure([PHONE, "everybody", TABLET])
        store.add_visitor(a_visitor(), SIGNED_IN, forget=[PHONE, "everybody"])
        assert [store.failures(key) for key in (PHONE, TABLET, "everybody")] == [0, 1, 0]

    def test_they_can_be_forgotten(self, store):
        store.note_failure([PHONE, TABLET])
        store.forget_failures([PHONE, "laptop"])
        assert [store.failures(key) for key in (PHONE, TABLET)] == [0, 1]

    def test_however_many_addresses_there_are_only_the_last_to_fail_are_kept(self, store):
        first = [f"10.0.{n // 256}.{n % 256}" for n in range(FAILURES_KEPT)]
        store.note_failure(first)
        store.note_failure([first[0]])
        store.note_failure([PHONE])
        assert store.failures(first[0]) == 2
        assert store.failures(first[1]) == 0
        assert store.failures(first[2]) == 1
        assert store.failures(PHONE) == 1


def test_a_door_that_is_renewed_has_nobody_in_but_the_one_who_did_it(store):
    store.keep_door_secret("calendar", "abc")
    store.keep_door_secret("passphrase", "old")
    store.add_visitor(a_visitor("phone"), SIGNED_IN)
    store.note_failure([PHONE, "everybody"])
    chosen = a_line("The passphrase was changed.")
    store.renew_door({"passphrase": "new"}, a_visitor("tablet"), chosen)
    assert store.door_secret("passphrase") == "new"
    assert store.door_secret("calendar") == "abc"
    assert store.kept_visitors() == (a_visitor("tablet"),)
    assert [store.failures(key) for key in (PHONE, "everybody")] == [0, 0]
    assert store.audit() == (SIGNED_IN, chosen)


def test_a_door_that_cannot_be_renewed_stays_as_it_is(store):
    store.keep_door_secret("passphrase", "old")
    store.add_visitor(a_visitor("phone"), SIGNED_IN)
    kept = everything(store)
    nobody_knows_when = a_visitor("tablet", NOW.replace(tzinfo=None))
    with pytest.raises(TypeError):
        store.renew_door({"passphrase": "new"}, nobody_knows_when, SIGNED_IN)
    assert everything(store) == kept
