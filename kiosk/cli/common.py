"""What the commands share: parsers and options, how they print, and the environment they start in.

Every command's parser is made with this module, also for `kiosk --help`, so it imports what a
function needs only there.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING

from kiosk.errors import DataError, Problem

if TYPE_CHECKING:
    from kiosk.app import Environment
    from kiosk.history.audit import AuditEntry
    from kiosk.levels.proposals import Proposal
    from kiosk.speech.preparer import PreparedSession


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Shows descriptions as they are written."""

    def __init__(self, prog: str) -> None:
        # As `shutil.get_terminal_size` has it, without the import: each option makes a formatter.
        columns = 0
        with suppress(KeyError, ValueError):
            columns = int(os.environ["COLUMNS"])
        if columns <= 0:
            with suppress(OSError):
                columns = os.get_terminal_size().columns
        super().__init__(prog, width=(columns or 80) - 2)


def add_command(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
    description: str,
    examples: str = "",
) -> argparse.ArgumentParser:
    """A subparser whose description and examples are shown as they are written."""
    return subparsers.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"examples:\n{examples}" if examples else None,
        formatter_class=HelpFormatter,
    )


def print_json(value: object) -> None:
    """Print `value` for other programs to read."""
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_columns(rows: Iterable[Sequence[str]]) -> None:
    """Print `rows`, the first of which is the head, in columns as wide as their widest cell."""
    rows = [tuple(map(_visible, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(map(str.ljust, row, widths)).rstrip())


def day_and_time(moment: datetime) -> str:
    """`moment` for a person, in the zone it is in."""
    return f"{weekday_of(moment.date())} {moment:%Y-%m-%d %H:%M}"


def weekday_of(day: date) -> str:
    """The day of the week in three letters."""
    from kiosk.schedule.model import Weekday

    return Weekday(day.weekday()).name.capitalize()


def counted(number: int, one: str) -> str:
    """`1 day`, `2 days`: the word `one`, with an s unless it is one."""
    return f"{number} {one if number == 1 else one + 's'}"


def _visible(text: str) -> str:
    """`text` without what would break a line or move the cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


FIRST_YEAR, LAST_YEAR = 2000, 2100


def add_day_options(parser: argparse.ArgumentParser, first: str, last: str) -> None:
    """The options `--from` and `--to`; the help says that without them it is `first` and `last`."""
    parser.add_argument("--from", dest="first", metavar="DATE", help=f"first day; without, {first}")
    parser.add_argument("--to", dest="last", metavar="DATE", help=f"last day; without, {last}")


def read_days(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """Days named by the options; `None` for one left out. Raises DataError with all problems."""
    problems: list[Problem] = []
    days = [_read(text, option, problems) for text, option in ((first, "--from"), (last, "--to"))]
    if problems:
        raise DataError(problems)
    begin, end = days
    if begin is not None and end is not None:
        check_span(begin, end)
    return begin, end


def check_span(first: date, last: date, most: int | None = None) -> None:
    """Raises DataError where `last` comes before `first`, or they span more than `most` days."""
    if last < first:
        message = f"The last day, {last}, comes before the first, {first}."
        raise DataError([Problem.plain("--to", "", message)])
    span = (last - first).days + 1
    if most is not None and span > most:
        message = f"From {first} to {last} are {span} days; at most {most} are possible."
        raise DataError([Problem.plain("--to", "", message)])


def _read(text: str | None, option: str, problems: list[Problem]) -> date | None:
    if text is None:
        return None
    name = text.strip()
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", name):
        try:
            day = date.fromisoformat(name)
        except ValueError:
            message = f"There is no {name} in the calendar."
        else:
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day
            message = f"The year {name[:4]} is out of reach; expected {FIRST_YEAR} to {LAST_YEAR}."
    else:
        message = f"Expected a date as year-month-day, such as 2026-07-01, not {name[:40]!r}."
    problems.append(Problem.plain(option, "", message))
    return None


_SETTINGS = {
    "default_program": ("--program", "ID", "program that a press starts (see `kiosk programs`)"),
    "voice": ("--voice", "NAME", "voice: id, name or language, as `espeak-ng --voices` lists them"),
    "rate": ("--rate", "WPM", "words a minute, 120 to 200"),
    "volume": ("--volume", "PERCENT", "loudness, 0 to 100"),
    "audio_device": ("--audio-device", "NAME", "sound card, by a part of its name; none: silence"),
    "pin": ("--pin", "N", "BCM number of the button's pin"),
    "led_pin": ("--led-pin", "N", "BCM number of the light's pin"),
    "host": ("--host", "ADDRESS", "address the pages listen on; 0.0.0.0: for the whole house"),
    "port": ("--port", "N", "port the pages listen on; 0: any free one"),
}


def add_setting_options(parser: argparse.ArgumentParser, names: Iterable[str]) -> None:
    """The options for the settings `names`, and `--state-dir`.

    Their values stay text: they are checked with all other settings, so that all that is wrong is
    told at once.
    """
    for name in names:
        option, metavar, text = _SETTINGS[name]
        parser.add_argument(option, dest=name, metavar=metavar, help=text)
    parser.add_argument(
        "--state-dir",
        metavar="DIR",
        help="where settings, own programs and rendered speech are kept",
    )
    parser.set_defaults(setting_names=tuple(names))


def environment_from(args: argparse.Namespace, *, forgiving: bool = False) -> "Environment":
    """Folders and settings by command line and environment; see `make_environment`."""
    from kiosk.app import make_environment

    options = {name: getattr(args, name) for name in args.setting_names}
    return make_environment(args.state_dir, os.environ, options, forgiving=forgiving)


def prepared_session(environment: "Environment", id_or_path: str) -> "PreparedSession":
    """The session of a program, rendered with a progress bar where that takes long; standard error
    says what is missing of it.

    Raises UnknownProgramError, ProgramFileError or WordingError where there can be no session.
    """
    from kiosk.app import make_library, make_preparer
    from kiosk.cli.terminal import progress_bar

    program = make_library(environment.folders).resolve(id_or_path)
    preparer = make_preparer(environment)
    try:
        with progress_bar("Rendering speech") as progress:
            session = preparer.make(program, progress)
    finally:
        preparer.close()
    for problem in session.problems:
        print(problem, file=sys.stderr)
    return session


def format_reason(proposal: "Proposal") -> str:
    """Why a step is proposed, as a sentence."""
    from kiosk.levels.proposals import Reason

    often = f"{counted(proposal.sessions, 'time')} in a row"
    match proposal.reason:
        case Reason.WENT_WELL:
            return f"{proposal.program} went well {often}."
        case Reason.HARDER:
            return f"{proposal.program} was harder than usual {often}."
        case Reason.STOPPED:
            return f"{proposal.program} was stopped in {proposal.exercise} {often}."


def record_proposal(proposal: "Proposal") -> dict[str, object]:
    """A proposed step, as `--json` prints it."""
    return {
        "kind": proposal.kind.value,
        "program": proposal.program,
        "reason": proposal.reason.value.removeprefix("level."),
        "sessions": proposal.sessions,
        "exercise": proposal.exercise,
        "doses": [
            {"exercise": d.exercise_id, "sets": d.sets, "reps": d.reps, "hold_ms": d.hold}
            for d in proposal.doses
        ],
        "to_program": proposal.to_program,
    }


def english_text(entry: "AuditEntry") -> str:
    """The sentence for an entry of the audit log."""
    from kiosk.locale.audit import audit_text
    from kiosk.locale.catalogues import english

    return audit_text(entry, english())


def print_problems(problems: Iterable[Problem], advice: str = "") -> int:
    """Print each with `advice` as a line on standard error; the exit code, 1 where there is any."""
    from kiosk.locale.problems import line

    code = 0
    for problem in problems:
        print(f"{line(problem)} {advice}".strip(), file=sys.stderr)
        code = 1
    return code
