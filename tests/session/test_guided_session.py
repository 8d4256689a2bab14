"""A whole session on the bench: what is heard, when, and what is shown."""

from dataclasses import replace

from kiosk.programs.model import Side
from kiosk.session.events import PreparationProgress
from kiosk.session.snapshot import Fault, State
from kiosk.session.transitions import Input
from kiosk.settings.model import Settings
from kiosk.timeline.script import compile_timeline
from tests.builders import ENGLISH, a_program, an_exercise, phase, ten_ms_a_letter
from tests.session.bench import Bench, MarkedVoice

LIFT_AND_HOLD = (phase("lift", 2000), phase("hold", 3000))


def a_running_session(**exercise) -> Bench:
    bench = Bench(a_program(an_exercise(phases=LIFT_AND_HOLD, **exercise)))
    bench.begin()
    return bench


def run_to_rep(bench: Bench, rep: int, phase_name: str = "lift") -> None:
    bench.run_until(lambda s: s.rep == rep and s.phase == phase_name and not s.leading_in)


def test_one_press_and_the_whole_session_is_heard_at_its_moments():
    bench = Bench(a_program(an_exercise(phases=LIFT_AND_HOLD, reps=2)))

    bench.press(0)
    start = bench.now_ms()
    bench.run_to_state(State.ASKING)

    assert bench.heard(start) == [
        (0, "A program."),
        (600, "One exercise."),
        (1230, "Press the button for a break."),
        (2020, "Stop if it hurts."),
        (2690, "Exercise one of one."),
        (3390, "Bridge."),
        (3960, "It is done lying on your back."),
        (4760, "Lift your hips."),
        (5410, "Two repetitions."),
        (6070, "Hold for three seconds each time."),
        (6900, "Get ready, lying on your back."),
        (9900, "three"),
        (10_900, "two"),
        (11_900, "one"),
        (12_900, "one"),
        (13_010, "up"),
        (14_900, "hold"),
        (15_900, "two"),
        (16_900, "one"),
        (17_900, "two"),
        (18_010, "last one"),
        (19_900, "hold"),
        (20_900, "two"),
        (21_900, "one"),
        (22_900, "Well done."),
        (23_500, "That was the last exercise."),
        (24_270, "Take your time to get up."),
    ]
    assert bench.states() == ["idle", "preparing", "running", "asking"]


def test_what_is_heard_is_the_cue_sheet_to_the_millisecond_over_a_long_session():
    program = a_program(*(an_exercise(f"Exercise {n}", reps=12, sets=2) for n in range(4)))
    bench = Bench(program)

    bench.press(0)
    start = bench.now_ms()
    bench.run_to_state(State.ASKING)

    sheet = compile_timeline(program, ENGLISH, Settings(), ten_ms_a_letter)
    assert bench.heard(start) == [(cue.at, cue.text) for cue in sheet.cues]
    assert sheet.duration > 800_000


def test_the_snapshots_tell_the_story():
    bench = a_running_session(reps=2)
    bench.run_to_state(State.FINISHED)

    told = [(s.exercise_name, s.rep, s.phase) for s in bench.snapshots if s.moving]
    assert [t for n, t in enumerate(told) if n == 0 or t != told[n - 1]] == [
        ("", None, "welcome"),
        ("Bridge", None, "announce"),
        ("Bridge", None, "ready"),
        ("Bridge", 1, "lift"),
        ("Bridge", 1, "hold"),
        ("Bridge", 2, "lift"),
        ("Bridge", 2, "hold"),
        ("", None, "closing"),
    ]


def test_between_snapshots_a_subscriber_sees_the_hold_run_down():
    bench = a_running_session()
    run_to_rep(bench, 1, "hold")

    left = bench.session.snapshot().phase_ends_in_ms
    bench.clock.advance(0.5)
    assert bench.session.snapshot().phase_ends_in_ms == left - 500
    bench.clock.advance(60)
    assert bench.session.snapshot().phase_ends_in_ms == 0


def test_a_press_pauses_at_once_and_nothing_more_is_heard():
    bench = a_running_session()
    run_to_rep(bench, 2)

    paused_at = bench.now_ms()
    bench.press()
    bench.run_for(60)

    assert bench.state is State.PAUSED
    assert bench.heard(paused_at + 20) == []


