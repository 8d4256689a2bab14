"""When a step up or a step back is proposed."""

import tomllib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.history.model import Effort, Ending, SessionRecord, Spot
from kiosk.levels.doses import Dose, dose_problems, dose_text, outline_of, with_doses
from kiosk.levels.proposals import Kind, Proposal, Reason, propose
from kiosk.programs.files import ProgramLibrary, shipped_folder
from kiosk.programs.model import Bounds, Side
from kiosk.programs.reader import read_program
from tests.builders import a_program, an_exercise
from tests.schedule.plans import at, day


def an_exercise_of(name, reps, cited, **more):
    bounds = None if cited is None else Bounds(*cited)
    return replace(an_exercise(name, reps=reps, **more), cited_reps=bounds)


BRIDGE = an_exercise_of("Bridge", 8, (5, 12))
SQUAT = an_exercise_of("Squat", 9, (8, 10))
PLANK = an_exercise_of("Plank", 3, (3, 3))
PROGRAM = replace(
    a_program(BRIDGE, SQUAT, PLANK), id="start", previous_level="gentle", next_level="next"
)
KNOWN = {"gentle", "start", "next"}


def sessions(spelled, program="start", dose=""):
    """One session for each letter, oldest first.

    w: went well, u: said to be as usual, h: harder, i: interrupted, o: still open, b, s, p:
    stopped in the bridge, the squat, the plank, -: stopped between exercises, x: one of the
    hip stretching, n, g: one of the next and of the gentle program.
    """
    places = {"b": "bridge", "s": "squat", "p": "plank"}
    others = {"x": "hip-stretching", "n": "next", "g": "gentle"}
    endings = {"i": Ending.INTERRUPTED, "o": None, "-": Ending.STOPPED}
    efforts = {"u": Effort.USUAL, "h": Effort.HARDER}
    return [
        SessionRecord(
            id=number,
            program=others.get(letter, program),
            level=1,
            started=at("2026-06-01 08:00") + timedelta(hours=number),
            local_date=day("2026-06-01"),
            ended=None,
            ending=Ending.STOPPED if letter in places else endings.get(letter, Ending.COMPLETED),
            stopped_at=Spot(1000, exercise_id=places.get(letter)) if letter in "bsp-" else None,
            effort=efforts.get(letter),
            dose=dose,
        )
        for number, letter in enumerate(spelled, 1)
    ]


SHIPPED = ProgramLibrary([shipped_folder()]).ids()


@pytest.mark.parametrize("program", SHIPPED)
@pytest.mark.parametrize("spelled", ["wwwwww", "hh"])
def test_by_its_outline_a_shipped_program_gets_the_step_that_it_gets_whole(program, spelled):
    file = SHIPPED[program]
    whole, outline = read_program(file), outline_of(tomllib.loads(file.read_text()))
    first = whole.exercises[0]
    doses = [Dose(program, first.id, sets=2, reps=first.reps + 1, hold=4000)]
    text = dose_text(whole, doses)
    history = sessions(spelled, program, text)

    assert dose_text(outline, doses) == text
    assert propose(outline, doses, history, SHIPPED) == propose(whole, doses, history, SHIPPED)
    assert propose(outline, doses, history, SHIPPED) is not None


def test_sessions_before_a_declined_step_do_not_count():
    assert propose(PROGRAM, (), sessions("wwwwwww"), KNOWN, declined=1) is not None
    assert propose(PROGRAM, (), sessions("wwwwwww"), KNOWN, declined=2) is None


def proposed(spelled, program=PROGRAM, doses=(), known=KNOWN):
    """In short what is proposed after these sessions at these doses."""
    history = sessions(spelled, program.id, dose_text(program, doses))
    found = propose(program, doses, history, known)
    if found is None:
        return None
    steps = " ".join(f"{d.exercise_id}={d.reps}" for d in found.doses)
    return f"{found.kind}: {steps or found.to_program or ''}".rstrip(": ")


# When


UP, DOWN = "up: bridge=10 squat=10", "down: bridge=6 squat=8"


@pytest.mark.parametrize(
    ("step", "after"),
    [
        pytest.param(UP, "wwwwww wuwuwu hwwwwww bwwwwww hbwwwwwwwww", id="six in a row went well"),
        pytest.param(None, "wwwww wwwwwh wwwwwb wwwhwww wwwbwwwww", id="no six in a row"),
        pytest.param(DOWN, "hh wwwwwwhh hhh", id="two hard ones in a row"),
        pytest.param(None, "h hw hwh hbh bh hb bs b- -- bwb", id="less than that"),
        pytest.param("down: bridge=6", "bb", id="two stops in the bridge"),
        pytest.param("down: squat=8", "wsbss", id="two stops in the squat"),
        # A power cut, an open session and other programs neither count nor break the row.
        pytest.param(UP, "wwwixwwxwo", id="six among others"),
        pytest.param(None, "wwwixwwxo", id="five among others"),
        pytest.param(DOWN, "hioxh", id="two hard ones among others"),
        # Only sessions since the last change of the level count.
        pytest.param(None, "wwwwwwn wwwwwwgww hgh", id="before another level"),
        pytest.param(UP, "wwwnwwwwww", id="six after another level"),
    ],
)
def test_the_step_after_these_sessions(step, after):
    assert proposed("") is None
    for spelled in after.split():
        assert proposed(spelled) == step, spelled


