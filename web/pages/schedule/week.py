"""A week of the plan at a glance."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kiosk.api.plan import ListedOccurrence
from web.kiosk_of import kiosk
from web.pages.schedule.words import Listings, title

A_WEEK = timedelta(weeks=1)

FIRST, LAST = date(2000, 1, 3), date(2099, 12, 21)
"""The Mondays of the first and the last week that can be asked for."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something of a day."""

    at: datetime
    title: str
    state: str
    """As in `kiosk.api.plan.ListedOccurrence`."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week."""

    date: date
    is_today: bool
    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday on."""

    days: tuple[Day, ...]
    before: date | None
    """The Monday before; `None` where no more can be asked for."""

    after: date | None
    is_this: bool

    @property
    def first(self) -> date:
        """Its Monday."""
        return self.days[0].date

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.days[-1].date

    @property
    def has_past(self) -> bool:
        """Whether it has something that nobody was asked to do."""
        return any(due.state == "past" for day in self.days for due in day.due)


def week_of(wanted: str, today: date, known: Listings) -> Week:
    """The week that has the day `wanted`; this one where that is no day to be asked for."""
    this = _monday(today)
    monday = _monday(_day(wanted) or today)
    sunday = monday + timedelta(days=6)
    found = kiosk().plan.occurrences(monday, sunday)
    days = (monday + timedelta(days=n) for n in range(7))
    return Week(
        days=tuple(Day(day, day == today, _due(found, day, known)) for day in days),
        before=monday - A_WEEK if monday > FIRST else None,
        after=monday + A_WEEK if monday < LAST else None,
        is_this=monday == this,
    )


def _due(found: tuple[ListedOccurrence, ...], day: date, known: Listings) -> tuple[Due, ...]:
    return tuple(
        Due(one.occurrence.due, title(one.occurrence.program, known), one.state)
        for one in found
        if one.occurrence.local_date == day
    )


def _day(wanted: str) -> date | None:
    try:
        day = date.fromisoformat(wanted)
    except ValueError:
        return None
    return day if FIRST <= day < LAST + A_WEEK else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
