"""A caregiver's changes to doses: put into the program, written down, held against the source."""

from dataclasses import replace

import pytest

from kiosk.levels.doses import Dose, dose_problems, dose_text, with_doses
from kiosk.locale.problems import line
from kiosk.programs.model import Bounds, Phase, PhaseName, Side
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
    """The problems of a dose: path, code, and what is wrong with which limits."""
    found = dose_problems(program, dose, **how)
    assert all(line(problem).startswith("dose: ") for problem in found)
    return [(p.path, p.code.removeprefix("dose."), *p.values.values()) for p in found]


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
    assert told(PROGRAM, dose) == [
        ("bridge.sets", "sets-outside-cited", 3, 1, 2),
        ("bridge.reps", "reps-outside-cited", 5, 8, 12),
        ("bridge.hold", "hold-outside-cited", 2, 3, 5),
    ]
    assert told(PROGRAM, dose, forced=True) == []


def test_a_hold_that_takes_the_whole_repetition_out_of_its_range():
    exercise = replace(BRIDGE, cited_pass=Bounds(6500, 8000))
    assert told(a_program(exercise), a_dose(hold=5000)) == [
        ("bridge.hold", "pass-outside-cited", 9, 6.5, 8)
    ]


@pytest.mark.parametrize("forced", [False, True])
def test_what_is_impossible_stays_impossible(forced):
    assert told(PROGRAM, a_dose(sets=0, reps=101, hold=400_000), forced=forced) == [
        ("bridge.sets", "sets-impossible", 0, 1, 20),
        ("bridge.reps", "reps-impossible", 101, 1, 100),
        ("bridge.hold", "hold-impossible", 400, 0.5, 300),
    ]
    assert told(PROGRAM, a_dose("squat", hold=2000), forced=forced) == [("squat.hold", "no-hold")]
    assert told(PROGRAM, Dose("other", "bridge", reps=8), forced=forced) == [
        ("program", "other-program", "other", "a-program")
    ]
    for wanted, meant in (("brigde", "bridge"), ("xyz", "")):
        (problem,) = dose_problems(PROGRAM, a_dose(wanted, reps=8), forced=forced)
        assert (problem.code, problem.suggestion) == ("dose.exercise-unknown", meant)


def test_left_and_right_share_an_even_number():
    shared = an_exercise(reps=8, side=Side.ALTERNATE, reps_per_side=False)
    assert told(a_program(shared), a_dose(reps=9)) == [("bridge.reps", "program.reps-odd")]
    assert told(a_program(shared), a_dose(reps=10)) == []
    each = an_exercise(reps=8, side=Side.ALTERNATE, reps_per_side=True)
    assert told(a_program(each), a_dose(reps=9)) == []


def test_a_repetition_takes_long_enough_to_count_along():
    short = an_exercise(phases=(phase("hold", 1500), phase("rest", 1000)))
    assert told(a_program(short), a_dose(hold=900), forced=True) == [
        ("bridge.hold", "pass-too-short", 1.9, 2)
    ]
    assert told(a_program(short), a_dose(hold=1000)) == []


def test_a_session_stays_shorter_than_four_hours():
    ((path, code, hours, most),) = told(PROGRAM, a_dose(sets=20, reps=100, hold=5000), forced=True)
    assert (path, code, f"{hours:.1f}", most) == ("bridge", "session-too-long", "5.0", 4)
