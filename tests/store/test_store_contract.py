"""What every store does, the one on disk and its stand-in alike."""

from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from kiosk.errors import ConflictError, StoreError, UnknownEntryError
from kiosk.history.audit import Actor, AuditEntry
from kiosk.history.model import Effort, Ending
from kiosk.levels.doses import Dose
from kiosk.schedule.model import WALK, OccurrenceState, Weekday
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


@pytest.fixture
def store(any_store):
    return any_store


def what_was_noted(store):
    return [(entry.actor, entry.at, entry.what) for entry in store.audit()]


class TestPlan:
    def test_an_entry_comes_back_with_its_id_the_time_and_a_version(self, store):
        entry = an_entry(days=frozenset({Weekday.MON, Weekday.SUN}), weeks=None)
        kept = store.add_entry(entry, CAREGIVER, NOW)
        assert kept == replace(entry, id=kept.id, since=NOW, version=1)
        assert store.plan() == (kept,)

    def test_entries_stand_in_the_order_of_their_ids(self, store):
        first = store.add_entry(an_entry(), CAREGIVER, NOW)
        second = store.add_entry(an_entry(WALK, times=(time(12),)), CAREGIVER, LATER)
        assert store.plan() == (first, second)

    def test_a_changed_entry_counts_from_now(self, store):
        kept = store.add_entry(an_entry(), CAREGIVER, NOW)
        changed = store.change_entry(replace(kept, paused=True), CAREGIVER, LATER)
        assert changed == replace(kept, paused=True, since=LATER, version=2)
        assert store.plan() == (changed,)

    def test_of_two_who_change_an_entry_at_once_the_second_is_told(self, store):
        kept = store.add_entry(an_entry(), CAREGIVER, NOW)
        changed = store.change_entry(replace(kept, weeks=4), CAREGIVER, LATER)
        with pytest.raises(ConflictError, match=f"Entry {kept.id}"):
            store.change_entry(replace(kept, weeks=12), Actor.COMMAND, LATER)
        assert store.plan() == (changed,)

    def test_what_is_not_in_the_plan_can_be_neither_changed_nor_removed(self, store):
        with pytest.raises(UnknownEntryError, match="no entry 3"):
            store.change_entry(replace(an_entry(), id=3), CAREGIVER, NOW)
        with pytest.raises(UnknownEntryError, match="no entry 3"):
            store.remove_entry(3, CAREGIVER, NOW)
        assert store.audit() == ()

    def test_a_removed_entry_leaves_its_history_and_its_number_to_nobody(self, store):
        kept = store.add_entry(an_entry(), CAREGIVER, NOW)
        session = store.begin_session(a_session(entry=kept.id))
        row = a_row(entry=kept.id, state=OccurrenceState.DONE, session=session)
        store.write_ledger([row], NOW)

        assert store.remove_entry(kept.id, CAREGIVER, LATER) == kept
        assert store.plan() == ()
        assert store.sessions()[0].entry == kept.id
        assert store.ledger(TODAY, TODAY) == (row,)
        assert store.add_entry(an_entry(), CAREGIVER, LATER).id != kept.id

    def test_who_changed_the_plan_and_when_is_in_the_audit(self, store):
        monday = frozenset({Weekday.MON})
        kept = store.add_entry(an_entry(), CAREGIVER, NOW)
        changed = store.change_entry(replace(kept, days=monday, paused=True), CAREGIVER, LATER)
        store.remove_entry(changed.id, Actor.COMMAND, LATER)
        before = "low-back-start (every day at 08:00, 18:30, from 2026-03-01 for 8 weeks)"
        after = "low-back-start (Mon at 08:00, 18:30, from 2026-03-01 for 8 weeks, paused)"
        assert what_was_noted(store) == [
            (CAREGIVER, NOW, f"Plan: added entry {kept.id}, {before}."),
            (CAREGIVER, LATER, f"Plan: changed entry {kept.id} from {before} to {after}."),
            (Actor.COMMAND, LATER, f"Plan: removed entry {kept.id}, {after}."),
        ]


