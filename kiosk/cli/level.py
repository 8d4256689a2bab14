"""`kiosk level`: the doses, and the steps to harder or easier ones."""

import argparse
import math
from collections.abc import Callable, Iterator

from kiosk.cli.common import (
    add_command,
    add_setting_options,
    counted,
    format_reason,
    print_columns,
    print_json,
    print_problems,
    record_proposal,
)
from kiosk.cli.data import Act, Opened, run
from kiosk.errors import OutsideRangeError, PlanError, Problem
from kiosk.history.audit import Actor
from kiosk.levels.doses import Dose
from kiosk.levels.proposals import Kind, Proposal
from kiosk.levels.service import Accepted, Changes, Level, LevelService
from kiosk.programs.model import Bounds, Exercise
from kiosk.units import Millis

DESCRIPTION = """\
Show how much of each exercise is done, and decide about steps to a harder or an easier level.

After sessions that went well the kiosk proposes a step up, after hard ones a step back. It only
proposes: a caregiver accepts a step, or declines it. A dose can also be set by hand, within the
range that the source of the exercise gives. The program files stay as they are.

Without an action, it shows.
"""

EXAMPLES = """\
  kiosk level
  kiosk level accept
  kiosk level set low-back-next long-bridge --reps 12
  kiosk level set low-back-start glute-bridge --hold 5
  kiosk level reset low-back-start glute-bridge
"""

SHOW = """\
Show the doses of the programs in use, or of PROGRAM, with the ranges that their sources give, and
the step that is proposed. A value that a caregiver has changed has a star.
"""

ACCEPT = """\
Accept the step that is proposed. Either doses change, or the entries of the plan and the default
program change to the harder or easier program. It holds good from the next session on.
"""

DECLINE = """\
Decline the step that is proposed. Only sessions from now on count for the next one.
"""

SET = """\
Change the dose of an exercise. What is not named stays as it is. A dose outside the range that the
exercise's source gives is refused, unless --force is given: only where a doctor or physiotherapist
has said so.
"""

RESET = """\
Take changed doses back, of one exercise or of the whole program: they are again as in its file.
"""

CHANGED = "*"  # stands behind a value that differs from the program file's

Run = Callable[[argparse.Namespace], int]

