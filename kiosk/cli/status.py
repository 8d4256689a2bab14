"""`kiosk status`: have I done it today?"""

import argparse
from collections.abc import Iterator, Sequence

from kiosk.cli.common import (
    add_setting_options,
    counted,
    day_and_time,
    english_text,
    format_reason,
    print_columns,
    print_json,
    print_problems,
    record_proposal,
)
from kiosk.cli.data import Opened, run
from kiosk.errors import Problem
from kiosk.history.adherence import CourseShare, DayStatus
from kiosk.history.model import SessionRecord
from kiosk.levels.doses import outline_of
from kiosk.levels.proposals import SESSIONS, Proposal, may_propose, propose
from kiosk.programs import is_validated
from kiosk.schedule.model import LedgerRow, OccurrenceState, PlanEntry
from kiosk.schedule.progress import LONGEST_RUN, Progress, progress_of
from kiosk.schedule.snapshot import ListedOccurrence

DESCRIPTION = """\
Answer the question "have I done it today?": what was planned for today and what became of it, what
is due next, for how many days in a row everything was done, how much of each course is done, and
whether a step to another level is proposed.
"""

EXAMPLES = """\
  kiosk status
  kiosk status --json
"""

CLOCK_NOT_SET = (
    "The clock is not set yet, so what is said here of today may be wrong. Reminders wait until the"
    " time has come over the network."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk status`."""
    parser.add_argument("--json", action="store_true", help="for programs to read")
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=print_status)


def print_status(opened: Opened, args: argparse.Namespace) -> int:
    """Print the person's progress."""
    progress = progress_of(opened.view)
    proposals, problems = proposed_steps(opened)
    if args.json:
        print_json(record_status(opened, progress, proposals))
    else:
        zone = opened.data.zone
        print(f"{day_and_time(opened.now.astimezone(zone))}, {zone.key}")
        if not opened.data.clock.trusted():
            print(CLOCK_NOT_SET)
        print(format_answer(progress.day))
        if progress.day.planned:
            print()
            print_columns(_row(row) for row in progress.day.planned)
            print()
        for line in _further_lines(opened, progress, proposals):
            print(line)
    print_problems(problems)
    return 0


def proposed_steps(opened: Opened) -> tuple[list[Proposal], list[Problem]]:
    """The proposed steps of the programs in use, and the problems of files that cannot be used.

    What checks program files takes longer to load than all the rest of the command. So of shipped
    ones, which their sum tells, only the outline is read, and only where sessions ask for a step.
    """
    in_use, store = opened.view.programs_in_use, opened.data.store
    sessions = store.sessions.between(newest=SESSIONS)
    proposals: list[Proposal | None] = []
    others: list[str] = []
    for program in in_use:
        file = opened.program_file(program)
        if file is None or file.parent == opened.environment.folders.programs:
            others.append(program)
        elif may_propose(program, sessions):
            try:
                content = file.read_bytes()
            except OSError:
                content = b""
            if is_validated(content):
                proposals.append(_proposed_step(opened, content, sessions))
            else:
                others.append(program)
    problems: list[Problem] = []
    if others:
        from kiosk.levels.service import LevelService

        levels, problems = LevelService(lambda: opened.view).in_use(opened.view, others)
        proposals += [level.proposal for level in levels]
    found = filter(None, proposals)
    return sorted(found, key=lambda one: in_use.index(one.program)), problems


def _proposed_step(
    opened: Opened, content: bytes, sessions: Sequence[SessionRecord]
) -> Proposal | None:
    """The proposed step of a shipped program whose file has that content."""
    from tomllib import loads

    store, outline = opened.data.store, outline_of(loads(content.decode()))
    levels = (outline.previous_level, outline.next_level)
    return propose(
        outline,
        store.doses.of(outline.id),
        sessions,
        [level for level in levels if level and opened.program_file(level)],
        declined=store.declined_steps.latest_session(outline.id),
    )


def format_answer(day: DayStatus) -> str:
    """Whether everything of the day was done, as a sentence."""
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


def _row(row: LedgerRow) -> tuple[str, ...]:
    state = "to come" if row.state is OccurrenceState.COMING else row.state.value
    return f"{row.occurrence.due:%H:%M}", row.occurrence.program, state


def _further_lines(opened: Opened, progress: Progress, proposals: list[Proposal]) -> Iterator[str]:
    """A line for each thing beside the day itself, where there is something to say of it."""
    if progress.extra:
        yield f"Extra: {counted(progress.extra, 'session')} today."
    if progress.next is not None:
        yield f"Next: {progress.next.program}, {day_and_time(progress.next.due)}."
    if progress.run:
        more = " or more" if progress.run >= LONGEST_RUN else ""
        yield f"In a row: everything done on {counted(progress.run, 'day')}{more}."
    for entry, share in progress.courses:
        percent = f" ({share.share:.0%})" if share.share is not None else ""
        missed = f", {share.missed} missed" if share.missed else ""
        done = f"{share.done} of {share.total} done{percent}{missed}"
        yield f"Course: entry {entry.id}, {entry.program}: {done}."
    if progress.without_end is not None:
        from kiosk.cli.history import format_ending

        session = progress.without_end
        ending = format_ending(session, cut_off=not progress.under_way)
        yield f"Session: {session.program}, {ending}."
    for proposal in proposals:
        yield f"Level: {format_reason(proposal)} `kiosk level` shows what to do about it."
    for loss in opened.data.store.audit.losses():
        yield f"Lost: {loss.at.astimezone(opened.data.zone):%Y-%m-%d} {english_text(loss)}"


def record_status(
    opened: Opened, progress: Progress, proposals: list[Proposal]
) -> dict[str, object]:
    """The person's progress, as `--json` prints it."""
    from kiosk.cli.history import record_session
    from kiosk.history.service import in_zone

    day, zone, session = progress.day, opened.data.zone, progress.without_end
    coming = progress.next and LedgerRow(progress.next, OccurrenceState.COMING)
    return {
        "now": in_zone(opened.now, zone),
        "time_zone": zone.key,
        "clock_trusted": opened.data.clock.trusted(),
        "day": day.day.isoformat(),
        "done_today": day.all_done if day.planned else None,
        "answer": format_answer(day),
        "planned": len(day.planned),
        "done": len(day.done),
        "missed": len(day.missed),
        "to_come": len(day.to_come),
        "extra": progress.extra,
        "today": [_record_row(row) for row in day.planned],
        "due": [_record_row(row) for row in day.due],
        "next": coming and _record_row(coming),
        "run_days": progress.run,
        "courses": [_record_course(entry, share) for entry, share in progress.courses],
        "session": session and record_session(session, zone, cut_off=not progress.under_way),
        "proposals": [record_proposal(proposal) for proposal in proposals],
        "notices": [
            {"at": in_zone(loss.at, zone), "what": english_text(loss)}
            for loss in opened.data.store.audit.losses()
        ],
    }


def _record_row(row: LedgerRow) -> dict[str, object]:
    from kiosk.cli.plan import record_occurrence

    return record_occurrence(ListedOccurrence(row.occurrence, row.state.value))


def _record_course(entry: PlanEntry, share: CourseShare) -> dict[str, object]:
    return {
        "entry": entry.id,
        "program": entry.program,
        "done": share.done,
        "missed": share.missed,
        "total": share.total,
        "share": None if share.share is None else round(share.share, 4),
    }