class TestPuttingAnEntryBack:
    def test_it_comes_back_under_its_own_number_and_counts_from_now(self, store):
        gone = store.remove_entry(store.add_entry(an_entry(), CAREGIVER, NOW).id, CAREGIVER, NOW)
        kept = store.restore_entry(gone, CAREGIVER, LATER)
        assert kept == replace(gone, since=LATER, version=gone.version + 1)
        assert store.plan() == (kept,)
        described = f"low-back-start (every day at 08:00, 18:30, from {kept.starts} for 8 weeks)"
        assert what_was_noted(store)[-1] == (
            CAREGIVER,
            LATER,
            f"Plan: put entry {gone.id} back, {described}.",
        )

    def test_an_entry_that_is_there_stays_as_it_is(self, store):
        kept = store.add_entry(an_entry(), CAREGIVER, NOW)
        with pytest.raises(ConflictError, match=f"Entry {kept.id} is in the plan"):
            store.restore_entry(replace(kept, weeks=2), CAREGIVER, LATER)
        assert store.plan() == (kept,)

    @pytest.mark.parametrize("number", [0, -1, 2])
    def test_a_number_that_was_never_given_is_none(self, store, number):
        store.add_entry(an_entry(), CAREGIVER, NOW)
        with pytest.raises(UnknownEntryError, match="never had an entry"):
            store.restore_entry(replace(an_entry(), id=number), CAREGIVER, LATER)

    def test_into_an_empty_plan(self, store):
        with pytest.raises(UnknownEntryError):
            store.restore_entry(replace(an_entry(), id=1), CAREGIVER, NOW)

    def test_later_entries_get_later_numbers(self, store):
        gone = store.remove_entry(store.add_entry(an_entry(), CAREGIVER, NOW).id, CAREGIVER, NOW)
        store.restore_entry(gone, CAREGIVER, NOW)
        assert store.add_entry(an_entry(), CAREGIVER, NOW).id == gone.id + 1


class TestLedger:
    def test_rows_come_back_in_the_order_in_which_they_are_due(self, store):
        session = store.begin_session(a_session())
        evening = a_row(at=time(18), reminders=2, put_off_to=LATER)
        morning = a_row(at=time(8), state=OccurrenceState.DONE, session=session)
        other_entry = a_row(at=time(8), entry=2, state=OccurrenceState.MISSED)
        store.write_ledger([evening, other_entry, morning], settled_until=NOW)
        assert store.ledger(TODAY, TODAY) == (morning, other_entry, evening)
        assert store.settled_until() == NOW

    def test_a_ledger_of_some_days(self, store):
        rows = [a_row(TODAY + n * DAY) for n in range(4)]
        store.write_ledger(rows, NOW)
        assert store.ledger(TODAY + DAY, TODAY + 2 * DAY) == tuple(rows[1:3])
        assert store.ledger(TODAY + 2 * DAY, TODAY + DAY) == ()

    def test_a_row_takes_the_place_of_the_one_with_its_key(self, store):
        store.write_ledger([a_row()], NOW)
        missed = a_row(state=OccurrenceState.MISSED, reminders=3)
        store.write_ledger([missed], LATER)
        assert store.ledger(TODAY, TODAY) == (missed,)
        assert store.settled_until() == LATER

    def test_rows_are_forgotten_by_key_before_others_are_written(self, store):
        gone, stays = a_row(at=time(8)), a_row(at=time(9))
        store.write_ledger([gone, stays], NOW)
        store.write_ledger([], NOW, forget=[gone.occurrence.key, (9, TODAY, time(1))])
        assert store.ledger(TODAY, TODAY) == (stays,)
        store.write_ledger([stays], NOW, forget=[stays.occurrence.key])
        assert store.ledger(TODAY, TODAY) == (stays,)

    def test_settling_may_go_back_with_the_clock(self, store):
        store.write_ledger([], LATER)
        store.write_ledger([], NOW)
        assert store.settled_until() == NOW

    def test_a_due_time_keeps_its_offset_but_not_the_rules_of_its_zone(self, store):
        oslo = ZoneInfo("Europe/Oslo")
        second_half_past_two = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=oslo)
        store.write_ledger([a_row(due=second_half_past_two)], NOW)
        (row,) = store.ledger(TODAY, TODAY)
        an_hour_east = timezone(timedelta(hours=1))
        assert row.occurrence.due.tzinfo == an_hour_east
        assert row.occurrence.due == datetime(2026, 10, 25, 2, 30, tzinfo=an_hour_east)

    @pytest.mark.parametrize(
        "impossible", [a_row(at=time(9), state=OccurrenceState.COMING), a_row(session=12)]
    )
    def test_all_of_it_is_kept_or_nothing(self, store, impossible):
        store.write_ledger([a_row()], NOW)
        with pytest.raises(StoreError):
            store.write_ledger(
                [a_row(at=time(10)), impossible], LATER, forget=[a_row().occurrence.key]
            )
        assert store.ledger(TODAY, TODAY) == (a_row(),)
        assert store.settled_until() == NOW

    def test_a_row_outlives_the_session_that_was_taken_back(self, store):
        session = store.begin_session(a_session())
        store.write_ledger([a_row(session=session)], NOW)
        store.drop_session(session)
        assert store.ledger(TODAY, TODAY) == (a_row(session=None),)