INSIST = "Where a doctor or physiotherapist wants it so, --force insists."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk level`."""
    _add_json(parser)
    _complete(parser, print_levels)
    parser.set_defaults(program=None)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")

    show = add_command(actions, "show", "show doses and the proposed step", SHOW)
    text = "id of a program; without, those in use"
    show.add_argument("program", metavar="PROGRAM", nargs="?", help=text)
    _complete_action(show, print_levels)

    for name, summary, description, act in (
        ("accept", "accept the proposed step", ACCEPT, accept),
        ("decline", "decline the proposed step", DECLINE, decline),
    ):
        decision = add_command(actions, name, summary, description)
        text = "id of the program; needed where steps are proposed for several"
        decision.add_argument("program", metavar="PROGRAM", nargs="?", help=text)
        _complete_action(decision, act)

    change = add_command(actions, "set", "change the dose of an exercise", SET)
    change.add_argument("program", metavar="PROGRAM", help="id of the program")
    change.add_argument("exercise", metavar="EXERCISE", help="id of the exercise")
    change.add_argument("--reps", metavar="N", type=int, help="repetitions in a set")
    change.add_argument("--sets", metavar="N", type=int, help="sets")
    text = "length of its holds"
    change.add_argument("--hold", metavar="SECONDS", type=_milliseconds, help=text)
    text = "also outside the range that the source gives"
    change.add_argument("--force", action="store_true", help=text)
    _complete_action(change, set_dose, run_set)

    back = add_command(actions, "reset", "take changed doses back", RESET)
    back.add_argument("program", metavar="PROGRAM", help="id of the program")
    text = "id of the exercise; without, all of them"
    back.add_argument("exercise", metavar="EXERCISE", nargs="?", help=text)
    _complete_action(back, reset)


def _complete(parser: argparse.ArgumentParser, act: Act, run: Run = run) -> None:
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=act, usage_error=parser.error)


def _complete_action(parser: argparse.ArgumentParser, act: Act, run: Run = run) -> None:
    # Options given before the action, as in `kiosk level --state-dir DIR show`, hold for it.
    parser.argument_default = argparse.SUPPRESS
    if act is print_levels:
        _add_json(parser)
    _complete(parser, act, run)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs to read")


def _milliseconds(text: str) -> Millis:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise argparse.ArgumentTypeError(f"expected seconds, such as 4.5, not {text!r}")
    return round(seconds * 1000)


def run_set(args: argparse.Namespace) -> int:
    """Change a dose, where the command line says in which way."""
    if args.reps is None and args.sets is None and args.hold is None:
        args.usage_error("name what to change: --reps, --sets or --hold")
    return run(args)


def print_levels(opened: Opened, args: argparse.Namespace) -> int:
    """Print doses and proposed steps."""
    levels, problems = _levels(opened, args.program)
    if args.json:
        print_json([record_level(level) for level in levels])
    else:
        for number, level in enumerate(levels):
            if number:
                print()
            _print_level(level)
    return print_problems(problems)


def accept(opened: Opened, args: argparse.Namespace) -> int:
    """Take the proposed step."""
    proposal = _proposed(opened, args.program)
    if proposal.kind is Kind.NOTHING_EASIER:
        raise _refusal(
            f"{format_reason(proposal)} There is nothing easier to change to; `kiosk level decline`"
            " puts this aside."
        )
    accepted = _service(opened).accept(proposal.program, proposal)
    if accepted.to_program is None:
        _print_changes(proposal.program, accepted.exercises)
    else:
        _print_new_program(opened, proposal.program, accepted, accepted.to_program)
    return 0


def decline(opened: Opened, args: argparse.Namespace) -> int:
    """Put the proposed step aside."""
    proposal = _proposed(opened, args.program)
    _service(opened).decline(proposal.program, proposal)
    print(f"Declined. For the next step of {proposal.program}, only sessions from now on count.")
    return 0


def set_dose(opened: Opened, args: argparse.Namespace) -> int:
    """Change the dose of an exercise."""
    given = Dose(args.program, args.exercise, args.sets, args.reps, args.hold)
    try:
        changed = _service(opened).set_dose(given, insist=args.force)
    except OutsideRangeError as error:
        return print_problems(error.problems, INSIST)
    _print_changes(args.program, changed)
    return 0


def reset(opened: Opened, args: argparse.Namespace) -> int:
    """Take changed doses back."""
    changed = _service(opened).reset(args.program, args.exercise)
    _print_changes(args.program, changed)
    return 0


def _service(opened: Opened) -> LevelService:
    return LevelService(lambda: opened.view, actor=Actor.COMMAND)


def _levels(opened: Opened, program: str | None) -> tuple[list[Level], list[Problem]]:
    levels = _service(opened)
    return levels.in_use(opened.view) if program is None else ([levels.of(program)], [])


def _proposed(opened: Opened, program: str | None) -> Proposal:
    """The one step that is proposed. Raises PlanError where there is none, or more than one."""
    levels, _ = _levels(opened, program)
    found = [level.proposal for level in levels if level.proposal is not None]
    if not found:
        of = f" for {program}" if program else ""
        raise _refusal(f"No step is proposed{of}; `kiosk level` shows how things stand.")
    if len(found) > 1:
        programs = ", ".join(proposal.program for proposal in found)
        raise _refusal(f"Steps are proposed for {programs}: name the program.")
    return found[0]


def _refusal(message: str) -> PlanError:
    return PlanError([Problem.plain("level", "", message)])


def _print_level(level: Level) -> None:
    program, proposal = level.program, level.proposal
    easier = f", easier: {program.previous_level}" if program.previous_level else ""
    harder = f", harder: {program.next_level}" if program.next_level else ""
    print(f"{program.id}, level {program.level}{easier}{harder}")
    exercises = [_dose_row(old, new) for old, new in _in_file_and_now(level)]
    print_columns([("EXERCISE", "SETS", "REPETITIONS", "HOLD"), *exercises])
    if program != level.dosed:
        print(f"{CHANGED} differs from the program file; `kiosk level reset` takes it back.")
    if proposal is None:
        print("No step is proposed.")
        return
    print(format_reason(proposal))
    if proposal.kind is Kind.NOTHING_EASIER:
        print("There is nothing easier to propose: time to ask a doctor or a physiotherapist.")
        return
    up = proposal.kind is Kind.UP
    if proposal.to_program is not None:
        print(f"Proposed: go {'on' if up else 'back'} to {proposal.to_program}.")
    else:
        print(f"Proposed: {'more' if up else 'fewer'} repetitions.")
        for line in _format_changes(level.exercises_changed(proposal.doses)):
            print(line)
    print("`kiosk level accept` takes the step, `kiosk level decline` puts it aside.")


def _print_changes(program: str, changed: Changes) -> None:
    print(f"Changed in {program}:" if changed else "Nothing has changed.")
    for line in _format_changes(changed):
        print(line)


def _print_new_program(opened: Opened, old: str, accepted: Accepted, new: str) -> None:
    for entry in accepted.entries:
        print(f"Entry {entry.id} of the plan is {new} from now on.")
    if accepted.default_changed:
        settings = opened.data.settings.refresh()
        if settings.default_program == new:
            when = "from now on"
            if opened.kiosk_runs():  # it reads its settings anew when somebody opens a page
                when = "once a page of the kiosk is opened, or from its next start on"
            print(f"A press of the button starts {new} {when}.")
        else:
            print(f"KIOSK_DEFAULT_PROGRAM is set: a press of the button still starts {old}.")
    frequency = opened.view.programs.load(new).frequency
    days = _counted_range(frequency.days_per_week, "day")
    times = _counted_range(frequency.times_per_day, "time")
    print(f"{new} is meant for {days} a week, {times} a day; `kiosk plan edit` changes the plan.")


def _format_changes(changed: Changes) -> Iterator[str]:
    for old, new in changed:
        parts = []
        if old.sets != new.sets:
            parts.append(f"{old.sets} → {counted(new.sets, 'set')}")
        if old.reps != new.reps:
            parts.append(f"{old.reps} → {counted(new.reps, 'repetition')}")
        if old.phases != new.phases:
            parts.append(f"hold {_format_holds(old)} → {_format_holds(new)}")
        yield f"  {new.id}: {', '.join(parts)}"


def _in_file_and_now(level: Level) -> Iterator[tuple[Exercise, Exercise]]:
    """Each exercise as in the program's file, and with its changed dose."""
    return zip(level.program.exercises, level.dosed.exercises, strict=True)


def _dose_row(old: Exercise, new: Exercise) -> tuple[str, ...]:
    """The dose in columns, each value with the range that its source gives."""
    holds = new.holds
    cited = holds[0].cited if holds else None
    hold_range = f"{_format_range(cited, _seconds)} s" if cited else ""
    return (
        new.id,
        _format_value(str(new.sets), new.sets != old.sets, _format_range(new.cited_sets)),
        _format_value(str(new.reps), new.reps != old.reps, _format_range(new.cited_reps)),
        _format_value(_format_holds(new), holds != old.holds, hold_range) if holds else "-",
    )


def _format_value(value: str, changed: bool, cited: str) -> str:
    with_range = f" ({cited})" if cited not in ("", value) else ""
    return f"{value}{CHANGED if changed else ''}{with_range}"


def _format_range(bounds: Bounds | None, form: Callable[[int], str] = str) -> str:
    return " to ".join(dict.fromkeys((form(bounds.low), form(bounds.high)))) if bounds else ""


def _counted_range(bounds: Bounds, unit: str) -> str:
    least = f"{bounds.low} to " if bounds.low != bounds.high else ""
    return f"{least}{counted(bounds.high, unit)}"


def _format_holds(exercise: Exercise) -> str:
    lengths = dict.fromkeys(_seconds(phase.duration) for phase in exercise.holds)
    return f"{' and '.join(lengths)} s"


def _seconds(length: Millis) -> str:
    return f"{length / 1000:g}"


def record_level(level: Level) -> dict[str, object]:
    """A program with its doses and the proposed step, as `--json` prints it."""
    program = level.program
    return {
        "program": program.id,
        "level": program.level,
        "previous": program.previous_level,
        "next": program.next_level,
        "exercises": [_record_exercise(old, new) for old, new in _in_file_and_now(level)],
        "proposal": record_proposal(level.proposal) if level.proposal else None,
    }


def _record_exercise(old: Exercise, new: Exercise) -> dict[str, object]:
    holds = new.holds
    cited = (new.cited_sets, new.cited_reps, holds[0].cited if holds else None)
    ranges = [[bounds.low, bounds.high] if bounds else None for bounds in cited]
    return {
        "exercise": new.id,
        **_record_dose(new),
        "in_file": _record_dose(old),
        "cited": dict(zip(_record_dose(new), ranges, strict=True)),
    }


def _record_dose(exercise: Exercise) -> dict[str, int | None]:
    holds = exercise.holds
    hold = holds[0].duration if holds else None
    return {"sets": exercise.sets, "reps": exercise.reps, "hold_ms": hold}
