"""The states of the kiosk and how they follow: one table, and nothing about states elsewhere.

Rules:

- A session goes `idle -> preparing -> running <-> paused -> finished | stopped | failed`.
- After its end the kiosk is ready for the next one, which begins from wherever the last one ended.
- An input that is not in the table for a state changes nothing, whenever it comes.
- The button acts on the press. Holding it on means "end", so a hold always follows a press that has
  had its own effect already: `hold` is listed wherever that press may have led.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.model.snapshot import State


class Input(StrEnum):
    """What can happen to a session."""

    PRESS = "press"
    """The button went down."""

    HOLD = "hold"
    """The button has been held down for long enough to mean "end"."""

    START = "start"
    PREPARED = "prepared"
    """Speech and timeline are ready."""

    UNPREPARED = "unprepared"
    """The program cannot be used."""

    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    BACK = "back"
    REPEAT = "repeat"
    STOP = "stop"
    ENDED = "ended"
    """The last sound of the session has been heard."""

    SPEAKER_LOST = "speaker-lost"
    PAUSED_TOO_LONG = "paused-too-long"


class Action(StrEnum):
    """What the conductor does as a state is entered."""

    PREPARE = "prepare"
    BEGIN = "begin"
    ANSWER = "answer"
    """Let the person know that the press was noticed, though there is nothing to do."""

    HALT = "halt"
    CARRY_ON = "carry-on"
    SKIP = "skip"
    BACK = "back"
    REPEAT = "repeat"
    FINISH = "finish"
    END = "end"
    APOLOGISE = "apologise"


@dataclass(frozen=True, slots=True)
class Step:
    """What an input leads to."""

    state: State
    action: Action


_AT_REST = (State.IDLE, State.FINISHED, State.STOPPED, State.FAILED)

_BEGINNINGS = {
    (state, cause): Step(State.PREPARING, Action.PREPARE)
    for state in _AT_REST
    for cause in (Input.PRESS, Input.START)
}

_ENDINGS = {
    (state, cause): Step(State.STOPPED, Action.END)
    for state in (State.PREPARING, State.RUNNING, State.PAUSED)
    for cause in (Input.HOLD, Input.STOP)
}

_MOVES = {
    (state, Input(move)): Step(state, Action(move))
    for state in (State.RUNNING, State.PAUSED)
    for move in ("skip", "back", "repeat")
}

TRANSITIONS: Mapping[tuple[State, Input], Step] = {
    **_BEGINNINGS,
    **_ENDINGS,
    **_MOVES,
    (State.PREPARING, Input.PREPARED): Step(State.RUNNING, Action.BEGIN),
    (State.PREPARING, Input.UNPREPARED): Step(State.FAILED, Action.APOLOGISE),
    (State.PREPARING, Input.PRESS): Step(State.PREPARING, Action.ANSWER),
    (State.RUNNING, Input.PRESS): Step(State.PAUSED, Action.HALT),
    (State.RUNNING, Input.PAUSE): Step(State.PAUSED, Action.HALT),
    (State.RUNNING, Input.SPEAKER_LOST): Step(State.PAUSED, Action.HALT),
    (State.RUNNING, Input.ENDED): Step(State.FINISHED, Action.FINISH),
    (State.PAUSED, Input.PRESS): Step(State.RUNNING, Action.CARRY_ON),
    (State.PAUSED, Input.RESUME): Step(State.RUNNING, Action.CARRY_ON),
    (State.PAUSED, Input.PAUSED_TOO_LONG): Step(State.STOPPED, Action.END),
}
"""Every pair of state and input that leads anywhere."""


def step(state: State, cause: Input) -> Step | None:
    """What `cause` leads to in `state`; `None` where it does not apply."""
    return TRANSITIONS.get((state, cause))
