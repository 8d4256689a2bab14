"""Plan, ledger and sessions as of one moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from kiosk.errors import UnknownEntryError
from kiosk.history.audit import Actor
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState
from kiosk.schedule.progress import progress_of
from kiosk.schedule.scheduler import Scheduler
from kiosk.session.events import Event, PlanStatusChanged
from tests.fakes.wall_clock import FakeWallClock
from tests.schedule.past import FRIDAY, NOON, OSLO, Past


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
    with pytest.raises(UnknownEntryError, match=r"^The plan has no entry 2\.$"):
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

    assert [(f"{one.occurrence.due:%d. %H}", one.state) for one in found] == [
        ("26. 11", "past"),
        ("26. 18", "past"),
        ("27. 10", "done"),
        ("27. 18", "coming"),
        ("28. 11", "coming"),
        ("28. 18", "coming"),
    ]


class TestAPlanChangedByAClockThatWasAhead:
    """For every evening; changed while the clock showed next month."""

    @pytest.fixture
    def past(self) -> Past:
        past = Past()
        ahead = past.clock.utc() + timedelta(days=30)
        past.store.plan.change(
            replace(past.planned("low-back-start", "18:00"), weeks=8), Actor.PAGE, ahead
        )
        return past

    def test_this_evening_is_next_for_the_progress(self, past: Past):
        found = progress_of(past.snapshot()).next
        assert found is not None
        assert moments([found]) == ["27. 18:00 +0100"]

    def test_and_for_the_entry(self, past: Past):
        snapshot = past.snapshot()
        coming = snapshot.next_times(snapshot.entry(1), 2)
        assert moments(coming) == ["27. 18:00 +0100", "28. 18:00 +0100"]

    def test_and_for_the_scheduler(self, past: Past):
        events: list[Event] = []
        rules = past.snapshot().rules
        Scheduler(past.store, past.clock, OSLO, rules, events.append).check()
        (changed,) = [event for event in events if isinstance(event, PlanStatusChanged)]
        assert changed.status.next is not None
        assert moments([changed.status.next]) == ["27. 18:00 +0100"]


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
