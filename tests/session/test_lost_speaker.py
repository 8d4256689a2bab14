"""The speaker goes away and comes back."""

from kiosk.session.snapshot import Fault, State
from tests.builders import a_program, an_exercise, phase
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker
from tests.session.bench import Bench


def a_bench(**speaker) -> Bench:
    clock = FakeClock()
    program = a_program(an_exercise(reps=8, phases=(phase("lift", 2000), phase("hold", 3000))))
    return Bench(program, clock=clock, speaker=FakeSpeaker(clock, **speaker))


def test_a_speaker_lost_in_the_middle_pauses_the_session_where_it_was_last_heard():
    bench = a_bench(failing_writes={1000}, failing_opens={2, 3, 4, 5, 6, 7, 8})
    bench.press()
    bench.run_to_state(State.PAUSED)

    shown = bench.session.snapshot()
    assert shown.faults == {Fault.SPEAKER_LOST}
    assert shown.position_ms == 999 * 20
    assert (shown.rep, shown.phase) == (2, "hold")


def test_it_is_looked_for_with_growing_patience_and_the_trouble_ends_when_it_is_back():
    bench = a_bench(failing_writes={1000}, failing_opens={2, 3, 4})
    bench.press()
    bench.run_to_state(State.PAUSED)
    lost_at = bench.clock.now()

    bench.run_until(lambda s: not s.faults)

    assert bench.speaker.opens == 5
    assert round(bench.clock.now() - lost_at, 0) == 8  # 0.5 + 1 + 2 + 5 seconds, a step early
    assert bench.state is State.PAUSED


def test_then_a_press_carries_on():
    bench = a_bench(failing_writes={1000})
    bench.press()
    bench.run_to_state(State.PAUSED)
    bench.run_for(5)

    bench.press()
    bench.run_to_state(State.FINISHED)
    assert [text for _, text in bench.heard()].count("eight") == 1


def test_a_press_while_it_is_still_lost_pauses_again_and_counts_nothing_as_done():
    bench = a_bench(failing_writes={1000}, failing_opens=set(range(2, 50)))
    bench.press()
    bench.run_to_state(State.PAUSED)
    before = bench.session.snapshot()

    bench.press()
    bench.run_for(3)

    assert bench.state is State.PAUSED
    assert bench.session.snapshot().rep == before.rep
    assert bench.session.snapshot().faults == {Fault.SPEAKER_LOST}


def test_no_speaker_at_the_start_pauses_at_the_beginning():
    bench = a_bench(failing_opens={1})
    bench.press()
    bench.run_to_state(State.PAUSED)
    assert bench.session.snapshot().position_ms == 0

    bench.run_for(1)
    bench.press()
    bench.run_to_state(State.RUNNING)


def test_the_position_is_what_was_heard_not_what_was_handed_to_the_card():
    bench = a_bench(delay=100)
    bench.press()
    bench.run_until(lambda s: s.rep == 3)
    bench.press(0)

    written = sum(len(pcm) for _, pcm in bench.speaker.writes) // 2 * 1000 // 22_050
    assert written - bench.session.snapshot().position_ms in range(95, 106)
    assert len(bench.speaker.heard()) // 2 * 1000 // 22_050 <= written


def test_the_end_is_only_reached_when_the_last_sound_was_heard():
    bench = a_bench(delay=500)
    bench.press()
    bench.run_to_state(State.FINISHED)

    duration = bench.session.snapshot().duration_ms
    heard = len(bench.speaker.heard()) // 2 * 1000 / 22_050
    assert heard >= duration


def test_an_idle_speaker_is_let_go_and_opened_again_by_the_next_press():
    bench = a_bench()
    bench.press()
    bench.run_for(1)
    bench.press(2.5)
    bench.run_for(20)
    assert not bench.speaker.is_open

    bench.press()
    bench.run_for(1)
    assert bench.speaker.is_open


def test_the_end_of_the_kiosk_silences_it():
    bench = a_bench()
    bench.press()
    bench.run_for(5)
    bench.end()

    while bench.controller.player.step():
        pass
    written = len(bench.speaker.writes)
    bench.controller.player.run()

    assert len(bench.speaker.writes) == written
    assert not bench.speaker.is_open
