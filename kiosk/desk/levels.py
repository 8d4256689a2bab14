"""Doses and levels, for the pages."""

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import Lock

from kiosk.agenda.doses import with_doses
from kiosk.agenda.levels import Proposal
from kiosk.api.levels import LevelView
from kiosk.desk import level_acts
from kiosk.desk.level_acts import without_what_the_file_says
from kiosk.desk.steps import Level, level_of, levels_in_use
from kiosk.desk.view import View
from kiosk.errors import (
    ConflictError,
    OutsideRangeError,
    PlanError,
    Problem,
    SettingsError,
    StoreError,
)
from kiosk.model.history import Actor, Dose

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Levels:
    """Implements `kiosk.api.levels.LevelDesk`. Any thread; one decision at a time."""

    look: Callable[[], View]
    """What it is looked at with, as of now."""

    go_by_default: Callable[[str], object]
    """Has the running kiosk go by another default program at once, which is kept already. Raises
    SettingsError where it was fixed at the kiosk's start; it is then left as it is.
    """

    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def in_use(self) -> tuple[tuple[LevelView, ...], tuple[Problem, ...]]:
        """The default program and those of the plan, and what is wrong with others of them."""
        levels, problems = levels_in_use(self.look())
        return tuple(map(_shown, levels)), tuple(problems)

    def of(self, program: str) -> LevelView:
        """Where the person stands in a program."""
        return _shown(level_of(self.look(), program))

    def accept(self, program: str, proposal: Proposal) -> None:
        """Take the step. Raises ConflictError where another one, or none, is proposed by now."""
        with self._lock:
            view = self.look()
            if proposal.to_program is not None:
                view.programs.load(proposal.to_program)
            accepted = level_acts.accept(view, program, proposal, Actor.PAGE)
            if accepted.to_program is not None and accepted.default_changed:
                self._go_by_default(accepted.to_program)

    def decline(self, program: str, proposal: Proposal) -> None:
        """Put the step aside. Raises ConflictError as `accept` does."""
        with self._lock:
            level_acts.decline(self.look(), program, proposal, Actor.PAGE)

    def check_dose(self, dose: Dose, *, insist: bool = False) -> tuple[Problem, ...]:
        """What speaks against a dose. What was insisted on earlier is not asked about again."""
        return _problems(level_of(self.look(), dose.program), dose, insist=insist)

    def set_doses(self, doses: tuple[Dose, ...], version: str, *, insist: bool = False) -> None:
        """Keep the doses of one program. Raises PlanError, ConflictError."""
        if not doses:
            return
        with self._lock:
            view = self.look()
            level = level_of(view, doses[0].program)
            _check_version(level, version)
            _check(level, doses, insist=insist)
            plain = (without_what_the_file_says(level.program, dose) for dose in doses)
            level_acts.keep_doses(view, level, plain, Actor.PAGE)

    def reset(self, program: str, version: str | None = None) -> None:
        """Take every changed dose of the program back. Raises ConflictError."""
        with self._lock:
            view = self.look()
            if version is not None:
                _check_version(level_of(view, program), version)
            level_acts.reset(view, program, None, Actor.PAGE)

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


def _check_version(level: Level, version: str) -> None:
    if version_of(level.doses) != version:
        raise ConflictError(
            "Somebody else has changed these doses meanwhile; nothing was overwritten."
        )


def _shown(level: Level) -> LevelView:
    return LevelView(
        program=level.program,
        dosed=with_doses(level.program, level.doses),
        doses=level.doses,
        proposal=level.proposal,
        version=version_of(level.doses),
    )


def _check(level: Level, doses: Iterable[Dose], *, insist: bool) -> None:
    """Raises PlanError with all that speaks against any of `doses`; OutsideRangeError where all of
    it can be insisted on.
    """
    doses = tuple(doses)
    problems = [p for dose in doses for p in _problems(level, dose, insist=insist)]
    if any(_problems(level, dose, insist=True) for dose in doses):
        raise PlanError(problems)
    if problems:
        raise OutsideRangeError(problems)


def _problems(level: Level, dose: Dose, *, insist: bool) -> tuple[Problem, ...]:
    try:
        level_acts.check_dose(level.program, _new_in(dose, level.doses), dose, insist=insist)
    except PlanError as error:
        return error.problems
    return ()


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
