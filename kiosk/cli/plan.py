"""`kiosk plan`: the entries of the plan and their occurrences."""

import argparse
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kiosk.cli.common import (
    add_command,
    add_day_options,
    add_setting_options,
    check_span,
    counted,
    day_and_time,
    print_columns,
    print_json,
    read_days,
    weekday_of,
)
from kiosk.cli.data import Act, Opened, opening
from kiosk.errors import DataError, Problem, UnknownEntryError
from kiosk.history.audit import Actor, entry_values
from kiosk.schedule.checks import FIELDS, write_days, write_times
from kiosk.schedule.model import EVERY_DAY, WALK, PlanEntry
from kiosk.schedule.occurrences import last_day, state_of

if TYPE_CHECKING:
    from kiosk.app import Environment
    from kiosk.schedule.service import ScheduleService
    from kiosk.schedule.snapshot import ListedOccurrence

DESCRIPTION = """\
Say what is to be done when. Each entry of the plan is a program, or the daily walk, on some days of
the week, at some times of day, for some weeks or without an end. When something is due, the kiosk
calls, and a press of the button starts it.

`kiosk plan ACTION --help` explains an action.
"""

EXAMPLES = """\
  kiosk plan add low-back-start --days daily --times 08:00,13:00,18:30
  kiosk plan add low-back-next --days tue,fri --times 10:00 --starts 2027-01-04 --weeks 12
  kiosk plan add walk --days daily --times 11:00
  kiosk plan edit 2 --times 10:30
  kiosk plan pause 2
  kiosk plan occurrences --from 2027-01-04 --to 2027-01-17
"""

ADD = """\
Add an entry to the plan: PROGRAM on some days of the week, at some times of day. --times has to be
given; without --days it is every day, without --starts from today on, without --weeks for good.

Times are those of the kiosk's time zone. Nothing that would have been due before now is called.
"""

EDIT = """\
Change an entry of the plan. What is not named stays as it is.
"""

REMOVE = """\
Take an entry out of the plan. What was done of it stays in the history.
"""

PAUSE = """\
Pause an entry: nothing of it is due until it is taken up again with --resume. The course does not
become longer by it.
"""

OCCURRENCES = """\
Print what is due on some days, at most 400, and what became of it: coming, due, done or missed; or
past for what nobody was asked to do, because it lies before the entry was added or changed.
"""

FIELD_OPTIONS = (
    ("--days", "DAYS", "days of the week: mon,wed,fri or mon-fri, or daily, weekdays, weekend"),
    ("--times", "TIMES", "times of day: 08:00,13:30"),
    ("--starts", "DATE", "first day of the course, as 2027-01-04"),
    ("--weeks", "N", "length of the course in weeks, or none for no end"),
)

