"""What the button's edges mean, with bounce, chatter and trembling hands."""

import itertools
import random
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.session.gestures import (
    ButtonRules,
    ButtonState,
    EdgeRate,
    Gesture,
    after,
    found,
    next_deadline,
    on_edge,
    on_time,
    undoing,
)
from kiosk.session.navigation import back_target, repeat_target, skip_target
from kiosk.session.snapshot import AT_REST, State
from kiosk.session.transitions import TRANSITIONS, Action, Input, Step, step
from tests.auth.kit import AuthKit
from tests.builders import a_program, an_exercise, phase
from tests.session.bench import Bench
from tests.timeline.test_session_script import timeline_of

RULES = ButtonRules(debounce=0.030, hold=2.0)


def gestures_of(edges, until=60.0):
    """(time, gesture) for a list of (time, closed); time runs on between the edges."""
    button, found = ButtonState(), []

    def run_to(button, time):
        while (due := next_deadline(button, RULES)) is not None and due <= time:
            button, gestures = on_time(button, due, RULES)
            found.extend((round(due, 3), g.value) for g in gestures)
        return button

    for at, closed in edges:
        button = run_to(button, at)
        button, gestures = on_edge(button, closed, at, RULES)
        found.extend((round(at, 3), g.value) for g in gestures)
    run_to(button, until)
    return found


CHATTER = (1.000, 1.002, 1.004, 1.009, 1.011, 1.500, 1.503, 1.507, 1.512, 1.520)

GESTURES = {
    "a press counts the moment the contacts close": ((1.0, 1.2), "1 press"),
    "just short of two seconds": ((1.0, 2.999), "1 press"),
    "two seconds count once more, and only once": ((1.0, 9.0), "1 press, 3 hold"),
    "just short of ten seconds": ((1.0, 10.999), "1 press, 3 hold"),
    "ten seconds count a third time": ((1.0, 50.0), "1 press, 3 hold, 11 long hold"),
    "chatter on closing and on opening is one press": (CHATTER, "1 press"),
    "a hold survives chatter at its start": ((1.0, 1.01, 1.02, 5.0), "1 press, 3 hold"),
    "the end of a tap shorter than the chatter": ((1.0, 1.01, 2.0, 2.1), "1 press, 2 press"),
}
"""When the contacts close and open by turns, and the gestures with their seconds."""


@pytest.mark.parametrize(("times", "gestures"), GESTURES.values(), ids=GESTURES)
def test_gestures(times, gestures):
    edges = [(at, number % 2 == 0) for number, at in enumerate(times)]
    assert ", ".join(f"{at:g} {gesture}" for at, gesture in gestures_of(edges)) == gestures


def test_a_hold_that_takes_as_long_as_a_long_one_still_comes_first():
    rules = ButtonRules(debounce=0.030, hold=10.0)
    button, _ = on_edge(ButtonState(), True, 1.0, rules)
    button, then = on_time(button, 11.0, rules)

    assert then == (Gesture.HOLD, Gesture.LONG_HOLD)
    assert next_deadline(button, rules) == 61.0


def test_after_a_minute_it_is_stuck_which_is_no_gesture_and_over_when_it_is_let_go():
    button, _ = on_edge(ButtonState(), True, 1.0, RULES)
    button, gestures = on_time(button, 60.999, RULES)
    assert (gestures, button.stuck) == ((Gesture.HOLD, Gesture.LONG_HOLD), False)

    button, gestures = on_time(button, 61.0, RULES)
    assert (gestures, button.stuck) == ((), True)
    assert next_deadline(button, RULES) is None

    button, gestures = on_edge(button, False, 99.0, RULES)
    assert (gestures, button.stuck) == ((), False)


def test_found_down_it_was_not_pressed_and_may_still_be_stuck():
    button = found(ButtonState(), True, 1.0)

    button, gestures = on_time(button, 61.0, RULES)

    assert (gestures, button.stuck) == ((), True)


def test_found_as_it_was_last_reported_nothing_is_known_anew():
    button, _ = on_edge(ButtonState(), True, 1.0, RULES)

    assert found(button, True, 5.0) == button


def test_an_edge_reported_twice_changes_nothing():
    assert gestures_of([(1.0, True), (1.1, True), (1.5, False), (1.6, False)]) == [(1.0, "press")]


def test_a_hold_that_nobody_looked_for_in_time_is_reported_with_the_release():
    button, first = on_edge(ButtonState(), True, 1.0, RULES)
    button, then = on_edge(button, False, 4.0, RULES)

    assert first == (Gesture.PRESS,)
    assert then == (Gesture.HOLD,)


