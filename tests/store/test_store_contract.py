"""What the tables of the store do: the plan, its ledger, doses, settings and the audit."""

from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from kiosk.errors import ConflictError, StoreError, UnknownEntryError
from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending
from kiosk.levels.doses import Dose
from kiosk.schedule.model import WALK, OccurrenceState, Weekday
from tests.audit_log import text_entry, text_of
from tests.store.kit import (
    DAY,
    MINUTE,
    NOW,
    SPOT,
    TODAY,
    a_line,
    a_row,
    a_session,
    a_visitor,
    an_entry,
    done,
    everything,
)

CAREGIVER = Actor.PAGE
LATER = NOW + MINUTE


def what_was_noted(store):
    return [(entry.actor, entry.at, text_of(entry)) for entry in store.audit.newest()]


class TestPlan:
    def test_an_entry_comes_back_with_its_id_the_time_and_a_version(self, store):
        entry = an_entry(days=frozenset({Weekday.MON, Weekday.SUN}), weeks=None)
        kept = store.plan.add(entry, CAREGIVER, NOW)
        assert kept == replace(entry, id=kept.id, since=NOW, version=1)
        assert store.plan.entries() == (kept,)

    def test_entries_stand_in_the_order_of_their_ids(self, store):
        first = store.plan.add(an_entry(), CAREGIVER, NOW)
        second = store.plan.add(an_entry(WALK, times=(time(12),)), CAREGIVER, LATER)
        assert store.plan.entries() == (first, second)

    def test_a_changed_entry_counts_from_now(self, store):
        kept = store.plan.add(an_entry(), CAREGIVER, NOW)
        changed = store.plan.change(replace(kept, paused=True), CAREGIVER, LATER)
        assert changed == replace(kept, paused=True, since=LATER, version=2)
        assert store.plan.entries() == (changed,)

    def test_of_two_who_change_an_entry_at_once_the_second_is_told(self, store):
        kept = store.plan.add(an_entry(), CAREGIVER, NOW)
        changed = store.plan.change(replace(kept, weeks=4), CAREGIVER, LATER)
        with pytest.raises(ConflictError, match=f"Entry {kept.id}"):
            store.plan.change(replace(kept, weeks=12), Actor.COMMAND, LATER)
        assert store.plan.entries() == (changed,)

    def test_what_is_not_in_the_plan_can_be_neither_changed_nor_removed(self, store):
        with pytest.raises(UnknownEntryError, match="no entry 3"):
            store.plan.change(replace(an_entry(), id=3), CAREGIVER, NOW)
        with pytest.raises(UnknownEntryError, match="no entry 3"):
            store.plan.remove(3, 1, CAREGIVER, NOW)
        assert store.audit.newest() == ()

    def test_a_removed_entry_leaves_its_history_and_its_number_to_nobody(self, store):
        kept = store.plan.add(an_entry(), CAREGIVER, NOW)
        session = store.sessions.begin(a_session(entry=kept.id))
        row = a_row(entry=kept.id, state=OccurrenceState.DONE, session=session)
        store.ledger.write([row], NOW)

        assert store.plan.remove(kept.id, 1, CAREGIVER, LATER) == kept
        assert store.plan.entries() == ()
        assert store.sessions.between()[0].entry == kept.id
        assert store.ledger.between(TODAY, TODAY) == (row,)
        assert store.plan.add(an_entry(), CAREGIVER, LATER).id != kept.id

    def test_who_changed_the_plan_and_when_is_in_the_audit(self, store):
        monday = frozenset({Weekday.MON})
        kept = store.plan.add(an_entry(), CAREGIVER, NOW)
        changed = store.plan.change(replace(kept, days=monday, paused=True), CAREGIVER, LATER)
        store.plan.remove(changed.id, 2, Actor.COMMAND, LATER)
        before = "low-back-start (every day at 08:00, 18:30, from 2026-03-01 for 8 weeks)"
        after = "low-back-start (Mon at 08:00, 18:30, from 2026-03-01 for 8 weeks, paused)"
        assert what_was_noted(store) == [
            (CAREGIVER, NOW, f"Plan: added entry {kept.id}, {before}."),
            (CAREGIVER, LATER, f"Plan: changed entry {kept.id} from {before} to {after}."),
            (Actor.COMMAND, LATER, f"Plan: removed entry {kept.id}, {after}."),
        ]