NEXT = 3  # how many occurrences are printed of a new or changed entry
MOST_DAYS = 400  # the most days whose occurrences are printed at once


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk plan`."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    listing = add_command(actions, "list", "print every entry", "Print every entry of the plan.")
    listing.add_argument("--json", action="store_true", help="for programs to read")
    _complete(listing, list_entries)

    add = add_command(actions, "add", "add an entry", ADD)
    add.add_argument("program", metavar="PROGRAM", help="id of the program, or walk")
    _add_field_options(add)
    _complete(add, add_entry)

    edit = add_command(actions, "edit", "change an entry", EDIT)
    _add_number(edit)
    edit.add_argument("--program", metavar="PROGRAM", help="id of the program, or walk")
    _add_field_options(edit)
    _complete(edit, edit_entry)

    remove = add_command(actions, "remove", "take an entry out of the plan", REMOVE)
    _add_number(remove)
    _complete(remove, remove_entry)

    pause = add_command(actions, "pause", "pause an entry, or take it up again", PAUSE)
    _add_number(pause)
    pause.add_argument("--resume", action="store_true", help="take it up again")
    _complete(pause, pause_entry)

    occurrences = add_command(actions, "occurrences", "print what is due when", OCCURRENCES)
    add_day_options(occurrences, "today", "six days after the first")
    occurrences.add_argument("--json", action="store_true", help="for programs to read")
    _complete(occurrences, list_occurrences)


def _add_number(parser: argparse.ArgumentParser) -> None:
    text = "number of the entry (see `kiosk plan list`)"
    parser.add_argument("id", metavar="ID", type=int, help=text)


def _add_field_options(parser: argparse.ArgumentParser) -> None:
    for option, metavar, text in FIELD_OPTIONS:
        parser.add_argument(option, metavar=metavar, help=text)


def _complete(parser: argparse.ArgumentParser, act: Act) -> None:
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=act, usage_error=parser.error)


def run(args: argparse.Namespace) -> int:
    """Do the action. All problems of time zone and entry are reported together."""
    act: Act = args.act
    if act is edit_entry and not field_texts(args):
        args.usage_error("name what to change, such as --times 09:00")
    writes_entry = act in (add_entry, edit_entry)
    with opening(
        args, lambda base: _problems_of_entry(args, base) if writes_entry else ()
    ) as opened:
        return act(opened, args)


def _problems_of_entry(args: argparse.Namespace, base: "Environment") -> tuple[Problem, ...]:
    """The problems that the fields on the command line have by themselves, without the plan."""
    from kiosk.app import make_library
    from kiosk.schedule.service import read_entry

    anything = PlanEntry(0, WALK, EVERY_DAY, (), date.min, None)
    before = anything if args.act is edit_entry else None
    try:
        read_entry(make_library(base.folders), field_texts(args), date.min, before)
    except DataError as error:
        return error.problems
    return ()


def field_texts(args: argparse.Namespace) -> dict[str, str]:
    """The fields of an entry that the command line gives, by their names in the checks."""
    given = {name: getattr(args, name, None) for name in FIELDS}
    return {name: text for name, text in given.items() if text is not None}


def list_entries(opened: Opened, args: argparse.Namespace) -> int:
    """Print every entry."""
    plan, today = opened.data.store.plan.entries(), opened.today
    if args.json:
        print_json([_record_entry(entry, today) for entry in plan])
    elif plan:
        head = ("ENTRY", "PROGRAM", "DAYS", "TIMES", "STARTS", "WEEKS", "STATE")
        print_columns([head, *(_entry_row(entry, today) for entry in plan)])
    else:
        print("The plan is empty. `kiosk plan add` puts something into it.")
    return 0


def add_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Add an entry to the plan."""
    from kiosk.schedule.service import checked_entry

    entry = checked_entry(opened.view, field_texts(args))
    _print_entry(opened, _service(opened).add(entry).entry)
    return 0


def edit_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Change an entry."""
    from kiosk.schedule.service import checked_entry

    before = _find_entry(opened, args.id)
    return _change_entry(opened, checked_entry(opened.view, field_texts(args), before), before)


def pause_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Pause an entry, or take it up again."""
    before = _find_entry(opened, args.id)
    return _change_entry(opened, replace(before, paused=not args.resume), before)


def _change_entry(opened: Opened, entry: PlanEntry, before: PlanEntry) -> int:
    """Put `entry` in the place of `before`. Raises ConflictError where that has changed since."""
    if entry == before:
        print("Nothing has changed.")
    else:
        entry = _service(opened).change(entry, before).entry
    _print_entry(opened, entry)
    return 0


def remove_entry(opened: Opened, args: argparse.Namespace) -> int:
    """Remove an entry."""
    entry = _find_entry(opened, args.id)
    _service(opened).remove(entry.id, entry.version)
    print(f"Removed entry {_format_entry(entry)} What was done stays in the history.")
    return 0


def list_occurrences(opened: Opened, args: argparse.Namespace) -> int:
    """Print the occurrences of some days."""
    first, last = read_days(args.first, args.last)
    first = first or min(opened.today, last or opened.today)
    last = last or first + timedelta(days=6)
    check_span(first, last, MOST_DAYS)
    found = opened.view.occurrences_between(first, last)
    if args.json:
        print_json([record_occurrence(one) for one in found])
    elif found:
        head = ("DAY", "", "TIME", "ENTRY", "PROGRAM", "STATE")
        print_columns([head, *(_occurrence_row(one) for one in found)])
    else:
        print(f"Nothing is planned from {first} to {last}.")
    return 0


def _service(opened: Opened) -> "ScheduleService":
    from kiosk.schedule.service import ScheduleService

    return ScheduleService(opened.data.store, lambda: opened.now, Actor.COMMAND)


def _find_entry(opened: Opened, number: int) -> PlanEntry:
    try:
        return opened.view.entry(number)
    except UnknownEntryError as error:
        raise UnknownEntryError("plan.no-entry-list", number=number) from error


def _print_entry(opened: Opened, entry: PlanEntry) -> None:
    print(f"Entry {_format_entry(entry)}")
    if entry.paused:
        print(f"It is paused; `kiosk plan pause {entry.id} --resume` takes it up again.")
        return
    moments = [day_and_time(coming.due) for coming in opened.view.next_times(entry, NEXT)]
    print(f"Next: {', '.join(moments)}." if moments else "Nothing of it is still to come.")


def _format_entry(entry: PlanEntry) -> str:
    length = f"for {counted(entry.weeks, 'week')}" if entry.weeks else "without an end"
    days, times = write_days(entry.days), ", ".join(f"{wall:%H:%M}" for wall in entry.times)
    return f"{entry.id}: {entry.program}, {days} at {times}, from {entry.starts} {length}."


def _entry_row(entry: PlanEntry, today: date) -> tuple[str, ...]:
    return (
        str(entry.id),
        entry.program,
        write_days(entry.days),
        write_times(entry.times),
        entry.starts.isoformat(),
        str(entry.weeks or "no end"),
        state_of(entry, today),
    )


def _record_entry(entry: PlanEntry, today: date) -> dict[str, object]:
    last = last_day(entry)
    return {
        "entry": entry.id,
        **entry_values(entry),
        "last_day": last.isoformat() if last else None,
        "state": state_of(entry, today),
    }


def _occurrence_row(one: "ListedOccurrence") -> tuple[str, ...]:
    occurrence, day = one.occurrence, one.occurrence.local_date
    time, entry = f"{occurrence.due:%H:%M}", str(occurrence.entry)
    return weekday_of(day), str(day), time, entry, occurrence.program, one.state


def record_occurrence(one: "ListedOccurrence") -> dict[str, object]:
    """An occurrence as `--json` prints it."""
    return {
        "entry": one.occurrence.entry,
        "program": one.occurrence.program,
        "local_date": one.occurrence.local_date.isoformat(),
        "due": one.occurrence.due.isoformat(timespec="seconds"),
        "state": one.state,
    }