def test_the_next_press_carries_on_from_the_start_of_the_interrupted_repetition():
    bench = a_running_session(reps=8)
    run_to_rep(bench, 5, "hold")
    bench.run_for(1.5)
    bench.press()
    bench.run_for(10)

    resumed_at = bench.now_ms()
    bench.press()
    bench.run_for(12)

    assert bench.heard(resumed_at)[:9] == [
        (0, "Carrying on."),
        (470, "Number five of eight."),
        (1030, "three"),
        (2030, "two"),
        (3030, "one"),
        (4030, "five"),
        (4150, "up"),
        (6030, "hold"),
        (7030, "two"),
    ]


def test_while_it_leads_in_the_position_stands_at_the_start_of_the_repetition():
    bench = a_running_session(reps=8)
    run_to_rep(bench, 5, "hold")
    bench.press()
    bench.run_for(3)
    bench.press()
    bench.run_for(1)

    shown = bench.session.snapshot()
    assert (shown.state, shown.rep, shown.phase) == (State.RUNNING, 5, "lift")
    assert (shown.leading_in, shown.moving, shown.phase_ends_in_ms) == (True, False, 2000)


def test_pausing_during_the_lead_in_loses_nothing():
    bench = a_running_session(reps=8)
    run_to_rep(bench, 5, "hold")
    bench.press()
    bench.run_for(3)
    bench.press()
    bench.run_for(1)
    bench.press()

    assert (bench.state, bench.session.snapshot().rep) == (State.PAUSED, 5)
    bench.press()
    run_to_rep(bench, 5)
    assert bench.state is State.RUNNING


def test_resuming_names_the_side():
    bench = a_running_session(
        reps=4, side=Side.ALTERNATE, reps_per_side=True, left="left arm", right="right arm"
    )
    bench.run_until(lambda s: s.rep == 3 and s.side == "right" and s.phase == "hold")
    bench.press()
    bench.run_for(3)

    heard = bench.press_and_listen(6)

    assert heard[:7] == [
        "Carrying on.",
        "Right arm.",
        "Number three of four.",
        "three",
        "two",
        "one",
        "right arm",
    ]


def test_paused_while_getting_ready_the_whole_time_for_it_is_given_again():
    bench = a_running_session()
    bench.run_until(lambda s: s.phase == "ready")
    bench.run_for(4)
    bench.press()
    bench.run_for(3)

    heard = bench.press_and_listen(7)

    assert heard[:5] == ["Carrying on.", "Get ready, lying on your back.", "three", "two", "one"]


def test_holding_the_button_ends_the_session_and_says_so():
    bench = a_running_session()
    run_to_rep(bench, 1)

    down_at = bench.now_ms()
    bench.press(2.5)
    bench.run_for(3)

    assert bench.states() == ["idle", "preparing", "running", "paused", "stopped"]
    heard = [(at, text) for at, text in bench.heard(down_at) if at > 20]
    assert heard == [(2000, "The session has ended."), (2570, "Press the button to begin again.")]


def test_a_pause_is_brought_to_mind_and_ends_in_the_end():
    bench = a_running_session()
    run_to_rep(bench, 1)

    bench.press()
    paused_at = bench.now_ms()
    bench.run_for(1300)

    reminders = [at for at, text in bench.heard(paused_at) if text == "We are having a break."]
    assert [round(at / 1000) for at in reminders] == [120, 420, 720, 1020]
    assert bench.state is State.STOPPED
    ended = [at for at, text in bench.heard(paused_at) if text == "The session has ended."]
    assert [round(at / 1000) for at in ended] == [1200]


def test_after_the_end_a_press_begins_anew():
    bench = a_running_session(reps=1)
    bench.run_to_state(State.FINISHED)

    bench.press()
    bench.run_for(1)

    assert bench.state is State.RUNNING
    assert bench.session.snapshot().position_ms < 2000


