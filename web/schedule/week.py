"""A week of the plan at a glance.

What the schedule shows of an entry: where it stands, and what comes of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kiosk.schedule.model import WALK, PlanEntry
from kiosk.schedule.view import ListedOccurrence
from web.context import kiosk
from web.schedule.text import (
    Listings,
    advice,
    coming_in_words,
    course_in_words,
    days_and_times,
    entry_in_words,
    listings,
    title,
)
from web.text import t

A_WEEK = timedelta(weeks=1)

FIRST, LAST = date(2000, 1, 3), date(2099, 12, 21)
"""The Mondays of the first and the last week that can be asked for."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something of a day."""

    at: datetime
    title: str
    state: str
    """As in `kiosk.schedule.service.ListedOccurrence`."""


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
    found = kiosk().schedule.occurrences(monday, sunday)
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


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in words."""

    entry: PlanEntry
    title: str
    usable: bool
    when: str
    course: str
    state: str
    """As `kiosk.schedule.service.PlanDesk` tells it, with `_` for the blank."""

    next: str
    """Its next time; empty where there is none."""

    advice: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of an entry."""

    words: str
    days: tuple[str, ...]
    """The next occurrences, a text for each day."""

    advice: str
    paused: bool


def shown(entry: PlanEntry, plan: Iterable[PlanEntry], known: Listings) -> Shown:
    """An entry of the plan."""
    today = kiosk().schedule.now().date()
    return Shown(
        entry=entry,
        title=title(entry.program, known),
        usable=entry.program == WALK or _is_usable(entry.program, known),
        when=days_and_times(entry),
        course=course_in_words(entry, today),
        state=kiosk().schedule.state_of(entry).replace(" ", "_"),
        next="".join(coming_in_words(kiosk().schedule.coming(entry, 1), today)),
        advice=_advice(entry, plan, known),
    )


def previewed(entry: PlanEntry) -> Preview:
    """An entry that is not kept yet."""
    plan, known = kiosk().schedule, listings()
    # What a paused entry would bring is of more use than that it brings nothing.
    coming = plan.coming(replace(entry, paused=False))
    return Preview(
        words=entry_in_words(entry, known),
        days=tuple(coming_in_words(coming, plan.now().date())),
        advice=_advice(entry, plan.entries(), known),
        paused=entry.paused,
    )


def next_in_words(entry: PlanEntry) -> str:
    """When the kiosk calls next for an entry that was kept, or why it does not."""
    if entry.paused:
        return t("schedule.next_paused")
    days = coming_in_words(kiosk().schedule.coming(entry), kiosk().schedule.now().date())
    return t("schedule.next", times="; ".join(days)) if days else t("schedule.next_nothing")


def _is_usable(program: str, known: Listings) -> bool:
    return program in known and known[program].program is not None


def _advice(entry: PlanEntry, plan: Iterable[PlanEntry], known: Listings) -> str:
    listing = known.get(entry.program)
    frequency = listing.program.frequency if listing and listing.program else None
    return advice(entry, plan, frequency, kiosk().schedule.now().date())
