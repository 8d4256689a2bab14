"""The kiosk over days: it reminds, stores what was done, and goes on after a power cut."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.history.model import Ending, ExerciseDone, Spot
from kiosk.schedule.model import WALK
from kiosk.schedule.occurrences import Rules
from kiosk.schedule.scheduler import Scheduler
from kiosk.session.events import Event
from kiosk.session.snapshot import Fault, State
from kiosk.session.transitions import Input
from kiosk.store.plan import PlanTable
from kiosk.store.sessions import SessionTable
from tests.builders import a_program, an_exercise, phase
from tests.fakes.store import MemoryStore
from tests.session.bench import MORNING, PROGRAM, Bench, StoredState, stored_state


def started(*times: str, **options) -> tuple[StoredState, Bench]:
    stored = stored_state(*times, **options)
    return stored, Bench(PROGRAM, stored=stored)


def reminded(*times: str, **options) -> tuple[StoredState, Bench]:
    stored, bench = started(*times, **options)
    bench.run_to_state(State.REMINDING)
    return stored, bench


def interrupted(stored: StoredState, rep: int = 2) -> Bench:
    """A kiosk whose power goes in that repetition; another one on `stored` is the next start."""
    bench = Bench(PROGRAM, stored=stored)
    bench.press()
    bench.run_until(lambda s: s.rep == rep and s.phase == "hold")
    return bench


def calls(bench: Bench, since_ms: int = 0) -> list[int]:
    """The minutes of the reminders."""
    heard = bench.heard(since_ms)
    return [round(at / 60_000) for at, text in heard if text.startswith("It is time")]


def test_when_it_is_time_it_calls_and_calls_again_and_then_it_is_missed():
    stored, bench = started("08:00")
    bench.run_for(2 * 3600)

    assert calls(bench) == [1, 6, 11]
    assert "It is time for A program." in bench.texts()
    assert stored.ledger() == [("Mon 08:00", "missed")]
    assert bench.states() == ["idle", "reminding", "idle"]


def test_a_press_begins_what_is_due_and_it_is_done_when_it_is_completed():
    stored, bench = reminded("08:00")
    assert bench.session.snapshot().due == "a-program"

    bench.do_session()

    (session,) = stored.store.sessions.between()
    assert (session.ending, session.entry) == (Ending.COMPLETED, 1)
    assert stored.ledger() == [("Mon 08:00", "done")]
    (exercise,) = session.exercises
    assert (exercise.reps, exercise.planned_reps, exercise.holds, exercise.sets) == (3, 3, 3, 1)
    assert bench.session.snapshot().due is None


def test_holding_the_button_while_reminded_asks_again_half_an_hour_later():
    stored, bench = reminded("08:00")
    bench.run_for(10)

    bench.press(2.5)
    bench.run_for(5)
    assert bench.state is State.IDLE
    assert bench.texts()[-2:] == ["All right.", "I will ask again later."]
    assert stored.store.sessions.between() == ()

    put_off_at = bench.now_ms()
    bench.run_for(31 * 60)
    assert calls(bench, put_off_at) == [30]
    assert bench.state is State.REMINDING


def test_a_walk_is_confirmed_by_a_press_and_put_off_by_a_hold():
    stored, bench = reminded("08:00", program=WALK)
    bench.run_for(6)
    assert bench.texts()[:2] == [
        "It is time for your walk.",
        "Press the button when you have had it.",
    ]

    bench.press(2.5)
    bench.run_for(5)
    assert stored.ledger() == [("Mon 08:00", "due")]

    bench.run_to_state(State.REMINDING)
    bench.press()
    bench.run_for(5)
    assert stored.ledger() == [("Mon 08:00", "done")]
    assert "Your walk is noted." in bench.texts()
    assert stored.store.sessions.between() == ()


def test_a_reminder_waits_for_the_end_of_a_session():
    _, bench = started("08:00")
    bench.run_for(40)
    bench.press()  # an extra session, begun 20 seconds before
    bench.run_to_state(State.ASKING)
    assert calls(bench) == []


def test_once_the_day_is_done_a_press_says_so_and_another_begins_an_extra_session():
    stored, bench = reminded("08:00")
    bench.do_session()

    bench.press()
    bench.run_for(5)
    assert bench.state is State.CONFIRMING
    assert "You have done today's exercises." in bench.texts()

    bench.begin()
    bench.run_to_state(State.FINISHED)
    assert [s.entry for s in stored.store.sessions.between()] == [1, None]


def test_without_a_second_press_nothing_begins():
    stored, bench = reminded("08:00")
    bench.do_session()
    bench.press()
    bench.run_for(30)

    assert bench.state is State.IDLE
    assert len(stored.store.sessions.between()) == 1


def test_with_nothing_due_a_press_begins_the_default_program_as_an_extra():
    stored, bench = started("20:00")

    bench.do_session()

    assert [s.entry for s in stored.store.sessions.between()] == [None]
    assert stored.ledger() == []


@pytest.mark.parametrize("effort", ["harder", "usual"])
def test_a_press_after_the_session_means_it_was_harder_and_none_as_usual(effort):
    stored, bench = started()
    bench.press()
    bench.run_to_state(State.ASKING)
    bench.run_for(2)
    if effort == "harder":
        bench.press()
    bench.run_for(9)

    (session,) = stored.store.sessions.between()
    assert session.effort == effort
    assert ("I have noted that it was harder." in bench.texts()) is (effort == "harder")


def test_a_session_that_is_stopped_is_kept_with_the_repetition_it_was_stopped_in():
    stored, bench = reminded("08:00")
    bench.press()
    bench.run_until(lambda s: s.rep == 2 and s.phase == "hold")
    bench.press(2.5)
    bench.run_for(5)

    (session,) = stored.store.sessions.between()
    assert session.ending is Ending.STOPPED
    assert (session.stopped_at.exercise_id, session.stopped_at.rep) == ("bridge", 2)
    assert session.exercises[0].reps == 1
    assert stored.ledger() == [("Mon 08:00", "due")]


def test_what_was_skipped_was_not_done():
    stored, bench = started()
    bench.press()
    bench.run_until(lambda s: s.rep == 2)
    bench.session.command(Input.SKIP)
    bench.run_to_state(State.FINISHED)
    bench.run_for(1)

    (session,) = stored.store.sessions.between()
    assert session.ending is Ending.COMPLETED
    assert session.exercises[0].reps == 1


def test_after_a_power_cut_it_says_where_and_a_press_carries_on_there():
    stored = stored_state()
    interrupted(stored, rep=3)
    again = Bench(PROGRAM, stored=stored)
    again.run_for(8)
    assert again.texts()[0] == "We were interrupted at exercise one, repetition three."
    heard = again.press_and_listen(6)
    assert heard[:3] == ["Carrying on.", "Number three of three.", "three"]
    again.run_to_state(State.FINISHED)

    cut, whole = stored.store.sessions.between()
    assert (cut.ending, cut.stopped_at.rep) == (Ending.INTERRUPTED, 3)
    assert whole.ending is Ending.COMPLETED


def test_the_end_of_the_kiosk_keeps_how_far_the_session_got():
    stored = stored_state()
    interrupted(stored).end()

    session = stored.store.sessions.open()
    assert (session.stopped_at.rep, session.exercises[0].reps) == (2, 1)


def test_while_the_clock_is_not_trusted_the_button_works_and_reminders_wait():
    stored = stored_state("08:00")
    stored.wall.set(datetime(1970, 1, 1, 7, 0, tzinfo=UTC))
    stored.wall.believe(trusted=False)
    bench = Bench(PROGRAM, stored=stored)
    bench.run_for(2 * 3600)

    assert bench.texts() == []
    assert Fault.CLOCK in bench.faults

    bench.do_session()
    assert len(stored.store.sessions.between()) == 1

    stored.wall.set(MORNING)
    stored.wall.believe()
    bench.run_for(120)
    assert bench.state is State.REMINDING
    assert Fault.CLOCK not in bench.faults


def test_a_full_disk_is_shown_the_session_goes_on_and_is_kept_later():
    stored, bench = started()
    stored.store.disk.broken = StoreError("The disk is full. Make room.")
    bench.press()
    bench.run_until(lambda s: s.rep == 2)
    assert Fault.STORE in bench.faults

    stored.store.disk.broken = None
    bench.run_to_state(State.FINISHED)
    bench.run_for(2)

    (session,) = stored.store.sessions.between()
    assert (session.ending, session.exercises[0].reps) == (Ending.COMPLETED, 3)
    assert Fault.STORE not in bench.faults


def test_a_course_of_a_week_with_a_power_cut_a_day():
    stored = stored_state("08:00", "18:00")
    day = timedelta(days=1)
    for n in range(7):
        stored.wall.set(MORNING + n * day)
        bench = Bench(PROGRAM, stored=stored)
        bench.run_to_state(State.REMINDING)
        if n != 3:
            bench.do_session()
        stored.wall.set(MORNING + n * day + timedelta(hours=10))
        bench.run_for(2 * 60)
        if bench.state is State.REMINDING and n % 2 == 0:
            bench.do_session()

    states = [state for _, state in stored.ledger()]
    assert states == [
        *("done", "done", "done", "missed", "done", "done", "missed", "missed"),
        *("done", "done", "done", "missed", "done", "done"),
    ]


@pytest.mark.parametrize("second", [WALK, PROGRAM.id])
@pytest.mark.parametrize("waiting", [False, True], ids=["ready", "speech still prepared"])
def test_putting_off_leaves_the_session_before_it_alone(second, waiting):
    stored, bench = reminded("08:00")
    stored.plan(second, "09:00")
    bench.do_session()
    bench.run_to_state(State.REMINDING)
    bench.jobs.waiting = waiting
    bench.press(2.5)
    bench.jobs.waiting = False
    bench.run_for(5)

    assert len(stored.store.sessions.between()) == 1
    assert stored.ledger() == [("Mon 08:00", "done"), ("Mon 09:00", "due")]


def test_a_trembling_second_press_after_a_walk_begins_nothing():
    stored, bench = reminded("08:00", program=WALK)
    bench.press()
    bench.run_for(0.2)
    bench.press()
    bench.run_for(5)

    assert bench.state is State.IDLE
    assert stored.store.sessions.between() == ()
    assert bench.session.snapshot().ignored_press_at is not None


def test_carrying_on_goes_before_what_is_due_and_counts_for_it():
    stored, bench = reminded("08:00")
    bench.press()
    bench.run_until(lambda s: s.rep == 3)

    again = Bench(PROGRAM, stored=stored)
    again.run_for(8)
    heard = again.press_and_listen(3)
    assert heard[0] == "Carrying on."
    again.run_to_state(State.FINISHED)
    again.run_for(1)

    assert [s.entry for s in stored.store.sessions.between()] == [1, 1]
    assert stored.ledger() == [("Mon 08:00", "done")]


def test_the_offer_to_carry_on_does_not_last_for_ever():
    stored = stored_state()
    interrupted(stored)
    again = Bench(PROGRAM, stored=stored)
    again.run_for(20 * 60)
    heard = again.press_and_listen(1)
    assert heard[0] == "A program."


def test_a_clock_that_leaps_during_a_session_does_not_lose_what_was_done():
    for leap in (timedelta(minutes=-30), timedelta(hours=23)):
        stored, bench = reminded("08:00")
        bench.press()
        bench.run_until(lambda s: s.rep == 1)
        stored.wall.advance(leap)
        bench.run_to_state(State.FINISHED)
        bench.run_for(60)

        assert ("Mon 08:00", "done") in stored.ledger()


class CountingPlan(PlanTable):
    """Counts how often the plan is read; the first time it may fail."""

    reads = 0
    fails_first = False

    def entries(self):
        self.reads += 1
        if self.fails_first and self.reads == 1:
            raise StoreError("The disk did not answer.")
        return super().entries()


def test_a_store_that_fails_once_while_it_is_read_is_read_again():
    stored = StoredState(MORNING)
    stored.store.plan = CountingPlan(stored.store.disk)
    stored.store.plan.fails_first = True
    stored.plan("a-program", "08:00")
    bench = Bench(PROGRAM, stored=stored)

    bench.run_to_state(State.REMINDING)
    assert bench.faults == frozenset()


def test_a_stop_before_the_first_word_is_not_called_out_again():
    _, bench = reminded("08:00")
    bench.jobs.waiting = True
    bench.press()
    bench.session.command(Input.STOP)
    bench.settle()
    bench.jobs.waiting = False
    stopped = bench.now_ms()
    bench.run_for(15 * 60)

    assert calls(bench, stopped) == []


# Other rules, another time zone


def change_rules(bench: Bench, stored: StoredState, *, zone: str = "Europe/Oslo", **rules) -> None:
    bench.scheduler.change_rules(Rules(**rules), ZoneInfo(zone))
    stored.zone = ZoneInfo(zone)


@pytest.mark.parametrize(
    ("rules", "minutes"),
    [
        ({"remind_again": (timedelta(minutes=2), timedelta(minutes=20))}, [1, 3, 21]),
        ({"quiet_from": time(8, 1), "quiet_to": time(9, 30)}, [1]),
    ],
    ids=["other waits between reminders", "quiet hours"],
)
def test_rules_that_are_set_now_count_for_the_next_reminder(rules, minutes):
    stored, bench = reminded("08:00")
    change_rules(bench, stored, **rules)
    bench.run_for(3600)

    assert calls(bench) == minutes


def test_another_time_zone_makes_the_plan_due_by_its_own_wall_clock():
    stored, bench = started("08:00")
    bench.run_for(5)
    change_rules(bench, stored, zone="Europe/London")  # where it is an hour earlier
    bench.run_for(600)
    assert bench.states() == ["idle"]
    assert bench.session.snapshot().next_due == datetime(2026, 11, 2, 8, 0, tzinfo=UTC)

    bench.run_to_state(State.REMINDING)
    assert stored.wall.utc().astimezone(stored.zone).strftime("%H:%M") == "08:00"
    bench.do_session()
    assert [row.occurrence.due for row in stored.store.ledger.between(date.min, date.max)] == [
        datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    ]


def test_what_was_done_is_not_due_again_further_west():
    stored, bench = reminded("08:00")
    bench.do_session()
    change_rules(bench, stored, zone="America/New_York")
    bench.run_for(10 * 3600)

    assert stored.ledger() == [("Mon 08:00", "done")]
    assert bench.states().count("reminding") == 1


def test_a_session_counts_for_the_day_of_the_new_zone():
    stored, bench = started()
    change_rules(bench, stored, zone="Pacific/Kiritimati")  # fourteen hours ahead of UTC
    bench.do_session()

    assert stored.store.sessions.between()[0].local_date == date(2026, 11, 2)
    stored.wall.set(datetime(2026, 11, 2, 11, 0, tzinfo=UTC))
    bench.do_session()
    assert stored.store.sessions.between()[1].local_date == date(2026, 11, 3)


def test_while_the_store_fails_other_rules_wait_for_it():
    stored, bench = started("08:00")
    stored.store.disk.broken = StoreError("The disk did not answer.")
    change_rules(bench, stored, zone="Europe/London")
    bench.run_for(5)
    stored.store.disk.broken = None
    bench.run_for(600)

    assert bench.states() == ["idle"]
    assert bench.session.snapshot().next_due == datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


# A power cut, and what is due meanwhile: what is said is what a press does


OFFER = "We were interrupted at exercise one, repetition two."
CALL = "It is time for your walk."


def cut_off(*walks_at: str) -> StoredState:
    """Stored by a kiosk whose power went in the middle of a session."""
    stored = stored_state(*walks_at, program=WALK)
    interrupted(stored)
    return stored


def cut_off_and_walk_due() -> StoredState:
    stored = cut_off("08:00")
    stored.wall.advance(timedelta(minutes=7))
    return stored


def test_what_was_cut_off_is_said_though_a_walk_is_due_and_that_is_what_a_press_goes_on_with():
    stored = cut_off_and_walk_due()
    bench = Bench(PROGRAM, stored=stored)
    bench.run_for(8)
    assert bench.state is State.REMINDING
    assert bench.texts()[0] == OFFER
    assert CALL not in bench.texts()

    heard = bench.press_and_listen(3)
    assert heard[0] == "Carrying on."
    assert stored.ledger() == [("Mon 08:00", "due")]


def test_after_what_was_cut_off_the_walk_is_called_out_and_a_press_confirms_it():
    stored = cut_off_and_walk_due()
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


@pytest.mark.parametrize("is_cut_off", [False, True], ids=["a call", "an offer"])
def test_once_nothing_is_due_a_call_still_being_made_is_not_said_but_an_offer_is(is_cut_off):
    stored = cut_off_and_walk_due() if is_cut_off else stored_state("08:00", program=WALK)
    bench = Bench(PROGRAM, stored=stored)
    bench.jobs.waiting = True
    bench.run_to_state(State.REMINDING)
    (entry,) = stored.store.plan.entries()
    stored.store.plan.remove(entry.id, entry.version, Actor.PAGE, stored.wall.utc())
    bench.run_to_state(State.IDLE)
    bench.jobs.waiting = False
    bench.run_for(10)

    assert bench.texts()[:1] == ([OFFER] if is_cut_off else [])


# The scheduler by itself: what it stores where the disk fails half-way, how often it reads


DONE = (ExerciseDone(1, "bridge", 1, 20, 0, 0, 20, 20),)


class SessionsThatFailToEnd(SessionTable):
    """Fail the first time a session ends."""

    has_failed = False

    def end(self, *args: object) -> None:
        if not self.has_failed:
            self.has_failed = True
            raise StoreError("The disk did not answer.")
        super().end(*args)


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
    (session,) = stored.store.sessions.between()
    assert session.ending is Ending.COMPLETED


def test_the_plan_is_read_again_when_a_session_begins_and_ends_not_with_each_repetition():
    stored = StoredState(MORNING)
    counted = stored.store.plan = CountingPlan(stored.store.disk)
    stored.plan(PROGRAM.id, "20:00")
    program = a_program(an_exercise(reps=20, phases=(phase("lift", 2000), phase("hold", 3000))))
    bench = Bench(program, stored=stored)
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


def test_it_writes_what_was_queued_before_the_end_and_nothing_after():
    store = MemoryStore()
    zone = ZoneInfo("UTC")
    wall = StoredState(datetime(2026, 11, 2, tzinfo=UTC)).wall
    scheduler = Scheduler(store, wall, zone, Rules(), lambda _event: None)
    scheduler.begin_session(PROGRAM.id, 1, "", None)
    scheduler.close()
    scheduler.begin_session(PROGRAM.id, 1, "", None)
    scheduler.run()

    assert [session.id for session in store.sessions.between(date.min, date.max)] == [1]
