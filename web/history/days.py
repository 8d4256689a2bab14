"""Which days and months a page of the history is about."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from kiosk.errors import Problem
from web.text import t

DAY = timedelta(days=1)

WEEKS = 12
"""How many weeks the pictures show."""

MOST_DAYS = 366
"""How many days a download has at most, so that ten years are never read at once."""

FIRST_YEAR, LAST_YEAR = 2000, 2100


def picture_days(today: date) -> tuple[date, date]:
    """The first and the last day of the pictures: whole weeks, this one last."""
    monday = today - today.weekday() * DAY
    return monday - 7 * (WEEKS - 1) * DAY, monday + 6 * DAY


def read_month(text: str) -> date | None:
    """The first day of the month that `text` names as `2026-03`; `None` where it names none."""
    if not re.fullmatch("[0-9]{4}-(0[1-9]|1[0-2])", text):
        return None
    month = date.fromisoformat(f"{text}-01")
    return month if FIRST_YEAR <= month.year <= LAST_YEAR else None


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return month_of(month.replace(day=28) + 4 * DAY)


def read_days(
    texts: Mapping[str, str], first: date, last: date
) -> tuple[date, date, tuple[Problem, ...]]:
    """The days that `from` and `to` in `texts` name, `first` and `last` where they are not given,
    and what is wrong with them.
    """
    problems: list[Problem] = []
    begin = _read(texts, "from", first, problems)
    end = _read(texts, "to", last, problems)
    if not problems and end < begin:
        problems.append(Problem.plain("form", "to", t("history.download.turned")))
    if not problems and (end - begin).days >= MOST_DAYS:
        problems.append(Problem.plain("form", "to", t("history.download.long")))
    return begin, end, tuple(problems)


def _read(texts: Mapping[str, str], name: str, otherwise: date, problems: list[Problem]) -> date:
    text = texts.get(name, "").strip()
    if not text:
        return otherwise
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    problems.append(Problem.plain("form", name, t("history.download.no_day")))
    return otherwise
