"""`kiosk check`: are the program files right, and does everything said in them find room?"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli.common import add_setting_options, counted, environment_from
from kiosk.errors import Problem, ProgramFileError
from kiosk.locale.problems import line
from kiosk.programs.model import Program
from kiosk.timeline.timeline import Timeline
from kiosk.units import Millis

if TYPE_CHECKING:
    from kiosk.programs.files import ProgramLibrary


DESCRIPTION = """\
Check exercise programs: all there are, or only the files named.

Every mistake is told at once, with its place in the file and what was expected there; lists are
counted from 0, so exercise[2] is the third. Then each program is laid out in time as it would be
played, to tell how long a session takes, and what was left out of it, or takes longer than
planned, because of what is said.

The exit code is 1 where a program cannot be used, else 0.
"""

EXAMPLES = """\
  kiosk check
  kiosk check my-program.toml another.toml
  kiosk check --rate 130
      does everything still find room when the voice speaks slowly?
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk check`."""
    parser.add_argument(
        "files", metavar="FILE", nargs="*", type=Path, help="a program file; without, all programs"
    )
    add_setting_options(parser, ("voice", "rate"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check the files, or all programs."""
    from kiosk.app import make_library, make_preparer
    from kiosk.cli.terminal import progress_bar

    environment = environment_from(args)
    preparer = make_preparer(environment)
    language = environment.settings.language
    speech_problems: dict[str, None] = {}

    def compile_for_check(program: Program) -> Timeline | None:
        if language not in program.languages:
            return None
        with progress_bar(f"Rendering speech of {program.id}") as progress:
            session = preparer.make(program, progress)
        speech_problems.update(dict.fromkeys(session.problems))
        return session.timeline

    try:
        code = check(args.files, make_library(environment.folders), compile_for_check, language)
    finally:
        preparer.close()
    for problem in speech_problems:
        print(problem, file=sys.stderr)
    return code


def check(
    files: Sequence[Path],
    library: "ProgramLibrary",
    compile_for_check: Callable[[Program], Timeline | None],
    language: str,
) -> int:
    """Print the problems and lengths of `files`, or of all programs; the exit code."""
    from kiosk.programs.checks import link_problems

    found: list[tuple[Path, Program]] = []
    problems: list[Problem] = []
    for path in files or library.files():
        try:
            found.append((path, library.read(path)))
        except ProgramFileError as error:
            problems += error.problems
    sources = {**library.ids(), **{program.id: path for path, program in found}}
    problems += link_problems({program.id: program for _, program in found}, sources)
    for problem in problems:
        print(line(problem))
    for _, program in found:
        for described in describe(program, compile_for_check(program), language):
            print(described)
    return 1 if problems else 0


def describe(program: Program, timeline: Timeline | None, language: str) -> Iterator[str]:
    """A line about a usable program, and one for whatever did not fit into its session."""
    exercises = counted(len(program.exercises), "exercise")
    if timeline is None:
        yield f"{program.id}: {exercises}; it has no words in the language {language!r}"
        return
    length = in_minutes(timeline.duration)
    yield f"{program.id}: {timeline.title}, {exercises}, {length}"
    if count := len(timeline.missing):
        yield f"  note: speech is missing for {count} of its texts, so it will take longer"
    yield from _dropped(program, timeline)
    for one in timeline.stretched:
        where = f"{_exercise(program, one.place.exercise)}, at {in_minutes(one.at)}"
        times = f"from {one.planned / 1000:.1f} s to {one.actual / 1000:.1f} s"
        yield f"  note: stretched {times} for what is said: {one.stage.value}{where}"


def in_minutes(length: Millis) -> str:
    """`length` for a person, to the nearest second."""
    minutes, seconds = divmod((length + 500) // 1000, 60)
    return f"{minutes} min {seconds:02} s"


def _dropped(program: Program, timeline: Timeline) -> Iterator[str]:
    times: dict[tuple[int | None, str, str], list[Millis]] = {}
    for d in timeline.dropped:
        times.setdefault((d.place.exercise, d.kind.value, d.text), []).append(d.at)
    for (exercise, kind, text), moments in times.items():
        often = "once" if len(moments) == 1 else f"{len(moments)} times"
        where = f"{_exercise(program, exercise)}, first at {in_minutes(moments[0])}"
        yield f"  note: dropped {often} for lack of room: {text!r} ({kind}){where}"


def _exercise(program: Program, index: int | None) -> str:
    return "" if index is None else f" in {program.exercises[index].id}"