class TestPuttingAnEntryBack:
    def test_it_comes_back_under_its_own_number_and_counts_from_now(self, store):
        gone = store.plan.remove(store.plan.add(an_entry(), CAREGIVER, NOW).id, 1, CAREGIVER, NOW)
        kept = store.plan.restore(gone, CAREGIVER, LATER)
        assert kept == replace(gone, since=LATER, version=gone.version + 1)
        assert store.plan.entries() == (kept,)
        described = f"low-back-start (every day at 08:00, 18:30, from {kept.starts} for 8 weeks)"
        assert what_was_noted(store)[-1] == (
            CAREGIVER,
            LATER,
            f"Plan: put entry {gone.id} back, {described}.",
        )

    def test_an_entry_that_is_there_stays_as_it_is(self, store):
        kept = store.plan.add(an_entry(), CAREGIVER, NOW)
        with pytest.raises(ConflictError, match=f"Entry {kept.id} is in the plan"):
            store.plan.restore(replace(kept, weeks=2), CAREGIVER, LATER)
        assert store.plan.entries() == (kept,)

    @pytest.mark.parametrize("number", [0, -1, 2])
    def test_a_number_that_was_never_given_is_none(self, store, number):
        store.plan.add(an_entry(), CAREGIVER, NOW)
        with pytest.raises(UnknownEntryError, match="never had an entry"):
            store.plan.restore(replace(an_entry(), id=number), CAREGIVER, LATER)

    def test_into_an_empty_plan(self, store):
        with pytest.raises(UnknownEntryError):
            store.plan.restore(replace(an_entry(), id=1), CAREGIVER, NOW)

    def test_later_entries_get_later_numbers(self, store):
        gone = store.plan.remove(store.plan.add(an_entry(), CAREGIVER, NOW).id, 1, CAREGIVER, NOW)
        store.plan.restore(gone, CAREGIVER, NOW)
        assert store.plan.add(an_entry(), CAREGIVER, NOW).id == gone.id + 1


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
        store.ledger.write([a_row()], NOW)
        missed = a_row(state=OccurrenceState.MISSED, reminders=3)
        store.ledger.write([missed], LATER)
        assert store.ledger.between(TODAY, TODAY) == (missed,)
        assert store.ledger.settled_until() == LATER

    def test_rows_are_forgotten_by_key_before_others_are_written(self, store):
        gone, stays = a_row(at=time(8)), a_row(at=time(9))
        store.ledger.write([gone, stays], NOW)
        store.ledger.write([], NOW, forget=[gone.occurrence.key, (9, TODAY, time(1))])
        assert store.ledger.between(TODAY, TODAY) == (stays,)
        store.ledger.write([stays], NOW, forget=[stays.occurrence.key])
        assert store.ledger.between(TODAY, TODAY) == (stays,)

    def test_settling_may_go_back_with_the_clock(self, store):
        store.ledger.write([], LATER)
        store.ledger.write([], NOW)
        assert store.ledger.settled_until() == NOW

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
        bridge = Dose("low-back-start", "glute-bridge", sets=2, reps=10, hold=4500)
        squat = Dose("low-back-start", "chair-squat", reps=6)
        hip = Dose("hip-stretching", "piriformis", hold=30_000)
        for dose in (bridge, squat, hip):
            store.doses.set(dose, CAREGIVER, NOW)
        assert store.doses.of() == (hip, squat, bridge)
        assert store.doses.of("low-back-start") == (squat, bridge)
        assert store.doses.of("walk") == ()

    def test_a_dose_without_values_takes_the_change_back(self, store):
        bridge = Dose("low-back-start", "glute-bridge", sets=2, reps=10, hold=4500)
        store.doses.set(bridge, CAREGIVER, NOW)
        store.doses.set(Dose("low-back-start", "glute-bridge"), Actor.KIOSK, LATER)
        assert store.doses.of() == ()
        assert what_was_noted(store) == [
            (
                CAREGIVER,
                NOW,
                "Dose of glute-bridge in low-back-start: 2 sets, 10 repetitions, holds of 4.5 s.",
            ),
            (
                Actor.KIOSK,
                LATER,
                "Dose of glute-bridge in low-back-start: as in the program file.",
            ),
        ]

    def test_settings_are_kept_as_text_by_name(self, store):
        store.settings.set({"rate": "160"}, CAREGIVER, NOW)
        store.settings.set({"grace": "45"}, CAREGIVER, NOW)
        store.settings.set({"rate": "170"}, CAREGIVER, LATER)
        assert list(store.settings.stored().items()) == [("grace", "45"), ("rate", "170")]

    def test_a_setting_can_be_taken_back(self, store):
        store.settings.set({"rate": ""}, CAREGIVER, NOW)
        assert store.settings.stored() == {"rate": ""}
        store.settings.set({"rate": None}, CAREGIVER, LATER)
        assert store.settings.stored() == {}
        assert what_was_noted(store) == [
            (CAREGIVER, NOW, "Setting rate: ''."),
            (CAREGIVER, LATER, "Setting rate: taken back."),
        ]

    def test_several_settings_change_together(self, store):
        store.settings.set({"rate": "160"}, CAREGIVER, NOW)
        before = store.change_count()
        wanted = {"quiet_from": "21:30", "quiet_to": "07:00", "rate": None, "volume": None}
        store.settings.set(wanted, CAREGIVER, LATER)
        assert store.settings.stored() == {"quiet_from": "21:30", "quiet_to": "07:00"}
        assert store.change_count() != before
        assert what_was_noted(store)[1:] == [
            (CAREGIVER, LATER, "Setting quiet_from: '21:30'."),
            (CAREGIVER, LATER, "Setting quiet_to: '07:00'."),
            (CAREGIVER, LATER, "Setting rate: taken back."),
        ]

    def test_what_changes_nothing_leaves_no_line(self, store):
        dose = Dose("low-back-start", "glute-bridge", reps=10)
        store.doses.set(dose, CAREGIVER, NOW)
        store.settings.set({"rate": "160"}, CAREGIVER, NOW)
        noted = store.audit.newest()
        store.doses.set(dose, CAREGIVER, LATER)
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
            lambda: store.auth.add_session(a_visitor(), a_line()),
            lambda: store.auth.add_failure(["192.168.1.20"]),
        ]
        seen = [store.change_count()]
        for change in changes:
            change()
            seen.append(store.change_count())
            everything(store)
            assert store.change_count() == seen[-1]
        assert len(set(seen)) == len(seen)

    def test_how_far_a_session_has_got_does_not_count(self, store):
        session = store.sessions.begin(a_session())
        before = store.change_count()
        store.sessions.progress(session, SPOT, [done(1)])
        assert store.change_count() == before
        (kept,) = store.sessions.between()
        assert kept.stopped_at == SPOT
