"""Decisions about doses and levels: a step accepted or declined, a dose set or taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kiosk.agenda.doses import dose_problems
from kiosk.agenda.levels import Kind, Proposal
from kiosk.desk.steps import (
    Dosed,
    Level,
    accepted,
    declined,
    doses_of,
    exercises_changed,
    level_of,
)
from kiosk.desk.view import View
from kiosk.errors import ConflictError, OutsideRangeError, PlanError, Problem
from kiosk.model.history import Actor, AuditEntry, Dose
from kiosk.model.plan import PlanEntry
from kiosk.model.program import Exercise, PhaseName, Program


@dataclass(frozen=True)
class Changed:
    """Doses that were kept."""

    level: Dosed
    """The program, with its doses as they were before."""

    doses: tuple[Dose, ...]
    """What was kept; whole, so each takes the place of what there was for its exercise."""

    @property
    def exercises(self) -> tuple[tuple[Exercise, Exercise], ...]:
        """Each exercise that is done differently now: as it was, and as it is."""
        return exercises_changed(self.level.program, self.level.doses, self.doses)


@dataclass(frozen=True)
class Accepted:
    """A step that was taken: doses have changed, or a program has taken another's place."""

    changed: Changed
    """Without any doses where the program has changed."""

    to_program: str | None = None
    """Id of the program that has taken the place; `None` where doses have changed."""

    entries: tuple[PlanEntry, ...] = ()
    """The entries of the plan that changed for it, as they are now."""

    default_changed: bool = False
    """Whether it was kept as the default program, too. The environment may say otherwise still."""


def accept(view: View, program: str, proposal: Proposal, actor: Actor) -> Accepted:
    """Take the step that was looked at, all of it or nothing. Another default program is written
    down with it; a running kiosk has to be told of that.

    Raises ConflictError where another one, or none, is proposed by now, or where somebody changes
    the plan at the same moment; PlanError where there is nothing easier to change to.
    """
    level = _still_proposed(view, program, proposal)
    if proposal.kind is Kind.NOTHING_EASIER:
        message = f"There is nothing easier than {program} to change to."
        raise PlanError([Problem("level", "", message)])
    new = proposal.to_program
    if new is None:
        return Accepted(keep_doses(view, level, proposal.doses, actor, accepted(proposal)))
    default_changes = view.settings.default_program == program
    moved = [replace(one, program=new) for one in view.store.plan() if one.program == program]
    entries = view.store.change_level(
        actor,
        view.now,
        accepted(proposal),
        entries=moved,
        settings={"default_program": new} if default_changes else None,
    )
    return Accepted(Changed(level, ()), new, entries, default_changes)


def decline(view: View, program: str, proposal: Proposal, actor: Actor) -> None:
    """Put the step that was looked at aside. Raises ConflictError as `accept` does."""
    level = _still_proposed(view, program, proposal)
    line = declined(proposal, level.last_session)
    view.store.note(AuditEntry(view.now, actor, line))


def set_dose(view: View, given: Dose, actor: Actor, *, insist: bool = False) -> Changed:
    """Change the dose of an exercise; what is `None` in `given` stays as it is done now.

    Raises PlanError for what cannot be, and OutsideRangeError for what should not be, unless
    somebody insists on it.
    """
    level = doses_of(view, given.program)
    dose = _over(given, level.doses)
    check_dose(level.program, given, dose, insist=insist)
    return keep_doses(view, level, [without_what_the_file_says(level.program, dose)], actor)


def reset(view: View, program: str, exercise: str | None, actor: Actor) -> Changed:
    """Take changed doses back, of one exercise or of the whole program.

    Raises PlanError where the program has no such exercise.
    """
    level = doses_of(view, program)
    if exercise is not None:
        nothing = Dose(level.program.id, exercise)
        check_dose(level.program, nothing, nothing)
    taken_back = [
        Dose(dose.program, dose.exercise_id)
        for dose in level.doses
        if exercise in (None, dose.exercise_id)
    ]
    return keep_doses(view, level, taken_back, actor)


def check_dose(program: Program, given: Dose, dose: Dose, *, insist: bool = False) -> None:
    """Raises PlanError where `dose` cannot be and, unless somebody insists, OutsideRangeError where
    what is `given` of it now should not be. What was insisted on earlier is not asked about again.
    """
    impossible = dose_problems(program, dose, forced=True)
    if impossible:
        raise PlanError(impossible)
    outside = () if insist else dose_problems(program, given)
    if outside:
        raise OutsideRangeError(outside)


def keep_doses(
    view: View, level: Dosed, doses: Iterable[Dose], actor: Actor, what: str = ""
) -> Changed:
    """Keep `doses` of the program of `level`, unchecked, all of them or none; `what` goes to the
    audit before them.
    """
    changed = Changed(level, tuple(doses))
    view.store.change_level(actor, view.now, what, changed.doses)
    return changed


def _still_proposed(view: View, program: str, proposal: Proposal) -> Level:
    level = level_of(view, program)
    if level.proposal is None:
        raise ConflictError(f"No step is proposed for {program} any more.")
    if level.proposal != proposal:
        raise ConflictError(f"Another step is proposed for {program} by now; look at it first.")
    return level


def _over(given: Dose, doses: Iterable[Dose]) -> Dose:
    """`given`, and for what it leaves open the value that there is among `doses`."""
    nothing = Dose(given.program, given.exercise_id)
    before = next((dose for dose in doses if dose.exercise_id == given.exercise_id), nothing)
    return replace(
        given,
        sets=_newer(given.sets, before.sets),
        reps=_newer(given.reps, before.reps),
        hold=_newer(given.hold, before.hold),
    )


def _newer(given: int | None, before: int | None) -> int | None:
    return before if given is None else given


def without_what_the_file_says(program: Program, dose: Dose) -> Dose:
    """`dose` without the values that stand in the program's file anyway."""
    exercise = next(e for e in program.exercises if e.id == dose.exercise_id)
    return replace(
        dose,
        sets=None if dose.sets == exercise.sets else dose.sets,
        reps=None if dose.reps == exercise.reps else dose.reps,
        hold=None if {dose.hold} == _holds(exercise) else dose.hold,
    )


def _holds(exercise: Exercise) -> set[int]:
    return {phase.duration for phase in exercise.phases if phase.name is PhaseName.HOLD}
