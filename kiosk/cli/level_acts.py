"""What `kiosk level` does: show, accept, decline, set, reset."""

import argparse
import sys
from dataclasses import replace

from kiosk.agenda.doses import with_doses
from kiosk.agenda.levels import Kind, Proposal
from kiosk.cli import level_words as words
from kiosk.cli.memory import Opened
from kiosk.cli.tables import counted, print_columns, print_json
from kiosk.desk import level_acts as acts
from kiosk.desk.level_acts import Accepted, Changed
from kiosk.desk.steps import Level, level_of, levels_in_use
from kiosk.desk.view import View
from kiosk.errors import OutsideRangeError, PlanError, Problem
from kiosk.model.history import Actor, Dose
from kiosk.model.program import Bounds

INSIST = "Where a doctor or physiotherapist wants it so, --force insists."


def show(opened: Opened, args: argparse.Namespace) -> int:
    """Print doses and proposed steps."""
    levels, problems = _levels(opened.view, args.program)
    if args.json:
        print_json([words.level_record(level) for level in levels])
    else:
        for number, level in enumerate(levels):
            if number:
                print()
            _show(level)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def accept(opened: Opened, args: argparse.Namespace) -> int:
    """Take the proposed step."""
    proposal = _proposed(opened.view, args.program)
    if proposal.kind is Kind.NOTHING_EASIER:
        raise _refused(
            f"{words.cause(proposal)} There is nothing easier to change to; `kiosk level decline`"
            " puts this aside."
        )
    accepted = acts.accept(opened.view, proposal.program, proposal, Actor.COMMAND)
    if accepted.to_program is None:
        _tell(accepted.changed)
    else:
        _tell_of_program(opened, accepted, accepted.to_program)
    return 0


def decline(opened: Opened, args: argparse.Namespace) -> int:
    """Put the proposed step aside."""
    proposal = _proposed(opened.view, args.program)
    acts.decline(opened.view, proposal.program, proposal, Actor.COMMAND)
    print(f"Declined. For the next step of {proposal.program}, only sessions from now on count.")
    return 0


def set_dose(opened: Opened, args: argparse.Namespace) -> int:
    """Change the dose of an exercise."""
    given = Dose(args.program, args.exercise, args.sets, args.reps, args.hold)
    try:
        changed = acts.set_dose(opened.view, given, Actor.COMMAND, insist=args.force)
    except OutsideRangeError as error:
        problems = (replace(p, message=f"{p.message} {INSIST}") for p in error.problems)
        raise OutsideRangeError(problems) from error
    _tell(changed)
    return 0


def reset(opened: Opened, args: argparse.Namespace) -> int:
    """Take changed doses back."""
    _tell(acts.reset(opened.view, args.program, args.exercise, Actor.COMMAND))
    return 0


def _levels(view: View, program: str | None) -> tuple[list[Level], list[Problem]]:
    return levels_in_use(view) if program is None else ([level_of(view, program)], [])


def _show(level: Level) -> None:
    print(words.heading(level.program))
    print_columns(words.dose_rows(level.program, level.doses))
    if level.program != with_doses(level.program, level.doses):
        print(f"{words.CHANGED} differs from the program file; `kiosk level reset` takes it back.")
    if level.proposal is None:
        print("No step is proposed.")
        return
    print(words.cause(level.proposal))
    for line in words.step(level.proposal, level.program, level.doses):
        print(line)
    if level.proposal.kind is not Kind.NOTHING_EASIER:
        print("`kiosk level accept` takes the step, `kiosk level decline` puts it aside.")


def _proposed(view: View, program: str | None) -> Proposal:
    """The one step that is proposed. Raises PlanError where there is none, or more than one."""
    levels, _ = _levels(view, program)
    found = [level.proposal for level in levels if level.proposal is not None]
    if not found:
        of = f" for {program}" if program else ""
        raise _refused(f"No step is proposed{of}; `kiosk level` shows how things stand.")
    if len(found) > 1:
        programs = ", ".join(proposal.program for proposal in found)
        raise _refused(f"Steps are proposed for {programs}: name the program.")
    return found[0]


def _tell(changed: Changed) -> None:
    level = changed.level
    lines = list(words.changes(level.program, level.doses, changed.doses))
    print(f"Changed in {level.program.id}:" if lines else "Nothing has changed.")
    for line in lines:
        print(line)


def _tell_of_program(opened: Opened, accepted: Accepted, new: str) -> None:
    for entry in accepted.entries:
        print(f"Entry {entry.id} of the plan is {new} from now on.")
    if accepted.default_changed:
        print(_default_in_words(opened, accepted.changed.level.program.id, new))
    frequency = opened.view.programs.load(new).frequency
    days = _span(frequency.days_per_week, "day")
    times = _span(frequency.times_per_day, "time")
    print(f"{new} is meant for {days} a week, {times} a day; `kiosk plan edit` changes the plan.")


def _default_in_words(opened: Opened, old: str, new: str) -> str:
    settings = opened.base.with_kept(opened.memory.store.kept_settings()).settings
    if settings.default_program != new:
        return f"KIOSK_DEFAULT_PROGRAM is set: a press of the button still starts {old}."
    when = "the next start of the kiosk" if opened.kiosk_runs() else "now"
    return f"A press of the button starts {new} from {when} on."


def _refused(message: str) -> PlanError:
    return PlanError([Problem("level", "", message)])


def _span(bounds: Bounds, unit: str) -> str:
    if bounds.low == bounds.high:
        return counted(bounds.low, unit)
    return f"{bounds.low} to {counted(bounds.high, unit)}"
