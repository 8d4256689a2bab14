"""A caregiver's changes to doses: put into the program, written down, held against the source."""

from dataclasses import replace

import pytest

from kiosk.levels.doses import Dose, dose_problems, dose_text, with_doses
from kiosk.programs.model import PHASE, REPS, SETS, Bounds, Phase, PhaseName, Side
from kiosk.programs.schema import plain_schema
from tests.builders import a_program, an_exercise, phase

BRIDGE = replace(
    an_exercise(
        "Bridge",
        reps=8,
        phases=(
            phase("lift", 1000),
            Phase(PhaseName.HOLD, 3000, Bounds(3000, 5000)),
            phase("rest", 3000),
        ),
    ),
    cited_sets=Bounds(1, 2),
    cited_reps=Bounds(8, 12),
)
SQUAT = replace(
    an_exercise("Squat", reps=8, phases=(phase("lower", 2000), phase("lift", 2000))),
    cited_reps=None,
)
PROGRAM = a_program(BRIDGE, SQUAT)


def a_dose(exercise="bridge", **values):
    return Dose("a-program", exercise, **values)


def told(program, dose, **how):
    return [str(problem) for problem in dose_problems(program, dose, **how)]


def test_a_program_with_other_doses():
    changed = with_doses(PROGRAM, [a_dose(sets=2, reps=10, hold=5000), a_dose("squat", reps=5)])

    bridge, squat = changed.exercises
    assert (bridge.sets, bridge.reps) == (2, 10)
    assert [p.duration for p in bridge.phases] == [1000, 5000, 3000]
    assert bridge.phases[1].cited == Bounds(3000, 5000)
    assert (squat.sets, squat.reps, squat.phases) == (1, 5, SQUAT.phases)
    assert replace(changed, exercises=PROGRAM.exercises) == PROGRAM


def test_every_hold_is_changed():
    twice = an_exercise(phases=(phase("hold", 2000), phase("turn", 1000), phase("hold", 3000)))
    changed = with_doses(a_program(twice), [a_dose(hold=4000)])
    assert [p.duration for p in changed.exercises[0].phases] == [4000, 1000, 4000]


def test_doses_of_others_change_nothing():
    others = [a_dose(), a_dose("plank", reps=3), Dose("other", "bridge", reps=3)]
    assert with_doses(PROGRAM, others) == PROGRAM
    assert dose_text(PROGRAM, others) == ""


def test_what_differs_from_the_file_is_written_down_always_in_the_same_way():
    squat, bridge = a_dose("squat", reps=5), a_dose(reps=10, hold=5000, sets=1)
    text = '{"bridge": {"hold": 5000, "reps": 10}, "squat": {"reps": 5}}'
    assert dose_text(PROGRAM, [squat, bridge]) == text
    assert dose_text(PROGRAM, [bridge, squat]) == text
    assert dose_text(PROGRAM, [a_dose(sets=1, reps=8, hold=3000)]) == ""


def test_a_dose_within_the_cited_range_is_no_problem():
    assert told(PROGRAM, a_dose(sets=2, reps=12, hold=5000)) == []
    assert told(PROGRAM, a_dose("squat", sets=20, reps=100)) == []
    assert told(PROGRAM, a_dose()) == []


def test_a_dose_outside_the_cited_range_is_refused_unless_forced():
    dose = a_dose(sets=3, reps=5, hold=2000)
    outside = "this lies outside the range that the exercise's source gives"
    assert told(PROGRAM, dose) == [
        f"dose: bridge.sets: 3 sets: {outside}, 1 to 2.",
        f"dose: bridge.reps: 5 repetitions: {outside}, 8 to 12.",
        f"dose: bridge.hold: A hold of 2 seconds: {outside}, 3 to 5 seconds.",
    ]
    assert told(PROGRAM, dose, forced=True) == []


def test_a_hold_that_takes_the_whole_repetition_out_of_its_range():
    exercise = replace(BRIDGE, cited_pass=Bounds(6500, 8000))
    (said,) = told(a_program(exercise), a_dose(hold=5000))
    assert said.startswith("dose: bridge.hold: A repetition of 9 seconds with this hold: this lies")
    assert said.endswith("outside the range that the exercise's source gives, 6.5 to 8 seconds.")


@pytest.mark.parametrize("forced", [False, True])
def test_what_is_impossible_stays_impossible(forced):
    assert told(PROGRAM, a_dose(sets=0, reps=101, hold=400_000), forced=forced) == [
        "dose: bridge.sets: 0 sets are not possible; expected 1 to 20.",
        "dose: bridge.reps: 101 repetitions are not possible; expected 1 to 100.",
        "dose: bridge.hold: A hold of 400 seconds is not possible; expected 0.5 to 300 seconds.",
    ]
    assert told(PROGRAM, a_dose("squat", hold=2000), forced=forced) == [
        "dose: squat.hold: This exercise has no hold that could be changed."
    ]
    assert told(PROGRAM, Dose("other", "bridge", reps=8), forced=forced) == [
        "dose: program: The dose is of the program 'other', not of 'a-program'."
    ]
    assert told(PROGRAM, a_dose("brigde", reps=8), forced=forced) == [
        "dose: exercise: The program a-program has no exercise 'brigde'. Did you mean bridge?"
    ]
    assert told(PROGRAM, a_dose("xyz", reps=8), forced=forced) == [
        "dose: exercise: The program a-program has no exercise 'xyz'."
    ]


def test_left_and_right_share_an_even_number():
    shared = an_exercise(reps=8, side=Side.ALTERNATE, reps_per_side=False)
    assert told(a_program(shared), a_dose(reps=9)) == [
        "dose: bridge.reps: Left and right share the repetitions, so their number has to be even."
    ]
    assert told(a_program(shared), a_dose(reps=10)) == []
    each = an_exercise(reps=8, side=Side.ALTERNATE, reps_per_side=True)
    assert told(a_program(each), a_dose(reps=9)) == []


def test_a_repetition_takes_long_enough_to_count_along():
    short = an_exercise(phases=(phase("hold", 1500), phase("rest", 1000)))
    (said,) = told(a_program(short), a_dose(hold=900), forced=True)
    expected = "A repetition would take 1.9 seconds; at least 2 seconds are needed to count along."
    assert said == f"dose: bridge.hold: {expected}"
    assert told(a_program(short), a_dose(hold=1000)) == []


def test_a_session_stays_shorter_than_four_hours():
    assert told(PROGRAM, a_dose(sets=20, reps=100, hold=5000), forced=True) == [
        "dose: bridge: The session would take 5.0 hours; at most 4 hours fit into one."
    ]


def test_the_limits_are_those_of_a_program_file():
    exercise = plain_schema()["properties"]["exercise"]["items"]["properties"]
    seconds = exercise["phases"]["items"]["properties"]["seconds"]
    assert (exercise["sets"]["minimum"], exercise["sets"]["maximum"]) == (SETS.low, SETS.high)
    assert (exercise["reps"]["minimum"], exercise["reps"]["maximum"]) == (REPS.low, REPS.high)
    assert (seconds["minimum"] * 1000, seconds["maximum"] * 1000) == (PHASE.low, PHASE.high)
