"""Doses and proposed steps, in words, in columns and as plain data."""

from collections.abc import Iterable, Iterator

from kiosk.agenda.doses import with_doses
from kiosk.agenda.levels import Kind, Proposal, Reason
from kiosk.cli.tables import counted
from kiosk.desk.steps import Level, exercises_changed
from kiosk.model.history import Dose
from kiosk.model.program import Bounds, Exercise, Phase, PhaseName, Program
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
