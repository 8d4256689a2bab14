"""What stands where in the pictures, and what marks it."""

from datetime import date, timedelta

import pytest

from kiosk.history.adherence import Tally
from web.charts import SIDE, TALLEST, Mark, bars, calendar, mark_of, month_labels

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def a_day(number: int, planned: int = 0, done: int = 0, missed: int = 0, extra: int = 0) -> Tally:
    day = MONDAY + number * DAY
    return Tally(day, day, planned, done, missed, extra, walks=0)


def a_week(number: int, planned: int, done: int) -> list[Tally]:
    """Its days, each the same."""
    first = 7 * number
    return [a_day(first + n, planned // 7, done // 7, (planned - done) // 7, 1) for n in range(7)]


class TestMarks:
    @pytest.mark.parametrize(
        ("tally", "mark"),
        [
            (a_day(0, planned=2, done=2), Mark.ALL),
            (a_day(0, planned=2, done=2, extra=1), Mark.ALL),
            (a_day(0, planned=3, done=1, missed=2), Mark.PART),
            (a_day(0, planned=3, done=1), Mark.PART),
            (a_day(0, planned=2, missed=2), Mark.MISSED),
            (a_day(0, planned=2, missed=1), Mark.MISSED),
            (a_day(0, planned=2, missed=1, extra=1), Mark.MISSED),
            (a_day(0, planned=2), Mark.TO_COME),
            (a_day(0, extra=1), Mark.EXTRA),
            (a_day(0), Mark.NOTHING),
        ],
    )
    def test_of_a_day(self, tally: Tally, mark: Mark):
        assert mark_of(tally) is mark

    @pytest.mark.parametrize(("planned", "done", "filled"), [(3, 1, 6), (2, 1, 10), (0, 0, 0)])
    def test_a_square_is_filled_as_far_as_the_day_was_done(
        self, planned: int, done: int, filled: int
    ):
        week = [a_day(0, planned=planned, done=done), *(a_day(n) for n in range(1, 7))]

        assert SIDE == 20
        assert calendar(week, MONDAY).squares[0].filled == filled


class TestCalendar:
    def test_a_column_for_each_week_and_a_row_for_each_day_of_it_and_today_is_marked(self):
        picture = calendar([a_day(n) for n in range(14)], MONDAY + 8 * DAY)

        assert [(s.x, s.y) for s in picture.squares[:2]] == [(36, 20), (36, 44)]
        assert [(s.x, s.y) for s in picture.squares[6:8]] == [(36, 164), (60, 20)]
        assert [s.tally.first for s in picture.weeks[1]] == [MONDAY + n * DAY for n in range(7, 14)]
        assert (picture.width, picture.height) == (84, 188)
        assert [s.tally.first for s in picture.squares if s.is_today] == [MONDAY + 8 * DAY]

    def test_a_month_is_named_over_its_first_week_where_there_is_room(self):
        january = date(2026, 1, 26)
        mondays = [january + 7 * n * DAY for n in range(8)]
        assert mondays[1] == date(2026, 2, 2)
        assert month_labels(mondays) == ((2, 60), (3, 156))

        two_years = [date(2025, 12, 1) + 7 * n * DAY for n in range(56)]
        assert [month for month, _ in month_labels(two_years)] == [12, *range(1, 13)]


class TestWeeks:
    def test_a_bar_is_all_days_of_its_week_as_high_as_its_share_of_the_fullest(self):
        days = [*a_week(0, planned=7, done=7), *a_week(1, planned=14, done=7)]
        picture = bars(days, {MONDAY + 7 * DAY: 2})

        assert TALLEST == 100
        assert [(b.x, b.planned, b.done) for b in picture.bars] == [(36, 50, 50), (60, 100, 50)]
        assert [bar.harder for bar in picture.bars] == [0, 2]
        assert (picture.most, picture.width, picture.ground) == (14, 84, 120)
        monday = MONDAY + 7 * DAY
        assert picture.bars[1].week == Tally(monday, monday + 6 * DAY, 14, 7, 7, extra=7, walks=0)

        picture = bars(a_week(0, planned=0, done=0), {})
        assert [(b.planned, b.done) for b in picture.bars] == [(0, 0)]
        assert picture.most == 0
