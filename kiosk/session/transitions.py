"""The states of the kiosk and how they follow: one table, and nothing about states elsewhere.

Rules:

- A session goes `idle -> preparing -> running <-> paused -> finished | stopped | failed`; before
  `finished` the person is asked how hard it was.
- After its end the kiosk is ready for the next one, which begins from wherever the last one ended.
- An input that is not in the table for a state changes nothing, whenever it comes.
- The button acts on the press. Holding it on means "end", so a hold always follows a press that has
  had its own effect already: `hold` is listed wherever that press may have led. Held on after a
  reminder it means "not now", which takes back whatever the press began.
- Held for ten seconds it may ask for the code that lets a caregiver in. What the same press began
  and stopped is then taken back: it was none of the person's.
- What a press means while no session runs depends on what is due and what was done:
  `meaning_of_press` decides it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.history.model import SessionRecord
from kiosk.schedule.model import WALK, LedgerRow, Occurrence
from kiosk.session.snapshot import AT_REST, IN_SESSION, UNDER_WAY, State


class Input(StrEnum):
    """An input of the table."""

    PRESS = "press"  # the button went down
    HOLD = "hold"  # the button has been held down for long enough to mean "end"
    WALKED = "walked"  # the button went down to confirm the walk that is due
    ALREADY_DONE = "already-done"  # the button went down though all of the day's plan is done
    CONTINUE = "continue"  # the button went down to go on with a session that was cut off
    REMIND = "remind"  # something in the plan is due
    LET_BE = "let-be"  # what was due is not any more
    PUT_OFF = "put-off"  # the button was held on after the press that answered a reminder

    TAKE_BACK = "take-back"
    """The button was held on far longer: it was not the person who began and ended a session."""

    TIME_UP = "time-up"  # nobody answered in time

    START = "start"
    PREPARED = "prepared"  # speech and timeline are ready
    UNPREPARED = "unprepared"  # the program cannot be used

    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    BACK = "back"
    REPEAT = "repeat"
    STOP = "stop"
    ENDED = "ended"  # the last sound of the session has been heard

    SPEAKER_LOST = "speaker-lost"
    PAUSED_TOO_LONG = "paused-too-long"


class Action(StrEnum):
    """An action of the controller, done as a state is entered."""

    PREPARE = "prepare"
    BEGIN = "begin"
    ANSWER = "answer"
    """Let the person know that the press was noticed, though there is nothing to do."""

    HALT = "halt"
    CARRY_ON = "carry-on"
    SKIP = "skip"
    BACK = "back"
    REPEAT = "repeat"
    ASK = "ask"
    NOTE_HARDER = "note-harder"
    NOTE_USUAL = "note-usual"
    REMIND = "remind"
    LET_BE = "let-be"  # cancel the reminder

    NOTE_WALK = "note-walk"
    TELL_DONE = "tell-done"
    PUT_OFF = "put-off"
    TAKE_BACK = "take-back"  # remove the session that the press has begun
    TAKE_UP = "take-up"  # prepare a session that goes on where an earlier one was cut off

    NOTHING = "nothing"
    END = "end"
    APOLOGISE = "apologise"


@dataclass(frozen=True, slots=True)
class Step:
    """The state and the action that an input leads to."""

    state: State
    action: Action


_FROM_REST = {
    Input.PRESS: Step(State.PREPARING, Action.PREPARE),
    Input.START: Step(State.PREPARING, Action.PREPARE),
    Input.CONTINUE: Step(State.PREPARING, Action.TAKE_UP),
    Input.WALKED: Step(State.IDLE, Action.NOTE_WALK),
    Input.ALREADY_DONE: Step(State.CONFIRMING, Action.TELL_DONE),
    Input.REMIND: Step(State.REMINDING, Action.REMIND),
}

_BEGINNINGS = {(state, cause): step for state in AT_REST for cause, step in _FROM_REST.items()}

_PUT_OFFS = {
    (state, Input.PUT_OFF): Step(State.IDLE, Action.PUT_OFF)
    for state in UNDER_WAY | {State.IDLE, State.FAILED}
}

_ENDINGS = {
    (state, cause): Step(State.STOPPED, Action.END)
    for state in UNDER_WAY
    for cause in (Input.HOLD, Input.STOP)
}

_MOVES = {
    (state, Input(move)): Step(state, Action(move))
    for state in IN_SESSION
    for move in ("skip", "back", "repeat")
}

TRANSITIONS: Mapping[tuple[State, Input], Step] = {
    **_BEGINNINGS,
    **_PUT_OFFS,
    **_ENDINGS,
    **_MOVES,
    (State.STOPPED, Input.TAKE_BACK): Step(State.IDLE, Action.TAKE_BACK),
    (State.REMINDING, Input.LET_BE): Step(State.IDLE, Action.LET_BE),
    (State.CONFIRMING, Input.TIME_UP): Step(State.IDLE, Action.NOTHING),
    (State.ASKING, Input.PRESS): Step(State.FINISHED, Action.NOTE_HARDER),
    (State.ASKING, Input.TIME_UP): Step(State.FINISHED, Action.NOTE_USUAL),
    (State.ASKING, Input.STOP): Step(State.FINISHED, Action.NOTE_USUAL),
    (State.ASKING, Input.START): Step(State.PREPARING, Action.PREPARE),
    (State.PREPARING, Input.PREPARED): Step(State.RUNNING, Action.BEGIN),
    (State.PREPARING, Input.UNPREPARED): Step(State.FAILED, Action.APOLOGISE),
    (State.PREPARING, Input.PRESS): Step(State.PREPARING, Action.ANSWER),
    (State.RUNNING, Input.PRESS): Step(State.PAUSED, Action.HALT),
    (State.RUNNING, Input.PAUSE): Step(State.PAUSED, Action.HALT),
    (State.RUNNING, Input.SPEAKER_LOST): Step(State.PAUSED, Action.HALT),
    (State.RUNNING, Input.ENDED): Step(State.ASKING, Action.ASK),
    (State.PAUSED, Input.PRESS): Step(State.RUNNING, Action.CARRY_ON),
    (State.PAUSED, Input.RESUME): Step(State.RUNNING, Action.CARRY_ON),
    (State.PAUSED, Input.PAUSED_TOO_LONG): Step(State.STOPPED, Action.END),
}
"""Every pair of state and input that leads anywhere."""


def step(state: State, cause: Input) -> Step | None:
    """The transition for `cause` in `state`; `None` where there is none."""
    return TRANSITIONS.get((state, cause))


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """The plan at one moment, as the scheduler reports it."""

    due: LedgerRow | None = None
    """What is due now and not done."""

    day_done: bool = False
    """Whether there was something to do today, and all of it is done."""

    next: Occurrence | None = None
    clock_trusted: bool = True


def meaning_of_press(state: State, plan: PlanStatus, interrupted: SessionRecord | None) -> Input:
    """The input that a press is in `state`; `interrupted` is a session that is offered again.

    That goes before all else, for a press was just asked for; then what is due, then the day being
    done.
    """
    if interrupted is not None:
        return Input.CONTINUE
    if plan.due is not None:
        return Input.WALKED if plan.due.occurrence.program == WALK else Input.PRESS
    if plan.day_done and state is not State.CONFIRMING:
        return Input.ALREADY_DONE
    return Input.PRESS
