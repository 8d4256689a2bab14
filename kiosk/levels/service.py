"""Doses and levels, for whoever decides on them.

Doses and levels, for the pages.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import Lock

from kiosk.errors import (
    ConflictError,
    OutsideRangeError,
    PlanError,
    Problem,
    SettingsError,
    StoreError,
)
from kiosk.history.audit import Actor
from kiosk.levels import decisions as level_acts
from kiosk.levels.decisions import (
    Dosed,
    Level,
    doses_of,
    level_of,
    levels_in_use,
    without_what_the_file_says,
)
from kiosk.levels.doses import Dose, with_doses
from kiosk.levels.proposals import Proposal
from kiosk.programs.model import Program
from kiosk.schedule.snapshot import ScheduleSnapshot

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DosesView:
    """A program, and how it is done."""

    program: Program
    """As it is in its file."""

    dosed: Program
    """As it is done: with the changed doses."""

    doses: tuple[Dose, ...]
    """The changes."""

    version: str
    """Differs after any change to its doses."""


@dataclass(frozen=True, slots=True)
class LevelView(DosesView):
    """A program that is in use, and where the person stands in it."""

    proposal: Proposal | None
    """A step that the latest sessions ask for."""


@dataclass(frozen=True)
class LevelService:
    """Implements `kiosk.levels.service.LevelDesk`. Any thread; one decision at a time."""

    look: Callable[[], ScheduleSnapshot]
    """What it is looked at with, as of now."""

    go_by_default: Callable[[str], object]
    """Has the running kiosk go by another default program at once, which is kept already. Raises
    SettingsError where it was fixed at the kiosk's start; it is then left as it is.
    """

    changed: Callable[[], object] = lambda: None
    """Told after a change of what sessions consist of; returns at once."""

    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def in_use(
        self, snapshot: ScheduleSnapshot
    ) -> tuple[tuple[LevelView, ...], tuple[Problem, ...]]:
        """The default program and those of the plan, and what is wrong with others of them."""
        levels, problems = levels_in_use(snapshot)
        return tuple(map(_shown, levels)), tuple(problems)

    def of(self, program: str) -> LevelView:
        """Where the person stands in a program."""
        return _shown(level_of(self.look(), program))

    def doses_of(self, program: str) -> DosesView:
        """How a program is done, whatever step may be proposed."""
        return _dosed(doses_of(self.look(), program))

    def accept(self, program: str, proposal: Proposal) -> None:
        """Take the step. Raises ConflictError where another one, or none, is proposed by now."""
        with self._lock:
            view = self.look()
            if proposal.to_program is not None:
                view.programs.load(proposal.to_program)
            accepted = level_acts.accept(view, program, proposal, Actor.PAGE)
            if accepted.to_program is not None and accepted.default_changed:
                self._go_by_default(accepted.to_program)
        self.changed()

    def decline(self, program: str, proposal: Proposal) -> None:
        """Put the step aside. Raises ConflictError as `accept` does."""
        with self._lock:
            level_acts.decline(self.look(), program, proposal, Actor.PAGE)

    def check_doses(self, doses: tuple[Dose, ...], *, insist: bool = False) -> tuple[Problem, ...]:
        """What speaks against doses of one program. What was insisted on earlier is not asked about
        again.
        """
        if not doses:
            return ()
        level = doses_of(self.look(), doses[0].program)
        return _problems(level, doses, insist=insist)

    def set_doses(self, doses: tuple[Dose, ...], version: str, *, insist: bool = False) -> None:
        """Keep the doses of one program. Raises PlanError, ConflictError."""
        if not doses:
            return
        with self._lock:
            view = self.look()
            level = doses_of(view, doses[0].program)
            _check_version(level, version)
            _check(level, doses, insist=insist)
            plain = (without_what_the_file_says(level.program, dose) for dose in doses)
            level_acts.keep_doses(view, level, plain, Actor.PAGE)
        self.changed()

    def reset(self, program: str, version: str | None = None) -> None:
        """Take every changed dose of the program back. Raises ConflictError."""
        with self._lock:
            view = self.look()
            if version is not None:
                _check_version(doses_of(view, program), version)
            level_acts.reset(view, program, None, Actor.PAGE)
        self.changed()

    def _go_by_default(self, program: str) -> None:
        try:
            self.go_by_default(program)
        except (SettingsError, StoreError) as error:
            # The step is kept already, and there is nothing left to take back.
            logger.warning("The default program stays as it is until the next start. %s", error)


def version_of(doses: Iterable[Dose]) -> str:
    """Differs where any of the kept doses does."""
    texts = sorted(repr((d.program, d.exercise_id, d.sets, d.reps, d.hold)) for d in doses)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def _check_version(level: Dosed, version: str) -> None:
    if version_of(level.doses) != version:
        raise ConflictError(
            "Somebody else has changed these doses meanwhile; nothing was overwritten."
        )


def _shown(level: Level) -> LevelView:
    dosed = _dosed(level)
    return LevelView(dosed.program, dosed.dosed, dosed.doses, dosed.version, level.proposal)


def _dosed(level: Dosed) -> DosesView:
    return DosesView(
        program=level.program,
        dosed=with_doses(level.program, level.doses),
        doses=level.doses,
        version=version_of(level.doses),
    )


def _check(level: Dosed, doses: tuple[Dose, ...], *, insist: bool) -> None:
    """Raises PlanError with all that speaks against any of `doses`; OutsideRangeError where all of
    it can be insisted on.
    """
    problems = _problems(level, doses, insist=insist)
    if _problems(level, doses, insist=True):
        raise PlanError(problems)
    if problems:
        raise OutsideRangeError(problems)


def _problems(level: Dosed, doses: Iterable[Dose], *, insist: bool) -> tuple[Problem, ...]:
    found: list[Problem] = []
    for dose in doses:
        try:
            level_acts.check_dose(level.program, _new_in(dose, level.doses), dose, insist=insist)
        except PlanError as error:
            found += error.problems
    return tuple(found)


def _new_in(dose: Dose, kept: Iterable[Dose]) -> Dose:
    """`dose` without the values that are kept already."""
    before = next((d for d in kept if d.exercise_id == dose.exercise_id), None)
    if before is None:
        return dose
    return replace(
        dose,
        sets=None if dose.sets == before.sets else dose.sets,
        reps=None if dose.reps == before.reps else dose.reps,
        hold=None if dose.hold == before.hold else dose.hold,
    )
