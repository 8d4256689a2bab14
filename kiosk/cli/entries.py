"""The entries of the plan: listed, added, changed, removed."""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import islice

from kiosk.agenda.checks import FIELDS, check_entry, write_days, write_times
from kiosk.agenda.occurrences import LATEST, last_day, occurrences
from kiosk.bootstrap import Base, make_library
from kiosk.cli.memory import Opened
from kiosk.cli.tables import counted, day_and_time, print_columns, print_json
from kiosk.errors import DataError, PlanError, Problem, UnknownEntryError
from kiosk.model.history import Actor
from kiosk.model.plan import EVERY_DAY, WALK, PlanEntry

NEXT = 3
"""How many occurrences are told of a new or changed entry."""


def list_entries(opened: Opened, args: argparse.Namespace) -> int:
    """Print every entry."""
    plan, today = opened.memory.store.plan(), opened.today
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
    today = opened.today
    entry = _checked(texts_of(args), opened.base, today)
    if args.starts is None and not opened.memory.clock.trusted():
        message = "The clock is not set yet, so today is not known; name the first day."
        raise PlanError([Problem("plan", "starts", message)])
    _tell(opened, opened.memory.store.add_entry(entry, Actor.COMMAND, opened.now))
    return 0


def edit_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Change an entry."""
    entry = _entry(opened, args.id)
    return change(opened, _checked(texts_of(args), opened.base, opened.today, entry), entry)


def pause_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Pause an entry, or take it up again."""
    entry = _entry(opened, args.id)
    return change(opened, replace(entry, paused=not args.resume), entry)


def change(opened: Opened, entry: PlanEntry, before: PlanEntry) -> int:
    """Keep `entry` in place of `before`. Raises ConflictError where somebody else was quicker."""
    if entry == before:
        print("Nothing has changed.")
    else:
        entry = opened.memory.store.change_entry(entry, Actor.COMMAND, opened.now)
    _tell(opened, entry)
    return 0


def remove_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Take an entry out of the plan."""
    entry = _entry(opened, args.id)
    opened.memory.store.remove_entry(entry.id, Actor.COMMAND, opened.now)
    print(f"Removed entry {_in_words(entry)} What was done stays in the history.")
    return 0


def problems_of_entry(args: argparse.Namespace, base: Base) -> tuple[Problem, ...]:
    """What is wrong with the entry on the command line, as far as that can be told of it alone."""
    anything = PlanEntry(0, WALK, EVERY_DAY, (), date.min, None)
    try:
        _checked(texts_of(args), base, date.min, anything if args.act is edit_entry else None)
    except DataError as error:
        return error.problems
    return ()


def state_of(entry: PlanEntry, today: date) -> str:
    """Where an entry stands: `paused`, `to come`, `over` or `running`."""
    last = last_day(entry)
    if last is not None and last < today:
        return "over"
    if entry.paused:
        return "paused"
    return "to come" if today < entry.starts else "running"


def texts_of(args: argparse.Namespace) -> dict[str, str]:
    """What the command line says about an entry, by the names that the checks know."""
    given = {name: getattr(args, name, None) for name in FIELDS}
    return {name: text for name, text in given.items() if text is not None}


def _checked(
    texts: Mapping[str, str], base: Base, today: date, before: PlanEntry | None = None
) -> PlanEntry:
    """The entry that `texts` describe. Raises PlanError with all that is wrong, ProgramFileError
    where its program cannot be used.
    """
    library = make_library(base.folders)
    entry = check_entry(texts, library.ids(), today, before)
    if entry.program != WALK and "program" in texts:
        library.load(entry.program)
    return entry


def _entry(opened: Opened, number: int) -> PlanEntry:
    for entry in opened.memory.store.plan():
        if entry.id == number:
            return entry
    raise UnknownEntryError(f"The plan has no entry {number}. `kiosk plan list` shows what it has.")


def _tell(opened: Opened, entry: PlanEntry) -> None:
    print(f"Entry {_in_words(entry)}")
    if entry.paused:
        print(f"It is paused; `kiosk plan pause {entry.id} --resume` takes it up again.")
        return
    coming = occurrences([entry], opened.today, LATEST, opened.memory.zone)
    due = (occurrence.due for occurrence in coming if occurrence.due > opened.now)
    moments = [day_and_time(moment) for moment in islice(due, NEXT)]
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