presses = st.lists(
    st.tuples(
        st.floats(0.05, 10.0),  # pause before
        st.floats(0.05, 15.0),  # held for
        st.lists(st.floats(0.0005, 0.004), max_size=6),  # chatter when closing
        st.lists(st.floats(0.0005, 0.004), max_size=6),  # chatter when opening
    ),
    max_size=40,
)


@given(presses)
def test_however_the_contacts_chatter_every_press_counts_exactly_once(plan):
    now, edges, expected = 0.0, [], []
    for pause, held, closing, opening in plan:
        now += pause
        expected.append("press")
        if held >= RULES.hold:
            expected.append("hold")
        if held >= RULES.long_hold:
            expected.append("long hold")
        edges += _chatter(now, closing, final=True)
        now += held
        edges += _chatter(now, opening, final=False)

    found = [gesture for _, gesture in gestures_of(edges, until=now + 10)]
    assert found == expected


def _chatter(at, gaps, *, final):
    """Edges from `at` on, flickering with `gaps` in between, and `final` in the end."""
    edges, closed = [(at, final)], final
    for gap in gaps[: len(gaps) // 2 * 2]:
        at += gap
        closed = not closed
        edges.append((at, closed))
    return edges


@given(st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), min_size=1, max_size=200))
def test_whatever_comes_presses_are_at_least_a_debounce_apart(steps):
    now, edges = 0.0, []
    for gap, closed in steps:
        now += gap
        edges.append((now, closed))

    times = [at for at, gesture in gestures_of(edges, until=now + 10) if gesture == "press"]
    assert all(b - a >= RULES.debounce - 0.001 for a, b in itertools.pairwise(times))


# How many presses are too many, and what undoes what noise has done


def rate_after(times, edges=2):
    """The rate after presses at `times`, each with so many edges."""
    return reduce(lambda rate, at: after(rate, at, edges=edges, presses=1), times, EdgeRate())


def test_five_presses_at_once_are_a_person_and_six_are_noise():
    five = rate_after((10.0, 10.1, 10.1, 10.1, 10.2))
    assert not five.is_noisy(10.2)

    six = after(five, 10.2, edges=1, presses=1)
    assert six.is_noisy(15.1)
    assert not six.is_noisy(15.2)


@pytest.mark.parametrize(
    ("times", "edges", "noisy"),
    [
        pytest.param([n / 1.5 for n in range(1000)], 2, False, id="three presses in two seconds"),
        pytest.param([n / 2 for n in range(100)], 2, True, id="two a second"),
        pytest.param(range(10), 40, False, id="old contacts that chatter with every press"),
    ],
)
def test_how_long_presses_may_go_on(times, edges, noisy):
    assert rate_after(times, edges).is_noisy(times[-1]) is noisy


def test_many_edges_are_noise_though_hardly_any_counts_as_a_press():
    rate = EdgeRate()
    for n in range(400):
        rate = after(rate, n / 400, edges=1, presses=n == 0)
    assert rate.is_noisy(1)


def test_it_ends_five_seconds_after_its_last_sign_however_long_it_was():
    noise = rate_after(n / 10 for n in range(10_000))
    assert noise.is_noisy(1004.8)
    assert not noise.is_noisy(1005)
    assert not after(noise, 1005, edges=1, presses=1).is_noisy(1005)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("now", State)
def test_the_way_back_can_be_gone_and_ends_where_no_session_began(before, now):
    way = undoing(before, now)
    state = now
    for cause in way:
        taken = step(state, cause)
        assert taken is not None
        state = taken.state
    if before in AT_REST and way:
        assert state is State.IDLE
    elif way:
        assert state is before


def test_what_a_person_has_ended_or_answered_stays_as_it_is():
    assert undoing(State.RUNNING, State.STOPPED) == ()
    assert undoing(State.ASKING, State.FINISHED) == ()
    assert undoing(State.RUNNING, State.RUNNING) == ()


# The table of transitions


FROM_REST = {
    "press": "preparing prepare",
    "start": "preparing prepare",
    "continue": "preparing take-up",
    "walked": "idle note-walk",
    "already-done": "confirming tell-done",
    "remind": "reminding remind",
}

EXPECTED = {
    "idle": {**FROM_REST, "put-off": "idle put-off"},
    "finished": FROM_REST,
    "stopped": {**FROM_REST, "take-back": "idle take-back"},
    "failed": {**FROM_REST, "put-off": "idle put-off"},
    "reminding": {**FROM_REST, "let-be": "idle let-be"},
    "confirming": {**FROM_REST, "time-up": "idle nothing"},
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