class TestDosesAndSettings:
    def test_doses_are_kept_by_program_and_exercise(self, store):
        bridge = Dose("low-back-start", "glute-bridge", sets=2, reps=10, hold=4500)
        squat = Dose("low-back-start", "chair-squat", reps=6)
        hip = Dose("hip-stretching", "piriformis", hold=30_000)
        for dose in (bridge, squat, hip):
            store.set_dose(dose, CAREGIVER, NOW)
        assert store.doses() == (hip, squat, bridge)
        assert store.doses("low-back-start") == (squat, bridge)
        assert store.doses("walk") == ()

    def test_a_dose_without_values_takes_the_change_back(self, store):
        bridge = Dose("low-back-start", "glute-bridge", sets=2, reps=10, hold=4500)
        store.set_dose(bridge, CAREGIVER, NOW)
        store.set_dose(Dose("low-back-start", "glute-bridge"), Actor.KIOSK, LATER)
        assert store.doses() == ()
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
        store.keep_settings({"rate": "160"}, CAREGIVER, NOW)
        store.keep_settings({"grace": "45"}, CAREGIVER, NOW)
        store.keep_settings({"rate": "170"}, CAREGIVER, LATER)
        assert list(store.kept_settings().items()) == [("grace", "45"), ("rate", "170")]

    def test_a_setting_can_be_taken_back(self, store):
        store.keep_settings({"rate": ""}, CAREGIVER, NOW)
        assert store.kept_settings() == {"rate": ""}
        store.keep_settings({"rate": None}, CAREGIVER, LATER)
        assert store.kept_settings() == {}
        assert what_was_noted(store) == [
            (CAREGIVER, NOW, "Setting rate: ''."),
            (CAREGIVER, LATER, "Setting rate: taken back."),
        ]

    def test_several_settings_change_together(self, store):
        store.keep_settings({"rate": "160"}, CAREGIVER, NOW)
        before = store.change_count()
        wanted = {"quiet_from": "21:30", "quiet_to": "07:00", "rate": None, "volume": None}
        store.keep_settings(wanted, CAREGIVER, LATER)
        assert store.kept_settings() == {"quiet_from": "21:30", "quiet_to": "07:00"}
        assert store.change_count() != before
        assert what_was_noted(store)[1:] == [
            (CAREGIVER, LATER, "Setting quiet_from: '21:30'."),
            (CAREGIVER, LATER, "Setting quiet_to: '07:00'."),
            (CAREGIVER, LATER, "Setting rate: taken back."),
        ]

    def test_what_changes_nothing_leaves_no_line(self, store):
        dose = Dose("low-back-start", "glute-bridge", reps=10)
        store.set_dose(dose, CAREGIVER, NOW)
        store.keep_settings({"rate": "160"}, CAREGIVER, NOW)
        noted = store.audit()
        store.set_dose(dose, CAREGIVER, LATER)
        store.set_dose(Dose("low-back-start", "chair-squat"), CAREGIVER, LATER)
        store.keep_settings({"rate": "160"}, CAREGIVER, LATER)
        store.keep_settings({"grace": None}, CAREGIVER, LATER)
        assert store.audit() == noted


