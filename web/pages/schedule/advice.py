"""Holds the plan against how often a program's source says it is done. Advice, never a refusal."""

from collections.abc import Iterable
from datetime import date

from kiosk.model.plan import PlanEntry, Weekday
from kiosk.model.program import Bounds, Frequency
from web.pages.schedule.words import days_a_week, last_day, listed, times_a_day
from web.texts import t


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
