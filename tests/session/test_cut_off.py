"""A power cut, and what is due meanwhile: what is said is what a press does."""

from datetime import timedelta

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.schedule.model import WALK
from kiosk.session.snapshot import State
from tests.session.bench import MORNING, PROGRAM, Bench, StoredState

OFFER = "We were interrupted at exercise one, repetition two."
CALL = "It is time for your walk."


def cut_off(*walks_at: str) -> StoredState:
    """A stored in which the power has gone in the middle of a session."""
    stored = StoredState(MORNING)
    if walks_at:
        stored.plan(WALK, *walks_at)
    bench = Bench(PROGRAM, stored=stored)
    bench.press()
    bench.run_until(lambda s: s.rep == 2 and s.phase == "hold")
    return stored


def test_what_was_cut_off_is_said_though_a_walk_is_due_and_that_is_what_a_press_goes_on_with():
    stored = cut_off("08:00")
    stored.wall.advance(timedelta(minutes=7))
    bench = Bench(PROGRAM, stored=stored)
    bench.run_for(8)
    assert bench.state is State.REMINDING
    assert bench.texts()[0] == OFFER
    assert CALL not in bench.texts()

    heard = bench.press_and_listen(3)
    assert heard[0] == "Carrying on."
    assert stored.ledger() == [("Mon 08:00", "due")]


def test_after_what_was_cut_off_the_walk_is_called_out_and_a_press_confirms_it():
    stored = cut_off("08:00")
    stored.wall.advance(timedelta(minutes=7))
    bench = Bench(PROGRAM, stored=stored)
    bench.run_for(8)
    bench.press()
    bench.run_to_state(State.FINISHED)
    ended = bench.now_ms()
    bench.run_to_state(State.REMINDING)
    bench.run_for(8)
    assert bench.texts(ended)[0] == CALL

    bench.press()
    bench.run_for(2)
    assert stored.ledger() == [("Mon 08:00", "done")]


def test_once_the_offer_is_over_the_walk_is_what_is_called_out_and_confirmed():
    stored = cut_off("08:20")
    bench = Bench(PROGRAM, stored=stored)
    bench.run_for(8)
    assert bench.texts()[0] == OFFER

    bench.run_to_state(State.REMINDING)
    bench.run_for(8)
    assert CALL in bench.texts()
    bench.press()
    bench.run_for(2)
    assert stored.ledger() == [("Mon 08:20", "done")]
    assert len(stored.store.sessions.between()) == 1


def test_what_was_cut_off_and_found_only_during_a_session_is_not_gone_on_with_unasked():
    stored = cut_off()
    stored.store.disk.broken = StoreError("The disk did not answer.")
    bench = Bench(PROGRAM, stored=stored)
    bench.begin()
    stored.store.disk.broken = None
    bench.run_to_state(State.FINISHED)
    assert OFFER not in bench.texts()

    heard = bench.press_and_listen(3)
    assert heard[0] == "A program."


def test_a_call_that_is_still_being_made_is_not_said_once_nothing_is_due_any_more():
    stored = StoredState(MORNING)
    entry = stored.plan(WALK, "08:00")
    bench = Bench(PROGRAM, stored=stored)
    bench.jobs.waiting = True
    bench.run_to_state(State.REMINDING)
    stored.store.plan.remove(entry.id, entry.version, Actor.PAGE, stored.wall.utc())
    bench.run_to_state(State.IDLE)
    bench.jobs.waiting = False
    bench.run_for(10)

    assert bench.texts() == []


def test_an_offer_that_is_still_being_made_is_said_though_what_was_due_is_not_any_more():
    stored = cut_off("08:00")
    stored.wall.advance(timedelta(minutes=7))
    bench = Bench(PROGRAM, stored=stored)
    bench.jobs.waiting = True
    bench.run_to_state(State.REMINDING)
    stored.store.plan.remove(1, 1, Actor.PAGE, stored.wall.utc())
    bench.run_to_state(State.IDLE)
    bench.jobs.waiting = False
    bench.run_for(8)

    assert bench.texts()[0] == OFFER
