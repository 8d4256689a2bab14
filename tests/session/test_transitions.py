"""Every state with every input, written out: what is not here must not change anything."""

import pytest

from kiosk.model.snapshot import State
from kiosk.session.transitions import Action, Input, Step, step

EXPECTED = {
    "idle": {"press": "preparing prepare", "start": "preparing prepare"},
    "preparing": {
        "press": "preparing answer",
        "hold": "stopped end",
        "stop": "stopped end",
        "prepared": "running begin",
        "unprepared": "failed apologise",
    },
    "running": {
        "press": "paused halt",
        "pause": "paused halt",
        "hold": "stopped end",
        "stop": "stopped end",
        "skip": "running skip",
        "back": "running back",
        "repeat": "running repeat",
        "ended": "finished finish",
        "speaker-lost": "paused halt",
    },
    "paused": {
        "press": "running carry-on",
        "resume": "running carry-on",
        "hold": "stopped end",
        "stop": "stopped end",
        "skip": "paused skip",
        "back": "paused back",
        "repeat": "paused repeat",
        "paused-too-long": "stopped end",
    },
    "finished": {"press": "preparing prepare", "start": "preparing prepare"},
    "stopped": {"press": "preparing prepare", "start": "preparing prepare"},
    "failed": {"press": "preparing prepare", "start": "preparing prepare"},
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