class TestAStep:
    """To another level: all that goes with it is kept, or nothing."""

    def test_doses_entries_and_settings_change_together(self, store):
        entry = store.add_entry(an_entry(), CAREGIVER, NOW)
        dose = Dose("low-back-start", "glute-bridge", reps=10)
        changed = store.change_level(
            CAREGIVER,
            LATER,
            "A step up.",
            doses=[dose, Dose("low-back-start", "chair-squat")],
            entries=[replace(entry, program="low-back-next")],
            settings={"default_program": "low-back-next", "rate": None},
        )
        assert changed == store.plan()
        assert changed == (replace(entry, program="low-back-next", since=LATER, version=2),)
        assert store.doses() == (dose,)
        assert store.kept_settings() == {"default_program": "low-back-next"}
        noted = what_was_noted(store)[1:]
        assert {(actor, at) for actor, at, _ in noted} == {(CAREGIVER, LATER)}
        assert [what.split()[0] for *_, what in noted] == ["A", "Dose", "Plan:", "Setting"]
        assert noted[0][2] == "A step up."

    @pytest.mark.parametrize(
        ("spoilt", "error"),
        [({"version": 7}, ConflictError), ({"id": 99}, UnknownEntryError)],
    )
    def test_all_of_it_is_kept_or_nothing(self, store, spoilt, error):
        entries = [store.add_entry(an_entry(), CAREGIVER, NOW) for _ in range(2)]
        kept, count = everything(store), store.change_count()
        with pytest.raises(error):
            store.change_level(
                CAREGIVER,
                LATER,
                "A step up.",
                [Dose("low-back-start", "glute-bridge", reps=10)],
                [replace(entries[0], program="b"), replace(entries[1], program="b", **spoilt)],
                {"default_program": "b"},
            )
        assert everything(store) == kept
        assert store.change_count() == count

    def test_doses_alone_leave_their_own_lines_only(self, store):
        doses = [Dose("low-back-start", name, reps=10) for name in ("glute-bridge", "squat")]
        assert store.change_level(CAREGIVER, NOW, doses=doses) == ()
        assert store.doses() == tuple(doses)
        assert len(store.audit()) == 2


class TestAudit:
    def test_the_newest_lines_oldest_first(self, store):
        for number in range(5):
            store.note(a_line(f"Line {number}."))
        assert [entry.what for entry in store.audit(newest=2)] == ["Line 3.", "Line 4."]
        assert store.audit(newest=0) == ()
        assert len(store.audit()) == 5

    def test_any_text_survives(self, store):
        entry = AuditEntry(
            NOW, Actor.COMMAND, "Añadió «caminar» 🚶\n'; DROP TABLE audit; -- \0 end"
        )
        store.note(entry)
        assert store.audit() == (entry,)


class TestChangeCount:
    def test_it_differs_after_every_change_and_stands_still_otherwise(self, store):
        changes = [
            lambda: store.begin_session(a_session()),
            lambda: store.end_session(1, LATER, Ending.STOPPED, SPOT, []),
            lambda: store.note_effort(1, Effort.USUAL),
            lambda: store.drop_session(1),
            lambda: store.add_entry(an_entry(), CAREGIVER, NOW),
            lambda: store.change_entry(store.plan()[0], CAREGIVER, NOW),
            lambda: store.remove_entry(1, CAREGIVER, NOW),
            lambda: store.write_ledger([a_row()], NOW),
            lambda: store.set_dose(Dose("low-back-start", "bridge", reps=9), CAREGIVER, NOW),
            lambda: store.keep_settings({"rate": "160"}, CAREGIVER, NOW),
            lambda: store.change_level(CAREGIVER, NOW, settings={"rate": "170"}),
            lambda: store.note(a_line()),
            lambda: store.keep_door_secret("calendar", "abc"),
            lambda: store.add_visitor(a_visitor(), a_line()),
            lambda: store.note_failure(["192.168.1.20"]),
        ]
        seen = [store.change_count()]
        for change in changes:
            change()
            seen.append(store.change_count())
            everything(store)
            assert store.change_count() == seen[-1]
        assert len(set(seen)) == len(seen)

    def test_how_far_a_session_has_got_does_not_count(self, store):
        session = store.begin_session(a_session())
        before = store.change_count()
        store.note_progress(session, SPOT, [done(1)])
        assert store.change_count() == before
        (kept,) = store.sessions()
        assert kept.stopped_at == SPOT
