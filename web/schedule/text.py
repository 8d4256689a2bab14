"""The plan in words: days, times, courses, doses, next occurrences and advice."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from kiosk.programs.model import Bounds, Exercise, Program
from kiosk.schedule.model import EVERY_DAY, WORKDAYS, Occurrence, PlanEntry, Weekday
from kiosk.schedule.occurrences import last_day
from kiosk.schedule.snapshot import ScheduleSnapshot
from web.text import (
    ProgramTitles,
    clock_time,
    day_in_words,
    day_name,
    days_a_week,
    full_date,
    seconds_text,
    t,
    times_a_day,
    tn,
)


def entry_in_words(entry: PlanEntry, titles: ProgramTitles) -> str:
    """The whole of an entry, in one line."""
    return t(
        "schedule.entry_paused" if entry.paused else "schedule.entry",
        program=titles(entry.program),
        when=days_and_times(entry),
        first=full_date(entry.starts),
        length=tn("schedule.weeks_long", entry.weeks) if entry.weeks else t("schedule.no_end"),
    )


def days_and_times(entry: PlanEntry) -> str:
    """E.g. `every day at 08:00 and 18:30`."""
    times = listed([clock_time(wall) for wall in entry.times])
    return t("schedule.when", days=days_in_words(entry.days), times=times)


def days_in_words(days: frozenset[Weekday]) -> str:
    """E.g. `every day`, `Monday and Friday`."""
    if days == EVERY_DAY:
        return t("schedule.every_day")
    if days == WORKDAYS:
        return t("schedule.days_from_to", first=day_name(0), last=day_name(4))
    return listed([day_name(int(day)) for day in sorted(days)])


def course_in_words(entry: PlanEntry, today: date) -> str:
    """How far an entry is in its course, e.g. `week 3 of 8`."""
    first, last = full_date(entry.starts), last_day(entry)
    if entry.weeks is None or last is None:
        begun = entry.starts <= today
        return t("schedule.no_end_since" if begun else "schedule.no_end_from", first=first)
    if last < today:
        return t("schedule.course_over", last=full_date(last))
    if today < entry.starts:
        return tn("schedule.course_to_come", entry.weeks, first=first)
    return t("schedule.course", n=(today - entry.starts).days // 7 + 1, of=entry.weeks)


def coming_in_words(coming: Iterable[Occurrence], today: date) -> list[str]:
    """A text for each day, e.g. `today at 18:30`, `tomorrow at 08:00 and 18:30`."""
    by_day = groupby(coming, key=lambda one: one.local_date)
    return [
        t(
            "schedule.when",
            days=day_in_words(day, today=today),
            times=listed([clock_time(one.due) for one in of_day]),
        )
        for day, of_day in by_day
    ]


def next_in_words(entry: PlanEntry, coming: Iterable[Occurrence], today: date) -> str:
    """When the kiosk reminds next of an entry that was saved, or why it does not."""
    if entry.paused:
        return t("schedule.next_paused")
    days = coming_in_words(coming, today)
    return t("schedule.next", times="; ".join(days)) if days else t("schedule.next_nothing")


def doses_in_words(program: Program, titles: ProgramTitles) -> list[tuple[str, str]]:
    """Name and dose of each exercise of a program."""
    return [(titles.name_of(exercise), _dose(exercise)) for exercise in program.exercises]


def listed(words: Sequence[str]) -> str:
    """E.g. `Monday, Wednesday and Friday`."""
    if len(words) < 2:
        return "".join(words)
    return t("schedule.and", first=", ".join(words[:-1]), last=words[-1])


def _dose(exercise: Exercise) -> str:
    key = "schedule.dose_each_side" if exercise.reps_each_side else "schedule.dose"
    dose = tn(key, exercise.sets, reps=exercise.reps)
    if not exercise.holds:
        return dose
    holds = sorted({phase.duration for phase in exercise.holds})
    seconds = listed([seconds_text(hold) for hold in holds])
    return t("schedule.dose_with_hold", dose=dose, seconds=seconds)


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
            cited.append(in_words(bounds, short=True))
            planned.append(in_words(count, short=True))
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
