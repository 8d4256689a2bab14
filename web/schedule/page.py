"""The content of the page Schedule: a week, the rows of the plan, and the preview of an entry."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kiosk.programs.model import Bounds
from kiosk.schedule.model import WALK, PlanEntry, Weekday
from kiosk.schedule.occurrences import last_day, state_of
from kiosk.schedule.snapshot import PAST, ScheduleSnapshot
from web.schedule.text import (
    coming_in_words,
    course_in_words,
    days_a_week,
    days_and_times,
    entry_in_words,
    listed,
    times_a_day,
)
from web.text import ProgramTitles, t

A_WEEK = timedelta(weeks=1)

FIRST, LAST = date(2000, 1, 3), date(2099, 12, 21)
"""The Mondays of the first and the last week that the page shows."""

PREVIEWED = 6
"""Occurrences in the preview of an entry."""


@dataclass(frozen=True, slots=True)
class WeekItem:
    """An occurrence in the week."""

    at: datetime
    title: str
    state: str
    """As of `kiosk.schedule.snapshot.ListedOccurrence`."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week."""

    date: date
    is_today: bool
    due: tuple[WeekItem, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday on."""

    days: tuple[Day, ...]
    before: date | None
    """The Monday before; `None` before the first week."""

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
        """Whether it has occurrences that nobody was asked to do."""
        return any(due.state == PAST for day in self.days for due in day.due)


def week_of(wanted: str, snapshot: ScheduleSnapshot, titles: ProgramTitles) -> Week:
    """The week with the day `wanted`, in ISO 8601; this week where that is no day it can show."""
    today = snapshot.today
    this = _monday(today)
    monday = _monday(_read_day(wanted) or today)
    items: dict[date, list[WeekItem]] = {monday + timedelta(days=n): [] for n in range(7)}
    for one in snapshot.occurrences_between(monday, monday + timedelta(days=6)):
        occurrence = one.occurrence
        title = titles(occurrence.program)
        items[occurrence.local_date].append(WeekItem(occurrence.due, title, one.state))
    return Week(
        days=tuple(Day(day, day == today, tuple(due)) for day, due in items.items()),
        before=monday - A_WEEK if monday > FIRST else None,
        after=monday + A_WEEK if monday < LAST else None,
        is_this=monday == this,
    )


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST <= day < LAST + A_WEEK else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in the list of the plan."""

    entry: PlanEntry
    title: str
    usable: bool
    """Whether its program can be used."""

    when: str
    course: str
    state: str
    """As of `kiosk.schedule.occurrences.state_of`, with `_` for the blank."""

    next: str
    """Its next time; empty where there is none."""

    advice: str


def entry_row(entry: PlanEntry, snapshot: ScheduleSnapshot, titles: ProgramTitles) -> EntryRow:
    """The row of an entry of the plan."""
    today = snapshot.today
    return EntryRow(
        entry=entry,
        title=titles(entry.program),
        usable=entry.program == WALK or titles.program(entry.program) is not None,
        when=days_and_times(entry),
        course=course_in_words(entry, today),
        state=state_of(entry, today).replace(" ", "_"),
        next="".join(coming_in_words(snapshot.next_times(entry, 1), today)),
        advice=advice(entry, snapshot, titles),
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of an entry that is not stored yet."""

    words: str
    days: tuple[str, ...]
    """The next occurrences, a text for each day."""

    advice: str
    paused: bool


def preview_of(entry: PlanEntry, snapshot: ScheduleSnapshot, titles: ProgramTitles) -> Preview:
    """The preview of an entry as the form describes it."""
    # What a paused entry would bring is of more use than that it brings nothing.
    coming = snapshot.next_times(replace(entry, paused=False), PREVIEWED)
    return Preview(
        words=entry_in_words(entry, titles),
        days=tuple(coming_in_words(coming, snapshot.today)),
        advice=advice(entry, snapshot, titles),
        paused=entry.paused,
    )


def advice(entry: PlanEntry, snapshot: ScheduleSnapshot, titles: ProgramTitles) -> str:
    """How often the program's source says it is done, where the plan does more or less; else empty.

    Advice, never a refusal. Entries of the same program whose courses overlap count together.
    """
    program, end, today = titles.program(entry.program), last_day(entry), snapshot.today
    if program is None or (end is not None and end < today):
        return ""
    together = [entry, *(one for one in snapshot.plan if _overlaps(one, entry, today))]
    per_day, per_week = _how_often(together)
    frequency = program.frequency
    cited: list[str] = []
    planned: list[str] = []
    for count, bounds, in_words in (
        (per_day, frequency.times_per_day, times_a_day),
        (per_week, frequency.days_per_week, days_a_week),
    ):
        if count.low not in bounds or count.high not in bounds:
            cited.append(in_words(bounds))
            planned.append(in_words(count))
    return t("schedule.advice", cited=listed(cited), planned=listed(planned)) if cited else ""


def _how_often(entries: Iterable[PlanEntry]) -> tuple[Bounds, Bounds]:
    """Times a day, over the days of the week that have any, and days a week."""
    times = dict.fromkeys(Weekday, 0)
    for entry in entries:
        for day in entry.days:
            times[day] += len(entry.times)
    counts = [count for count in times.values() if count] or [0]
    days = sum(map(bool, counts))
    return Bounds(min(counts), max(counts)), Bounds(days, days)


def _overlaps(other: PlanEntry, entry: PlanEntry, today: date) -> bool:
    if other.id == entry.id or other.program != entry.program or other.paused:
        return False
    first = max(today, entry.starts, other.starts)
    return all(end is None or first <= end for end in (last_day(entry), last_day(other)))
