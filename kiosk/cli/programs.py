"""`kiosk programs`: lists the exercise programs there are."""

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kiosk.cli.common import (
    add_setting_options,
    environment_from,
    print_columns,
    print_json,
    print_problems,
)
from kiosk.errors import Problem, ProgramFileError
from kiosk.programs.model import Bounds, Program

if TYPE_CHECKING:
    from kiosk.programs.files import ProgramLibrary


DESCRIPTION = """\
List the exercise programs there are: the shipped ones, and your own in the folder `programs` of
the state directory. A file of your own takes the place of a shipped one with the same name.

The exit code is 1 where one of them cannot be used (`kiosk check` says more), else 0.
"""

EXAMPLES = """\
  kiosk programs
  kiosk programs --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk programs`."""
    parser.add_argument("--json", action="store_true", help="for programs to read")
    add_setting_options(parser, ())
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the list."""
    from kiosk.app import make_library

    environment = environment_from(args)
    programs, problems = collect(make_library(environment.folders))
    language = environment.settings.language
    if args.json:
        print_json([record(program, language) for program in programs])
    else:
        print_columns(rows(programs, language))
    return print_problems(problems)


def collect(library: "ProgramLibrary") -> tuple[list[Program], list[Problem]]:
    """The usable programs, and what is wrong with the others."""
    programs: list[Program] = []
    problems: list[Problem] = []
    for path in library.files():
        try:
            programs.append(library.read(path))
        except ProgramFileError as error:
            problems += error.problems
    return programs, problems


def record(program: Program, language: str) -> dict[str, object]:
    """A program as `--json` prints it."""
    return {
        "id": program.id,
        "level": program.level,
        "title": program.title(language),
        "exercises": len(program.exercises),
        "times_per_day": _pair(program.frequency.times_per_day),
        "days_per_week": _pair(program.frequency.days_per_week),
        "previous": program.previous_level,
        "next": program.next_level,
        "languages": sorted(program.languages),
    }


def rows(programs: Iterable[Program], language: str) -> Iterator[tuple[str, ...]]:
    """The list for people to read: its head, and a row for each program."""
    yield "ID", "LEVEL", "TITLE", "EXERCISES", "TIMES A DAY"
    for program in programs:
        yield (
            program.id,
            str(program.level),
            program.title(language),
            str(len(program.exercises)),
            _in_words(program.frequency.times_per_day),
        )


def _pair(bounds: Bounds) -> list[int]:
    return [bounds.low, bounds.high]


def _in_words(bounds: Bounds) -> str:
    return str(bounds.low) if bounds.low == bounds.high else f"{bounds.low}-{bounds.high}"
