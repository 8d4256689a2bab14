"""The tables of the store: what each method stores, returns, refuses and adds to the audit log."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from kiosk.errors import ConflictError, StoreError, UnknownEntryError
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.history.model import Effort, Ending, Spot
from kiosk.levels.doses import Dose
from kiosk.schedule.model import WALK, OccurrenceState, Weekday
from kiosk.store.auth import FAILURES_KEPT
from tests.audit_log import text_entry, text_of
from tests.store.kit import (
    DAY,
    MINUTE,
    NOW,
    SPOT,
    TODAY,
    a_device,
    a_line,
    a_row,
    a_session,
    an_entry,
    done,
    everything,
)

CAREGIVER = Actor.PAGE
LATER = NOW + MINUTE
BRIDGE = Dose("low-back-start", "glute-bridge", 2, 10, 4500)
SIGNED_IN = AuditEntry(NOW, Actor.PAGE, Change.SIGNED_IN, after={"address": "192.168.1.20"})
PHONE, TABLET = "192.168.1.20", "192.168.1.30"


class TestSessions:
    def test_a_new_store_remembers_nothing(self, store):
        empty = {"open": None, "settled": None, "settings": {}, "declined": [0, 0]}
        empty |= {"secrets": [None, None], "failures": [0, 0, 0]}
        assert {name: value for name, value in everything(store).items() if value != ()} == empty

    def test_a_session_from_its_beginning_to_the_answer_after_it(self, store):
        begun = a_session(level=2, entry=7, dose='{"glute-bridge": {"reps": 10}}')
        session = store.sessions.begin(begun)
        assert store.sessions.open() == replace(begun, id=session)

        store.sessions.progress(session, SPOT, [done(1)])
        under_way = replace(begun, id=session, stopped_at=SPOT, exercises=(done(1),))
        assert store.sessions.open() == under_way

        store.sessions.end(session, LATER, Ending.COMPLETED, SPOT, [done(1), done(2)])
        store.sessions.set_effort(session, Effort.HARDER)
        assert store.sessions.open() is None
        ended = replace(under_way, ended=LATER, ending=Ending.COMPLETED, stopped_at=None)
        ended = replace(ended, effort=Effort.HARDER, exercises=(done(1), done(2)))
        assert store.sessions.between() == (ended,)

    @pytest.mark.parametrize("ending", [Ending.STOPPED, Ending.INTERRUPTED])
    def test_where_a_session_stopped_is_kept_unless_it_was_completed(self, store, ending):
        session = store.sessions.begin(a_session())
        store.sessions.end(session, LATER, ending, SPOT, [])
        assert store.sessions.between()[0].stopped_at == SPOT
        store.sessions.end(session, LATER, Ending.COMPLETED, SPOT, [])
        assert store.sessions.between()[0].stopped_at is None

    def test_progress_takes_the_place_of_earlier_progress(self, store):
        """Of two lines about an exercise the later is stored."""
        session = store.sessions.begin(a_session(exercises=(done(1), done(1, reps=2))))
        assert store.sessions.open().exercises == (done(1, reps=2),)
        store.sessions.progress(session, Spot(0), [])
        assert store.sessions.open().stopped_at == Spot(0)
        store.sessions.progress(session, SPOT, [done(1), done(2), done(3)])
        store.sessions.progress(session, SPOT, [done(2, reps=6), done(2, reps=4), done(1)])
        assert store.sessions.open().exercises == (done(1), done(2, reps=4))

    def test_a_session_may_be_stored_complete(self, store):
        whole = a_session(ended=LATER, ending=Ending.STOPPED, stopped_at=SPOT)
        whole = replace(whole, effort=Effort.USUAL, exercises=(done(1),))
        session = store.sessions.begin(whole)
        assert store.sessions.between() == (replace(whole, id=session),)

    def test_only_the_last_session_can_be_open(self, store):
        store.sessions.begin(a_session())
        second = store.sessions.begin(a_session("hip-stretching"))
        assert store.sessions.open().id == second
        store.sessions.end(second, LATER, Ending.COMPLETED, SPOT, [])
        assert store.sessions.open() is None

    def test_a_session_taken_back_is_forgotten_and_its_id_never_used_again(self, store):
        first = store.sessions.begin(a_session(exercises=(done(1),)))
        store.sessions.drop(first)
        assert store.sessions.between() == ()
        second = store.sessions.begin(a_session())
        assert second != first
        assert store.sessions.open().exercises == ()
        store.sessions.drop(first)
        assert [record.id for record in store.sessions.between()] == [second]

    @pytest.mark.parametrize(
        "change",
        [
            lambda store: store.sessions.progress(4, SPOT, [done(1)]),
            lambda store: store.sessions.end(4, LATER, Ending.STOPPED, SPOT, []),
            lambda store: store.sessions.set_effort(4, Effort.USUAL),
        ],
    )
    def test_a_session_that_is_not_there_cannot_go_on(self, store, change):
        with pytest.raises(StoreError, match="no session 4"):
            change(store)
        assert store.sessions.between() == ()

    def test_sessions_of_some_days(self, store):
        for day in range(1, 6):
            store.sessions.begin(a_session(started=datetime(2026, 3, day, 8, tzinfo=UTC)))
        third = date(2026, 3, 3)

        def days(**wanted):
            return [record.local_date.day for record in store.sessions.between(**wanted)]

        assert days() == [1, 2, 3, 4, 5]
        assert days(first=third) == [3, 4, 5]
        assert days(last=third) == [1, 2, 3]
        assert days(first=third, last=third) == [3]
        assert days(newest=2) == [4, 5]
        assert days(last=third, newest=2) == [2, 3]
        assert days(newest=0) == []
        assert days(first=date(2026, 4, 1)) == []

    def test_sessions_keep_the_order_in_which_they_were_begun_whatever_the_clock_said(self, store):
        woke_in_the_past = datetime(1970, 1, 1, tzinfo=UTC)
        first = store.sessions.begin(a_session())
        second = store.sessions.begin(a_session(started=woke_in_the_past))
        assert [record.id for record in store.sessions.between()] == [first, second]
        assert [record.id for record in store.sessions.between(newest=1)] == [second]

    def test_moments_come_back_in_utc_to_the_microsecond(self, store):
        in_oslo = datetime(2026, 7, 1, 10, 0, 0, 123_456, tzinfo=ZoneInfo("Europe/Oslo"))
        session = store.sessions.begin(a_session(started=in_oslo))
        store.sessions.end(session, in_oslo + MINUTE, Ending.COMPLETED, SPOT, [])
        (kept,) = store.sessions.between()
        assert kept.started == datetime(2026, 7, 1, 8, 0, 0, 123_456, tzinfo=UTC)
        assert (kept.started.tzinfo, kept.ended.tzinfo) == (UTC, UTC)

    def test_a_moment_without_an_offset_is_a_mistake(self, store):
        with pytest.raises(TypeError, match="offset"):
            store.sessions.begin(a_session(started=datetime(2026, 3, 2, 8)))  # noqa: DTZ001
        assert store.sessions.between() == ()


def audit_of(store):
    return [(entry.actor, entry.at, text_of(entry)) for entry in store.audit.newest()]


@pytest.fixture
def entry(store):
    """An entry of the plan, stored as it was returned."""
    return store.plan.add(an_entry(), CAREGIVER, NOW)


class TestPlan:
    def test_an_entry_comes_back_with_its_id_the_time_and_a_version(self, store):
        entry = an_entry(days=frozenset({Weekday.MON, Weekday.SUN}), weeks=None)
        kept = store.plan.add(entry, CAREGIVER, NOW)
        assert kept == replace(entry, id=kept.id, since=NOW, version=1)
        assert store.plan.entries() == (kept,)

    def test_a_changed_entry_counts_from_now_and_stays_in_the_order_of_ids(self, store, entry):
        second = store.plan.add(an_entry(WALK, times=(time(12),)), CAREGIVER, LATER)
        assert store.plan.entries() == (entry, second)
        changed = store.plan.change(replace(entry, paused=True), CAREGIVER, LATER)
        assert changed == replace(entry, paused=True, since=LATER, version=2)
        assert store.plan.entries() == (changed, second)

    def test_of_two_who_change_an_entry_at_once_the_second_is_refused(self, store, entry):
        changed = store.plan.change(replace(entry, weeks=4), CAREGIVER, LATER)
        with pytest.raises(ConflictError, match=rf"changed-before-change \(number={entry.id}\)"):
            store.plan.change(replace(entry, weeks=12), Actor.COMMAND, LATER)
        with pytest.raises(ConflictError, match=rf"changed-before-removal \(number={entry.id}\)"):
            store.plan.remove(entry.id, entry.version, Actor.COMMAND, LATER)
        assert store.plan.entries() == (changed,)
        assert store.plan.remove(changed.id, changed.version, CAREGIVER, LATER) == changed

    def test_what_is_not_in_the_plan_can_be_neither_changed_nor_removed(self, store):
        with pytest.raises(UnknownEntryError, match=r"^plan\.no-entry \(number=3\)"):
            store.plan.change(replace(an_entry(), id=3), CAREGIVER, NOW)
        with pytest.raises(UnknownEntryError, match=r"^plan\.no-entry \(number=3\)"):
            store.plan.remove(3, 1, CAREGIVER, NOW)
        assert store.audit.newest() == ()

    def test_a_removed_entry_leaves_its_history_and_its_number_to_nobody(self, store, entry):
        session = store.sessions.begin(a_session(entry=entry.id))
        row = a_row(entry=entry.id, state=OccurrenceState.DONE, session=session)
        store.ledger.write([row], NOW)

        assert store.plan.remove(entry.id, 1, CAREGIVER, LATER) == entry
        assert store.plan.entries() == ()
        assert store.sessions.between()[0].entry == entry.id
        assert store.ledger.between(TODAY, TODAY) == (row,)
        assert store.plan.add(an_entry(), CAREGIVER, LATER).id != entry.id

    def test_who_changed_the_plan_and_when_is_in_the_audit(self, store, entry):
        monday = frozenset({Weekday.MON})
        changed = store.plan.change(replace(entry, days=monday, paused=True), CAREGIVER, LATER)
        store.plan.remove(changed.id, 2, Actor.COMMAND, LATER)
        before = "low-back-start (every day at 08:00, 18:30, from 2026-03-01 for 8 weeks)"
        after = "low-back-start (Mon at 08:00, 18:30, from 2026-03-01 for 8 weeks, paused)"
        assert audit_of(store) == [
            (CAREGIVER, NOW, f"Plan: added entry {entry.id}, {before}."),
            (CAREGIVER, LATER, f"Plan: changed entry {entry.id} from {before} to {after}."),
            (Actor.COMMAND, LATER, f"Plan: removed entry {entry.id}, {after}."),
        ]

    def test_a_restored_entry_has_its_own_number_and_counts_from_now(self, store, entry):
        removed = store.plan.remove(entry.id, 1, CAREGIVER, NOW)
        restored = store.plan.restore(removed, CAREGIVER, LATER)
        assert restored == replace(removed, since=LATER, version=removed.version + 1)
        assert store.plan.entries() == (restored,)
        described = f"low-back-start (every day at 08:00, 18:30, from {entry.starts} for 8 weeks)"
        sentence = f"Plan: put entry {entry.id} back, {described}."
        assert audit_of(store)[-1] == (CAREGIVER, LATER, sentence)
        assert store.plan.add(an_entry(), CAREGIVER, NOW).id == entry.id + 1

    def test_an_entry_that_is_there_is_not_restored(self, store, entry):
        with pytest.raises(ConflictError, match=rf"^plan\.entry-there \(number={entry.id}\)"):
            store.plan.restore(replace(entry, weeks=2), CAREGIVER, LATER)
        assert store.plan.entries() == (entry,)

    @pytest.mark.parametrize(("had_one", "number"), [(True, 0), (True, -1), (True, 2), (False, 1)])
    def test_a_number_that_was_never_given_is_not_restored(self, store, had_one, number):
        if had_one:
            store.plan.add(an_entry(), CAREGIVER, NOW)
        with pytest.raises(UnknownEntryError, match=r"^plan\.never-had-entry"):
            store.plan.restore(replace(an_entry(), id=number), CAREGIVER, LATER)


class TestLedger:
    def test_rows_come_back_in_the_order_in_which_they_are_due(self, store):
        session = store.sessions.begin(a_session())
        evening = a_row(at=time(18), reminders=2, put_off_to=LATER)
        morning = a_row(at=time(8), state=OccurrenceState.DONE, session=session)
        other_entry = a_row(at=time(8), entry=2, state=OccurrenceState.MISSED)
        store.ledger.write([evening, other_entry, morning], settled_until=NOW)
        assert store.ledger.between(TODAY, TODAY) == (morning, other_entry, evening)
        assert store.ledger.settled_until() == NOW

    def test_a_ledger_of_some_days(self, store):
        rows = [a_row(TODAY + n * DAY) for n in range(4)]
        store.ledger.write(rows, NOW)
        assert store.ledger.between(TODAY + DAY, TODAY + 2 * DAY) == tuple(rows[1:3])
        assert store.ledger.between(TODAY + 2 * DAY, TODAY + DAY) == ()

    def test_a_row_takes_the_place_of_the_one_with_its_key(self, store):
        store.ledger.write([a_row()], LATER)
        missed = a_row(state=OccurrenceState.MISSED, reminders=3)
        store.ledger.write([missed], NOW)
        assert store.ledger.between(TODAY, TODAY) == (missed,)
        assert store.ledger.settled_until() == NOW, "settling goes back with the clock"

    def test_rows_are_forgotten_by_key_before_others_are_written(self, store):
        gone, stays = a_row(at=time(8)), a_row(at=time(9))
        unknown = (9, TODAY, time(1))
        store.ledger.write([gone, stays], NOW)
        for forgotten, written in (([gone], []), ([stays], [stays])):
            keys = [row.occurrence.key for row in forgotten]
            store.ledger.write(written, NOW, forget=[*keys, unknown])
            assert store.ledger.between(TODAY, TODAY) == (stays,)

    def test_a_due_time_keeps_its_offset_but_not_the_rules_of_its_zone(self, store):
        oslo = ZoneInfo("Europe/Oslo")
        second_half_past_two = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=oslo)
        store.ledger.write([a_row(due=second_half_past_two)], NOW)
        (row,) = store.ledger.between(TODAY, TODAY)
        an_hour_east = timezone(timedelta(hours=1))
        assert row.occurrence.due.tzinfo == an_hour_east
        assert row.occurrence.due == datetime(2026, 10, 25, 2, 30, tzinfo=an_hour_east)

    @pytest.mark.parametrize(
        "impossible", [a_row(at=time(9), state=OccurrenceState.COMING), a_row(session=12)]
    )
    def test_all_of_it_is_kept_or_nothing(self, store, impossible):
        store.ledger.write([a_row()], NOW)
        with pytest.raises(StoreError):
            store.ledger.write(
                [a_row(at=time(10)), impossible], LATER, forget=[a_row().occurrence.key]
            )
        assert store.ledger.between(TODAY, TODAY) == (a_row(),)
        assert store.ledger.settled_until() == NOW

    def test_a_row_outlives_the_session_that_was_taken_back(self, store):
        session = store.sessions.begin(a_session())
        store.ledger.write([a_row(session=session)], NOW)
        store.sessions.drop(session)
        assert store.ledger.between(TODAY, TODAY) == (a_row(session=None),)


class TestDosesAndSettings:
    def test_doses_are_kept_by_program_and_exercise(self, store):
        squat = Dose("low-back-start", "chair-squat", reps=6)
        hip = Dose("hip-stretching", "piriformis", hold=30_000)
        for dose in (BRIDGE, squat, hip):
            store.doses.set(dose, CAREGIVER, NOW)
        assert store.doses.of() == (hip, squat, BRIDGE)
        assert store.doses.of("low-back-start") == (squat, BRIDGE)
        assert store.doses.of("walk") == ()

    def test_a_dose_without_values_takes_the_change_back(self, store):
        store.doses.set(BRIDGE, CAREGIVER, NOW)
        store.doses.set(Dose("low-back-start", "glute-bridge"), Actor.KIOSK, LATER)
        assert store.doses.of() == ()
        dose = "Dose of glute-bridge in low-back-start"
        assert audit_of(store) == [
            (CAREGIVER, NOW, f"{dose}: 2 sets, 10 repetitions, holds of 4.5 s."),
            (Actor.KIOSK, LATER, f"{dose}: as in the program file."),
        ]

    def test_settings_are_stored_as_text_by_name_and_several_change_together(self, store):
        counts = [store.change_count()]
        for values, stored in (
            ({"rate": "160"}, {"rate": "160"}),
            ({"grace": ""}, {"grace": "", "rate": "160"}),
            ({"rate": "170"}, {"grace": "", "rate": "170"}),
            ({"volume": "5", "rate": None, "pin": None}, {"grace": "", "volume": "5"}),
        ):
            store.settings.set(values, CAREGIVER, NOW)
            assert list(store.settings.stored().items()) == list(stored.items())
            counts.append(store.change_count())
        assert len(set(counts)) == len(counts)
        set_to = ("rate: '160'", "grace: ''", "rate: '170'", "volume: '5'", "rate: taken back")
        assert audit_of(store) == [(CAREGIVER, NOW, f"Setting {text}.") for text in set_to]

    def test_what_changes_nothing_leaves_no_line(self, store):
        store.doses.set(BRIDGE, CAREGIVER, NOW)
        store.settings.set({"rate": "160"}, CAREGIVER, NOW)
        noted = store.audit.newest()
        store.doses.set(BRIDGE, CAREGIVER, LATER)
        store.doses.set(Dose("low-back-start", "chair-squat"), CAREGIVER, LATER)
        store.settings.set({"rate": "160"}, CAREGIVER, LATER)
        store.settings.set({"grace": None}, CAREGIVER, LATER)
        assert store.audit.newest() == noted


class TestAudit:
    def test_the_newest_lines_oldest_first(self, store):
        for number in range(5):
            store.audit.add(a_line(f"Line {number}."))
        assert [text_of(entry) for entry in store.audit.newest(2)] == ["Line 3.", "Line 4."]
        assert store.audit.newest(0) == ()
        assert len(store.audit.newest()) == 5

    def test_any_text_survives(self, store):
        text = "Añadió «caminar» 🚶\n'; DROP TABLE audit; -- \0 end"
        entry = text_entry(NOW, Actor.COMMAND, text)
        store.audit.add(entry)
        assert store.audit.newest() == (entry,)


class TestChangeCount:
    def test_it_differs_after_every_change_and_stands_still_otherwise(self, store):
        changes = [
            lambda: store.sessions.begin(a_session()),
            lambda: store.sessions.end(1, LATER, Ending.STOPPED, SPOT, []),
            lambda: store.sessions.set_effort(1, Effort.USUAL),
            lambda: store.sessions.drop(1),
            lambda: store.plan.add(an_entry(), CAREGIVER, NOW),
            lambda: store.plan.change(store.plan.entries()[0], CAREGIVER, NOW),
            lambda: store.plan.remove(1, 2, CAREGIVER, NOW),
            lambda: store.ledger.write([a_row()], NOW),
            lambda: store.doses.set(Dose("low-back-start", "bridge", reps=9), CAREGIVER, NOW),
            lambda: store.settings.set({"rate": "160"}, CAREGIVER, NOW),
            lambda: store.audit.add(a_line()),
            lambda: store.auth.set_secret("calendar", "abc"),
            lambda: store.auth.add_session(a_device(), a_line()),
            lambda: store.auth.add_failure(["192.168.1.20"]),
        ]
        seen = [store.change_count()]
        for change in changes:
            change()
            seen.append(store.change_count())
            everything(store)
            assert store.change_count() == seen[-1]
        assert len(set(seen)) == len(seen)


def test_a_secret_is_stored_by_name_with_the_line_that_comes_with_it(store):
    line = a_line("The calendar has a new address.")
    store.auth.set_secret("calendar", "abc")
    store.auth.set_secret("passphrase", "one")
    store.auth.set_secret("passphrase", "two")
    assert (store.auth.secret("calendar"), store.auth.secret("passphrase")) == ("abc", "two")
    store.auth.set_secret("calendar", "def", line)
    store.auth.set_secret("passphrase", None)
    store.auth.set_secret("unknown", None)
    assert (store.auth.secret("calendar"), store.auth.secret("passphrase")) == ("def", None)
    assert store.audit.newest() == (line,)


class TestAuthSessions:
    def test_a_session_is_found_by_its_token(self, store):
        store.auth.add_session(a_device("phone"), SIGNED_IN)
        store.auth.add_session(a_device("tablet"), a_line())
        assert store.auth.session_of("hash of tablet") == a_device("tablet")
        assert store.auth.session_of("hash of laptop") is None
        assert store.audit.newest() == (SIGNED_IN, a_line())

    def test_the_latest_seen_stands_first(self, store):
        for hours, name in ((1, "laptop"), (3, "phone"), (2, "tablet")):
            store.auth.add_session(a_device(name, NOW + timedelta(hours=hours)), SIGNED_IN)
        store.auth.set_seen("laptop", NOW + timedelta(days=1))
        assert [one.id for one in store.auth.sessions()] == ["laptop", "phone", "tablet"]
        store.auth.set_seen("nobody", NOW)

    def test_moments_come_back_in_utc(self, store):
        east = timezone(timedelta(hours=9))
        store.auth.add_session(a_device(at=datetime(2026, 3, 2, 17, tzinfo=east)), SIGNED_IN)
        (session,) = store.auth.sessions()
        assert (session.since, session.since.utcoffset()) == (NOW, timedelta(0))

    def test_the_same_token_or_id_twice_is_refused(self, store):
        store.auth.add_session(a_device("phone"), SIGNED_IN)
        kept = everything(store)
        same_token = replace(a_device("phone"), id="tablet")
        same_id = replace(a_device("tablet"), id="phone")
        for double in (same_token, same_id):
            with pytest.raises(StoreError):
                store.auth.add_session(double, SIGNED_IN)
            assert everything(store) == kept

    def test_some_are_removed_with_a_line_where_there_were_any(self, store):
        for name in ("phone", "tablet", "laptop"):
            store.auth.add_session(a_device(name), SIGNED_IN)
        line = a_line("Signed out.")
        for ids in (["nobody"], [], ["phone", "laptop", "nobody"]):
            store.auth.remove_sessions(ids, line)
        assert store.auth.sessions() == (a_device("tablet"),)
        assert store.audit.newest() == (SIGNED_IN, SIGNED_IN, SIGNED_IN, line)


class TestFailures:
    @staticmethod
    def failures(store):
        return [store.auth.failures(key) for key in (PHONE, TABLET, "everybody", "laptop")]

    def test_they_are_counted_by_key_until_forgotten(self, store):
        store.auth.add_failure([PHONE, "everybody"])
        store.auth.add_failure([TABLET, "everybody"])
        assert self.failures(store) == [1, 1, 2, 0]
        store.auth.forget_failures([TABLET, "laptop"])
        assert self.failures(store) == [1, 0, 2, 0]
        store.auth.add_session(a_device(), SIGNED_IN, forget=[PHONE, "laptop"])
        assert self.failures(store) == [0, 0, 2, 0]

    def test_however_many_addresses_there_are_only_the_last_to_fail_are_kept(self, store):
        first = [f"10.0.{n // 256}.{n % 256}" for n in range(FAILURES_KEPT)]
        store.auth.add_failure(first)
        store.auth.add_failure([first[0]])
        store.auth.add_failure([PHONE])
        assert [store.auth.failures(key) for key in (*first[:3], PHONE)] == [2, 0, 1, 1]


def test_renewing_the_passphrase_signs_out_all_but_the_one_who_did(store):
    store.auth.set_secret("calendar", "abc")
    store.auth.set_secret("passphrase", "old")
    store.auth.add_session(a_device("phone"), SIGNED_IN)
    store.auth.add_failure([PHONE, "everybody"])
    chosen = a_line("The passphrase was changed.")
    store.auth.renew({"passphrase": "new"}, a_device("tablet"), chosen)
    assert store.auth.secret("passphrase") == "new"
    assert store.auth.secret("calendar") == "abc"
    assert store.auth.sessions() == (a_device("tablet"),)
    assert [store.auth.failures(key) for key in (PHONE, "everybody")] == [0, 0]
    assert store.audit.newest() == (SIGNED_IN, chosen)


def test_what_cannot_be_renewed_stays_as_it_is(store):
    store.auth.set_secret("passphrase", "old")
    store.auth.add_session(a_device("phone"), SIGNED_IN)
    kept = everything(store)
    nobody_knows_when = a_device("tablet", NOW.replace(tzinfo=None))
    with pytest.raises(TypeError):
        store.auth.renew({"passphrase": "new"}, nobody_knows_when, SIGNED_IN)
    assert everything(store) == kept
