"""What `kiosk level` does: show, accept, decline, set, reset."""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace

from kiosk.agenda.doses import dose_problems, with_doses
from kiosk.agenda.levels import Kind, Proposal
from kiosk.bootstrap import make_library
from kiosk.cli import level_words as words
from kiosk.cli.memory import Opened
from kiosk.cli.steps import Level, accepted, declined, level_of, levels_in_use
from kiosk.cli.tables import counted, print_columns, print_json
from kiosk.errors import PlanError, Problem
from kiosk.model.history import Actor, AuditEntry, Dose
from kiosk.model.program import Bounds, Exercise, PhaseName, Program

INSIST = "Where a doctor or physiotherapist wants it so, --force insists."


def show(opened: Opened, args: argparse.Namespace) -> int:
    """Print doses and proposed steps."""
    levels, problems = _levels(opened, args.program)
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
    level, proposal = _proposed(opened, args.program)
    if proposal.kind is Kind.NOTHING_EASIER:
        raise _refused(
            f"{words.cause(proposal)} There is nothing easier to change to; `kiosk level decline`"
            " puts this aside."
        )
    _note(opened, accepted(proposal))
    if proposal.to_program is None:
        for dose in proposal.doses:
            opened.memory.store.set_dose(dose, Actor.COMMAND, opened.now)
        print(f"Changed in {proposal.program}:")
        for line in words.changes(level.program, level.doses, proposal.doses):
            print(line)
    else:
        _change_program(opened, proposal.program, proposal.to_program)
    return 0


def decline(opened: Opened, args: argparse.Namespace) -> int:
    """Put the proposed step aside."""
    level, proposal = _proposed(opened, args.program)
    _note(opened, declined(proposal, level.last_session))
    print(f"Declined. For the next step of {proposal.program}, only sessions from now on count.")
    return 0


def set_dose(opened: Opened, args: argparse.Namespace) -> int:
    """Change the dose of an exercise."""
    level = level_of(opened, args.program)
    program = level.program
    nothing = Dose(program.id, args.exercise)
    before = next((d for d in level.doses if d.exercise_id == args.exercise), nothing)
    given = Dose(program.id, args.exercise, args.sets, args.reps, args.hold)
    dose = replace(
        given,
        sets=_newer(given.sets, before.sets),
        reps=_newer(given.reps, before.reps),
        hold=_newer(given.hold, before.hold),
    )
    _check(program, given, dose, forced=args.force)
    _keep(opened, level, [_without_what_the_file_says(program, dose)])
    return 0


def reset(opened: Opened, args: argparse.Namespace) -> int:
    """Take changed doses back."""
    level = level_of(opened, args.program)
    if args.exercise is not None:
        nothing = Dose(level.program.id, args.exercise)
        _check(level.program, nothing, nothing, forced=True)
    taken_back = [
        Dose(dose.program, dose.exercise_id)
        for dose in level.doses
        if args.exercise in (None, dose.exercise_id)
    ]
    _keep(opened, level, taken_back)
    return 0


def _levels(opened: Opened, program: str | None) -> tuple[list[Level], list[Problem]]:
    return levels_in_use(opened) if program is None else ([level_of(opened, program)], [])


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


def _proposed(opened: Opened, program: str | None) -> tuple[Level, Proposal]:
    """The one step that is proposed. Raises PlanError where there is none, or more than one."""
    levels, _ = _levels(opened, program)
    found = [(level, level.proposal) for level in levels if level.proposal is not None]
    if not found:
        of = f" for {program}" if program else ""
        raise _refused(f"No step is proposed{of}; `kiosk level` shows how things stand.")
    if len(found) > 1:
        programs = ", ".join(level.program.id for level, _ in found)
        raise _refused(f"Steps are proposed for {programs}: name the program.")
    return found[0]


def _change_program(opened: Opened, old: str, new: str) -> None:
    store = opened.memory.store
    for entry in store.plan():
        if entry.program == old:
            store.change_entry(replace(entry, program=new), Actor.COMMAND, opened.now)
            print(f"Entry {entry.id} of the plan is {new} from now on.")
    if opened.base.settings.default_program == old:
        store.keep_setting("default_program", new, Actor.COMMAND, opened.now)
        settings = opened.base.with_kept(store.kept_settings()).settings
        if settings.default_program == new:
            when = "the next start of the kiosk" if opened.kiosk_runs() else "now"
            print(f"A press of the button starts {new} from {when} on.")
        else:
            print(f"KIOSK_DEFAULT_PROGRAM is set: a press of the button still starts {old}.")
    frequency = make_library(opened.base.folders).load(new).frequency
    days = _span(frequency.days_per_week, "day")
    times = _span(frequency.times_per_day, "time")
    print(f"{new} is meant for {days} a week, {times} a day; `kiosk plan edit` changes the plan.")


def _check(program: Program, given: Dose, dose: Dose, *, forced: bool) -> None:
    """Raises PlanError where `dose` cannot be or, unless `forced`, what is `given` of it now should
    not be. What was insisted on earlier is not asked about again.
    """
    impossible = dose_problems(program, dose, forced=True)
    if impossible:
        raise PlanError(impossible)
    outside = () if forced else dose_problems(program, given)
    if outside:
        raise PlanError(replace(p, message=f"{p.message} {INSIST}") for p in outside)


def _newer(given: int | None, before: int | None) -> int | None:
    return before if given is None else given


def _without_what_the_file_says(program: Program, dose: Dose) -> Dose:
    exercise = next(e for e in program.exercises if e.id == dose.exercise_id)
    return replace(
        dose,
        sets=None if dose.sets == exercise.sets else dose.sets,
        reps=None if dose.reps == exercise.reps else dose.reps,
        hold=None if {dose.hold} == _holds(exercise) else dose.hold,
    )


def _keep(opened: Opened, level: Level, doses: Iterable[Dose]) -> None:
    doses = list(doses)
    changes = list(words.changes(level.program, level.doses, doses))
    for dose in doses:
        opened.memory.store.set_dose(dose, Actor.COMMAND, opened.now)
    print(f"Changed in {level.program.id}:" if changes else "Nothing has changed.")
    for line in changes:
        print(line)


def _holds(exercise: Exercise) -> set[int]:
    return {phase.duration for phase in exercise.phases if phase.name is PhaseName.HOLD}


def _note(opened: Opened, what: str) -> None:
    opened.memory.store.note(AuditEntry(opened.now, Actor.COMMAND, what))


def _refused(message: str) -> PlanError:
    return PlanError([Problem("level", "", message)])


def _span(bounds: Bounds, unit: str) -> str:
    if bounds.low == bounds.high:
        return counted(bounds.low, unit)
    return f"{bounds.low} to {counted(bounds.high, unit)}"
