"""The steps to another level that are proposed, and those that a caregiver has declined.

A declined step is a line in the audit that names the last session before it. Only later sessions
count from then on, so the same step is proposed again once they ask for it by themselves.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kiosk.agenda.doses import with_doses
from kiosk.agenda.levels import Kind, Proposal, propose
from kiosk.desk.view import View
from kiosk.errors import Problem, ProgramFileError, UnknownProgramError
from kiosk.model.history import AuditEntry, Dose, SessionRecord
from kiosk.model.plan import WALK
from kiosk.model.program import Exercise, Program

SESSIONS = 200
"""How many of the latest sessions are looked at."""

CHANGES = 1000
"""How many of the latest lines of the audit are."""

_DECLINED = re.compile(r"Level: declined a step (?:up|back) from (\S+) after session ([0-9]+)\.")


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


@dataclass(frozen=True)
class _Lately:
    """What steps follow from."""

    sessions: tuple[SessionRecord, ...]
    changes: tuple[AuditEntry, ...]


def levels_in_use(view: View) -> tuple[list[Level], list[Problem]]:
    """The default program and those of the plan, and what is wrong with the others of them."""
    default = view.settings.default_program
    planned = (entry.program for entry in view.plan if entry.program != WALK)
    lately = _lately(view)
    levels: list[Level] = []
    problems: list[Problem] = []
    for program in dict.fromkeys([default, *planned]):
        try:
            levels.append(_level(view, program, lately))
        except ProgramFileError as error:
            problems += error.problems
        except UnknownProgramError as error:
            problems.append(Problem(program, "", str(error)))
    return levels, problems


def level_of(view: View, program_id: str) -> Level:
    """Where the person stands in a program. Raises UnknownProgramError, ProgramFileError."""
    return _level(view, program_id, _lately(view))


def doses_of(view: View, program_id: str) -> Dosed:
    """A program and its changed doses. Raises UnknownProgramError, ProgramFileError."""
    program = view.programs.load(program_id)
    return Dosed(program, view.store.doses(program.id))


def _lately(view: View) -> _Lately:
    return _Lately(view.store.sessions(newest=SESSIONS), view.store.audit(CHANGES))


def _level(view: View, program_id: str, lately: _Lately) -> Level:
    dosed = doses_of(view, program_id)
    program, doses = dosed.program, dosed.doses
    counting = sessions_since_declined(program.id, lately.sessions, lately.changes)
    proposal = propose(program, doses, counting, view.programs.ids())
    return Level(program, doses, proposal, lately.sessions[-1].id if lately.sessions else 0)


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


def accepted(proposal: Proposal) -> str:
    """The line of the audit for an accepted step."""
    return f"Level: accepted {_step(proposal)}."


def declined(proposal: Proposal, last_session: int) -> str:
    """The line of the audit for a declined step."""
    return f"Level: declined {_step(proposal)} after session {last_session}."


def _step(proposal: Proposal) -> str:
    return f"a step {'up' if proposal.kind is Kind.UP else 'back'} from {proposal.program}"


def sessions_since_declined(
    program: str, sessions: Sequence[SessionRecord], audit: Iterable[AuditEntry]
) -> tuple[SessionRecord, ...]:
    """The sessions that count for a step of `program`: those since one was last declined."""
    found = (_DECLINED.fullmatch(line.what) for line in audit)
    last = max((int(match[2]) for match in found if match and match[1] == program), default=0)
    return tuple(session for session in sessions if session.id > last)
