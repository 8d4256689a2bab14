"""The occurrences of the plan, listed."""

import argparse
from datetime import timedelta

from kiosk.cli.days import check_span, read_days
from kiosk.cli.memory import Opened
from kiosk.cli.tables import print_columns, print_json, weekday_of
from kiosk.desk.outlook import Listed, everything_between

MOST_DAYS = 400
"""For how many days occurrences are listed at once."""

DAYS_AHEAD = 7
"""For how many days they are listed where none are named."""


def list_occurrences(opened: Opened, args: argparse.Namespace) -> int:
    """Print the occurrences of some days."""
    first, last = read_days(args.first, args.last)
    first = first or min(opened.view.today, last or opened.view.today)
    last = last or first + timedelta(days=DAYS_AHEAD - 1)
    check_span(first, last, MOST_DAYS)
    found = everything_between(opened.view, first, last)
    if args.json:
        print_json([occurrence_record(one) for one in found])
    elif found:
        rows = (_occurrence_row(one) for one in found)
        print_columns([("DAY", "", "TIME", "ENTRY", "PROGRAM", "STATE"), *rows])
    else:
        print(f"Nothing is planned from {first} to {last}.")
    return 0


def occurrence_record(one: Listed) -> dict[str, object]:
    """An occurrence as `--json` prints it."""
    return {
        "entry": one.occurrence.entry,
        "program": one.occurrence.program,
        "local_date": one.occurrence.local_date.isoformat(),
        "due": one.occurrence.due.isoformat(timespec="seconds"),
        "state": one.state,
    }


def _occurrence_row(one: Listed) -> tuple[str, ...]:
    occurrence = one.occurrence
    day = occurrence.local_date
    time = f"{occurrence.due:%H:%M}"
    return (
        weekday_of(day),
        str(day),
        time,
        str(occurrence.entry),
        occurrence.program,
        one.state,
    )
