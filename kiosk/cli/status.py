"""`kiosk status`: have I done it today?"""

import argparse
from collections.abc import Iterator

from kiosk.cli.common import (
    add_setting_options,
    counted,
    day_and_time,
    print_columns,
    print_json,
    print_problems,
)
from kiosk.cli.data import Opened, run
from kiosk.cli.history import ending_in_words, session_record
from kiosk.cli.level_actions import cause, proposal_record
from kiosk.cli.plan_actions import occurrence_record
from kiosk.history.adherence import CourseShare
from kiosk.history.export import in_zone
from kiosk.levels.decisions import Level, levels_in_use
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState, PlanEntry
from kiosk.schedule.progress import LONGEST_RUN, Progress, progress_of
from kiosk.schedule.view import ListedOccurrence

DESCRIPTION = """\
Answer the question "have I done it today?": what was planned for today and what became of it, what
is due next, for how many days in a row everything was done, how much of each course is done, and
whether a step to another level is proposed.
"""

EXAMPLES = """\
  kiosk status
  kiosk status --json
"""

NO_TIME = (
    "The clock is not set yet, so what is said here of today may be wrong. Reminders wait until the"
    " time has come over the network."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the command its arguments and options."""
    parser.add_argument("--json", action="store_true", help="for programs to read")
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=print_status)


def print_status(opened: Opened, args: argparse.Namespace) -> int:
    """Print where the person stands."""
    standing = progress_of(opened.view)
    levels, problems = levels_in_use(opened.view)
    if args.json:
        print_json(status_record(opened, standing, levels))
    else:
        for line in _head(opened, standing):
            print(line)
        if standing.day.planned:
            print()
            print_columns(_row(row) for row in standing.day.planned)
            print()
        for line in _rest(opened, standing, levels):
            print(line)
    print_problems(problems)
    return 0


def answer(standing: Progress) -> str:
    """Whether it was done today, in a sentence."""
    day = standing.day
    done = f"{len(day.done)} of {len(day.planned)} done today"
    if day.all_done:
        return f"Yes: {done}."
    if day.due:
        first = day.due[0].occurrence
        return f"Not yet: {done}; {first.program} is due since {first.due:%H:%M}."
    if day.to_come:
        first = day.to_come[0].occurrence
        return f"Not yet: {done}; {first.program} is due at {first.due:%H:%M}."
    return f"No: {done}." if day.planned else "Nothing is planned for today."


def status_record(opened: Opened, standing: Progress, levels: list[Level]) -> dict[str, object]:
    """Where the person stands, as `--json` prints it."""
    day, zone, session = standing.day, opened.memory.zone, standing.without_end
    return {
        "now": in_zone(opened.now, zone),
        "time_zone": zone.key,
        "clock_trusted": opened.memory.clock.trusted(),
        "day": day.day.isoformat(),
        "done_today": day.all_done if day.planned else None,
        "answer": answer(standing),
        "planned": len(day.planned),
        "done": len(day.done),
        "missed": len(day.missed),
        "to_come": len(day.to_come),
        "extra": standing.extra,
        "today": [_record(row) for row in day.planned],
        "due": [_record(row) for row in day.due],
        "next": _coming_record(standing.next),
        "run_days": standing.run,
        "courses": [_course_record(entry, share) for entry, share in standing.courses],
        "session": session and session_record(session, zone, cut_off=not standing.under_way),
        "proposals": [proposal_record(level.proposal) for level in levels if level.proposal],
        "notices": [
            {"at": in_zone(notice.at, zone), "what": notice.what}
            for notice in opened.memory.store.audit.notices()
        ],
    }


def _head(opened: Opened, standing: Progress) -> Iterator[str]:
    zone = opened.memory.zone
    yield f"{day_and_time(opened.now.astimezone(zone))}, {zone.key}"
    if not opened.memory.clock.trusted():
        yield NO_TIME
    yield answer(standing)


def _rest(opened: Opened, standing: Progress, levels: list[Level]) -> Iterator[str]:
    if standing.extra:
        yield f"Extra: {counted(standing.extra, 'session')} today."
    if standing.next is not None:
        yield f"Next: {standing.next.program}, {day_and_time(standing.next.due)}."
    if standing.run:
        more = " or more" if standing.run >= LONGEST_RUN else ""
        yield f"In a row: everything done on {counted(standing.run, 'day')}{more}."
    for entry, share in standing.courses:
        yield _course(entry, share)
    if standing.without_end is not None:
        session = standing.without_end
        told = ending_in_words(session, cut_off=not standing.under_way)
        yield f"Session: {session.program}, {told}."
    for level in levels:
        if level.proposal is not None:
            yield f"Level: {cause(level.proposal)} `kiosk level` shows what to do about it."
    zone = opened.memory.zone
    for notice in opened.memory.store.audit.notices():
        yield f"Lost: {notice.at.astimezone(zone):%Y-%m-%d} {notice.what}"


def _row(row: LedgerRow) -> tuple[str, ...]:
    state = "to come" if row.state is OccurrenceState.COMING else row.state.value
    return f"{row.occurrence.due:%H:%M}", row.occurrence.program, state


def _course(entry: PlanEntry, share: CourseShare) -> str:
    missed = f", {share.missed} missed" if share.missed else ""
    percent = f" ({share.share:.0%})" if share.share is not None else ""
    done = f"{share.done} of {share.total} done{percent}{missed}"
    return f"Course: entry {entry.id}, {entry.program}: {done}."


def _record(row: LedgerRow) -> dict[str, object]:
    return occurrence_record(ListedOccurrence(row.occurrence, row.state.value))


def _coming_record(occurrence: Occurrence | None) -> dict[str, object] | None:
    if occurrence is None:
        return None
    return occurrence_record(ListedOccurrence(occurrence, OccurrenceState.COMING.value))


def _course_record(entry: PlanEntry, share: CourseShare) -> dict[str, object]:
    return {
        "entry": entry.id,
        "program": entry.program,
        "done": share.done,
        "missed": share.missed,
        "total": share.total,
        "share": None if share.share is None else round(share.share, 4),
    }
