"""The plan as the pages change it, undo included; plan, ledger and sessions as of one moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest

from kiosk.errors import ConflictError, PlanError, StoreError, UnknownEntryError
from kiosk.history.audit import Actor
from kiosk.schedule.checks import MOST_ENTRIES
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState, PlanEntry
from kiosk.schedule.occurrences import state_of
from kiosk.schedule.progress import progress_of
from kiosk.schedule.scheduler import Scheduler
from kiosk.schedule.service import CHANGES_KEPT, ScheduleService, checked_entry
from kiosk.session.events import Event, PlanStatusChanged
from tests.builders import at_once
from tests.fakes.wall_clock import FakeWallClock
from tests.schedule.past import FRIDAY, NOON, OSLO, Past

WALKS = {"program": "walk", "times": "11:00,18:00", "starts": "2026-03-27", "weeks": "1"}

BACK = {"program": "low-back-start", "days": "mon,fri", "times": "08:00", "starts": "2026-03-30"}


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def plan(past) -> ScheduleService:
    return ScheduleService(past.store, past.clock.utc)


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
    def test_each_kind_of_change(self, past, plan, walks, back):
        assert plan.undo(plan.add(walks).undo) is None
        assert past.snapshot().plan == ()

        before = plan.add(walks).entry
        changed = plan.change(replace(before, times=(time(9),), paused=True), before)
        again = plan.undo(changed.undo)
        assert typed(again) == typed(before)
        assert past.snapshot().plan == (again,)
        assert again.version == 3

        plan.add(back)
        removed = plan.remove(again.id, again.version)
        assert removed.entry == again
        assert [entry.program for entry in past.snapshot().plan] == [back.program]
        once_more = plan.undo(removed.undo)
        assert typed(once_more) == typed(before), "under its number"
        assert once_more == past.snapshot().entry(before.id)

    def test_only_once(self, plan, walks):
        saved = plan.add(walks)
        plan.undo(saved.undo)

        with pytest.raises(ConflictError, match=r"^plan\.undo-over"):
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

        with pytest.raises(ConflictError, match=r"^plan\.entry-gone"):
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


# Snapshots


def moments(occurrences) -> list[str]:
    return [f"{one.due:%d. %H:%M %z}" for one in occurrences]


def test_its_time_is_that_of_the_kiosk_s_zone():
    past = Past()

    snapshot = past.snapshot()
    assert (f"{snapshot.local_now:%d.%m. %H:%M %z}", snapshot.today) == (
        "27.03. 12:00 +0100",
        FRIDAY,
    )
    assert snapshot.trusted
    assert not Past(clock=FakeWallClock(NOON, trusted=False)).snapshot().trusted


def test_an_entry_is_found_by_its_number():
    past = Past()
    entry = past.planned()

    assert past.snapshot().entry(1) == entry
    with pytest.raises(UnknownEntryError, match=r"^plan\.no-entry \(number=2\)$"):
        past.snapshot().entry(2)


def test_the_next_times_of_an_entry_in_the_plan_or_not():
    past = Past()
    entry = replace(past.planned("walk", "11:00", "18:00", starts=FRIDAY, weeks=1), id=0)
    snapshot = past.snapshot()

    # On the Sunday, the 29th, the clocks go forward.
    assert moments(snapshot.next_times(entry, 4)) == [
        "27. 18:00 +0100",
        "28. 11:00 +0100",
        "28. 18:00 +0100",
        "29. 11:00 +0200",
    ]
    assert len(snapshot.next_times(entry, 100)) == 13
    assert snapshot.next_times(replace(entry, paused=True), 4) == ()


def test_occurrences_come_with_their_states():
    past = Past()
    entry = past.planned("walk", "11:00", "18:00")
    past.store.plan.change(entry, Actor.PAGE, NOON - timedelta(days=1))
    walked = Occurrence(1, "walk", FRIDAY, time(11), datetime(2026, 3, 27, 10, tzinfo=UTC))
    past.store.ledger.write([LedgerRow(walked, OccurrenceState.DONE)], NOON)

    found = past.snapshot().occurrences_between(date(2026, 3, 26), date(2026, 3, 28))

    assert [f"{one.occurrence.due:%d. %H} {one.state}" for one in found] == [
        *("26. 11 past", "26. 18 past", "27. 10 done"),
        *("27. 18 coming", "28. 11 coming", "28. 18 coming"),
    ]


def test_a_plan_changed_by_a_clock_that_was_ahead_goes_on_this_evening():
    """For every evening; changed while the clock showed next month."""
    past = Past()
    ahead = past.clock.utc() + timedelta(days=30)
    evenings = past.planned("low-back-start", "18:00")
    past.store.plan.change(replace(evenings, weeks=8), Actor.PAGE, ahead)
    snapshot = past.snapshot()
    events: list[Event] = []
    Scheduler(past.store, past.clock, OSLO, snapshot.rules, events.append).check()
    (changed,) = [event for event in events if isinstance(event, PlanStatusChanged)]

    for_progress, for_scheduler = progress_of(snapshot).next, changed.status.next
    assert moments([for_progress, for_scheduler]) == ["27. 18:00 +0100"] * 2
    for_entry = snapshot.next_times(snapshot.entry(1), 2)
    assert moments(for_entry) == ["27. 18:00 +0100", "28. 18:00 +0100"]


def test_everything_in_it_is_of_one_moment():
    past = Past()
    entry = past.planned(starts=date(2026, 3, 26))
    past.became(entry, date(2026, 3, 26), OccurrenceState.DONE)
    snapshot = past.snapshot()
    before = snapshot.rows_between(FRIDAY - timedelta(days=7), FRIDAY)
    assert snapshot.sessions(date(2026, 3, 26), FRIDAY) == ()

    past.became(entry, FRIDAY, OccurrenceState.DONE)
    past.did()
    past.clock.advance(timedelta(hours=18))

    later = past.snapshot()
    assert (snapshot.today, later.today) == (FRIDAY, FRIDAY + timedelta(days=1))
    assert snapshot.rows_between(FRIDAY - timedelta(days=7), FRIDAY) == before
    assert snapshot.sessions(date(2026, 3, 26), FRIDAY) == ()
    assert len(later.sessions(date(2026, 3, 26), FRIDAY)) == 1
    assert (progress_of(snapshot).run, progress_of(later).run) == (1, 2)
