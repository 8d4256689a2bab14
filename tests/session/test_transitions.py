"""Every state with every input, written out: what is not here must not change anything."""

import pytest

from kiosk.session.snapshot import State
from kiosk.session.transitions import Action, Input, Step, step

AT_REST = {
    "press": "preparing prepare",
    "start": "preparing prepare",
    "continue": "preparing take-up",
    "walked": "idle note-walk",
    "already-done": "confirming tell-done",
    "remind": "reminding remind",
}

EXPECTED = {
    "idle": {**AT_REST, "put-off": "idle put-off"},
    "finished": AT_REST,
    "stopped": {**AT_REST, "take-back": "idle take-back"},
    "failed": {**AT_REST, "put-off": "idle put-off"},
    "reminding": {**AT_REST, "let-be": "idle let-be"},
    "confirming": {**AT_REST, "time-up": "idle nothing"},
    "preparing": {
        "press": "preparing answer",
        "hold": "stopped end",
        "stop": "stopped end",
        "put-off": "idle put-off",
        "prepared": "running begin",
        "unprepared": "failed apologise",
    },
    "running": {
        "press": "paused halt",
        "pause": "paused halt",
        "hold": "stopped end",
        "stop": "stopped end",
        "put-off": "idle put-off",
        "skip": "running skip",
        "back": "running back",
        "repeat": "running repeat",
        "ended": "asking ask",
        "speaker-lost": "paused halt",
    },
    "paused": {
        "press": "running carry-on",
        "resume": "running carry-on",
        "hold": "stopped end",
        "stop": "stopped end",
        "put-off": "idle put-off",
        "skip": "paused skip",
        "back": "paused back",
        "repeat": "paused repeat",
        "paused-too-long": "stopped end",
    },
    "asking": {
        "press": "finished note-harder",
        "time-up": "finished note-usual",
        "stop": "finished note-usual",
        "start": "preparing prepare",
    },
}


@pytest.mark.parametrize("cause", Input)
@pytest.mark.parametrize("state", State)
def test_what_each_input_leads_to_in_each_state(state: State, cause: Input):
    expected = EXPECTED[state.value].get(cause.value)
    found = step(state, cause)

    if expected is None:
        assert found is None
    else:
        next_state, action = expected.split()
        assert found == Step(State(next_state), Action(action))
