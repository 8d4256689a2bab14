"""Decisions about levels and doses: a proposed step accepted or declined, a dose set or reset.

Each decision is one transaction: what it is based on is read in the transaction that writes, so
that nothing is overwritten that another process has stored meanwhile. Program files are read before
it, as others wait for its end. A declined step is stored with the latest session by then; only
later sessions count from then on, so the same step is proposed again once they give reason to.
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import TypeAlias

from kiosk.errors import (
    ConflictError,
    OutsideRangeError,
    PlanError,
    Problem,
    ProgramFileError,
    SettingsError,
    StoreError,
    UnknownProgramError,
)
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.history.model import SessionRecord
from kiosk.levels.doses import Dose, dose_problems, with_doses
from kiosk.levels.proposals import SESSIONS, Kind, Proposal, propose
from kiosk.locale.problems import error_text
from kiosk.programs.model import Exercise, Program
from kiosk.schedule.model import PlanEntry
from kiosk.schedule.snapshot import ScheduleSnapshot

logger = logging.getLogger(__name__)

Changes: TypeAlias = tuple[tuple[Exercise, Exercise], ...]
"""Each exercise with a changed dose, before and after."""


@dataclass(frozen=True)
class Level:
    """A program with its changed doses and the proposed step."""

    program: Program
    """As in its file."""

    doses: tuple[Dose, ...]
    """The changes that caregivers have made."""

    proposal: Proposal | None = None
    """The step that the latest sessions give reason to; not looked for by `doses_of`."""

    last_session: int = 0
    """Id of the latest session; 0 before the first."""

    @cached_property
    def dosed(self) -> Program:
        """The program with its changed doses."""
        return with_doses(self.program, self.doses)

    @property
    def version(self) -> str:
        """A digest that differs after any change of a dose."""
        return hashlib.sha256("\n".join(sorted(map(repr, self.doses))).encode()).hexdigest()[:16]

    def dose_of(self, exercise: str) -> Dose:
        """The changes to one exercise, whether there are any or not."""
        nothing = Dose(self.program.id, exercise)
        return next((dose for dose in self.doses if dose.exercise_id == exercise), nothing)

    def exercises_changed(self, after: Iterable[Dose]) -> Changes:
        """The exercises that the doses `after` change; other doses stay."""
        doses = {dose.exercise_id: dose for dose in (*self.doses, *after)}
        pairs = zip(
            self.dosed.exercises, with_doses(self.program, doses.values()).exercises, strict=True
        )
        return tuple((old, new) for old, new in pairs if old != new)


@dataclass(frozen=True)
class Accepted:
    """An accepted step: either doses have changed, or the program."""

    exercises: Changes
    """Empty where the program changed."""

    to_program: str | None = None
    """Id of the new program; `None` where doses have changed."""

    entries: tuple[PlanEntry, ...] = ()
    """The changed entries of the plan."""

    default_changed: bool = False
    """Whether the default program was stored, too; the environment may still override it."""


@dataclass(frozen=True)
class LevelService:
    """Levels and doses for pages and commands. Any thread."""

    snapshot: Callable[[], ScheduleSnapshot]
    """Takes a snapshot of now."""

    apply_default: Callable[[str], object] = lambda _program: None
    """Applies another default program, which is stored already, to the running kiosk. Raises
    SettingsError where the setting was fixed at the kiosk's start, and leaves it then.
    """

    changed: Callable[[], object] = lambda: None
    """Called after a change of what sessions consist of; returns at once."""

    actor: Actor = Actor.PAGE
    """The actor of the decisions, for the audit log."""

    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)
    """Held until the default program of an accepted step is applied, so that none overtakes it."""

    def in_use(
        self, view: ScheduleSnapshot, programs: Iterable[str] | None = None
    ) -> tuple[list[Level], list[Problem]]:
        """The levels of the programs in use, or of these `programs`, and the problems of those of
        them that cannot be used.
        """
        sessions = view.store.sessions.between(newest=SESSIONS)
        levels: list[Level] = []
        problems: list[Problem] = []
        for program in view.programs_in_use if programs is None else programs:
            try:
                levels.append(
                    _level(view, view.programs.load(program), view.programs.ids(), sessions)
                )
            except ProgramFileError as error:
                problems += error.problems
            except UnknownProgramError as error:
                problems.append(Problem(program, "", error.code, error.values))
        return levels, problems

    def of(self, program: str) -> Level:
        """The level of one program. Raises UnknownProgramError, ProgramFileError."""
        view = self.snapshot()
        return _level(view, view.programs.load(program), view.programs.ids())

    def doses_of(self, program: str) -> Level:
        """As `of` without the proposal, for which sessions would have to be read."""
        view = self.snapshot()
        return _doses(view, view.programs.load(program))

    def accept(self, program: str, proposal: Proposal) -> Accepted:
        """Accept the step that was shown, all of it or nothing; a default program that changes with
        it is stored and applied.

        Raises ConflictError where another step, or none, is proposed by now; PlanError where there
        is nothing easier to change to; UnknownProgramError, ProgramFileError.
        """
        with self._lock:
            view = self.snapshot()
            new, store, now = proposal.to_program, view.store, view.now
            if new is not None:
                view.programs.load(new)
            loaded, known = view.programs.load(program), view.programs.ids()
            step = {"step": _way(proposal), "to_program": new}
            entries: tuple[PlanEntry, ...] = ()
            default_changes = False
            with store.writing():
                level = _still_proposed(view, loaded, known, proposal)
                if proposal.kind is Kind.NOTHING_EASIER:
                    values = {"program": program}
                    raise PlanError([Problem("level", "", "level.nothing-easier", values)])
                store.audit.add(
                    AuditEntry(now, self.actor, Change.LEVEL_ACCEPTED, program, after=step)
                )
                self._store(view, proposal.doses)
                if new is not None:
                    entries = tuple(
                        store.plan.change(replace(entry, program=new), self.actor, now)
                        for entry in store.plan.entries()
                        if entry.program == program
                    )
                    stored = store.settings.stored().get("default_program", program)
                    default_changes = view.settings.default_program == program == stored
                    if default_changes:
                        store.settings.set({"default_program": new}, self.actor, now)
            if new is not None and default_changes:
                try:
                    self.apply_default(new)
                except (SettingsError, StoreError) as error:
                    # The step is stored already, and there is nothing left to take back.
                    logger.warning(
                        "The default program stays as it is until the next start. %s",
                        error_text(error),
                    )
        self.changed()
        return Accepted(level.exercises_changed(proposal.doses), new, entries, default_changes)

    def decline(self, program: str, proposal: Proposal) -> None:
        """Decline the step that was shown. Raises ConflictError as `accept` does."""
        view = self.snapshot()
        loaded, known = view.programs.load(program), view.programs.ids()
        with view.store.writing():
            last = _still_proposed(view, loaded, known, proposal).last_session
            view.store.declined_steps.add(program, _way(proposal), last, self.actor, view.now)

    def check_doses(self, doses: tuple[Dose, ...], *, insist: bool = False) -> tuple[Problem, ...]:
        """The problems of doses of one program; a value that is stored already is outside of none,
        for somebody insisted on it.
        """
        if not doses:
            return ()
        level = self.doses_of(doses[0].program)
        return _problems(level.program, _with_new_values(level, doses), insist=insist)

    def set_doses(self, doses: tuple[Dose, ...], version: str, *, insist: bool = False) -> None:
        """Store the doses of one program, all or none. Raises PlanError for impossible ones, and
        OutsideRangeError for some outside the source's range unless `insist` is set, with all
        problems; ConflictError where `version` is not the stored one.
        """
        if not doses:
            return
        view = self.snapshot()
        loaded = view.programs.load(doses[0].program)
        with view.store.writing():
            level = _doses(view, loaded)
            _check_version(level, version)
            _check(level.program, _with_new_values(level, doses), insist=insist)
            self._store(view, [_without_values_of_file(level.program, dose) for dose in doses])
        self.changed()

    def set_dose(self, given: Dose, *, insist: bool = False) -> Changes:
        """Change the dose of one exercise; a value that is `None` in `given` stays as it is.
        Raises as `set_doses` does.
        """
        view = self.snapshot()
        loaded = view.programs.load(given.program)
        with view.store.writing():
            level = _doses(view, loaded)
            before = level.dose_of(given.exercise_id)
            dose = replace(
                given,
                sets=before.sets if given.sets is None else given.sets,
                reps=before.reps if given.reps is None else given.reps,
                hold=before.hold if given.hold is None else given.hold,
            )
            _check(level.program, [(given, dose)], insist=insist)
            doses = [_without_values_of_file(level.program, dose)]
            self._store(view, doses)
        self.changed()
        return level.exercises_changed(doses)

    def reset(
        self, program: str, exercise: str | None = None, *, version: str | None = None
    ) -> Changes:
        """Reset the dose of one exercise, or all of the program, to the file's.

        Raises PlanError where the program has no such exercise, ConflictError where a `version` is
        given that is not the stored one.
        """
        view = self.snapshot()
        loaded = view.programs.load(program)
        with view.store.writing():
            level = _doses(view, loaded)
            if version is not None:
                _check_version(level, version)
            if exercise is not None:
                nothing = Dose(program, exercise)
                _check(level.program, [(nothing, nothing)])
            changed = (
                one.exercise_id for one in level.doses if exercise in (None, one.exercise_id)
            )
            doses = [Dose(program, name) for name in changed]
            self._store(view, doses)
        self.changed()
        return level.exercises_changed(doses)

    def _store(self, view: ScheduleSnapshot, doses: Iterable[Dose]) -> None:
        for dose in doses:
            view.store.doses.set(dose, self.actor, view.now)


def _doses(view: ScheduleSnapshot, program: Program) -> Level:
    """The level without the proposal."""
    return Level(program, view.store.doses.of(program.id))


def _level(
    view: ScheduleSnapshot,
    program: Program,
    known: Collection[str],
    sessions: Sequence[SessionRecord] | None = None,
) -> Level:
    level = _doses(view, program)
    if sessions is None:
        sessions = view.store.sessions.between(newest=SESSIONS)
    declined = view.store.declined_steps.latest_session(program.id)
    proposal = propose(program, level.doses, sessions, known, declined=declined)
    last = sessions[-1].id if sessions else 0
    return replace(level, proposal=proposal, last_session=last)


def _way(proposal: Proposal) -> str:
    return "up" if proposal.kind is Kind.UP else "back"


def _still_proposed(
    view: ScheduleSnapshot, program: Program, known: Collection[str], proposal: Proposal
) -> Level:
    level = _level(view, program, known)
    if level.proposal is None:
        raise ConflictError("level.step-gone", program=program.id)
    if level.proposal != proposal:
        raise ConflictError("level.step-other", program=program.id)
    return level


def _check_version(level: Level, version: str) -> None:
    if level.version != version:
        raise ConflictError("dose.changed-meanwhile")


def _check(program: Program, doses: Sequence[tuple[Dose, Dose]], *, insist: bool = False) -> None:
    """Raises PlanError with all problems of `doses`; OutsideRangeError where `insist` would do."""
    problems = _problems(program, doses, insist=insist)
    if _problems(program, doses, insist=True):
        raise PlanError(problems)
    if problems:
        raise OutsideRangeError(problems)


def _problems(
    program: Program, doses: Iterable[tuple[Dose, Dose]], *, insist: bool
) -> tuple[Problem, ...]:
    """The problems of pairs of a dose's newly given values and the whole dose: where the whole is
    possible and nobody insists, those of the given values outside their ranges.
    """
    found: list[Problem] = []
    for given, whole in doses:
        impossible = dose_problems(program, whole, forced=True)
        found += impossible or (() if insist else dose_problems(program, given))
    return tuple(found)


def _with_new_values(level: Level, doses: Iterable[Dose]) -> list[tuple[Dose, Dose]]:
    """Each dose after a copy that has only the values that are not stored yet."""
    return [(_without(dose, level.dose_of(dose.exercise_id)), dose) for dose in doses]


def _without_values_of_file(program: Program, dose: Dose) -> Dose:
    exercise = next(e for e in program.exercises if e.id == dose.exercise_id)
    holds = {phase.duration for phase in exercise.holds}
    hold = holds.pop() if len(holds) == 1 else None
    return _without(dose, replace(dose, sets=exercise.sets, reps=exercise.reps, hold=hold))


def _without(dose: Dose, other: Dose) -> Dose:
    """`dose` without the values that `other` has, too."""
    return replace(
        dose,
        sets=None if dose.sets == other.sets else dose.sets,
        reps=None if dose.reps == other.reps else dose.reps,
        hold=None if dose.hold == other.hold else dose.hold,
    )
