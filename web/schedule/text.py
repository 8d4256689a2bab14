"""The plan in words: days, times, courses, how often, and what comes next.

Holds the plan against how often a program's source says it is done. Advice, never a refusal.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from kiosk.programs.model import Bounds, Exercise, Frequency, PhaseName, Program
from kiosk.programs.service import ProgramListing
from kiosk.schedule.model import EVERY_DAY, WALK, Occurrence, PlanEntry, Weekday
from web.context import kiosk
from web.text import clock_time, day_in_words, day_name, t, tn

Listings = Mapping[str, ProgramListing]

_WEEKDAYS = frozenset(day for day in Weekday if day < Weekday.SAT)


def listings() -> Listings:
    """Every program there is, by its id."""
    return {listing.id: listing for listing in kiosk().programs.all()}


def title(program: str, known: Listings) -> str:
    """What a program, or the walk, is called; the id of one that cannot be read."""
    if program == WALK:
        return t("pages.walk")
    listing = known.get(program)
    return title_of(listing.program) if listing and listing.program else program


def title_of(program: Program) -> str:
    """What a program is called in the kiosk's language."""
    return program.title(kiosk().settings.view().settings.language)


def entry_in_words(entry: PlanEntry, known: Listings) -> str:
    """The whole of an entry, in one line."""
    return t(
        "schedule.entry_paused" if entry.paused else "schedule.entry",
        program=title(entry.program, known),
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
    if days == _WEEKDAYS:
        return t("schedule.days_from_to", first=day_name(0), last=day_name(4))
    return listed([day_name(int(day)) for day in sorted(days)])


def course_in_words(entry: PlanEntry, today: date) -> str:
    """Where in its course an entry is."""
    if entry.weeks is None:
        begun = entry.starts <= today
        return t("schedule.no_end_since" if begun else "schedule.no_end_from", **_starts(entry))
    last = last_day(entry)
    if last is not None and last < today:
        return t("schedule.course_over", last=full_date(last))
    if today < entry.starts:
        return tn("schedule.course_to_come", entry.weeks, **_starts(entry))
    return t("schedule.course", n=(today - entry.starts).days // 7 + 1, of=entry.weeks)


def last_day(entry: PlanEntry) -> date | None:
    """The last day of an entry's course; `None` where it has no end."""
    return entry.starts + timedelta(weeks=entry.weeks, days=-1) if entry.weeks else None


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


def full_date(day: date) -> str:
    """With its year."""
    return t("schedule.full_date", day=day_in_words(day), year=day.year)


def frequency_in_words(frequency: Frequency) -> str:
    """E.g. `2 times a day, 7 days a week`."""
    return t(
        "schedule.frequency",
        times=times_a_day(frequency.times_per_day),
        days=days_a_week(frequency.days_per_week),
    )


def times_a_day(times: Bounds) -> str:
    """E.g. `1 time a day`."""
    return tn("schedule.times_a_day", times.high, span=_span(times))


def days_a_week(days: Bounds) -> str:
    """E.g. `7 days a week`."""
    return tn("schedule.days_a_week", days.high, span=_span(days))


def doses_in_words(program: Program) -> list[tuple[str, str]]:
    """Each exercise of a program and its dose in short."""
    language = kiosk().settings.view().settings.language
    return [(exercise.name(language), _dose(exercise)) for exercise in program.exercises]


def listed(words: Sequence[str]) -> str:
    """E.g. `Monday, Wednesday and Friday`."""
    if len(words) < 2:
        return "".join(words)
    return t("schedule.and", first=", ".join(words[:-1]), last=words[-1])


def _starts(entry: PlanEntry) -> dict[str, object]:
    return {"first": full_date(entry.starts)}


def _span(bounds: Bounds) -> str:
    same = bounds.low == bounds.high
    return str(bounds.high) if same else t("schedule.span", low=bounds.low, high=bounds.high)


def _dose(exercise: Exercise) -> str:
    key = "schedule.dose_each_side" if exercise.reps_each_side else "schedule.dose"
    dose = tn(key, exercise.sets, reps=exercise.reps)
    holds = sorted({p.duration for p in exercise.phases if p.name is PhaseName.HOLD})
    if not holds:
        return dose
    seconds = listed([f"{hold / 1000:g}" for hold in holds])
    return t("schedule.dose_with_hold", dose=dose, seconds=seconds)


def advice(
    entry: PlanEntry, plan: Iterable[PlanEntry], frequency: Frequency | None, today: date
) -> str:
    """What the source says where the plan does more or less; empty where they agree.

    Entries of the same program whose courses go on at the same time count together.
    """
    end = last_day(entry)
    if frequency is None or (end is not None and end < today):
        return ""
    together = [entry, *(other for other in plan if _goes_with(other, entry, today))]
    per_day, per_week = how_often(together)
    cited: list[str] = []
    planned: list[str] = []
    if not _within(per_day, frequency.times_per_day):
        cited.append(times_a_day(frequency.times_per_day))
        planned.append(times_a_day(per_day))
    if not _within(per_week, frequency.days_per_week):
        cited.append(days_a_week(frequency.days_per_week))
        planned.append(days_a_week(per_week))
    if not cited:
        return ""
    return t("schedule.advice", cited=listed(cited), planned=listed(planned))


def how_often(entries: Iterable[PlanEntry]) -> tuple[Bounds, Bounds]:
    """How many times a day, on days that have any, and on how many days a week."""
    times = dict.fromkeys(Weekday, 0)
    for entry in entries:
        for day in entry.days:
            times[day] += len(entry.times)
    any_times = [count for count in times.values() if count]
    return (
        Bounds(min(any_times, default=0), max(any_times, default=0)),
        Bounds(len(any_times), len(any_times)),
    )


def _goes_with(other: PlanEntry, entry: PlanEntry, today: date) -> bool:
    if other.id == entry.id or other.program != entry.program or other.paused:
        return False
    first = max(today, entry.starts, other.starts)
    return all(end is None or first <= end for end in (last_day(entry), last_day(other)))


def _within(planned: Bounds, cited: Bounds) -> bool:
    return planned.low in cited and planned.high in cited
