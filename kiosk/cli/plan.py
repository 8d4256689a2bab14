"""`kiosk plan`: what is to be done when."""

import argparse

from kiosk.cli import plan_actions as entries
from kiosk.cli import plan_actions as listing
from kiosk.cli.common import Subparsers, add_command, add_day_options, add_setting_options
from kiosk.cli.data import Act, opening

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

CHANGES = (
    ("--days", "DAYS", "days of the week: mon,wed,fri or mon-fri, or daily, weekdays, weekend"),
    ("--times", "TIMES", "times of day: 08:00,13:30"),
    ("--starts", "DATE", "first day of the course, as 2027-01-04"),
    ("--weeks", "N", "length of the course in weeks, or none for no end"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the command its arguments and options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_list(actions)
    _add_add(actions)
    _add_edit(actions)
    _add_remove(actions)
    _add_pause(actions)
    _add_occurrences(actions)


def run(args: argparse.Namespace) -> int:
    """Do what the action says; all that is wrong with time zone and entry is told at once."""
    if args.act is entries.edit_entry and not entries.texts_of(args):
        args.usage_error("name what to change, such as --times 09:00")
    writes_entry = args.act in (entries.add_entry, entries.edit_entry)
    with opening(
        args, lambda known: entries.problems_of_entry(args, known) if writes_entry else ()
    ) as opened:
        act: Act = args.act
        return act(opened, args)


def _add_list(actions: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = add_command(actions, "list", "print every entry", "Print every entry of the plan.")
    parser.add_argument("--json", action="store_true", help="for programs to read")
    _complete(parser, entries.list_entries)


def _add_add(actions: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = add_command(actions, "add", "add an entry", ADD)
    parser.add_argument("program", metavar="PROGRAM", help="id of the program, or walk")
    _add_changes(parser)
    _complete(parser, entries.add_entry)


def _add_edit(actions: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = add_command(actions, "edit", "change an entry", EDIT)
    _add_number(parser)
    parser.add_argument("--program", metavar="PROGRAM", help="id of the program, or walk")
    _add_changes(parser)
    _complete(parser, entries.edit_entry)


def _add_remove(actions: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = add_command(actions, "remove", "take an entry out of the plan", REMOVE)
    _add_number(parser)
    _complete(parser, entries.remove_entry)


def _add_pause(actions: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = add_command(actions, "pause", "pause an entry, or take it up again", PAUSE)
    _add_number(parser)
    parser.add_argument("--resume", action="store_true", help="take it up again")
    _complete(parser, entries.pause_entry)


def _add_occurrences(actions: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = add_command(actions, "occurrences", "print what is due when", OCCURRENCES)
    add_day_options(parser, "today", "six days after the first")
    parser.add_argument("--json", action="store_true", help="for programs to read")
    _complete(parser, listing.list_occurrences)


def _add_number(parser: argparse.ArgumentParser) -> None:
    text = "number of the entry (see `kiosk plan list`)"
    parser.add_argument("id", metavar="ID", type=int, help=text)


def _add_changes(parser: argparse.ArgumentParser) -> None:
    for option, metavar, text in CHANGES:
        parser.add_argument(option, metavar=metavar, help=text)


def _complete(parser: argparse.ArgumentParser, act: Act) -> None:
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=act, usage_error=parser.error)
