"""What is said in a session, and exactly when: a clip takes 10 ms a letter."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.programs.model import PhaseName, Position, Side
from kiosk.settings.model import Settings
from kiosk.timeline.layout import lay_out
from kiosk.timeline.notices import code_score, code_texts
from kiosk.timeline.score import texts_of
from kiosk.timeline.script import compile_timeline
from kiosk.timeline.timeline import MARK, TICK, Speech, Stage, Timeline, Tone
from tests.builders import ENGLISH, a_program, an_exercise, phase, ten_ms_a_letter


def timeline_of(*exercises):
    return compile_timeline(a_program(*exercises), ENGLISH, Settings(), ten_ms_a_letter)


def said(timeline: Timeline, *stages: Stage):
    """(ms, text) of every cue in those stages, counted from where the first of them begins."""
    spans = [span for span in timeline.spans if span.stage in stages]
    return [
        (cue.at - spans[0].at, cue.text)
        for cue in timeline.cues
        if any(span.at <= cue.at < span.end for span in spans)
    ]


def test_a_whole_small_session_is_this_list_of_cues():
    timeline = timeline_of(an_exercise(reps=2))

    assert [(cue.at, cue.text) for cue in timeline.cues] == [
        (0, "A program."),
        (600, "One exercise."),
        (1230, "Press the button for a break."),
        (2020, "Stop if it hurts."),
        (2690, "Exercise one of one."),
        (3390, "Bridge."),
        (3960, "It is done lying on your back."),
        (4760, "Lift your hips."),
        (5410, "Two repetitions."),
        (6070, "Hold for four seconds each time."),
        (6890, "Get ready, lying on your back."),
        (9890, "three"),
        (10_890, "two"),
        (11_890, "one"),
        (12_890, "one"),
        (13_000, "up"),
        (14_890, "hold"),
        (15_890, "three"),
        (16_890, "two"),
        (17_890, "one"),
        (18_890, "rest"),
        (20_890, "two"),
        (21_000, "last one"),
        (22_890, "hold"),
        (23_890, "three"),
        (24_890, "two"),
        (25_890, "one"),
        (26_890, "rest"),
        (28_890, "Well done."),
        (29_490, "That was the last exercise."),
        (30_260, "Take your time to get up."),
    ]
    assert timeline.duration == 31_010
    assert timeline.dropped == ()
    assert timeline.stretched == ()


def test_every_span_says_what_goes_on_from_the_first_to_the_last_millisecond():
    timeline = timeline_of(an_exercise(reps=1))

    assert [(s.at, s.end, s.stage.value, s.place.rep, s.phase) for s in timeline.spans] == [
        (0, 2690, "welcome", None, "welcome"),
        (2690, 6880, "announce", None, "announce"),
        (6880, 12880, "ready", None, "ready"),
        (12880, 14880, "work", 1, "lift"),
        (14880, 18880, "work", 1, "hold"),
        (18880, 20880, "work", 1, "rest"),
        (20880, 23000, "closing", None, "closing"),
    ]


def test_a_short_hold_is_counted_to_one():
    timeline = timeline_of(an_exercise(reps=1, phases=(phase("reach", 1500), phase("hold", 2000))))

    assert said(timeline, Stage.WORK) == [
        (0, "one"),
        (110, "last one"),
        (1500, "hold"),
        (2500, "one"),
    ]


def test_a_hold_of_five_seconds_or_more_has_a_breathing_cue():
    timeline = timeline_of(an_exercise(reps=1, phases=(phase("lift", 1000), phase("hold", 6000))))

    assert said(timeline, Stage.WORK) == [
        (0, "one"),
        (110, "last one"),
        (1000, "hold"),
        (1700, "Keep breathing."),
        (3000, "four"),
        (4000, "three"),
        (5000, "two"),
        (6000, "one"),
    ]


def test_a_long_hold_has_half_way_and_the_last_five_seconds_but_not_every_second():
    timeline = timeline_of(
        an_exercise(reps=1, phases=(phase("stretch", 2000), phase("hold", 30_000)))
    )

    assert said(timeline, Stage.WORK) == [
        (0, "one"),
        (110, "last one"),
        (2000, "hold"),
        (2700, "Keep breathing."),
        (17_000, "half-way"),
        (22_000, "Ten more seconds."),
        (27_000, "five"),
        (28_000, "four"),
        (29_000, "three"),
        (30_000, "two"),
        (31_000, "one"),
    ]


def test_half_way_and_ten_seconds_do_not_get_into_each_others_way():
    timeline = timeline_of(
        an_exercise(reps=1, phases=(phase("stretch", 2000), phase("hold", 20_000)))
    )

    texts = [text for _, text in said(timeline, Stage.WORK)]
    assert "half-way" in texts
    assert "Ten more seconds." not in texts


def test_alternating_sides_are_named_at_each_change_and_a_pair_counts_once():
    timeline = timeline_of(
        an_exercise(
            side=Side.ALTERNATE,
            reps_per_side=True,
            phases=(phase("lift", 2000), phase("lower", 2000)),
            left="left arm",
            right="right arm",
        )
    )

    assert said(timeline, Stage.WORK) == [
        (0, "one"),
        (110, "left arm"),
        (2000, "down"),
        (4000, "right arm"),
        (6000, "down"),
        (8000, "two"),
        (8110, "left arm"),
        (10_000, "down"),
        (12_000, "right arm"),
        (12_170, "last one"),
        (14_000, "down"),
    ]
    passes = [(s.place.side, s.place.rep) for s in timeline.spans if s.phase == "lift"]
    assert passes == [("left", 1), ("right", 1), ("left", 2), ("right", 2)]


def test_where_a_count_is_of_both_sides_together_each_turn_counts():
    timeline = timeline_of(an_exercise(side=Side.ALTERNATE, reps=4, phases=(phase("lift", 3000),)))

    passes = [(s.place.side, s.place.rep) for s in timeline.spans if s.stage is Stage.WORK]
    assert passes == [("left", 1), ("right", 2), ("left", 3), ("right", 4)]


def test_one_side_then_the_other_leaves_time_to_change():
    timeline = timeline_of(
        an_exercise(
            side=Side.LEFT_THEN_RIGHT, reps_per_side=True, reps=1, phases=(phase("hold", 3000),)
        )
    )

    assert said(timeline, Stage.READY, Stage.WORK, Stage.CHANGE_SIDE) == [
        (0, "Get ready, lying on your back."),
        (800, "Left side first."),
        (3000, "three"),
        (4000, "two"),
        (5000, "one"),
        (6000, "one"),
        (6110, "last one"),
        (7000, "two"),
        (8000, "one"),
        (9000, "Change sides."),
        (9630, "Right side."),
        (12_000, "three"),
        (13_000, "two"),
        (14_000, "one"),
        (15_000, "one"),
        (15_110, "last one"),
        (16_000, "two"),
        (17_000, "one"),
    ]


def test_between_sets_there_is_a_rest_that_is_announced_before_it_ends():
    timeline = timeline_of(
        an_exercise(sets=2, reps=1, phases=(phase("lift", 3000),), rest_between_sets=30_000)
    )

    assert said(timeline, Stage.REST) == [
        (0, "And rest."),
        (590, "Next is set two of two."),
        (20_000, "Ten seconds."),
        (27_000, "three"),
        (28_000, "two"),
        (29_000, "one"),
    ]


def test_between_exercises_comes_a_rest_and_what_is_next():
    timeline = timeline_of(an_exercise("Bridge"), an_exercise("Squat"))

    rest = said(timeline, Stage.REST)
    assert rest == [(0, "And rest."), (590, "Next comes: Squat.")]
    assert [e.name for e in timeline.exercises] == ["Bridge", "Squat"]


def test_getting_down_to_the_floor_takes_longer_than_staying_there():
    timeline = timeline_of(
        an_exercise("Squat", position=Position.STANDING, get_ready=None),
        an_exercise("Cat", position=Position.ALL_FOURS, get_ready=None),
        an_exercise("Bridge", position=Position.LYING_ON_BACK, get_ready=None),
        an_exercise("Bridge two", position=Position.LYING_ON_BACK, get_ready=None),
        an_exercise("Sit", position=Position.SITTING, get_ready=None),
        an_exercise("Stand", position=Position.STANDING, get_ready=None),
    )

    ready = [span.duration for span in timeline.spans if span.stage is Stage.READY]
    assert ready == [6000, 17_000, 10_000, 6000, 17_000, 8000]


def test_equipment_is_asked_for_once():
    timeline = timeline_of(
        an_exercise("Squat", equipment=("chair",)), an_exercise("Sit", equipment=("chair",))
    )

    assert [cue.text for cue in timeline.cues].count("You need a steady chair.") == 1


def test_an_exercise_may_have_its_own_words_for_its_phases():
    timeline = timeline_of(
        an_exercise(
            reps=3,
            phases=(phase("lower", 2000), phase("lift", 2000)),
            words={PhaseName.LOWER: "sit down", PhaseName.LIFT: "rise"},
        )
    )

    texts = [text for _, text in said(timeline, Stage.WORK)]
    assert texts[:3] == ["one", "sit down", "rise"]


def test_what_is_said_in_a_transition_stretches_it_and_this_is_reported():
    timeline = timeline_of(an_exercise(get_ready=3500, reps=1))

    # "Get ready, lying on your back." and the pause after it take 800 ms, "three, two, one" 3000.
    (stretched,) = timeline.stretched
    assert (stretched.stage, stretched.planned, stretched.actual) == (Stage.READY, 3500, 3800)


def test_a_word_that_finds_no_room_is_dropped_and_reported_but_never_a_count():
    long_winded = "lift your hips as far as they go, and no further than that. " * 3
    words = {PhaseName.LIFT: long_winded}
    exercise = an_exercise(
        reps=2, phases=(phase("press", 1000), phase("lift", 500), phase("hold", 3000)), words=words
    )

    timeline = timeline_of(exercise)

    assert [(d.text, d.place.rep) for d in timeline.dropped] == [
        (long_winded, 1),
        (long_winded, 2),
    ]
    texts = [text for _, text in said(timeline, Stage.WORK)]
    assert texts.count("one") == 3  # the first repetition's number, and the end of both holds
    assert texts.count("two") == 3


def test_a_count_whose_clip_is_too_long_becomes_a_tone_at_the_same_moment():
    def slow(sound):
        return 1200 if sound == Speech("two") else ten_ms_a_letter(sound)

    program = a_program(an_exercise(reps=1, phases=(phase("lift", 1000), phase("hold", 4000))))
    timeline = compile_timeline(program, ENGLISH, Settings(), slow)

    tones = [(cue.text, cue.sound) for cue in timeline.cues if isinstance(cue.sound, Tone)]
    assert tones == [("two", Tone(TICK)), ("two", Tone(TICK))]  # getting ready, and in the hold
    assert timeline.dropped == ()


def test_without_any_speech_the_counts_are_tones_at_their_moments():
    def none_rendered(sound):
        return 70 if isinstance(sound, Tone) else None

    program = a_program(an_exercise(reps=1, phases=(phase("lift", 2000), phase("hold", 3000))))
    timeline = compile_timeline(program, ENGLISH, Settings(), none_rendered)

    assert [(cue.at, cue.text, cue.sound) for cue in timeline.cues] == [
        (3000, "three", Tone(TICK)),
        (4000, "two", Tone(TICK)),
        (5000, "one", Tone(TICK)),
        (6000, "one", Tone(MARK)),
        (9000, "two", Tone(TICK)),
        (10_000, "one", Tone(TICK)),
    ]
    assert "Lift your hips." in timeline.missing


# --- the code that lets a caregiver in ------------------------------------------------------------


def test_a_code_is_said_by_threes_and_twice():
    timeline = lay_out(code_score("407129", ENGLISH), ten_ms_a_letter)

    digits = ["four", "zero", "seven", "one", "two", "nine"]
    assert [cue.text for cue in timeline.cues] == [
        *("The code is:", *digits),
        *("Once more:", *digits),
    ]
    pauses = [later.at - cue.end for cue, later in zip(timeline.cues, timeline.cues[1:])]  # noqa: B905
    once = [600, 600, 600, 1300, 600, 600]
    assert pauses == [*once, 1300, *once]


@given(st.text("0123456789", min_size=6, max_size=6))
def test_no_text_tells_more_than_one_digit_and_what_was_rendered_beforehand_is_enough(code):
    words = {ENGLISH.number(n) for n in range(10)}
    texts = texts_of(code_score(code, ENGLISH))
    for text in texts:
        assert text in words or not words & set(text.lower().strip(":").split())
    assert set(texts) <= set(code_texts(ENGLISH))
