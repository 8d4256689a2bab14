"""The plan as the pages change it: entries checked, stored, and changes taken back."""

from dataclasses import replace
from datetime import date, time
from functools import partial

import pytest

from kiosk.errors import ConflictError, PlanError, StoreError
from kiosk.history.audit import Actor
from kiosk.schedule.checks import MOST_ENTRIES
from kiosk.schedule.model import PlanEntry
from kiosk.schedule.occurrences import state_of
from kiosk.schedule.service import CHANGES_KEPT, ScheduleService, checked_entry
from tests.builders import at_once
from tests.fakes.wall_clock import FakeWallClock
from tests.schedule.past import NOON, Past

WALKS = {"program": "walk", "times": "11:00,18:00", "starts": "2026-03-27", "weeks": "1"}

BACK = {"program": "low-back-start", "days": "mon,fri", "times": "08:00", "starts": "2026-03-30"}


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def plan(past) -> ScheduleService:
    return ScheduleService(past.snapshots)


@pytest.fixture
def walks(past) -> PlanEntry:
    """An entry that is not stored yet."""
    return checked_entry(past.snapshot(), WALKS)


@pytest.fixture
def back(past) -> PlanEntry:
    return checked_entry(past.snapshot(), BACK)


def typed(entry: PlanEntry | None) -> PlanEntry:
    """What a person sees of an entry: not when and how often it was stored."""
    assert entry is not None
    return replace(entry, since=None, version=0)


class TestChecks:
    def test_what_is_checked_is_not_stored(self, past, plan, back):
        assert past.store.plan.entries() == ()

        stored = plan.add(back).entry

        assert stored == replace(back, id=1, since=NOON, version=1)
        assert past.snapshot().plan == (stored,)
        assert past.snapshot().entry(1) == stored
        assert past.store.audit.newest()[-1].actor is Actor.PAGE

    def test_a_clock_that_is_not_set_cannot_say_which_day_is_the_first(self):
        snapshot = Past(clock=FakeWallClock(NOON, trusted=False)).snapshot()
        undated = {name: text for name, text in WALKS.items() if name != "starts"}

        with pytest.raises(PlanError) as refused:
            checked_entry(snapshot, undated)

        assert [problem.path for problem in refused.value.problems] == ["starts"]
        before = checked_entry(snapshot, WALKS)
        assert before.starts == date(2026, 3, 27)
        assert checked_entry(snapshot, {"weeks": "2"}, before) == replace(before, weeks=2)

    @pytest.mark.parametrize(
        ("today", "state"),
        [
            (date(2026, 3, 26), "to come"),
            (date(2026, 3, 27), "running"),
            (date(2026, 4, 2), "running"),
            (date(2026, 4, 3), "over"),
        ],
    )
    def test_the_state_of_an_entry(self, walks, today, state):
        assert state_of(walks, today) == state
        paused = state_of(replace(walks, paused=True), today)
        assert paused == ("over" if state == "over" else "paused")


class TestChanges:
    def test_of_many_at_once_one_wins(self, past, plan, walks):
        seen = plan.add(walks).entry

        outcomes = at_once(
            *(partial(plan.change, replace(seen, weeks=weeks), seen) for weeks in range(2, 10))
        )

        (winner,) = (one.entry for one in outcomes if not isinstance(one, ConflictError))
        assert (winner, winner.version) == (past.snapshot().entry(1), 2)


class TestUndo:
    def test_an_added_entry(self, past, plan, walks):
        assert plan.undo(plan.add(walks).undo) is None
        assert past.snapshot().plan == ()

    def test_a_change(self, past, plan, walks):
        before = plan.add(walks).entry
        saved = plan.change(replace(before, times=(time(9),), paused=True), before)

        again = plan.undo(saved.undo)

        assert typed(again) == typed(before)
        assert past.snapshot().entry(1) == again
        assert past.snapshot().entry(1).version == 3

    def test_a_removed_entry_comes_back_under_its_number(self, past, plan, walks, back):
        plan.add(back)
        before = plan.add(walks).entry
        removed = plan.remove(2, before.version)
        assert removed.entry == before
        assert [entry.id for entry in past.snapshot().plan] == [1]

        again = plan.undo(removed.undo)

        assert again == past.snapshot().entry(2)
        assert typed(again) == typed(before)

    def test_only_once(self, plan, walks):
        saved = plan.add(walks)
        plan.undo(saved.undo)

        with pytest.raises(ConflictError, match=r"^This cannot be taken back any more"):
            plan.undo(saved.undo)
        with pytest.raises(ConflictError):
            plan.undo("")

    def test_nothing_that_came_later_is_undone_with_it(self, past, plan, walks):
        added = plan.add(walks)
        changed = plan.change(replace(added.entry, weeks=2), added.entry)
        latest = plan.change(replace(changed.entry, weeks=3), changed.entry).entry

        for earlier in (added, changed):
            with pytest.raises(ConflictError):
                plan.undo(earlier.undo)

        assert past.snapshot().plan == (latest,)

    def test_a_change_of_what_is_gone_by_now_is_not_undone(self, plan, walks):
        added = plan.add(walks)
        changed = plan.change(replace(added.entry, weeks=2), added.entry)
        removed = plan.remove(1, changed.entry.version)

        gone = r"^Somebody has taken this entry out of the plan since"
        with pytest.raises(ConflictError, match=gone):
            plan.undo(changed.undo)
        plan.undo(removed.undo)
        with pytest.raises(ConflictError):
            plan.undo(changed.undo)

    def test_what_the_disk_did_not_let_be_undone_can_be_tried_again(self, past, plan, walks):
        saved = plan.add(walks)
        past.store.disk.broken = StoreError("The disk is full.")
        with pytest.raises(StoreError):
            plan.undo(saved.undo)
        past.store.disk.broken = None

        assert plan.undo(saved.undo) is None
        assert past.snapshot().plan == ()

    def test_only_the_latest_changes(self, plan, walks, back):
        first, second, third = plan.add(walks), plan.add(back), plan.add(back).entry
        for _ in range(CHANGES_KEPT - 2):
            third = plan.change(replace(third, paused=not third.paused), third).entry

        with pytest.raises(ConflictError):
            plan.undo(first.undo)
        assert plan.undo(second.undo) is None


class TestAFullPlan:
    @pytest.fixture
    def last(self, plan, back) -> PlanEntry:
        return [plan.add(back).entry for _ in range(MOST_ENTRIES)][-1]

    def test_it_takes_no_more_until_something_is_taken_out(self, past, plan, back, last):
        for refused in (lambda: checked_entry(past.snapshot(), BACK), lambda: plan.add(back)):
            with pytest.raises(PlanError, match=r"plan\.full"):
                refused()
        changed = checked_entry(past.snapshot(), {"times": "09:00"}, last)
        assert plan.change(changed, last).entry.times == (time(9),)

        plan.remove(last.id, 2)

        plan.add(checked_entry(past.snapshot(), BACK))
        assert len(past.snapshot().plan) == MOST_ENTRIES == 50

    def test_what_was_removed_does_not_come_back_into_it(self, plan, walks, last):
        undo = plan.remove(last.id, last.version).undo
        plan.add(walks)

        with pytest.raises(PlanError, match=r"plan\.full"):
            plan.undo(undo)
        plan.remove(1, 1)
        again = plan.undo(undo)
        assert again is not None
        assert again.id == last.id
