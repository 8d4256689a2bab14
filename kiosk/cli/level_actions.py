"""Doses and proposed steps, in words, in columns and as plain data.

What `kiosk level` does: show, accept, decline, set, reset.
"""

import argparse
from collections.abc import Iterable, Iterator

from kiosk.cli.common import counted, print_columns, print_json, print_problems
from kiosk.cli.data import Opened
from kiosk.errors import OutsideRangeError, PlanError, Problem
from kiosk.history.audit import Actor
from kiosk.levels import decisions as acts
from kiosk.levels.decisions import (
    Accepted,
    Changed,
    Level,
    exercises_changed,
    level_of,
    levels_in_use,
)
from kiosk.levels.doses import Dose, with_doses
from kiosk.levels.proposals import Kind, Proposal, Reason
from kiosk.programs.model import Bounds, Exercise, Phase, PhaseName, Program
from kiosk.schedule.view import View
from kiosk.units import Millis

CHANGED = "*"
"""Stands behind a value that differs from the program file's."""


def level_record(level: Level) -> dict[str, object]:
    """A program with its doses and the proposed step, as `--json` prints it."""
    program = level.program
    return {
        "program": program.id,
        "level": program.level,
        "previous": program.previous_level,
        "next": program.next_level,
        "exercises": [_exercise_record(old, new) for old, new in _pairs(program, level.doses)],
        "proposal": proposal_record(level.proposal) if level.proposal else None,
    }


def proposal_record(proposal: Proposal) -> dict[str, object]:
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


def heading(program: Program) -> str:
    """A line about a program: its level, and the easier and the harder one."""
    easier = f", easier: {program.previous_level}" if program.previous_level else ""
    harder = f", harder: {program.next_level}" if program.next_level else ""
    return f"{program.id}, level {program.level}{easier}{harder}"


def dose_rows(program: Program, doses: Iterable[Dose]) -> Iterator[tuple[str, ...]]:
    """The doses in columns, each with the range that its source gives, the head first."""
    yield "EXERCISE", "SETS", "REPETITIONS", "HOLD"
    for old, new in _pairs(program, doses):
        yield (
            new.id,
            _with_range(str(new.sets), new.sets != old.sets, _span(new.cited_sets)),
            _with_range(str(new.reps), new.reps != old.reps, _span(new.cited_reps)),
            _hold(old, new),
        )


def cause(proposal: Proposal) -> str:
    """Why a step is proposed, as a sentence."""
    often = f"{counted(proposal.sessions, 'time')} in a row"
    match proposal.reason:
        case Reason.WENT_WELL:
            return f"{proposal.program} went well {often}."
        case Reason.HARDER:
            return f"{proposal.program} was harder than usual {often}."
        case Reason.STOPPED:
            return f"{proposal.program} was stopped in {proposal.exercise} {often}."


def step(proposal: Proposal, program: Program, doses: Iterable[Dose]) -> Iterator[str]:
    """What is proposed, line by line. `program` is as in its file, `doses` its changes now."""
    if proposal.kind is Kind.NOTHING_EASIER:
        yield "There is nothing easier to propose: time to ask a doctor or a physiotherapist."
        return
    if proposal.to_program is not None:
        way = "on" if proposal.kind is Kind.UP else "back"
        yield f"Proposed: go {way} to {proposal.to_program}."
        return
    yield f"Proposed: {'more' if proposal.kind is Kind.UP else 'fewer'} repetitions."
    yield from changes(program, doses, proposal.doses)


def changes(program: Program, before: Iterable[Dose], after: Iterable[Dose]) -> Iterator[str]:
    """What `after` changes of the doses `before`, a line for each exercise."""
    for old, new in exercises_changed(program, before, after):
        yield f"  {new.id}: {', '.join(_differences(old, new))}"


def _differences(old: Exercise, new: Exercise) -> Iterator[str]:
    if old.sets != new.sets:
        yield f"{old.sets} → {counted(new.sets, 'set')}"
    if old.reps != new.reps:
        yield f"{old.reps} → {counted(new.reps, 'repetition')}"
    if old.phases != new.phases:
        yield f"hold {_seconds(_holds(old))} → {_seconds(_holds(new))}"


def _pairs(program: Program, doses: Iterable[Dose]) -> Iterable[tuple[Exercise, Exercise]]:
    """Each exercise as in its file, and as it is done."""
    return zip(program.exercises, with_doses(program, doses).exercises, strict=True)


