"""What may be begun while nothing runs: what is due, and what was cut off."""

from dataclasses import dataclass, replace

from kiosk.history.model import SessionRecord
from kiosk.schedule.model import WALK, LedgerRow
from kiosk.session.snapshot import State
from kiosk.session.transitions import Action, Input, PlanStatus, meaning_of_press

OFFERED_FOR = 900.0
"""Seconds for which a press goes on with a session that was cut off, after that was said."""

DEAF_FOR = 3.0
"""Seconds after an answer was noted in which another press means nothing."""


@dataclass(frozen=True, slots=True)
class SessionChoice:
    """What a session is made of."""

    program: str

    row: LedgerRow | None = None
    """What of the plan it is for; `None` for an extra session."""

    going_on: SessionRecord | None = None
    """What was cut off, where it takes that up."""


class StartOptions:
    """What of plan and history a press depends on. The controller's thread only.

    Times are the clock's seconds.
    """

    def __init__(self) -> None:
        self.agenda = PlanStatus()
        self.answered: LedgerRow | None = None
        """What the last press answered a reminder of."""

        self._cut_off: SessionRecord | None = None
        self._offered_until = 0.0
        self._deaf_until = 0.0

    @property
    def due(self) -> LedgerRow | None:
        """What is due now and not done."""
        return self.agenda.due

    def set_due(self, row: LedgerRow | None) -> None:
        """Take `row` for what is due, until the scheduler has other news."""
        self.agenda = replace(self.agenda, due=row)

    def offer(self, cut_off: SessionRecord, now: float) -> None:
        """Let a press go on with `cut_off`, for some time."""
        self._cut_off = cut_off
        self._offered_until = now + OFFERED_FOR

    def offer_again(self, cut_off: SessionRecord | None) -> None:
        """Let a press go on with it still, until the time of its offer is over."""
        self._cut_off = cut_off

    def offered(self, now: float) -> SessionRecord | None:
        """What was cut off and a press would go on with now."""
        return self._cut_off if now <= self._offered_until else None

    def answer_noted(self, now: float) -> None:
        """Let no press mean anything for a moment."""
        self._deaf_until = now + DEAF_FOR

    def meaning_of_press(self, state: State, now: float) -> Input | None:
        """What a press leads to in `state`, while nothing runs; `None` for nothing."""
        if now < self._deaf_until:
            return None
        self._cut_off = self.offered(now)
        self.answered = self.due if state is State.REMINDING else None
        return meaning_of_press(state, self.agenda, self._cut_off)

    def choose(self, action: Action, cause: Input, otherwise: str) -> SessionChoice:
        """What to prepare: what was cut off, what is due, or else the program `otherwise`.

        Whatever it is, what was cut off is not offered any more.
        """
        due = self.due
        going_on = self._cut_off if action is Action.TAKE_UP else None
        self._cut_off = None
        program = otherwise
        if going_on is not None:
            program = going_on.program
        elif cause is Input.PRESS and due is not None and due.occurrence.program != WALK:
            program = due.occurrence.program
        is_due = due is not None and due.occurrence.program == program
        return SessionChoice(program, due if is_due else None, going_on)
