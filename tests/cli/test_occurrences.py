"""`kiosk plan occurrences`: what is due when, and what became of it."""

import json
from datetime import date, time, timedelta

import pytest

from kiosk.schedule.model import OccurrenceState
from tests.cli.kit import Kiosk, Told, lines
from tests.schedule.past import ledger_row

FRIDAY = date(2026, 3, 27)
"""Today; the clocks go forward on the Sunday after it."""

DAY = timedelta(days=1)


@pytest.fixture
def planned(kiosk: Kiosk) -> Kiosk:
    """A kiosk on whose first evening, a Thursday, a plan was made; it was on since."""
    kiosk.clock.advance(-timedelta(hours=16))
    kiosk("plan", "add", "low-back-start", "--times", "08:00,11:30,18:00", "--weeks", "4")
    kiosk("plan", "add", "walk", "--days", "sun", "--times", "02:30")
    kiosk.clock.advance(timedelta(hours=16))
    kiosk.settle(
        ledger_row(FRIDAY, time(8), OccurrenceState.DONE),
        ledger_row(FRIDAY, time(11, 30), OccurrenceState.DUE),
    )
    return kiosk


def test_the_week_from_today_on(planned: Kiosk):
    assert planned("plan", "occurrences", "--to", "2026-03-29") == Told(
        0,
        lines(
            "DAY              TIME   ENTRY  PROGRAM         STATE",
            "Fri  2026-03-27  08:00  1      low-back-start  done",
            "Fri  2026-03-27  11:30  1      low-back-start  due",
            "Fri  2026-03-27  18:00  1      low-back-start  coming",
            "Sat  2026-03-28  08:00  1      low-back-start  coming",
            "Sat  2026-03-28  11:30  1      low-back-start  coming",
            "Sat  2026-03-28  18:00  1      low-back-start  coming",
            "Sun  2026-03-29  03:00  2      walk            coming",
            "Sun  2026-03-29  08:00  1      low-back-start  coming",
            "Sun  2026-03-29  11:30  1      low-back-start  coming",
            "Sun  2026-03-29  18:00  1      low-back-start  coming",
        ),
    )
    days = {one["local_date"] for one in json.loads(planned("plan", "occurrences", "--json").out)}
    assert (min(days), max(days)) == ("2026-03-27", "2026-04-02")


def test_a_time_before_the_entry_was_added_is_past(planned: Kiosk):
    told = planned("plan", "occurrences", "--from", "2026-03-26", "--to", "2026-03-26")

    assert [line.split()[2:] for line in told.out.splitlines()[1:]] == [
        [time, "1", "low-back-start", "past"] for time in ("08:00", "11:30", "18:00")
    ]


def test_as_json_with_the_offset_of_the_day(planned: Kiosk):
    told = planned("plan", "occurrences", "--from", "2026-03-28", "--to", "2026-03-29", "--json")

    found = json.loads(told.out)
    assert found[3] == {
        "entry": 2,
        "program": "walk",
        "local_date": "2026-03-29",
        "due": "2026-03-29T03:00:00+02:00",
        "state": "coming",
    }
    assert (found[2]["due"], len(found)) == ("2026-03-28T18:00:00+01:00", 7)


def test_what_the_kiosk_has_slept_through_is_told_as_it_will_see_it(planned: Kiosk):
    """Nothing is written by that: only the kiosk keeps its ledger."""
    before = planned.store.change_count()
    planned.clock.advance(timedelta(hours=20, minutes=10))

    told = planned("plan", "occurrences", "--from", "2026-03-27", "--to", "2026-03-28")

    states = [line.split()[-1] for line in told.out.splitlines()[1:]]
    assert states == ["done", "missed", "missed", "due", "coming", "coming"]
    assert planned.store.change_count() == before


def test_a_clock_that_is_not_set_changes_nothing(planned: Kiosk):
    planned.clock.advance(timedelta(hours=20, minutes=10))
    planned.clock.believe(trusted=False)

    told = planned("plan", "occurrences", "--from", "2026-03-27", "--to", "2026-03-27")

    assert [line.split()[-1] for line in told.out.splitlines()[1:]] == ["done", "due"]


def test_a_pause_leaves_nothing_to_come(planned: Kiosk):
    planned("plan", "pause", "1")

    assert planned("plan", "occurrences", "--from", "2026-03-30") == Told(
        0,
        lines(
            "DAY              TIME   ENTRY  PROGRAM  STATE",
            "Sun  2026-04-05  02:30  2      walk     coming",
        ),
    )


def test_days_without_a_plan(kiosk: Kiosk):
    assert kiosk("plan", "occurrences") == Told(
        0, "Nothing is planned from 2026-03-27 to 2026-04-02.\n"
    )
    assert kiosk("plan", "occurrences", "--json") == Told(0, "[]\n")


OUT_OF_REACH = "is out of reach; expected 2000 to 2100."


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (
            *("27.3.2026", "2026-02-29"),
            [
                "--from: Expected a date as year-month-day, such as 2026-07-01, not '27.3.2026'.",
                "--to: There is no 2026-02-29 in the calendar.",
            ],
        ),
        (
            *("2026-04-01", "2026-03-31"),
            ["--to: The last day, 2026-03-31, comes before the first, 2026-04-01."],
        ),
        (
            *("2026-01-01", "2027-02-05"),
            ["--to: From 2026-01-01 to 2027-02-05 are 401 days; at most 400 are possible."],
        ),
        (
            *("1999-12-31", "9999-12-31"),
            [f"--from: The year 1999 {OUT_OF_REACH}", f"--to: The year 9999 {OUT_OF_REACH}"],
        ),
    ],
)
def test_days_that_cannot_be(kiosk: Kiosk, first: str, last: str, told: list[str]):
    command = ("plan", "occurrences", "--from", first, "--to", last)
    assert kiosk(*command) == Told(1, "", lines(*told))


def test_four_hundred_days_can_be(kiosk: Kiosk):
    kiosk("plan", "add", "walk", "--times", "11:00", "--starts", "2027-01-01")

    told = kiosk("plan", "occurrences", "--from", "2027-01-01", "--to", "2028-02-04", "--json")

    assert len(json.loads(told.out)) == 400
