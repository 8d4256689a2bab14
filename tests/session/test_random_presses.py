"""Ten thousand presses at any moment: the kiosk never gets into a state it cannot get out of."""

import itertools
import random

from kiosk.session.snapshot import State
from kiosk.session.transitions import TRANSITIONS
from tests.builders import a_program, an_exercise, phase
from tests.fakes.pairing_codes import FakePairingCodes
from tests.session.bench import Bench

POSSIBLE = {(state.value, step.state.value) for (state, _), step in TRANSITIONS.items()}


def test_ten_thousand_random_presses():
    chance = random.Random(20_261_122)  # noqa: S311  (nothing secret)
    program = a_program(
        an_exercise("Squat", reps=2, phases=(phase("lower", 2000),), get_ready=3000), rest=0
    )
    bench = Bench(program)
    FakePairingCodes(for_hold="483129").use_in(bench.controller)
    for _ in range(10_000):
        length = chance.choice([0.001, 0.01, 0.05, 0.1, 0.3, 2.2, 10.1])
        if length < 2 or chance.random() < 0.1:
            bench.press(length)
        bench.run_for(20 if chance.random() < 0.01 else chance.choice([0.001, 0.02, 0.1, 0.5]))

    states = bench.states()
    steps = set(itertools.pairwise(states))
    assert steps <= POSSIBLE
    assert ("stopped", "idle") in steps
    # Everything a press can lead to has happened; only trouble has not.
    assert {state for step in steps for state in step} == {
        state.value
        for state in State
        if state not in (State.FAILED, State.REMINDING, State.CONFIRMING)
    }

    bench.run_for(1300)
    assert bench.state in (State.FINISHED, State.STOPPED)
    bench.press()
    bench.run_to_state(State.FINISHED)