def test_the_same_session_again_asks_for_no_speech_but_a_broken_voice_is_tried_again():
    bench = Bench()
    bench.voice.broken = True
    calls = []
    for broken in (True, False, False):
        bench.voice.broken = broken
        bench.press()
        bench.press(2.5)
        bench.run_for(1)
        calls.append(bench.voice.calls)

    assert calls == [2, 3, 3]  # the first call is for the notices


def test_pages_can_pause_resume_skip_back_repeat_and_stop():
    bench = Bench(a_program(*(an_exercise(n, reps=3) for n in ("Squat", "Cat", "Bridge"))))
    bench.session.start()
    bench.run_until(lambda s: s.exercise_name == "Squat" and s.rep == 2)

    bench.session.command(Input.SKIP)
    bench.run_for(1)
    assert bench.session.snapshot().exercise_name == "Cat"

    bench.run_until(lambda s: s.rep == 2)
    bench.session.command(Input.REPEAT)
    bench.run_for(1)
    assert (bench.session.snapshot().exercise_name, bench.session.snapshot().phase) == (
        "Cat",
        "announce",
    )

    bench.session.command(Input.BACK)
    bench.run_for(1)
    assert bench.session.snapshot().exercise_name == "Squat"

    bench.session.command(Input.PAUSE)
    bench.session.command(Input.SKIP)
    bench.run_for(1)
    assert (bench.state, bench.session.snapshot().exercise_name) == (State.PAUSED, "Cat")

    bench.session.command(Input.RESUME)
    bench.run_for(1)
    assert bench.state is State.RUNNING

    bench.session.command(Input.STOP)
    bench.settle()
    assert bench.state is State.STOPPED


def test_another_program_can_be_started_by_its_id():
    first = a_program(an_exercise("Bridge"))
    bench = Bench(first, replace(a_program(an_exercise("Squat")), id="second"))

    bench.session.start("second")
    bench.run_to_state(State.RUNNING)

    assert bench.session.snapshot().program == "second"


def test_a_program_that_does_not_exist_is_an_apology_and_the_next_press_tries_again():
    bench = Bench()
    bench.session.start("nonsense")
    bench.settle()
    bench.run_for(3)

    assert bench.state is State.FAILED
    assert Fault.NO_PROGRAM in bench.faults
    assert bench.heard()[0][1] == "That did not work."

    bench.begin()
    assert bench.faults == frozenset()


def test_a_long_preparation_asks_for_a_moment_and_shows_how_far_it_is():
    bench = Bench()
    bench.jobs.waiting = True
    bench.press()
    bench.run_for(2)

    assert bench.state is State.PREPARING
    assert bench.texts() == ["One moment, please."]

    bench.controller.post(PreparationProgress(ticket=1, done=30, total=120))
    bench.settle()
    assert bench.session.snapshot().prepared == 0.25

    bench.jobs.waiting = False
    bench.settle()
    assert (bench.state, bench.session.snapshot().prepared) == (State.RUNNING, None)


def test_an_impatient_press_while_preparing_is_answered():
    bench = Bench()
    bench.jobs.waiting = True
    bench.press()
    bench.run_for(0.3)
    pressed_at = bench.now_ms()
    bench.press()
    bench.run_for(1)

    assert bench.state is State.PREPARING
    assert bench.session.snapshot().ignored_press_at is not None
    assert bench.heard(pressed_at)[0][1] == "One moment, please."


def test_an_answer_to_a_session_that_was_given_up_is_not_mistaken_for_the_next_ones():
    bench = Bench()
    bench.jobs.waiting = True
    bench.press()
    bench.session.command(Input.STOP)
    bench.settle()
    bench.press()
    bench.jobs.waiting = False
    bench.jobs.do_one()
    bench.controller.pump()

    assert bench.state is State.PREPARING
    bench.settle()
    assert bench.state is State.RUNNING


def test_without_a_voice_the_session_is_counted_in_tones_and_the_fault_is_shown():
    voice = MarkedVoice()
    voice.broken = True
    bench = Bench(a_program(an_exercise(reps=2)), voice=voice)
    bench.press()
    bench.run_to_state(State.FINISHED)

    assert Fault.NO_SPEECH in bench.faults
    assert bench.heard() == []
    assert any(any(pcm) for _, pcm in bench.speaker.writes)