def _exercise_record(old: Exercise, new: Exercise) -> dict[str, object]:
    holds = _holds(new)
    return {
        "exercise": new.id,
        "sets": new.sets,
        "reps": new.reps,
        "hold_ms": holds[0].duration if holds else None,
        "in_file": {
            "sets": old.sets,
            "reps": old.reps,
            "hold_ms": _holds(old)[0].duration if holds else None,
        },
        "cited": {
            "sets": _pair(new.cited_sets),
            "reps": _pair(new.cited_reps),
            "hold_ms": _pair(holds[0].cited) if holds else None,
        },
    }


def _pair(bounds: Bounds | None) -> list[int] | None:
    return [bounds.low, bounds.high] if bounds else None


def _hold(old: Exercise, new: Exercise) -> str:
    holds = _holds(new)
    if not holds:
        return "-"
    cited = holds[0].cited
    span = ""
    if cited is not None:
        ends = dict.fromkeys((_plain(cited.low), _plain(cited.high)))
        span = f"{' to '.join(ends)} s"
    return _with_range(_seconds(holds), holds != _holds(old), span)


def _with_range(value: str, changed: bool, span: str) -> str:
    cited = f" ({span})" if span not in ("", value) else ""
    return f"{value}{CHANGED if changed else ''}{cited}"


def _span(bounds: Bounds | None) -> str:
    if bounds is None:
        return ""
    return str(bounds.low) if bounds.low == bounds.high else f"{bounds.low} to {bounds.high}"


def _holds(exercise: Exercise) -> list[Phase]:
    return [phase for phase in exercise.phases if phase.name is PhaseName.HOLD]


def _seconds(holds: Iterable[Phase]) -> str:
    lengths = dict.fromkeys(_plain(phase.duration) for phase in holds)
    return f"{' and '.join(lengths)} s"


def _plain(length: Millis) -> str:
    return f"{length / 1000:g}"


INSIST = "Where a doctor or physiotherapist wants it so, --force insists."


def show(opened: Opened, args: argparse.Namespace) -> int:
    """Print doses and proposed steps."""
    levels, problems = _levels(opened.view, args.program)
    if args.json:
        print_json([level_record(level) for level in levels])
    else:
        for number, level in enumerate(levels):
            if number:
                print()
            _show(level)
    return print_problems(problems)


def accept(opened: Opened, args: argparse.Namespace) -> int:
    """Take the proposed step."""
    proposal = _proposed(opened.view, args.program)
    if proposal.kind is Kind.NOTHING_EASIER:
        raise _refused(
            f"{cause(proposal)} There is nothing easier to change to; `kiosk level decline`"
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
        return print_problems(error.problems, INSIST)
    _tell(changed)
    return 0


def reset(opened: Opened, args: argparse.Namespace) -> int:
    """Take changed doses back."""
    _tell(acts.reset(opened.view, args.program, args.exercise, Actor.COMMAND))
    return 0


def _levels(view: View, program: str | None) -> tuple[list[Level], list[Problem]]:
    return levels_in_use(view) if program is None else ([level_of(view, program)], [])


def _show(level: Level) -> None:
    print(heading(level.program))
    print_columns(dose_rows(level.program, level.doses))
    if level.program != with_doses(level.program, level.doses):
        print(f"{CHANGED} differs from the program file; `kiosk level reset` takes it back.")
    if level.proposal is None:
        print("No step is proposed.")
        return
    print(cause(level.proposal))
    for line in step(level.proposal, level.program, level.doses):
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
    lines = list(changes(level.program, level.doses, changed.doses))
    print(f"Changed in {level.program.id}:" if lines else "Nothing has changed.")
    for line in lines:
        print(line)


def _tell_of_program(opened: Opened, accepted: Accepted, new: str) -> None:
    for entry in accepted.entries:
        print(f"Entry {entry.id} of the plan is {new} from now on.")
    if accepted.default_changed:
        print(_default_in_words(opened, accepted.changed.level.program.id, new))
    frequency = opened.view.programs.load(new).frequency
    days = _level_acts_span(frequency.days_per_week, "day")
    times = _level_acts_span(frequency.times_per_day, "time")
    print(f"{new} is meant for {days} a week, {times} a day; `kiosk plan edit` changes the plan.")


def _default_in_words(opened: Opened, old: str, new: str) -> str:
    settings = opened.base.with_kept(opened.memory.store.settings.stored()).settings
    if settings.default_program != new:
        return f"KIOSK_DEFAULT_PROGRAM is set: a press of the button still starts {old}."
    when = "the next start of the kiosk" if opened.kiosk_runs() else "now"
    return f"A press of the button starts {new} from {when} on."


def _refused(message: str) -> PlanError:
    return PlanError([Problem.plain("level", "", message)])


def _level_acts_span(bounds: Bounds, unit: str) -> str:
    if bounds.low == bounds.high:
        return counted(bounds.low, unit)
    return f"{bounds.low} to {counted(bounds.high, unit)}"
