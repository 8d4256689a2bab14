"""The steps to another level that are proposed, and those that a caregiver has declined.

A declined step is stored with the latest session by then. Only later sessions count from then on,
so the same step is proposed again once they ask for it by themselves.

Decisions about doses and levels: a step accepted or declined, a dose set or taken back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kiosk.errors import (
    ConflictError,
    OutsideRangeError,
    PlanError,
    Problem,
    ProgramFileError,
    UnknownProgramError,
)
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.history.model import SessionRecord
from kiosk.levels.doses import Dose, dose_problems, with_doses
from kiosk.levels.proposals import SESSIONS, Kind, Proposal, propose
from kiosk.programs.model import Exercise, PhaseName, Program
from kiosk.schedule.model import WALK, PlanEntry
from kiosk.schedule.snapshot import ScheduleSnapshot


@dataclass(frozen=True)
class Dosed:
    """A program, and what caregivers have changed of its doses."""

    program: Program
    """As it is in its file."""

    doses: tuple[Dose, ...]


@dataclass(frozen=True)
class Level(Dosed):
    """A program that is in use, and where the person stands in it."""

    proposal: Proposal | None
    last_session: int
    """Id of the latest session; 0 before the first."""


def levels_in_use(view: ScheduleSnapshot) -> tuple[list[Level], list[Problem]]:
    """The default program and those of the plan, and what is wrong with the others of them."""
    default = view.settings.default_program
    planned = (entry.program for entry in view.plan if entry.program != WALK)
    sessions = view.store.sessions.between(newest=SESSIONS)
    levels: list[Level] = []
    problems: list[Problem] = []
    for program in dict.fromkeys([default, *planned]):
        try:
            levels.append(_level(view, program, sessions))
        except ProgramFileError as error:
            problems += error.problems
        except UnknownProgramError as error:
            problems.append(Problem.plain(program, "", str(error)))
    return levels, problems


def level_of(view: ScheduleSnapshot, program_id: str) -> Level:
    """Where the person stands in a program. Raises UnknownProgramError, ProgramFileError."""
    return _level(view, program_id, view.store.sessions.between(newest=SESSIONS))


def doses_of(view: ScheduleSnapshot, program_id: str) -> Dosed:
    """A program and its changed doses. Raises UnknownProgramError, ProgramFileError."""
    program = view.programs.load(program_id)
    return Dosed(program, view.store.doses.of(program.id))


def _level(view: ScheduleSnapshot, program_id: str, sessions: Sequence[SessionRecord]) -> Level:
    dosed = doses_of(view, program_id)
    program, doses = dosed.program, dosed.doses
    # After a step was declined only later sessions count.
    declined = view.store.declined_steps.latest_session(program.id)
    counting = tuple(session for session in sessions if session.id > declined)
    proposal = propose(program, doses, counting, view.programs.ids())
    return Level(program, doses, proposal, sessions[-1].id if sessions else 0)


def exercises_changed(
    program: Program, before: Iterable[Dose], after: Iterable[Dose]
) -> tuple[tuple[Exercise, Exercise], ...]:
    """Each exercise of which `after` changes the dose: as it is with `before`, and as it will be.

    `program` is as in its file; what `after` leaves out stays as in `before`.
    """
    doses = {dose.exercise_id: dose for dose in before}
    now = with_doses(program, doses.values())
    then = with_doses(program, (doses | {dose.exercise_id: dose for dose in after}).values())
    pairs = zip(now.exercises, then.exercises, strict=True)
    return tuple((old, new) for old, new in pairs if old != new)


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


def accept(view: ScheduleSnapshot, program: str, proposal: Proposal, actor: Actor) -> Accepted:
    """Take the step that was looked at, all of it or nothing. Another default program is written
    down with it; a running kiosk has to be told of that.

    Raises ConflictError where another one, or none, is proposed by now; PlanError where there is
    nothing easier to change to.
    """
    level = _still_proposed(view, program, proposal)
    if proposal.kind is Kind.NOTHING_EASIER:
        values = {"program": program}
        raise PlanError([Problem("level", "", "level.nothing-easier", values)])
    new = proposal.to_program
    if new is None:
        cause = _accepted(view, proposal, actor)
        return Accepted(keep_doses(view, level, proposal.doses, actor, cause))
    default_changes = view.settings.default_program == program
    store, now = view.store, view.now
    with store.writing():
        store.audit.add(_accepted(view, proposal, actor))
        entries = tuple(
            store.plan.change(replace(entry, program=new), actor, now)
            for entry in store.plan.entries()
            if entry.program == program
        )
        if default_changes:
            store.settings.set({"default_program": new}, actor, now)
    return Accepted(Changed(level, ()), new, entries, default_changes)


def decline(view: ScheduleSnapshot, program: str, proposal: Proposal, actor: Actor) -> None:
    """Put the step that was looked at aside. Raises ConflictError as `accept` does."""
    level = _still_proposed(view, program, proposal)
    way, last = _way(proposal), level.last_session
    view.store.declined_steps.add(program, way, last, actor, view.now)


def set_dose(view: ScheduleSnapshot, given: Dose, actor: Actor, *, insist: bool = False) -> Changed:
    """Change the dose of an exercise; what is `None` in `given` stays as it is done now.

    Raises PlanError for what cannot be, and OutsideRangeError for what should not be, unless
    somebody insists on it.
    """
    level = doses_of(view, given.program)
    dose = _over(given, level.doses)
    check_dose(level.program, given, dose, insist=insist)
    return keep_doses(view, level, [without_what_the_file_says(level.program, dose)], actor)


def reset(view: ScheduleSnapshot, program: str, exercise: str | None, actor: Actor) -> Changed:
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
    view: ScheduleSnapshot,
    level: Dosed,
    doses: Iterable[Dose],
    actor: Actor,
    cause: AuditEntry | None = None,
) -> Changed:
    """Keep `doses` of the program of `level`, unchecked, all of them or none; `cause` goes to the
    audit before them.
    """
    changed = Changed(level, tuple(doses))
    with view.store.writing():
        if cause is not None:
            view.store.audit.add(cause)
        for dose in changed.doses:
            view.store.doses.set(dose, actor, view.now)
    return changed


def _accepted(view: ScheduleSnapshot, proposal: Proposal, actor: Actor) -> AuditEntry:
    values = {"step": _way(proposal), "to_program": proposal.to_program}
    return AuditEntry(view.now, actor, Change.LEVEL_ACCEPTED, proposal.program, after=values)


def _way(proposal: Proposal) -> str:
    return "up" if proposal.kind is Kind.UP else "back"


def _still_proposed(view: ScheduleSnapshot, program: str, proposal: Proposal) -> Level:
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
