"""What was done, as of a snapshot: progress, tallies, sessions, CSV and changes."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

import pytest

from kiosk.errors import StoreError
from kiosk.history.adherence import Tally, by_day, by_week, course_share, current_run, listed, today
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.history.model import Ending, SessionRecord
from kiosk.history.service import (
    COLUMNS,
    changes,
    day_tallies,
    defused,
    last_session,
    losses,
    session_under_way,
    sessions_csv,
    sessions_of_days,
)
from kiosk.schedule.ledger import done
from kiosk.schedule.model import LedgerRow, OccurrenceState
from kiosk.schedule.occurrences import occurrences
from kiosk.schedule.progress import progress_of
from tests.audit_log import text_entry, text_of
from tests.schedule.past import FRIDAY, HOUR, NOON, OSLO, Past
from tests.schedule.plans import BERLIN, NEW_YORK, an_entry, at, day

DONE, MISSED = OccurrenceState.DONE, OccurrenceState.MISSED
DAY = timedelta(days=1)


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def week(past) -> Past:
    """Twice a day since Monday; on Wednesday the evening was missed, on Thursday one was extra."""
    entry = past.planned("low-back-start", "08:00", "18:00", weeks=1)
    for number in (23, 24, 26):
        past.became(entry, date(2026, 3, number), DONE, DONE)
    past.became(entry, date(2026, 3, 25), DONE, MISSED)
    past.did(ago=15 * HOUR)
    past.became(entry, FRIDAY, DONE, session=past.did(ago=4 * HOUR))
    return past


def counts(tallies):
    return [(t.first.day, t.last.day, t.planned, t.done, t.missed, t.extra) for t in tallies]


class TestProgress:
    def test_today_in_a_row_and_in_the_course(self, week):
        progress = progress_of(week.snapshot())

        assert (len(progress.day.done), len(progress.day.planned)) == (1, 2)
        assert progress.next is not None
        assert f"{progress.next.due:%d. %H:%M}" == "27. 18:00"
        assert progress.run == 1
        ((entry, share),) = progress.courses
        assert (entry.id, share.done, share.missed, share.total) == (1, 8, 1, 14)

    def test_before_the_first_session(self, past):
        progress = progress_of(past.snapshot())

        assert (progress.day.planned, progress.run, progress.courses) == ((), 0, ())
        assert progress.next is None


class TestTallies:
    def test_of_days(self, week):
        days = day_tallies(week.snapshot(), date(2026, 3, 22), date(2026, 3, 28))

        assert counts(days) == [
            (22, 22, 0, 0, 0, 0),
            (23, 23, 2, 2, 0, 0),
            (24, 24, 2, 2, 0, 0),
            (25, 25, 2, 1, 1, 0),
            (26, 26, 2, 2, 0, 1),
            (27, 27, 2, 1, 0, 0),
            (28, 28, 2, 0, 0, 0),
        ]

    def test_a_session_after_midnight_is_the_one_of_the_evening_before(self, past):
        entry = past.planned("low-back-start", "23:30", starts=date(2026, 3, 26))
        session = past.did(ago=11 * HOUR)
        past.became(entry, date(2026, 3, 26), DONE, session=session)

        (today,) = day_tallies(past.snapshot(), FRIDAY, FRIDAY)

        assert past.store.sessions.between()[0].local_date == FRIDAY
        assert today.extra == 0


class TestSessions:
    def test_oldest_first_in_the_time_of_the_kiosks_zone(self, past):
        past.did(ago=DAY)
        past.did(ago=HOUR)

        sessions = sessions_of_days(past.snapshot(), FRIDAY - DAY, FRIDAY)

        assert [f"{s.started:%d. %H:%M %z}" for s in sessions] == [
            "26. 11:54 +0100",
            "27. 10:54 +0100",
        ]
        assert [f"{s.ended:%H:%M %z}" for s in sessions] == ["12:00 +0100", "11:00 +0100"]

    def test_of_some_days_and_the_last_one(self, past):
        for ago in (2, 1, 0):
            past.did(ago=ago * DAY)
        snapshot, yesterday = past.snapshot(), FRIDAY - DAY

        assert [s.id for s in sessions_of_days(snapshot, yesterday, yesterday)] == [2]
        assert [last_session(snapshot).id, last_session(snapshot, yesterday).id] == [3, 2]
        assert last_session(snapshot, FRIDAY - 3 * DAY) is None

    @pytest.mark.parametrize(
        ("ending", "runs", "goes_on"),
        [
            pytest.param(None, True, True, id="it goes on"),
            pytest.param(None, False, False, id="it was cut off"),
            pytest.param(Ending.COMPLETED, True, False, id="it has ended"),
        ],
    )
    def test_one_goes_on_that_has_no_end_while_the_kiosk_runs(self, past, ending, runs, goes_on):
        past.runs = runs
        session = past.did(ending=ending)

        assert session_under_way(past.snapshot()) == (session if goes_on else None)
        (of_today,) = sessions_of_days(past.snapshot(), FRIDAY, FRIDAY)
        assert (of_today.ended is None) == (ending is None)


class TestCsv:
    def test_a_line_for_each_session_of_the_days(self, past):
        past.did(ago=2 * DAY)
        past.did()

        head, row = sessions_csv(past.snapshot(), FRIDAY, FRIDAY).splitlines()

        assert (head, row[:13]) == (",".join(COLUMNS), "2,2026-03-27,")

    @pytest.mark.parametrize(("runs", "ending"), [(False, "interrupted"), (True, "")])
    def test_a_session_without_an_end_was_interrupted_or_goes_on(self, past, runs, ending):
        past.did(ending=None)
        past.runs = runs

        (row,) = csv.DictReader(StringIO(sessions_csv(past.snapshot(), FRIDAY, FRIDAY)))

        assert row["ending"] == ending

    def test_no_cell_begins_a_formula(self, past):
        past.did('=HYPERLINK("http://elsewhere","x")')

        (row,) = csv.DictReader(StringIO(sessions_csv(past.snapshot(), FRIDAY, FRIDAY)))

        assert row["program"] == '\'=HYPERLINK("http://elsewhere","x")'

    @pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
    def test_whatever_it_begins_with(self, begin):
        assert defused({"a": f"{begin}1", "b": -1, "c": None, "d": f"1{begin}"}) == {
            "a": f"'{begin}1",
            "b": -1,
            "c": None,
            "d": f"1{begin}",
        }

    def test_the_head_alone_where_there_is_nothing(self, past):
        assert sessions_csv(past.snapshot(), FRIDAY, FRIDAY) == ",".join(COLUMNS) + "\n"


class TestChanges:
    def test_the_latest_first_in_the_time_of_the_kiosks_zone(self, past):
        for number in range(3):
            past.store.audit.add(text_entry(NOON + number * HOUR, Actor.COMMAND, f"Line {number}."))

        newest = changes(past.snapshot(), 2)

        assert [text_of(entry) for entry in newest] == ["Line 2.", "Line 1."]
        assert newest[0].at.tzinfo is OSLO
        assert f"{newest[0].at:%H:%M}" == "14:00"

    def test_what_was_lost(self, past):
        at = datetime(2026, 1, 1, 7, tzinfo=UTC)
        lost = AuditEntry(at, Actor.KIOSK, Change.DATA_LOST, after={"missing": "kiosk.db"})
        past.store.audit.add(lost)
        past.store.audit.add(text_entry(at, Actor.KIOSK, "Something else."))

        (loss,) = losses(past.snapshot())

        assert loss == lost
        assert f"{loss.at:%d. %H:%M}" == "01. 08:00"


def test_a_store_that_cannot_be_read_is_told(past):
    past.store.disk.broken = StoreError("The disk does not answer.")

    asking = [(ask,) for ask in (progress_of, last_session, session_under_way, changes, losses)]
    asking += [(ask, FRIDAY, FRIDAY) for ask in (day_tallies, sessions_of_days, sessions_csv)]
    for ask, *days in asking:
        with pytest.raises(StoreError):
            ask(past.snapshot(), *days)


# Adherence: by day, by week, in a row, over a course


BACK = an_entry(times="08:00,13:00", starts="2026-06-01", weeks=1)
WALK = an_entry("sat,sun", "17:00", number=2, program="walk", starts="2026-06-01")
PLAN = (BACK, WALK)


def ledger(spelled, plan=PLAN, first="2026-06-01"):
    """Rows of `plan` from `first` on, one for each letter of `spelled`: done, missed, or due.

    A done one has sessions 1, 2, 3… except for walks.
    """
    states = {"m": OccurrenceState.MISSED, "?": OccurrenceState.DUE}
    coming = occurrences(plan, day(first), day("2027-01-01"), BERLIN)
    rows = []
    pairs = zip(spelled.replace(" ", ""), coming, strict=False)
    for number, (letter, occurrence) in enumerate(pairs, 1):
        row = LedgerRow(occurrence, OccurrenceState.DUE)
        session = None if occurrence.program == "walk" else number
        rows.append(done(row, session) if letter == "d" else replace(row, state=states[letter]))
    return tuple(rows)


def a_session(number, on, ending=Ending.COMPLETED):
    return SessionRecord(
        id=number,
        program="low-back-start",
        level=1,
        started=at(f"{on} 08:01"),
        local_date=day(on),
        ended=at(f"{on} 08:07"),
        ending=ending,
        stopped_at=None,
        effort=None,
    )


def listed_on(first, last, now, plan=(BACK,), rows=(), zone=BERLIN):
    return states(listed(plan, rows, day(first), day(last), at(now), zone))


def states(rows):
    return [f"{r.occurrence.local_date:%d} {r.occurrence.local_time:%H:%M} {r.state}" for r in rows]


# What is listed


def test_the_past_comes_from_the_ledger_and_the_future_from_the_plan():
    rows = ledger("dd dd dd dd dd dm")
    assert listed_on("2026-06-06", "2026-06-07", "2026-06-06 14:00", PLAN, rows) == [
        "06 08:00 done",
        "06 13:00 missed",
        "06 17:00 coming",
        "07 08:00 coming",
        "07 13:00 coming",
        "07 17:00 coming",
    ]


def test_an_entry_that_was_removed_stays_in_the_past():
    rows = ledger("dd")
    later = listed([], rows, day("2026-06-01"), day("2026-06-30"), at("2026-06-02 07:00"), BERLIN)
    assert later == rows


def test_an_entry_that_was_added_was_not_planned_in_the_past():
    assert listed_on("2026-06-01", "2026-06-05", "2026-06-06 14:00", PLAN) == []


def test_one_done_before_the_clock_was_put_back_is_not_to_come_again():
    found = listed_on("2026-06-01", "2026-06-01", "2026-06-01 07:00", rows=ledger("d"))
    assert found == ["01 08:00 done", "01 13:00 coming"]


def test_an_entry_made_by_a_clock_that_was_ahead_is_listed_all_the_same():
    ahead = replace(BACK, since=at("2030-01-01 00:00"))
    found = listed_on("2026-06-01", "2026-06-01", "2026-06-01 09:00", [ahead])
    assert found == ["01 13:00 coming"]


def test_where_the_calendar_is_a_day_ahead_the_days_to_come_are_complete():
    found = listed_on("2026-06-02", "2026-06-02", "2026-06-02 07:00", zone=NEW_YORK)
    assert found == ["02 08:00 coming", "02 13:00 coming"]


# Today


@pytest.mark.parametrize(
    ("now", "spelled", "done_ones", "missed", "to_come", "due", "all_done"),
    [
        ("2026-06-01 07:00", "", 0, 0, 2, 0, False),
        ("2026-06-01 08:01", "?", 0, 0, 1, 1, False),
        ("2026-06-01 08:10", "d", 1, 0, 1, 0, False),
        ("2026-06-01 13:10", "dd", 2, 0, 0, 0, True),
        ("2026-06-01 20:00", "dm", 1, 1, 0, 0, False),
        ("2026-06-06 16:00", "dd dd dd dd dd dd", 2, 0, 1, 0, False),
        ("2026-06-06 18:00", "dd dd dd dd dd ddd", 3, 0, 0, 0, True),
        ("2026-06-08 12:00", "dd dd dd dd dd ddd ddd", 0, 0, 0, 0, False),
    ],
)
def test_have_i_done_it_today(now, spelled, done_ones, missed, to_come, due, all_done):
    status = today(PLAN, ledger(spelled), at(now), BERLIN)
    counts = (len(status.done), len(status.missed), len(status.to_come), len(status.due))
    assert counts == (done_ones, missed, to_come, due)
    assert len(status.planned) == sum(counts)
    assert status.all_done is all_done


def test_what_is_still_due_from_the_evening_before_is_due_but_not_of_today():
    late = an_entry(times="23:50", starts="2026-06-01")
    rows = ledger("?", [late])
    status = today([late], rows, at("2026-06-02 00:10"), BERLIN)
    assert status.day == day("2026-06-02")
    assert (status.due, states(status.planned)) == (rows, ["02 23:50 coming"])


# Days and weeks


def test_days_and_weeks():
    now = at("2026-06-07 18:00")
    rows = ledger("dd mm d? dd dd ddd dmm")
    sessions = [
        *(a_session(number, "2026-06-01") for number in (1, 2)),
        a_session(99, "2026-06-02"),
        a_session(100, "2026-06-02"),
        a_session(101, "2026-06-02", Ending.STOPPED),
        a_session(102, "2026-06-03", Ending.INTERRUPTED),
        a_session(103, "2026-06-03", None),
        a_session(104, "2026-05-31"),
        a_session(105, "2026-06-08"),
    ]
    everything = listed(PLAN, rows, day("2026-05-30"), day("2026-06-09"), now, BERLIN)

    days = by_day(everything, sessions, day("2026-05-31"), day("2026-06-08"))

    def tally(day_of, planned, done_ones, missed, extra, walks):
        return Tally(day(day_of), day(day_of), planned, done_ones, missed, extra, walks)

    assert days == (
        tally("2026-05-31", 0, 0, 0, 1, 0),
        tally("2026-06-01", 2, 2, 0, 0, 0),
        tally("2026-06-02", 2, 0, 2, 2, 0),
        tally("2026-06-03", 2, 1, 0, 0, 0),
        tally("2026-06-04", 2, 2, 0, 0, 0),
        tally("2026-06-05", 2, 2, 0, 0, 0),
        tally("2026-06-06", 3, 3, 0, 0, 1),
        tally("2026-06-07", 3, 1, 2, 0, 0),
        tally("2026-06-08", 0, 0, 0, 1, 0),
    )
    assert by_week(days) == (
        Tally(day("2026-05-31"), day("2026-05-31"), 0, 0, 0, 1, 0),
        Tally(day("2026-06-01"), day("2026-06-07"), 16, 11, 4, 2, 1),
        Tally(day("2026-06-08"), day("2026-06-08"), 0, 0, 0, 1, 0),
    )


def test_a_planned_session_after_midnight_is_no_extra_one():
    late = an_entry(times="23:50", starts="2026-06-01")
    rows = ledger("d", [late])
    days = by_day(rows, [a_session(1, "2026-06-02")], day("2026-06-02"), day("2026-06-02"))
    assert (days[0].planned, days[0].done, days[0].extra) == (0, 0, 0)


def test_a_week_across_the_turn_of_the_year_is_one_week():
    days = by_day((), (), day("2026-12-28"), day("2027-01-03"))
    assert [(t.first, t.last) for t in by_week(days)] == [(day("2026-12-28"), day("2027-01-03"))]
    assert by_week(()) == ()


# The current run


@pytest.mark.parametrize(
    ("now", "spelled", "run"),
    [
        ("2026-06-01 07:00", "", 0),
        ("2026-06-03 07:00", "dd dd", 2),
        ("2026-06-03 14:00", "dd dd dd", 3),
        ("2026-06-03 14:00", "dd dd d?", 2),
        ("2026-06-03 14:00", "dd dd dm", 0),
        ("2026-06-03 07:00", "dd dm", 0),
        ("2026-06-04 07:00", "dd md dd", 1),
        ("2026-06-04 07:00", "dd d? dd", 2),
    ],
)
def test_the_current_run(now, spelled, run):
    rows = ledger(spelled)
    status = today(PLAN, rows, at(now), BERLIN)
    assert current_run(reversed(rows), status) == run


def test_days_without_a_plan_do_not_break_a_run():
    sundays = an_entry("sun", times="10:00", starts="2026-06-01")
    rows = ledger("dddd", [sundays])
    status = today([sundays], rows, at("2026-07-03 12:00"), BERLIN)
    assert current_run(reversed(rows), status) == 4


def test_no_more_rows_are_asked_for_than_the_run_is_long():
    rows = ledger("dd dd mm dd dd")
    taken = []
    newest_first = (taken.append(row) or row for row in reversed(rows))
    assert current_run(newest_first, today(PLAN, rows, at("2026-06-06 07:00"), BERLIN)) == 2
    assert len(taken) <= 7


# The share of the course


ALL_DONE = "dd dd dd dd dd ddd ddd"


@pytest.mark.parametrize(
    ("changes", "spelled", "now", "share"),
    [
        pytest.param({}, "dd md d", "2026-06-03 09:00", (4, 1, 14, 4 / 14), id="in the middle"),
        pytest.param({}, "", "2026-05-20 09:00", (0, 0, 14, 0), id="before it began"),
        pytest.param({}, "?", "2026-06-01 08:10", (0, 0, 14, 0), id="one is due"),
        pytest.param({"weeks": None}, "dd d?", "2026-06-02 14:00", (3, 0, None, None), id="no end"),
        pytest.param(
            *({"paused": True}, "dd md d", "2026-06-03 09:00", (4, 1, 14, 4 / 14)),
            id="a pause does not shorten it",
        ),
        pytest.param(
            *({"times": (time(13),), "since": at("2026-06-03 08:55")}, "dd md d"),
            *("2026-06-03 09:00", (4, 1, 10, 0.4)),
            id="a change alters only the days ahead",
        ),
        pytest.param({}, ALL_DONE, "2026-06-07 20:00", (14, 0, 14, 1), id="not those of another"),
        pytest.param(
            *({"starts": day("2026-06-06")}, ALL_DONE, "2026-06-07 20:00", (4, 0, 14, 4 / 14)),
            id="not those of an earlier course",
        ),
        pytest.param(
            *({"since": at("2026-07-01 08:00")}, "", "2026-07-01 09:00", (0, 0, 0, None)),
            id="one that never was",
        ),
    ],
)
def test_the_share_of_a_course(changes, spelled, now, share):
    entry = replace(BACK, **changes)
    found = course_share(entry, ledger(spelled), at(now), BERLIN)
    assert (found.done, found.missed, found.total, found.share) == share
