"""Steps to another level, as cards that a caregiver decides on."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.levels.doses import Dose
from kiosk.levels.proposals import Kind, Proposal, Reason
from kiosk.levels.service import LevelView
from kiosk.programs.model import Bounds, Exercise, PhaseName
from web.text import ProgramTitles, t, tn


@dataclass(frozen=True, slots=True)
class StepCard:
    """A proposed step."""

    program: str
    seen: str
    """The proposal's fingerprint."""

    heading: str
    why: str
    what: tuple[str, ...]
    """What changes, a line each."""

    advice: str
    can_accept: bool


def step_of(level: LevelView, titles: ProgramTitles) -> StepCard | None:
    """The card for the step that is proposed; `None` where none is."""
    proposal = level.proposal
    if proposal is None:
        return None
    return StepCard(
        program=proposal.program,
        seen=seen(proposal),
        heading=t(f"history.step.{proposal.kind.value}", title=titles(proposal.program)),
        why=_why(proposal, titles),
        what=tuple(_what(level, proposal, titles)),
        advice=_advice(proposal, titles),
        can_accept=proposal.kind is not Kind.NOTHING_EASIER,
    )


def seen(proposal: Proposal) -> str:
    """A fingerprint of `proposal`, short enough for a form."""
    return hashlib.sha256(repr(proposal).encode()).hexdigest()[:16]


def _why(proposal: Proposal, titles: ProgramTitles) -> str:
    match proposal.reason:
        case Reason.WENT_WELL:
            return tn("history.step.went_well", proposal.sessions)
        case Reason.HARDER:
            return tn("history.step.harder", proposal.sessions)
        case Reason.STOPPED:
            name = titles.exercise(proposal.program, proposal.exercise or "")
            return tn("history.step.stopped", proposal.sessions, name=name)


def _what(level: LevelView, proposal: Proposal, titles: ProgramTitles) -> Iterator[str]:
    if proposal.to_program is not None:
        old, new = titles(proposal.program), titles(proposal.to_program)
        yield t("history.step.program", old=old, new=new)
    for dose in proposal.doses:
        in_file = next(e for e in level.program.exercises if e.id == dose.exercise_id)
        now = next(e for e in level.dosed.exercises if e.id == dose.exercise_id)
        changes = ", ".join(_changes(now, in_file, dose))
        yield t("history.step.dose", name=titles.name_of(now), changes=changes)


def _changes(now: Exercise, in_file: Exercise, dose: Dose) -> Iterator[str]:
    sets = in_file.sets if dose.sets is None else dose.sets
    reps = in_file.reps if dose.reps is None else dose.reps
    hold = _hold(in_file) if dose.hold is None else dose.hold
    if sets != now.sets:
        yield tn("history.step.sets", sets, before=now.sets)
    if reps != now.reps:
        yield tn("history.step.repetitions", reps, before=now.reps)
    if hold != _hold(now):
        yield t("history.step.hold", before=f"{_hold(now) / 1000:g}", after=f"{hold / 1000:g}")


def _hold(exercise: Exercise) -> int:
    return next((p.duration for p in exercise.phases if p.name is PhaseName.HOLD), 0)


def _advice(proposal: Proposal, titles: ProgramTitles) -> str:
    if proposal.kind is Kind.NOTHING_EASIER:
        return t("history.step.nothing_easier")
    new = titles.program(proposal.to_program) if proposal.to_program is not None else None
    if new is None:
        return t("history.step.from_next_session")
    often = _span("history.step.days_a_week", new.frequency.days_per_week)
    times = _span("history.step.times_a_day", new.frequency.times_per_day)
    return t("history.step.meant_for", title=titles(new.id), often=often, times=times)


def _span(key: str, bounds: Bounds) -> str:
    """E.g. `2 to 3 days a week`."""
    if bounds.low == bounds.high:
        return tn(key, bounds.high)
    return tn(f"{key}.span", bounds.high, low=bounds.low)
