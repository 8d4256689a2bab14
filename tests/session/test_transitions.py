"""The table of transitions, ten thousand presses through it, and the moves of the playhead."""

import itertools
import random

import pytest

from kiosk.session.navigation import back_target, repeat_target, skip_target
from kiosk.session.snapshot import State
from kiosk.session.transitions import TRANSITIONS, Action, Input, Step, step
from tests.auth.kit import AuthKit
from tests.builders import a_program, an_exercise, phase
from tests.session.bench import Bench
from tests.timeline.test_session_script import timeline_of

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


# Ten thousand presses at any moment: no state without a way out


POSSIBLE = {(state.value, step.state.value) for (state, _), step in TRANSITIONS.items()}


def test_ten_thousand_random_presses():
    chance = random.Random(20_261_122)  # noqa: S311  (nothing secret)
    program = a_program(
        an_exercise("Squat", reps=2, phases=(phase("lower", 2000),), get_ready=3000), rest=0
    )
    bench = Bench(program)
    auth = AuthKit().auth
    bench.controller.use_pairing_codes(auth.pressed, auth.held)
    for _ in range(10_000):
        length = chance.choice([0.001, 0.01, 0.05, 0.1, 0.3, 2.2, 10.1])
        if length < 2 or chance.random() < 0.1:
            bench.press(length)
        bench.run_for(20 if chance.random() < 0.01 else chance.choice([0.001, 0.02, 0.1, 0.5]))

    states = bench.states()
    steps = set(itertools.pairwise(states))
    assert steps <= POSSIBLE
    assert ("stopped", "idle") in steps
    # Everything a press can lead to has happened; only faults have not.
    assert {state for step in steps for state in step} == {
        state.value
        for state in State
        if state not in (State.FAILED, State.REMINDING, State.CONFIRMING)
    }

    bench.run_for(1300)
    assert bench.state in (State.FINISHED, State.STOPPED)
    bench.press()
    bench.run_to_state(State.FINISHED)


# Skip, back and repeat


TIMELINE = timeline_of(an_exercise("Squat"), an_exercise("Cat"), an_exercise("Bridge"))
SQUAT, CAT, BRIDGE = (exercise.at for exercise in TIMELINE.exercises)
CLOSING = TIMELINE.spans[-1].at


def test_skip_goes_to_the_next_exercise_and_after_the_last_to_the_closing_words():
    assert skip_target(TIMELINE, 0) == SQUAT
    assert skip_target(TIMELINE, SQUAT) == CAT
    assert skip_target(TIMELINE, CAT - 1) == CAT
    assert skip_target(TIMELINE, BRIDGE + 10_000) == CLOSING
    assert skip_target(TIMELINE, CLOSING) == TIMELINE.duration


def test_back_goes_to_the_start_of_the_exercise_and_soon_after_it_to_the_one_before():
    assert back_target(TIMELINE, CAT + 5000) == CAT
    assert back_target(TIMELINE, CAT + 4999) == SQUAT
    assert back_target(TIMELINE, SQUAT + 1) == SQUAT
    assert back_target(TIMELINE, 100) == 0


def test_repeat_goes_to_the_start_of_the_exercise():
    assert repeat_target(TIMELINE, CAT + 1) == CAT
    assert repeat_target(TIMELINE, CLOSING) == BRIDGE
    assert repeat_target(TIMELINE, 100) == 0
