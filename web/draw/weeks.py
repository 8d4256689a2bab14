"""Weeks as bars: of what was planned, how much was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kiosk.api.history import Tally, by_week
from web.draw.calendar import LEFT, STEP, MonthLabel, month_labels

TALLEST = 100
"""Height of the bar of the fullest week, in the picture's own units."""

TOP = 20
"""Room for the marks of effort."""

BOTTOM = 20
"""Room for the names of the months."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A week in the picture."""

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
    """The whole picture, without words."""

    bars: tuple[Bar, ...]
    months: tuple[MonthLabel, ...]
    most: int
    """What was planned for the fullest week."""

    width: int
    ground: int = TOP + TALLEST
    """Where the bars stand."""

    height: int = TOP + TALLEST + BOTTOM


def bars(days: Sequence[Tally], harder: Mapping[date, int]) -> Bars:
    """The picture of the weeks of `days`, in the columns of the calendar's: whole weeks, from a
    Monday to a Sunday. `harder` counts the sessions that were harder than usual by the first day
    of their week.
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
