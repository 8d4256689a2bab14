"""The occurrences of the plan, listed.

The entries of the plan: listed, added, changed, removed.
"""

import argparse
from dataclasses import replace
from datetime import date, timedelta

from kiosk.app import Environment, make_library
from kiosk.cli.common import (
    check_span,
    counted,
    day_and_time,
    print_columns,
    print_json,
    read_days,
    weekday_of,
)
from kiosk.cli.data import Opened
from kiosk.errors import DataError, Problem, UnknownEntryError
from kiosk.history.audit import Actor
from kiosk.schedule.checks import FIELDS, write_days, write_times
from kiosk.schedule.model import EVERY_DAY, WALK, PlanEntry
from kiosk.schedule.occurrences import last_day
from kiosk.schedule.service import checked_entry, find_entry, next_times, read_entry, state_of
from kiosk.schedule.view import ListedOccurrence, everything_between

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


def occurrence_record(one: ListedOccurrence) -> dict[str, object]:
    """An occurrence as `--json` prints it."""
    return {
        "entry": one.occurrence.entry,
        "program": one.occurrence.program,
        "local_date": one.occurrence.local_date.isoformat(),
        "due": one.occurrence.due.isoformat(timespec="seconds"),
        "state": one.state,
    }


def _occurrence_row(one: ListedOccurrence) -> tuple[str, ...]:
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


NEXT = 3
"""How many occurrences are told of a new or changed entry."""


def list_entries(opened: Opened, args: argparse.Namespace) -> int:
    """Print every entry."""
    plan, today = opened.memory.store.plan.entries(), opened.view.today
    if args.json:
        print_json([_record(entry, today) for entry in plan])
    elif plan:
        head = ("ENTRY", "PROGRAM", "DAYS", "TIMES", "STARTS", "WEEKS", "STATE")
        print_columns([head, *(_row(entry, today) for entry in plan)])
    else:
        print("The plan is empty. `kiosk plan add` puts something into it.")
    return 0


def add_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Keep a new entry."""
    entry = checked_entry(opened.view, texts_of(args))
    _tell(opened, opened.memory.store.plan.add(entry, Actor.COMMAND, opened.now))
    return 0


def edit_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Change an entry."""
    entry = _entry(opened, args.id)
    return change(opened, checked_entry(opened.view, texts_of(args), entry), entry)


def pause_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Pause an entry, or take it up again."""
    entry = _entry(opened, args.id)
    return change(opened, replace(entry, paused=not args.resume), entry)


def change(opened: Opened, entry: PlanEntry, before: PlanEntry) -> int:
    """Keep `entry` in place of `before`. Raises ConflictError where somebody else was quicker."""
    if entry == before:
        print("Nothing has changed.")
    else:
        entry = opened.memory.store.plan.change(entry, Actor.COMMAND, opened.now)
    _tell(opened, entry)
    return 0


def remove_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Take an entry out of the plan."""
    entry = _entry(opened, args.id)
    opened.memory.store.plan.remove(entry.id, entry.version, Actor.COMMAND, opened.now)
    print(f"Removed entry {_in_words(entry)} What was done stays in the history.")
    return 0


def problems_of_entry(args: argparse.Namespace, base: Environment) -> tuple[Problem, ...]:
    """What is wrong with the entry on the command line, as far as that can be told of it alone."""
    anything = PlanEntry(0, WALK, EVERY_DAY, (), date.min, None)
    before = anything if args.act is edit_entry else None
    try:
        read_entry(make_library(base.folders), texts_of(args), date.min, before)
    except DataError as error:
        return error.problems
    return ()


def texts_of(args: argparse.Namespace) -> dict[str, str]:
    """What the command line says about an entry, by the names that the checks know."""
    given = {name: getattr(args, name, None) for name in FIELDS}
    return {name: text for name, text in given.items() if text is not None}


def _entry(opened: Opened, number: int) -> PlanEntry:
    try:
        return find_entry(opened.view, number)
    except UnknownEntryError as error:
        raise UnknownEntryError(f"{error} `kiosk plan list` shows what it has.") from error


def _tell(opened: Opened, entry: PlanEntry) -> None:
    print(f"Entry {_in_words(entry)}")
    if entry.paused:
        print(f"It is paused; `kiosk plan pause {entry.id} --resume` takes it up again.")
        return
    moments = [day_and_time(coming.due) for coming in next_times(opened.view, entry, NEXT)]
    print(f"Next: {', '.join(moments)}." if moments else "Nothing of it is still to come.")


def _in_words(entry: PlanEntry) -> str:
    length = f"for {counted(entry.weeks, 'week')}" if entry.weeks else "without an end"
    days, times = write_days(entry.days), ", ".join(f"{wall:%H:%M}" for wall in entry.times)
    return f"{entry.id}: {entry.program}, {days} at {times}, from {entry.starts} {length}."


def _record(entry: PlanEntry, today: date) -> dict[str, object]:
    last = last_day(entry)
    return {
        "entry": entry.id,
        "program": entry.program,
        "days": [day.name.lower() for day in sorted(entry.days)],
        "times": [f"{wall:%H:%M}" for wall in entry.times],
        "starts": entry.starts.isoformat(),
        "weeks": entry.weeks,
        "last_day": last.isoformat() if last else None,
        "paused": entry.paused,
        "state": state_of(entry, today),
    }


def _row(entry: PlanEntry, today: date) -> tuple[str, ...]:
    return (
        str(entry.id),
        entry.program,
        write_days(entry.days),
        write_times(entry.times),
        entry.starts.isoformat(),
        str(entry.weeks or "no end"),
        state_of(entry, today),
    )
