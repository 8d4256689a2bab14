"""`kiosk history`: the sessions that were done, and the audit log."""

import argparse
import json
import sys
from datetime import date
from zoneinfo import ZoneInfo

from kiosk.cli.common import (
    add_day_options,
    add_setting_options,
    english_text,
    print_columns,
    print_json,
    read_days,
)
from kiosk.cli.data import Opened, run
from kiosk.history.model import Effort, Ending, SessionRecord
from kiosk.history.service import (
    AUDIT_COLUMNS,
    COLUMNS,
    audit_line,
    cut_off_among,
    session_line,
    session_outline,
    write_csv,
)

NEWEST = 100  # how many sessions, or changes, are shown on a screen where no days are named

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk history`."""
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
    printed = _print_audit if args.audit else _print_sessions
    count = printed(opened, args, first, last, newest)
    if not count and on_screen:
        begin = f" from {first}" if first else ""
        end = f" to {last}" if last else ""
        print(f"There are no {'changes' if args.audit else 'sessions'}{begin + end or ' yet'}.")
    elif count == newest:
        print(f"These are the latest {newest}; --from DATE shows earlier ones.")
    return 0


def _print_sessions(
    opened: Opened,
    args: argparse.Namespace,
    first: date | None,
    last: date | None,
    newest: int | None,
) -> int:
    """Print the sessions in the form asked for; how many there are."""
    sessions = opened.data.store.sessions.between(first, last, newest)
    cut_off = cut_off_among(opened.view, sessions)
    zone = opened.data.zone
    if args.json:
        print_json([record_session(s, zone, cut_off=s in cut_off) for s in sessions])
    elif args.csv:
        lines = (session_line(s, zone, cut_off=s in cut_off) for s in sessions)
        write_csv(sys.stdout, COLUMNS, lines)
    elif sessions:
        rows = [("DAY", "BEGAN", "PROGRAM", "HOW IT ENDED")]
        for s in sessions:
            began, ending = s.started.astimezone(zone), format_ending(s, cut_off=s in cut_off)
            rows.append((s.local_date.isoformat(), f"{began:%H:%M}", s.program, ending))
        print_columns(rows)
    return len(sessions)


def _print_audit(
    opened: Opened,
    args: argparse.Namespace,
    first: date | None,
    last: date | None,
    newest: int | None,
) -> int:
    """Print the changes in the form asked for; how many there are."""
    zone = opened.data.zone
    begin, end = first or date.min, last or date.max
    changes = [
        change
        for change in opened.data.store.audit.newest(newest)
        if begin <= change.at.astimezone(zone).date() <= end
    ]
    records = (audit_line(change, english_text(change), zone) for change in changes)
    if args.json:
        print_json(list(records))
    elif args.csv:
        write_csv(sys.stdout, AUDIT_COLUMNS, records)
    elif changes:
        rows = [("DAY", "TIME", "WHO", "WHAT")]
        for change in changes:
            day, time = f"{change.at.astimezone(zone):%Y-%m-%d %H:%M}".split()
            rows.append((day, time, change.actor.value, english_text(change)))
        print_columns(rows)
    return len(changes)


def format_ending(session: SessionRecord, *, cut_off: bool) -> str:
    """How a session, perhaps `cut_off`, ended: `interrupted at exercise 3, repetition 5`."""
    ending = Ending.INTERRUPTED if cut_off else session.ending
    if ending is Ending.COMPLETED:
        text = "completed"
    else:
        text = f"{ending.value if ending else 'under way'} {_format_spot(session)}"
    return f"{text}, harder than usual" if session.effort is Effort.HARDER else text


def _format_spot(session: SessionRecord) -> str:
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


def record_session(session: SessionRecord, zone: ZoneInfo, *, cut_off: bool) -> dict[str, object]:
    """A session as `--json` prints it; `cut_off` as in `format_ending`."""
    spot = session.stopped_at
    return {
        **session_outline(session, zone, cut_off=cut_off),
        "stopped_at": spot
        and {
            "exercise": spot.exercise,
            "exercise_id": spot.exercise_id,
            "set": spot.set,
            "side": spot.side,
            "repetition": spot.rep,
            "position_ms": spot.position,
        },
        "effort": session.effort and session.effort.value,
        "dose": json.loads(session.dose) if session.dose else {},
        "exercises": [exercise._asdict() for exercise in session.exercises],
    }
