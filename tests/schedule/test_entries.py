"""Entries of the plan before they are kept, and the words for where they stand."""

from dataclasses import replace
from datetime import date

import pytest

from kiosk.errors import PlanError, UnknownEntryError
from kiosk.schedule.service import checked_entry, find_entry, next_times, state_of
from tests.cli.kit import NOON, Kiosk
from tests.fakes.wall_clock import FakeWallClock

NEW = {"program": "walk", "times": "11:00,18:00", "starts": "2026-03-27", "weeks": "1"}


def test_the_next_occurrences_of_an_entry_that_is_not_kept(kiosk: Kiosk):
    view = kiosk.opened().view
    entry = checked_entry(view, NEW)

    due = [f"{coming.due:%d. %H:%M %z}" for coming in next_times(view, entry, 4)]

    # On the Sunday, the 29th, the clocks go forward.
    assert due == ["27. 18:00 +0100", "28. 11:00 +0100", "28. 18:00 +0100", "29. 11:00 +0200"]
    assert len(next_times(view, entry, 100)) == 13
    assert next_times(view, replace(entry, paused=True), 4) == ()
    assert kiosk.store.plan.entries() == ()


def test_a_clock_that_is_not_set_cannot_say_which_day_is_the_first(kiosk: Kiosk):
    kiosk.clock = FakeWallClock(NOON, trusted=False)
    view = kiosk.opened().view
    undated = {name: text for name, text in NEW.items() if name != "starts"}

    with pytest.raises(PlanError) as refused:
        checked_entry(view, undated)

    assert [problem.path for problem in refused.value.problems] == ["starts"]
    assert checked_entry(view, NEW).starts == date(2026, 3, 27)
    before = checked_entry(view, NEW)
    assert checked_entry(view, {"weeks": "2"}, before) == replace(before, weeks=2)


def test_an_entry_is_found_by_its_number(kiosk: Kiosk):
    kiosk("plan", "add", "walk", "--times", "11:00")
    view = kiosk.opened().view

    assert find_entry(view, 1) == kiosk.store.plan.entries()[0]
    with pytest.raises(UnknownEntryError, match=r"^The plan has no entry 2\.$"):
        find_entry(view, 2)


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 3, 26), "to come"),
        (date(2026, 3, 27), "running"),
        (date(2026, 4, 2), "running"),
        (date(2026, 4, 3), "over"),
    ],
)
def test_where_an_entry_stands(kiosk: Kiosk, today: date, state: str):
    entry = checked_entry(kiosk.opened().view, NEW)

    assert state_of(entry, today) == state
    paused = state_of(replace(entry, paused=True), today)
    assert paused == ("over" if state == "over" else "paused")
