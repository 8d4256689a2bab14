"""The scheduler by itself: what it keeps where the disk fails half-way, how often it reads."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.errors import StoreError
from kiosk.history.model import Ending, ExerciseDone, Spot
from kiosk.schedule.occurrences import Rules
from kiosk.schedule.scheduler import Scheduler
from kiosk.session.snapshot import State
from kiosk.store.plan import PlanTable
from kiosk.store.sessions import SessionTable
from tests.builders import a_program, an_exercise, phase
from tests.fakes.store import MemoryStore
from tests.session.bench import MORNING, Bench, StoredState

if TYPE_CHECKING:
    from kiosk.session.events import Event

PROGRAM = a_program(an_exercise(reps=20, phases=(phase("lift", 2000), phase("hold", 3000))))
DONE = (ExerciseDone(1, "bridge", 1, 20, 0, 0, 20, 20),)


class SessionsThatFailToEnd(SessionTable):
    """Fail the first time a session ends."""

    has_failed = False

    def end(self, *args: object) -> None:
        if not self.has_failed:
            self.has_failed = True
            raise StoreError("The disk did not answer.")
        super().end(*args)


class CountingPlan(PlanTable):
    """Counts how often the plan is read."""

    reads = 0

    def entries(self):
        self.reads += 1
        return super().entries()


def test_one_session_does_one_occurrence_though_the_disk_failed_as_it_ended():
    stored = StoredState(MORNING)
    stored.store.sessions = SessionsThatFailToEnd(stored.store.disk)
    stored.plan(PROGRAM.id, "08:00", "08:30")
    stored.wall.advance(timedelta(minutes=40))  # both are due
    events: list[Event] = []
    scheduler = Scheduler(stored.store, stored.wall, stored.zone, stored.rules, events.append)
    scheduler.check()

    session = scheduler.begin_session(PROGRAM.id, 1, "", None)
    scheduler.end_session(session, Ending.COMPLETED, Spot(0), DONE)
    while scheduler.step(0):
        pass
    scheduler.check()

    assert stored.ledger() == [("Mon 08:00", "done"), ("Mon 08:30", "due")]
    (kept,) = stored.store.sessions.between()
    assert kept.ending is Ending.COMPLETED


def test_the_plan_is_read_again_when_a_session_begins_and_ends_not_with_each_repetition():
    stored = StoredState(MORNING)
    counted = stored.store.plan = CountingPlan(stored.store.disk)
    stored.plan(PROGRAM.id, "20:00")
    bench = Bench(PROGRAM, stored=stored)
    bench.run_for(1)
    before = counted.reads
    bench.press()
    bench.run_until(lambda s: s.rep == 2)
    begun = counted.reads
    bench.run_until(lambda s: s.rep == 20)
    assert counted.reads == begun

    bench.run_to_state(State.FINISHED)
    bench.run_for(2)
    assert counted.reads - before <= 4
    assert stored.store.sessions.between()[0].exercises[0].reps == 20


def test_it_keeps_what_it_was_told_before_the_end_and_nothing_after():
    store = MemoryStore()
    zone = ZoneInfo("UTC")
    wall = StoredState(datetime(2026, 11, 2, tzinfo=UTC)).wall
    scheduler = Scheduler(store, wall, zone, Rules(), lambda _event: None)
    scheduler.begin_session(PROGRAM.id, 1, "", None)
    scheduler.close()
    scheduler.begin_session(PROGRAM.id, 1, "", None)
    scheduler.run()

    assert [session.id for session in store.sessions.between(date.min, date.max)] == [1]
