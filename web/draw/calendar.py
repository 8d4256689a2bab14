"""Weeks as columns of days: a square a day, marked with what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from kiosk.api.history import Tally

STEP = 24
"""From one square, or one week, to the next; in the picture's own units."""

SIDE = 20
"""Of a square."""

LEFT = 36
"""Room for the names of the days."""

TOP = 20
"""Room for the names of the months."""

MONTH_NEEDS = 3
"""How many columns the name of a month takes."""


class Mark(StrEnum):
    """What became of a day; each has a shape of its own. The values are classes, and ids of words
    in the catalogue.
    """

    ALL = "all"
    PART = "part"
    MISSED = "missed"
    EXTRA = "extra"
    """Nothing was planned, and something was done all the same."""

    NOTHING = "nothing"
    TO_COME = "to-come"


@dataclass(frozen=True, slots=True)
class Square:
    """A day in the picture."""

    tally: Tally
    mark: Mark
    x: int
    y: int
    is_today: bool

    @property
    def filled(self) -> int:
        """How much of its height is filled, from the ground up."""
        planned, done = self.tally.planned, self.tally.done
        return SIDE * done // planned if planned else 0


@dataclass(frozen=True, slots=True)
class MonthLabel:
    """Where a month begins."""

    month: int
    x: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """The whole picture, without words."""

    squares: tuple[Square, ...]
    months: tuple[MonthLabel, ...]
    width: int
    height: int

    @property
    def weeks(self) -> tuple[tuple[Square, ...], ...]:
        """Its columns, for who reads them as the rows of a table."""
        return tuple(self.squares[n : n + 7] for n in range(0, len(self.squares), 7))


def calendar(days: Sequence[Tally], today: date) -> Calendar:
    """The picture of `days`: whole weeks, from a Monday to a Sunday."""
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
    """What became of a day."""
    if not tally.planned:
        return Mark.EXTRA if tally.extra else Mark.NOTHING
    if tally.done == tally.planned:
        return Mark.ALL
    if tally.done:
        return Mark.PART
    return Mark.MISSED if tally.missed else Mark.TO_COME


def month_labels(mondays: Sequence[date]) -> tuple[MonthLabel, ...]:
    """The months in which weeks begin, over the first week of each that has room for its name."""
    first: dict[tuple[int, int], int] = {}
    for column, monday in enumerate(mondays):
        first.setdefault((monday.year, monday.month), column)
    ends = pairwise([*first.values(), len(mondays)])
    return tuple(
        MonthLabel(month, LEFT + STEP * begin)
        for (_, month), (begin, end) in zip(first, ends, strict=True)
        if end - begin >= MONTH_NEEDS
    )
