"""The charts of the page History: a calendar with a square a day, and weeks as bars.

Coordinates only, in the units of the SVG's `viewBox`; the templates have the words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from kiosk.history.adherence import Tally, by_week

STEP = 24  # distance from one square, or one week, to the next
SIDE = 20  # side of a square
LEFT = 36  # width of the names of the days
TOP = 20  # height of the names of the months
MONTH_COLUMNS = 3  # columns that the name of a month takes


class Mark(StrEnum):
    """The state of a day in the calendar, each with a shape of its own.

    The values are classes in the style sheet, and parts of keys in the catalogue.
    """

    ALL = "all"
    PART = "part"
    MISSED = "missed"
    EXTRA = "extra"  # nothing was planned, and something was done all the same

    NOTHING = "nothing"
    TO_COME = "to-come"


@dataclass(frozen=True, slots=True)
class Square:
    """A day in the calendar."""

    tally: Tally
    mark: Mark
    x: int
    y: int
    is_today: bool

    @property
    def filled(self) -> int:
        """Height that is filled, from the bottom up."""
        planned, done = self.tally.planned, self.tally.done
        return SIDE * done // planned if planned else 0


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar: squares in columns of weeks."""

    squares: tuple[Square, ...]
    months: tuple[tuple[int, int], ...]
    width: int
    height: int

    @property
    def weeks(self) -> tuple[tuple[Square, ...], ...]:
        """The squares by week; a column each here, a row each in the table for screen readers."""
        return tuple(self.squares[n : n + 7] for n in range(0, len(self.squares), 7))


def calendar(days: Sequence[Tally], today: date) -> Calendar:
    """The calendar of `days`: whole weeks, from a Monday to a Sunday."""
    squares = tuple(
        Square(
            tally=tally,
            mark=mark_of(tally),
            x=LEFT + STEP * (number // 7),
            y=TOP + STEP * (number % 7),
            is_today=tally.first == today,
        )
        for number, tally in enumerate(days)
    )
    width = LEFT + STEP * (len(days) // 7)
    return Calendar(squares, month_labels([d.first for d in days[::7]]), width, TOP + STEP * 7)


def mark_of(tally: Tally) -> Mark:
    """The state of a day."""
    if not tally.planned:
        return Mark.EXTRA if tally.extra else Mark.NOTHING
    if tally.done == tally.planned:
        return Mark.ALL
    if tally.done:
        return Mark.PART
    return Mark.MISSED if tally.missed else Mark.TO_COME


def month_labels(mondays: Sequence[date]) -> tuple[tuple[int, int], ...]:
    """The months in which weeks begin and their x, over the first week, where there is room."""
    first: dict[tuple[int, int], int] = {}
    for column, monday in enumerate(mondays):
        first.setdefault((monday.year, monday.month), column)
    ends = pairwise([*first.values(), len(mondays)])
    return tuple(
        (month, LEFT + STEP * begin)
        for (_, month), (begin, end) in zip(first, ends, strict=True)
        if end - begin >= MONTH_COLUMNS
    )


TALLEST = 100  # height of the bar of the week with the most planned
BAR_TOP = 20  # height of the marks of effort
BOTTOM = 20  # height of the names of the months below the bars


@dataclass(frozen=True, slots=True)
class Bar:
    """A week in the bar chart."""

    week: Tally
    harder: int
    """Sessions of the week that were harder than usual."""

    x: int
    planned: int
    """Height of what was planned."""

    done: int
    """Height of what was done."""


@dataclass(frozen=True, slots=True)
class Bars:
    """The bar chart, a bar a week."""

    bars: tuple[Bar, ...]
    months: tuple[tuple[int, int], ...]
    most: int
    """The most that was planned for any week."""

    width: int
    ground: int = BAR_TOP + TALLEST
    """The y coordinate that the bars stand on."""

    height: int = BAR_TOP + TALLEST + BOTTOM


def bars(days: Sequence[Tally], harder: Mapping[date, int]) -> Bars:
    """The bar chart of `days`, whole weeks from a Monday to a Sunday, in the calendar's columns.

    `harder`: sessions that were harder than usual, by the Monday of their week.
    """
    weeks = by_week(days)
    most = max((week.planned for week in weeks), default=0)
    drawn = tuple(
        Bar(
            week=week,
            harder=harder.get(week.first, 0),
            x=LEFT + STEP * number,
            planned=_height(week.planned, most),
            done=_height(week.done, most),
        )
        for number, week in enumerate(weeks)
    )
    months = month_labels([week.first for week in weeks])
    return Bars(drawn, months, most, LEFT + STEP * len(weeks))


def _height(count: int, most: int) -> int:
    return TALLEST * count // most if most else 0
