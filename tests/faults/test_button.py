"""The button is stuck, flutters, picks up noise, is not there, or its edges do not come."""

import pytest

from kiosk.errors import PinError
from kiosk.hardware.button import CHECKS_EVERY, ButtonMonitor
from kiosk.hardware.light import brightness
from kiosk.session.snapshot import Fault, State
from tests.builders import a_program
from tests.fakes.button import FakeButton
from tests.session.bench import Bench, stored_state


class BenchWithButton(Bench):
    """A bench with a button that can be lost, stuck, or pick up noise; checked once a second.

    `cannot` is why the pin cannot be had, empty where it can.
    """

    def __init__(self, *programs, pressed=False, cannot="", **options):
        super().__init__(*programs, **options)
        self.cannot = cannot
        self.opened: list[FakeButton] = []
        self._pressed_at_start = pressed
        self.monitor = ButtonMonitor(self._open, self.clock, self.controller.post)
        self.monitor.check()
        self._button_checked_at = self.clock.now() + CHECKS_EVERY
        self.settle()

    @property
    def button(self) -> FakeButton:
        return self.opened[-1]

    def down(self):
        self.button.down()
        self.settle()

    def up(self):
        self.button.up()
        self.settle()

    def flutter(self, seconds: float, every: float) -> None:
        """Close and open the contacts every so many seconds."""
        end = self.clock.now() + seconds
        closed = False
        while self.clock.now() < end:
            closed = not closed
            (self.button.down if closed else self.button.up)()
            self.run_for(every)
        self.up()

    def _go_on(self, end):
        if self.clock.now() >= self._button_checked_at:
            self._button_checked_at = self.clock.now() + CHECKS_EVERY
            self.monitor.check()
        super()._go_on(end)

    def _open(self, on_edge):
        if self.cannot:
            raise PinError(self.cannot)
        pressed, self._pressed_at_start = self._pressed_at_start, False
        self.opened.append(FakeButton(self.clock, on_edge, pressed=pressed))
        return self.button


@pytest.fixture
def bench():
    return BenchWithButton()


# --- stuck


def test_a_button_that_is_stuck_is_not_one_that_is_held(bench):
    bench.down()
    bench.run_for(59)
    assert bench.states() == ["idle", "preparing", "running", "stopped"]
    assert bench.faults == frozenset()

    bench.run_for(2)
    assert bench.faults == {Fault.BUTTON}
    assert bench.states() == ["idle", "preparing", "running", "stopped"]


def test_once_it_comes_loose_all_is_well_and_the_next_press_begins_a_session(bench):
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


# --- fluttering, or picking up noise


@pytest.mark.parametrize("every", [0.004, 0.01, 0.05, 0.1, 0.2])
def test_a_loose_wire_leads_to_no_session_and_is_a_fault(bench, every):
    bench.flutter(7, every)

    assert (bench.state, bench.faults) == (State.IDLE, {Fault.BUTTON})
    went_on_until = max(at for at, _ in bench.heard())
    assert went_on_until < 6000
    assert "The session has ended." not in bench.texts()


def test_noise_does_little_before_it_is_known_for_that(bench):
    bench.flutter(2, every=0.01)

    assert bench.states() == [
        *("idle", "preparing", "running", "paused", "running", "paused", "running", "idle"),
    ]
    assert max(at for at, _ in bench.heard()) < 500


def test_five_seconds_of_calm_and_the_button_is_believed_again(bench):
    bench.flutter(3, every=0.05)

    bench.run_for(4.8)
    bench.press()
    assert (bench.state, bench.faults) == (State.IDLE, {Fault.BUTTON})

    bench.run_for(6)
    assert bench.faults == frozenset()
    bench.begin()


def test_a_running_session_goes_on_through_it(bench):
    bench.press()
    bench.run_until(lambda s: s.rep == 2)

    bench.flutter(2, every=0.02)

    assert bench.state is State.RUNNING
    bench.run_to_state(State.FINISHED)


def test_a_pause_stays_one(bench):
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


def test_an_impatient_hand_is_no_noise(bench):
    for _ in range(5):
        bench.press(0.1)
        bench.run_for(0.1)

    assert bench.states() == ["idle", "preparing", *["running", "paused"] * 2, "running"]
    assert bench.faults == frozenset()


def test_a_pin_with_hundreds_of_edges_a_second_is_let_go_for_a_while(bench):
    bench.flutter(1.5, every=0.001)
    assert [button.closed for button in bench.opened] == [True]
    assert bench.faults == {Fault.BUTTON}

    # Opened again it is still noisy, and not one of its edges counts.
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
    reported = [record for record in caplog.records if "The pins do not open." in record.message]
    assert len(reported) == 1

    bench.cannot = ""
    bench.run_for(31)
    assert bench.faults == frozenset()
    bench.press()
    bench.run_for(1)
    assert bench.state is State.RUNNING


def test_a_pin_that_is_lost_while_it_runs_is_opened_again(bench):
    bench.button.broken = True
    bench.run_for(2)
    assert (bench.faults, bench.button.closed) == ({Fault.BUTTON}, True)

    bench.run_for(32)
    assert bench.faults == frozenset()
    bench.begin()


def test_lost_while_it_was_down_it_is_not_stuck_once_it_is_back(bench):
    bench.down()
    bench.run_for(5)
    bench.button.broken = True

    bench.run_for(120)

    assert bench.faults == frozenset()


# --- edges do not come


def test_a_dead_thread_below_the_pins_is_noticed(bench):
    assert bench.monitor.is_well

    bench.button.is_watched = False

    assert not bench.monitor.is_well


def test_edges_that_do_not_come_are_noticed_by_looking(bench):
    bench.button.deaf = True
    bench.run_for(60)
    assert bench.monitor.is_well

    bench.down()
    bench.run_for(3)

    assert not bench.monitor.is_well


def test_a_button_that_is_not_there_is_no_reason_to_start_anew():
    assert BenchWithButton(cannot="The pins do not open.").monitor.is_well
