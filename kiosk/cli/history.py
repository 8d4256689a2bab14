"""`kiosk history`: what was done, and who changed what."""

import argparse
import json
import sys
from dataclasses import fields
from datetime import date
from zoneinfo import ZoneInfo

from kiosk.cli.common import (
    add_day_options,
    add_setting_options,
    print_columns,
    print_json,
    read_days,
)
from kiosk.cli.data import Opened, run
from kiosk.history.audit import AuditEntry
from kiosk.history.export import (
    AUDIT_COLUMNS,
    COLUMNS,
    audit_line,
    cut_off_among,
    session_line,
    session_outline,
    write_csv,
)
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot

NEWEST = 100
"""How many sessions, or changes, are shown on a screen where no days are named."""

DESCRIPTION = """\
Print the sessions that were done, the newest last: when each began, how it ended, and whether it
was harder than usual. Without days named, the table shows the latest 100; --json and --csv give all
there are.

With --audit, print who changed the plan, the doses and the settings, and when.
"""

EXAMPLES = """\
  kiosk history
  kiosk history --from 2027-01-01 --to 2027-01-31
  kiosk history --csv > sessions.csv
  kiosk history --audit
"""

_EXERCISE_KEYS = tuple(field.name for field in fields(ExerciseDone))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the command its arguments and options."""
    add_day_options(parser, "the first there is", "today")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for programs to read, with exercises")
    form.add_argument("--csv", action="store_true", help="for a spreadsheet, a line per session")
    parser.add_argument("--audit", action="store_true", help="print who changed what instead")
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=print_history)


def print_history(opened: Opened, args: argparse.Namespace) -> int:
    """Print the sessions, or the changes, of the days asked for."""
    first, last = read_days(args.first, args.last)
    on_screen = not (args.json or args.csv)
    newest = NEWEST if on_screen and first is None and last is None else None
    if args.audit:
        _print_audit(opened, args, first, last, newest)
        return 0
    sessions = opened.memory.store.sessions.between(first, last, newest)
    broken_off = cut_off_among(opened.view, sessions)
    zone = opened.memory.zone
    if args.json:
        print_json([session_record(s, zone, cut_off=s in broken_off) for s in sessions])
    elif args.csv:
        write_csv(
            sys.stdout, COLUMNS, [session_line(s, zone, cut_off=s in broken_off) for s in sessions]
        )
    elif sessions:
        rows = [_row(s, zone, cut_off=s in broken_off) for s in sessions]
        print_columns([("DAY", "BEGAN", "PROGRAM", "HOW IT ENDED"), *rows])
        if len(sessions) == newest:
            print(f"These are the latest {newest}; --from DATE shows earlier ones.")
    else:
        print(f"There are no sessions{_days_in_words(first, last)}.")
    return 0


def ending_in_words(session: SessionRecord, *, cut_off: bool) -> str:
    """How a session ended, e.g. `interrupted at exercise 3, repetition 5`.

    `cut_off` says that one without an end is not going on either.
    """
    ending = Ending.INTERRUPTED if cut_off else session.ending
    if ending is Ending.COMPLETED:
        told = "completed"
    else:
        told = f"{ending.value if ending else 'under way'} {_place(session)}"
    return f"{told}, harder than usual" if session.effort is Effort.HARDER else told


def session_record(session: SessionRecord, zone: ZoneInfo, *, cut_off: bool) -> dict[str, object]:
    """A session as `--json` prints it."""
    return {
        **session_outline(session, zone, cut_off=cut_off),
        "stopped_at": _spot_record(session.stopped_at) if session.stopped_at else None,
        "effort": session.effort.value if session.effort else None,
        "dose": json.loads(session.dose) if session.dose else {},
        "exercises": [
            {name: getattr(done, name) for name in _EXERCISE_KEYS} for done in session.exercises
        ],
    }


def _place(session: SessionRecord) -> str:
    spot = session.stopped_at
    if spot is None or spot.exercise is None:
        done = any(exercise.reps for exercise in session.exercises)
        return "after the last exercise" if done else "before the first exercise"
    parts = [f"exercise {spot.exercise}"]
    if spot.set is not None and spot.set > 1:
        parts.append(f"set {spot.set}")
    if spot.rep is not None:
        parts.append(f"repetition {spot.rep}")
    if spot.side is not None:
        parts.append(spot.side)
    return f"at {', '.join(parts)}"


def _row(session: SessionRecord, zone: ZoneInfo, *, cut_off: bool) -> tuple[str, ...]:
    return (
        session.local_date.isoformat(),
        f"{session.started.astimezone(zone):%H:%M}",
        session.program,
        ending_in_words(session, cut_off=cut_off),
    )


def _spot_record(spot: Spot) -> dict[str, object]:
    return {
        "exercise": spot.exercise,
        "exercise_id": spot.exercise_id,
        "set": spot.set,
        "side": spot.side,
        "repetition": spot.rep,
        "position_ms": spot.position,
    }


def _print_audit(
    opened: Opened,
    args: argparse.Namespace,
    first: date | None,
    last: date | None,
    newest: int | None,
) -> None:
    zone = opened.memory.zone
    lines = [
        line
        for line in opened.memory.store.audit.newest(newest)
        if _is_within(line.at.astimezone(zone).date(), first, last)
    ]
    if args.json:
        print_json([audit_line(line, zone) for line in lines])
    elif args.csv:
        write_csv(sys.stdout, AUDIT_COLUMNS, [audit_line(line, zone) for line in lines])
    elif lines:
        rows = [_audit_row(line, zone) for line in lines]
        print_columns([("DAY", "TIME", "WHO", "WHAT"), *rows])
        if len(lines) == newest:
            print(f"These are the latest {newest}; --from DATE shows earlier ones.")
    else:
        print(f"There are no changes{_days_in_words(first, last)}.")


def _audit_row(line: AuditEntry, zone: ZoneInfo) -> tuple[str, ...]:
    at = line.at.astimezone(zone)
    return f"{at:%Y-%m-%d}", f"{at:%H:%M}", line.actor.value, line.what


def _is_within(day: date, first: date | None, last: date | None) -> bool:
    return (first or date.min) <= day <= (last or date.max)


def _days_in_words(first: date | None, last: date | None) -> str:
    begin = f" from {first}" if first else ""
    end = f" to {last}" if last else ""
    return begin + end if begin or end else " yet"
