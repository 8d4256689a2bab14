"""Steps to another level, as cards that a caregiver decides on."""

import hashlib
from collections.abc import Iterator
from typing import Any

from kiosk.levels.doses import Dose
from kiosk.levels.proposals import Kind, Proposal, Reason
from kiosk.levels.service import Level
from kiosk.programs.model import Bounds, Exercise
from web.text import ProgramTitles, seconds_text, t, tn


def step_card(level: Level, proposal: Proposal, titles: ProgramTitles) -> dict[str, Any]:
    """The variables of a card for the step that is proposed."""
    return {
        "program": proposal.program,
        "seen": fingerprint(proposal),
        "heading": t(f"history.step.{proposal.kind.value}", title=titles(proposal.program)),
        "why": _why(proposal, titles),
        "what": list(_changed_doses(level, proposal, titles)),
        "advice": _advice(proposal, titles),
        "can_accept": proposal.kind is not Kind.NOTHING_EASIER,
    }


def fingerprint(proposal: Proposal) -> str:
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


def _changed_doses(level: Level, proposal: Proposal, titles: ProgramTitles) -> Iterator[str]:
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
        yield t("history.step.hold", before=seconds_text(_hold(now)), after=seconds_text(hold))


def _hold(exercise: Exercise) -> int:
    return next((phase.duration for phase in exercise.holds), 0)


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
