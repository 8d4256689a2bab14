"""What was done, as of a snapshot: progress, tallies, sessions, CSV and changes."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.history.model import Ending
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
from kiosk.schedule.model import OccurrenceState
from kiosk.schedule.progress import progress_of
from tests.audit_log import text_entry, text_of
from tests.schedule.past import FRIDAY, HOUR, NOON, OSLO, Past

DONE, MISSED = OccurrenceState.DONE, OccurrenceState.MISSED
DAY = timedelta(days=1)


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def week(past) -> Past:
    """Twice a day since Monday; on Wednesday the evening was missed, on Thursday one was extra."""
    entry = past.planned("low-back-start", "08:00", "18:00", weeks=1)
    for day in (23, 24, 26):
        past.became(entry, date(2026, 3, day), DONE, DONE)
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
