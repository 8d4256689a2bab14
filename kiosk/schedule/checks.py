"""Turns the texts of an entry of the plan into the entry, or raises every problem there is.

The command line and the pages hand in the same texts by the same names, so both take the same and
find the same problems.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, time
from functools import partial
from typing import Any, TypeVar

from kiosk.errors import PlanError, Problem, Value, nearest
from kiosk.schedule.model import EVERY_DAY, WALK, WORKDAYS, PlanEntry, Weekday

FIELDS = ("program", "days", "times", "starts", "weeks")  # the names of an entry's texts

MOST_ENTRIES = 50
"""Entries of a plan: more than any household needs, and few enough to be reckoned with at once."""

MOST_TIMES = 12
MOST_WEEKS = 104
FIRST_YEAR, LAST_YEAR = 2000, 2099

_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = {name[:length]: Weekday(day) for length in (3, 9) for day, name in enumerate(_NAMES)}
_GROUPS = {"daily": EVERY_DAY, "weekdays": WORKDAYS, "weekend": EVERY_DAY - WORKDAYS}

T = TypeVar("T")


def check_entry(
    texts: Mapping[str, str],
    programs: Collection[str],
    today: date,
    base: PlanEntry | None = None,
) -> PlanEntry:
    """The entry that `texts` (by the names in `FIELDS`) describe.

    A text that is not given leaves what `base` has. Without `base` it is a new entry: then days
    are daily, the start is `today`, and there is no end, unless given.

    Raises PlanError with every problem there is, its path being the name of the text.
    """
    if base is None:
        texts = {"program": "", "times": "", **texts}
    readers: Mapping[str, Callable[[str], object]] = {
        "program": partial(read_program, programs=programs),
        "days": read_days,
        "times": read_times,
        "starts": read_start,
        "weeks": read_weeks,
    }
    problems = [
        Problem("plan", name, "plan.field-unknown", {"known": FIELDS}, nearest(name, FIELDS))
        for name in texts
        if name not in FIELDS
    ]
    values: dict[str, Any] = {}
    for name in (name for name in FIELDS if name in texts):
        try:
            values[name] = readers[name](texts[name])
        except PlanError as error:
            problems += error.problems
    if problems:
        raise PlanError(problems)
    return replace(base or PlanEntry(0, "", EVERY_DAY, (), today, None), **values)


def check_room(entries: int) -> None:
    """Raises PlanError where a plan of so many entries has no room for another."""
    if entries >= MOST_ENTRIES:
        raise _wrong("", "plan.full", entries=entries)


def read_program(text: str, programs: Collection[str]) -> str:
    """A program's id, or the walk. Raises PlanError."""
    known = sorted({*programs, WALK})
    name = text.strip()
    if name in known:
        return name
    if not name:
        raise _wrong("program", "plan.program-missing", known=tuple(known))
    near = nearest(name, known)
    raise _wrong("program", "plan.program-unknown", near, program=name, known=tuple(known))


def read_days(text: str) -> frozenset[Weekday]:
    """Days of the week, as in `mon,wed,fri`, `mon-fri`, `daily`. Raises PlanError."""
    parts = re.sub(r"\s*[-\u2013]\s*", "-", text.strip().lower()).replace(",", " ").split()
    if not parts:
        raise _wrong("days", "plan.days-missing", groups=tuple(_GROUPS))
    return frozenset[Weekday]().union(*_each(parts, _days_of))


def read_times(text: str) -> tuple[time, ...]:
    """Times of day in order, as in `08:00,13:30`. Raises PlanError."""
    parts = text.replace(",", " ").split()
    if not parts:
        raise _wrong("times", "plan.times-missing")
    if len(parts) > MOST_TIMES:
        raise _wrong("times", "plan.times-too-many", n=len(parts), most=MOST_TIMES)
    times = _each(parts, _time_of)
    twice = sorted({wall for wall in times if times.count(wall) > 1})
    if twice:
        raise PlanError(
            Problem("plan", "times", "plan.time-twice", {"time": f"{wall:%H:%M}"}) for wall in twice
        )
    return tuple(sorted(times))


def read_start(text: str) -> date:
    """The first day of a course, as in `2026-07-01`. Raises PlanError."""
    name = text.strip()
    if not name:
        raise _wrong("starts", "plan.start-missing")
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", name):
        raise _wrong("starts", "plan.start-unreadable", text=name)
    year, month, day = map(int, name.split("-"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _wrong("starts", "plan.start-year", year=year, first=FIRST_YEAR, last=LAST_YEAR)
    if not 1 <= month <= 12:
        raise _wrong("starts", "plan.start-month", date=name)
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise _wrong("starts", "plan.start-day", date=name, last=days)
    return date(year, month, day)


def read_weeks(text: str) -> int | None:
    """The length of a course in weeks, as in `12`; `none` for no end. Raises PlanError."""
    name = text.strip().lower()
    if name in ("", "none"):
        return None
    if re.fullmatch("[0-9]{1,9}", name) and 1 <= int(name) <= MOST_WEEKS:
        return int(name)
    raise _wrong("weeks", "plan.weeks-unreadable", most=MOST_WEEKS, text=name)


def write_days(days: frozenset[Weekday]) -> str:
    """`days` in the form that `read_days` takes."""
    group = next((name for name, members in _GROUPS.items() if members == days), None)
    return group or ",".join(_NAMES[day][:3] for day in sorted(days))


def write_times(times: tuple[time, ...]) -> str:
    """`times` in the form that `read_times` takes."""
    return ",".join(f"{wall:%H:%M}" for wall in times)


def _days_of(part: str) -> frozenset[Weekday]:
    first, dash, last = part.partition("-")
    if dash and first in _DAYS and last in _DAYS:
        length = (_DAYS[last] - _DAYS[first]) % 7 + 1
        return frozenset(Weekday((_DAYS[first] + step) % 7) for step in range(length))
    if part in _GROUPS:
        return _GROUPS[part]
    if part in _DAYS:
        return frozenset({_DAYS[part]})
    names = (first, last) if dash else (part,)
    meant = [name if name in _DAYS else nearest(name, [*_DAYS, *_GROUPS]) for name in names]
    suggestion = "-".join(meant) if all(meant) else ""
    raise _wrong("days", "plan.day-unreadable", suggestion, text=part, groups=tuple(_GROUPS))


def _time_of(part: str) -> time:
    found = re.fullmatch("([0-9]{1,2}):([0-9]{2})", part)
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return time(int(found[1]), int(found[2]))
    loose = re.fullmatch("([0-9]{1,2})[.h]?([0-9]{2})?", part)
    suggestion = ""
    if loose and int(loose[1]) < 24 and int(loose[2] or 0) < 60:
        suggestion = f"{int(loose[1]):02}:{int(loose[2] or 0):02}"
    raise _wrong("times", "plan.time-unreadable", suggestion, text=part)


def _each(parts: list[str], reader: Callable[[str], T]) -> list[T]:
    """The value of each part. Raises PlanError with the problems of all of them."""
    values: list[T] = []
    problems: list[Problem] = []
    for part in parts:
        try:
            values.append(reader(part))
        except PlanError as error:
            problems += error.problems
    if problems:
        raise PlanError(problems)
    return values


def _wrong(path: str, code: str, suggestion: str = "", **values: Value) -> PlanError:
    return PlanError([Problem("plan", path, code, values, suggestion)])