def test_only_sessions_since_the_last_change_of_doses_count():
    doses = [Dose("start", "bridge", reps=10)]
    now = dose_text(PROGRAM, doses)
    before, after = sessions("www"), sessions("www", dose=now)
    assert propose(PROGRAM, doses, before + after, KNOWN) is None
    assert propose(PROGRAM, doses, sessions("hh"), KNOWN) is None
    assert propose(PROGRAM, doses, before + after + sessions("www", dose=now), KNOWN) is not None
    assert propose(PROGRAM, doses, sessions("www", dose=now) + before + after, KNOWN) is None


# What


def test_one_more_where_the_range_allows_no_two_and_none_where_it_is_at_its_end():
    doses = [Dose("start", "bridge", reps=11)]
    assert proposed("wwwwww", doses=doses) == "up: bridge=12 squat=10"


def test_with_every_exercise_at_the_end_of_its_range_the_next_program():
    doses = [Dose("start", "bridge", reps=12), Dose("start", "squat", reps=10)]
    assert proposed("wwwwww", doses=doses) == "up: next"
    assert proposed("wwwwww", doses=doses, known={"start"}) is None
    last = replace(PROGRAM, next_level=None)
    assert proposed("wwwwww", last, doses) is None


def test_with_every_exercise_at_the_start_of_its_range_the_previous_program():
    doses = [Dose("start", "bridge", reps=5), Dose("start", "squat", reps=8)]
    assert proposed("hh", doses=doses) == "down: gentle"
    assert proposed("pp") == "down: gentle"
    assert proposed("hh", doses=doses, known={"start", "next"}) == "nothing-easier"
    assert proposed("pp", replace(PROGRAM, previous_level=None)) == "nothing-easier"


def test_an_exercise_without_a_cited_range_is_left_alone():
    free = an_exercise_of("Stretch", 3, None)
    program = replace(PROGRAM, exercises=(free,))
    assert proposed("wwwwww", program) == "up: next"
    assert proposed("hh", program) == "down: gentle"


def test_what_left_and_right_share_stays_even():
    shared = {"side": Side.ALTERNATE, "reps_per_side": False}
    program = replace(PROGRAM, exercises=(an_exercise_of("Bird dog", 8, (7, 11), **shared),))
    assert proposed("wwwwww", program) == "up: bird-dog=10"
    assert proposed("hh", program) == "down: gentle"
    doses = [Dose("start", "bird-dog", reps=10)]
    assert proposed("wwwwww", program, doses) == "up: next"
    assert proposed("hh", program, doses) == "down: bird-dog=None"


def test_a_step_back_to_what_the_file_says_takes_the_change_back():
    doses = [Dose("start", "bridge", reps=10, hold=5000), Dose("start", "squat", reps=8)]
    found = propose(PROGRAM, doses, sessions("bb", dose=dose_text(PROGRAM, doses)), KNOWN)
    assert found is not None
    assert found.doses == (Dose("start", "bridge", reps=None, hold=5000),)


def test_other_changes_of_the_same_exercise_are_kept():
    doses = [Dose("start", "bridge", sets=2, hold=5000)]
    found = propose(PROGRAM, doses, sessions("wwwwww", dose=dose_text(PROGRAM, doses)), KNOWN)
    assert found is not None
    assert found.doses[0] == Dose("start", "bridge", sets=2, reps=10, hold=5000)


def test_from_outside_the_range_the_way_leads_towards_it():
    few = [Dose("start", "bridge", reps=2), Dose("start", "squat", reps=10)]
    assert proposed("wwwwww", doses=few) == "up: bridge=4"
    many = [Dose("start", "bridge", reps=20), Dose("start", "squat", reps=8)]
    assert proposed("hh", doses=many) == "down: bridge=12"
    assert proposed("wwwwww", doses=many) == "up: squat=10"


def test_a_proposal_says_what_it_is_for():
    assert propose(PROGRAM, (), sessions("uwwwwwww"), KNOWN) == Proposal(
        kind=Kind.UP,
        program="start",
        reason=Reason.WENT_WELL,
        sessions=8,
        doses=(Dose("start", "bridge", reps=10), Dose("start", "squat", reps=10)),
    )
    assert propose(PROGRAM, (), sessions("pp"), KNOWN) == Proposal(
        kind=Kind.DOWN,
        program="start",
        reason=Reason.STOPPED,
        sessions=2,
        exercise="plank",
        to_program="gentle",
    )
    found = propose(PROGRAM, (), sessions("hh"), KNOWN)
    assert found is not None
    assert (found.reason, found.exercise) == (Reason.HARDER, None)


# Whatever was done before


exercises = st.builds(
    lambda low, spread, reps, side: an_exercise_of(
        "Bridge", reps, (low, low + spread), side=side, reps_per_side=False
    ),
    st.integers(1, 12),
    st.integers(0, 8),
    st.integers(1, 20).map(lambda n: n * 2),
    st.sampled_from(Side),
)


@given(exercises, st.none() | st.integers(1, 20).map(lambda n: n * 2), st.text("wuhibsx-o"))
def test_a_step_is_small_goes_the_right_way_and_is_never_further_out_of_the_range(
    exercise, reps, spelled
):
    program = replace(PROGRAM, exercises=(exercise,))
    doses = [Dose("start", "bridge", reps=reps)]
    history = sessions(spelled, dose=dose_text(program, doses))

    found = propose(program, doses, history, KNOWN)

    if found is None or not found.doses:
        return
    (before,) = with_doses(program, doses).exercises
    (after,) = with_doses(program, found.doses).exercises
    cited = exercise.cited_reps
    assert after.reps > before.reps if found.kind is Kind.UP else after.reps < before.reps
    assert abs(after.reps - before.reps) <= 2 or before.reps > cited.high
    assert after.reps in cited or abs(after.reps - cited.low) < abs(before.reps - cited.low)
    assert dose_problems(program, found.doses[0], forced=True) == ()
