"""The button is stuck, flutters, hums, is not there, or nobody tells of it."""

import pytest

from kiosk.hardware.light import brightness
from kiosk.session.snapshot import Fault, State
from tests.builders import a_program
from tests.faults.button_bench import BenchWithButton
from tests.session.bench import stored_state

# --- stuck


def test_a_button_that_is_stuck_is_told_apart_from_one_that_is_held():
    bench = BenchWithButton()

    bench.down()
    bench.run_for(59)
    assert bench.states() == ["idle", "preparing", "running", "stopped"]
    assert bench.faults == frozenset()

    bench.run_for(2)
    assert bench.faults == {Fault.BUTTON}
    assert bench.states() == ["idle", "preparing", "running", "stopped"]


def test_once_it_comes_loose_all_is_well_and_the_next_press_begins_a_session():
    bench = BenchWithButton()
    bench.down()
    bench.run_for(120)

    bench.up()
    assert bench.faults == frozenset()
    bench.run_for(1)
    bench.begin()


def test_a_kiosk_that_starts_with_its_button_down_takes_that_for_no_press():
    bench = BenchWithButton(pressed=True)

    bench.run_for(59)
    assert (bench.state, bench.faults) == (State.IDLE, frozenset())
    bench.run_for(2)
    assert (bench.state, bench.faults) == (State.IDLE, {Fault.BUTTON})

    bench.up()
    bench.run_for(1)
    bench.begin()
    assert bench.faults == frozenset()


def test_with_a_stuck_button_the_pages_lead_through_a_session_all_the_same():
    bench = BenchWithButton(pressed=True)
    bench.run_for(120)

    bench.session.start()
    bench.run_to_state(State.FINISHED)


# --- fluttering, or picking up what hums around it


@pytest.mark.parametrize("every", [0.004, 0.01, 0.05, 0.1, 0.2])
def test_a_loose_wire_leads_to_no_session_and_is_told(every):
    bench = BenchWithButton()

    bench.flutter(7, every)

    assert (bench.state, bench.faults) == (State.IDLE, {Fault.BUTTON})
    went_on_until = max(at for at, _ in bench.heard())
    assert went_on_until < 6000
    assert "The session has ended." not in bench.texts()


def test_what_hums_does_little_before_it_is_known_for_that():
    bench = BenchWithButton()

    bench.flutter(2, every=0.01)

    assert bench.states() == [
        *("idle", "preparing", "running", "paused", "running", "paused", "running", "idle"),
    ]
    assert max(at for at, _ in bench.heard()) < 500


def test_five_seconds_of_calm_and_the_button_is_believed_again():
    bench = BenchWithButton()
    bench.flutter(3, every=0.05)

    bench.run_for(4.8)
    bench.press()
    assert (bench.state, bench.faults) == (State.IDLE, {Fault.BUTTON})

    bench.run_for(6)
    assert bench.faults == frozenset()
    bench.begin()


def test_a_running_session_goes_on_through_it():
    bench = BenchWithButton()
    bench.press()
    bench.run_until(lambda s: s.rep == 2)

    bench.flutter(2, every=0.02)

    assert bench.state is State.RUNNING
    bench.run_to_state(State.FINISHED)


def test_a_pause_stays_one():
    bench = BenchWithButton()
    bench.press()
    bench.run_until(lambda s: s.rep == 2)
    bench.press()
    bench.run_for(10)

    bench.flutter(2, every=0.02)

    assert bench.state is State.PAUSED


def reminded_and_fluttering(program):
    stored = stored_state("08:00", program=program)
    bench = BenchWithButton(stored=stored)
    bench.run_to_state(State.REMINDING)
    bench.flutter(2, every=0.02)
    bench.run_for(10)
    return stored, bench


def test_what_was_called_out_stays_due_and_the_history_knows_nothing_of_it():
    stored, bench = reminded_and_fluttering(a_program().id)

    assert stored.ledger() == [("Mon 08:00", "due")]
    assert bench.session.snapshot().due == a_program().id
    assert stored.store.sessions.between() == ()
    bench.press()
    bench.run_to_state(State.FINISHED)
    bench.run_for(1)
    assert stored.ledger() == [("Mon 08:00", "done")]


def test_a_walk_is_not_marked_as_done_by_it():
    stored, _ = reminded_and_fluttering("walk")

    assert stored.ledger() == [("Mon 08:00", "due")]


def test_an_impatient_hand_is_no_noise():
    bench = BenchWithButton()

    for _ in range(5):
        bench.press(0.1)
        bench.run_for(0.1)

    assert bench.states() == ["idle", "preparing", *["running", "paused"] * 2, "running"]
    assert bench.faults == frozenset()


def test_a_pin_with_hundreds_of_edges_a_second_is_let_go_for_a_while():
    bench = BenchWithButton()
    bench.flutter(1.5, every=0.001)
    assert [button.closed for button in bench.opened] == [True]
    assert bench.faults == {Fault.BUTTON}

    # Tried again it still hums, and not one of its edges counts.
    bench.run_for(27.5)
    states = bench.states()
    bench.flutter(5, every=0.002)
    assert [button.closed for button in bench.opened] == [True, True]
    assert bench.states() == states

    bench.run_for(35)
    assert [button.closed for button in bench.opened] == [True, True, False]
    assert bench.faults == frozenset()
    bench.begin()


# --- not there


def test_without_its_pin_the_kiosk_runs_says_so_and_tries_again(caplog):
    bench = BenchWithButton(cannot="The pins do not open.")
    assert bench.faults == {Fault.BUTTON}
    assert brightness(bench.session.snapshot(), 0.15) == 0.0  # the light blinks fast

    bench.session.start()
    bench.run_to_state(State.FINISHED)
    bench.run_for(200)
    told = [record for record in caplog.records if "The pins do not open." in record.message]
    assert len(told) == 1

    bench.cannot = ""
    bench.run_for(31)
    assert bench.faults == frozenset()
    bench.press()
    bench.run_for(1)
    assert bench.state is State.RUNNING


def test_a_pin_that_is_lost_while_it_runs_is_opened_again():
    bench = BenchWithButton()
    bench.button.broken = True
    bench.run_for(2)
    assert (bench.faults, bench.button.closed) == ({Fault.BUTTON}, True)

    bench.run_for(32)
    assert bench.faults == frozenset()
    bench.begin()


def test_lost_while_it_was_down_it_is_not_stuck_once_it_is_back():
    bench = BenchWithButton()
    bench.down()
    bench.run_for(5)
    bench.button.broken = True

    bench.run_for(120)

    assert bench.faults == frozenset()


# --- nobody tells of it


def test_a_dead_thread_below_the_pins_is_noticed():
    bench = BenchWithButton()
    assert bench.monitor.is_well

    bench.button.is_watched = False

    assert not bench.monitor.is_well


def test_edges_that_do_not_come_are_noticed_by_looking():
    bench = BenchWithButton()
    bench.button.deaf = True
    bench.run_for(60)
    assert bench.monitor.is_well

    bench.down()
    bench.run_for(3)

    assert not bench.monitor.is_well


def test_a_button_that_is_not_there_is_no_reason_to_start_anew():
    assert BenchWithButton(cannot="The pins do not open.").monitor.is_well
