"""Where skip, back and repeat lead."""

from kiosk.session.navigation import back_target, repeat_target, skip_target
from tests.builders import an_exercise
from tests.timeline.test_session_script import timeline_of

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
