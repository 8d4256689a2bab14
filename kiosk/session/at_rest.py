"""What a press means while no session runs: that depends on what is due and what was done."""

from dataclasses import dataclass

from kiosk.model.history import SessionRecord
from kiosk.model.plan import WALK, LedgerRow, Occurrence
from kiosk.model.snapshot import State
from kiosk.session.transitions import Input


@dataclass(frozen=True, slots=True)
class Agenda:
    """What the conductor knows of the plan."""

    due: LedgerRow | None = None
    """What is due now and not done."""

    day_done: bool = False
    """Whether there was something to do today, and all of it is done."""

    next: Occurrence | None = None
    clock_trusted: bool = True


def meaning_of_press(state: State, agenda: Agenda, cut_off: SessionRecord | None) -> Input:
    """What a press leads to in `state`; `cut_off` is a session that is offered to be gone on with.

    What was cut off goes before all else, for a press was just asked for; then what is due, then
    the day being done.
    """
    if cut_off is not None:
        return Input.CONTINUE
    if agenda.due is not None:
        return Input.WALKED if agenda.due.occurrence.program == WALK else Input.PRESS
    if agenda.day_done and state is not State.CONFIRMING:
        return Input.ALREADY_DONE
    return Input.PRESS
