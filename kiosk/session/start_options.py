"""What a press begins while no session runs: what is due, or what was interrupted."""

from dataclasses import dataclass, replace

from kiosk.history.model import SessionRecord
from kiosk.schedule.model import WALK, LedgerRow
from kiosk.session.snapshot import State
from kiosk.session.transitions import Action, Input, PlanStatus, meaning_of_press

OFFERED_FOR = 900.0
"""Seconds for which a press goes on with an interrupted session, after that was announced."""

IGNORED_FOR = 3.0  # seconds after an answer was acknowledged in which another press means nothing


@dataclass(frozen=True, slots=True)
class SessionChoice:
    """The program of a session, and its occurrence or interrupted session."""

    program: str

    row: LedgerRow | None = None
    """The occurrence of the plan that it is for; `None` for an extra session."""

    resumed: SessionRecord | None = None


class StartOptions:
    """What of plan and history a press depends on; the controller's thread, the clock's seconds."""

    def __init__(self) -> None:
        self.plan = PlanStatus()
        self.answered: LedgerRow | None = None
        """The reminder that the last press answered."""

        self.interrupted: SessionRecord | None = None
        """The interrupted session that a press goes on with, until its time is up."""

        self._offered_until = 0.0
        self._ignored_until = 0.0

    def set_due(self, row: LedgerRow | None) -> None:
        """Take `row` for what is due, until the scheduler reports something else."""
        self.plan = replace(self.plan, due=row)

    def offer(self, interrupted: SessionRecord, now: float) -> None:
        """Have a press go on with `interrupted`, for `OFFERED_FOR`."""
        self.interrupted = interrupted
        self._offered_until = now + OFFERED_FOR

    def offered(self, now: float) -> SessionRecord | None:
        """The interrupted session that a press would go on with at `now`."""
        return self.interrupted if now <= self._offered_until else None

    def ignore_presses(self, now: float) -> None:
        """Ignore presses for `IGNORED_FOR`: an answer was just acknowledged."""
        self._ignored_until = now + IGNORED_FOR

    def meaning_of_press(self, state: State, now: float) -> Input | None:
        """The input for a press in `state`, while no session runs; `None` for an ignored press."""
        if now < self._ignored_until:
            return None
        self.interrupted = self.offered(now)
        self.answered = self.plan.due if state is State.REMINDING else None
        return meaning_of_press(state, self.plan, self.interrupted)

    def choose(self, action: Action, cause: Input, otherwise: str) -> SessionChoice:
        """What to prepare: what was interrupted (offered no more), what is due, or `otherwise`."""
        due = self.plan.due
        resumed = self.interrupted if action is Action.TAKE_UP else None
        self.interrupted = None
        program = otherwise
        if resumed is not None:
            program = resumed.program
        elif cause is Input.PRESS and due is not None and due.occurrence.program != WALK:
            program = due.occurrence.program
        is_due = due is not None and due.occurrence.program == program
        return SessionChoice(program, due if is_due else None, resumed)
