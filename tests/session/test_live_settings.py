"""Settings that are changed while the kiosk runs, and the sentence that lets one hear them."""

from dataclasses import replace

import pytest

from kiosk.session.events import FaultChanged
from kiosk.session.snapshot import Fault, State
from kiosk.settings.model import Settings
from tests.session.bench import PROGRAM, Bench

OTHER = replace(PROGRAM, id="another-program")

TEST_SENTENCE = "This is how loud I speak, and how fast."


def a_bench() -> Bench:
    return Bench(PROGRAM, OTHER)


def a_running_bench() -> Bench:
    bench = a_bench()
    bench.begin()
    return bench


def change(bench: Bench, **changes) -> Settings:
    """Change some of the settings, as a page does."""
    bench.in_force = settings = replace(bench.settings, **changes)
    bench.controller.change_settings(settings)
    bench.settle()
    return settings


def rates(bench: Bench) -> list[int]:
    return [voice.rate for voice, _ in bench.voice.asked_by]


# The pause


def test_a_pause_that_lasts_goes_by_the_new_times():
    bench = a_running_bench()
    bench.press()
    paused = bench.now_ms()
    bench.run_for(30)
    change(bench, paused_reminder_s=60, paused_again_s=90, paused_limit_s=200)
    bench.run_for(200)

    reminders = [at for at, text in bench.heard(paused) if text == "We are having a break."]
    assert [round(at / 1000) for at in reminders] == [60, 150]
    assert bench.state is State.STOPPED


def test_times_that_are_over_already_take_effect_now():
    bench = a_running_bench()
    bench.press()
    bench.run_for(100)
    change(bench, paused_limit_s=60)

    assert bench.state is State.STOPPED


def test_changed_settings_begin_no_pause_where_there_is_none():
    bench = a_bench()
    change(bench, paused_limit_s=60)
    bench.run_for(100)

    assert bench.states() == ["idle"]


# What is heard


def test_the_volume_is_heard_at_once_in_a_running_session():
    bench = a_running_bench()
    change(bench, volume=0)
    written = len(bench.speaker.writes)
    bench.run_for(5)

    assert not any(any(pcm) for _, pcm in bench.speaker.writes[written:])


def test_a_longer_lead_in_comes_before_the_next_sound():
    bench = a_bench()
    change(bench, lead_in_ms=1000)
    bench.session.test_sound()
    bench.run_for(10)

    assert bench.heard() == [(1000, TEST_SENTENCE)]


def test_a_running_session_sounds_as_it_was_made_and_the_next_one_as_it_is_set():
    bench = a_running_bench()
    before = bench.session.snapshot().duration_ms
    change(bench, sentence_pause_ms=1500)
    assert bench.session.snapshot().duration_ms == before

    bench.run_to_state(State.FINISHED)
    bench.begin()
    assert bench.session.snapshot().duration_ms > before


def test_a_new_rate_has_notices_and_default_program_rendered_before_anybody_asks():
    bench = a_bench()
    asked = len(rates(bench))
    change(bench, rate=125)
    assert rates(bench)[asked:] == [125, 125]

    bench.begin()
    assert len(rates(bench)) == asked + 2


def test_until_they_are_rendered_a_notice_in_the_old_voice_is_not_said_but_a_tone():
    bench = a_bench()
    bench.jobs.waiting = True
    change(bench, rate=125)
    bench.press()
    bench.press()
    bench.run_for(5)

    assert bench.texts() == []
    assert any(any(pcm) for _, pcm in bench.speaker.writes)


def test_a_voice_that_cannot_be_had_is_shown_and_one_that_can_again_takes_it_back():
    bench = a_bench()
    bench.voice.broken = True
    change(bench, voice="croak")
    assert bench.faults == {Fault.NO_SPEECH}

    bench.voice.broken = False
    change(bench, voice="")
    assert bench.faults == frozenset()


def test_what_does_not_concern_the_voice_has_nothing_rendered():
    bench = a_bench()
    asked = len(rates(bench))
    change(bench, volume=50, lead_in_ms=0, paused_limit_s=900, audio_device="USB")

    assert len(rates(bench)) == asked


@pytest.mark.parametrize(
    "heard", [{"sentence_pause_ms": 900}, {"default_program": "another-program"}]
)
def test_what_concerns_only_the_default_session_leaves_the_notices(heard):
    bench = a_bench()
    asked = len(rates(bench))
    change(bench, **heard)

    assert len(rates(bench)) == asked + 1


def test_changes_in_quick_succession_end_with_the_last_one():
    bench = a_bench()
    bench.jobs.waiting = True
    for rate in (120, 130, 140):
        change(bench, rate=rate)
    bench.jobs.waiting = False
    bench.settle()

    assert set(rates(bench)[1:]) == {140}
    bench.press()
    bench.run_for(3)
    assert bench.texts()[0] == "A program."


# The default program


def test_another_default_program_is_what_a_press_begins():
    bench = a_bench()
    change(bench, default_program="another-program")
    bench.begin()

    assert bench.session.snapshot().program == "another-program"


def test_a_default_program_that_cannot_be_used_is_shown_until_there_is_one_that_can():
    bench = a_bench()
    change(bench, default_program="nowhere")
    assert bench.faults == {Fault.NO_PROGRAM}

    change(bench)
    assert bench.faults == frozenset()


def test_a_fault_that_is_over_is_shown_no_more():
    bench = a_bench()
    for here, shown in ((True, {Fault.NO_SPEAKER}), (False, set())):
        bench.controller.post(FaultChanged(Fault.NO_SPEAKER, here))
        bench.settle()
        assert bench.faults == shown


# The test of the sound


def test_the_test_sentence_is_said_while_nothing_runs():
    bench = a_bench()
    bench.session.test_sound()
    bench.run_for(10)

    assert bench.texts() == [TEST_SENTENCE]
    assert bench.states() == ["idle"]


def test_right_after_a_change_it_is_said_in_the_new_voice():
    bench = a_bench()
    change(bench, rate=125)
    bench.session.test_sound()
    bench.run_for(10)

    assert bench.texts() == [TEST_SENTENCE]
    assert rates(bench)[-1] == 125


def test_in_a_pause_it_is_said_and_the_session_carries_on_from_where_it_was():
    bench = a_bench()
    bench.press()
    bench.run_until(lambda s: s.rep == 2 and s.phase == "hold")
    bench.press()
    before = bench.session.snapshot().position_ms
    bench.run_for(3)
    tested = bench.now_ms()
    bench.session.test_sound()
    bench.run_for(10)

    assert bench.texts(tested) == [TEST_SENTENCE]
    assert (bench.state, bench.session.snapshot().position_ms) == (State.PAUSED, before)
    heard = bench.press_and_listen(2)
    assert heard[:2] == ["Carrying on.", "Number two of three."]


def test_while_a_session_is_prepared_or_runs_or_an_answer_is_awaited_it_is_not_said():
    bench = a_bench()
    bench.jobs.waiting = True
    bench.press()
    bench.session.test_sound()
    bench.settle()
    bench.jobs.waiting = False
    for state in (State.RUNNING, State.ASKING):
        bench.run_to_state(state)
        bench.session.test_sound()
        bench.settle()
    bench.run_to_state(State.FINISHED)

    assert TEST_SENTENCE not in bench.texts()
