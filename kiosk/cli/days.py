"""The options `--from` and `--to`: which days a command is about."""

import argparse
import re
from datetime import date

from kiosk.errors import DataError, Problem

FIRST_YEAR, LAST_YEAR = 2000, 2100


def add_day_options(parser: argparse.ArgumentParser, first: str, last: str) -> None:
    """The options for the first and the last day; `first` and `last` say what holds without."""
    parser.add_argument("--from", dest="first", metavar="DATE", help=f"first day; without, {first}")
    parser.add_argument("--to", dest="last", metavar="DATE", help=f"last day; without, {last}")


def read_days(
    first: str | None, last: str | None, most: int | None = None
) -> tuple[date | None, date | None]:
    """The days that the options name; `None` for one that was not given.

    Raises DataError with everything that is wrong, also where `last` comes before `first`, or where
    they span more than `most` days.
    """
    problems: list[Problem] = []
    days = [_read(text, option, problems) for text, option in ((first, "--from"), (last, "--to"))]
    if problems:
        raise DataError(problems)
    begin, end = days
    if begin is not None and end is not None:
        check_span(begin, end, most)
    return begin, end


def check_span(first: date, last: date, most: int | None) -> None:
    """Raises DataError where `last` comes before `first`, or they span more than `most` days."""
    if last < first:
        message = f"The last day, {last}, comes before the first, {first}."
        raise DataError([Problem("--to", "", message)])
    span = (last - first).days + 1
    if most is not None and span > most:
        message = f"From {first} to {last} are {span} days; at most {most} are possible."
        raise DataError([Problem("--to", "", message)])


def _read(text: str | None, option: str, problems: list[Problem]) -> date | None:
    if text is None:
        return None
    name = text.strip()
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", name):
        message = f"Expected a date as year-month-day, such as 2026-07-01, not {name[:40]!r}."
        problems.append(Problem(option, "", message))
        return None
    try:
        day = date.fromisoformat(name)
    except ValueError:
        problems.append(Problem(option, "", f"There is no {name} in the calendar."))
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        message = f"The year {name[:4]} is out of reach; expected {FIRST_YEAR} to {LAST_YEAR}."
        problems.append(Problem(option, "", message))
        return None
    return day
