"""The card fails, or the time is never known: the person exercises all the same."""

from datetime import UTC, datetime, timedelta

from kiosk.errors import StoreError
from kiosk.history.model import Ending
from kiosk.session.snapshot import Fault, State
from tests.builders import a_program, an_exercise
from tests.processes import python
from tests.service.running import PATIENCE, QUICK, a_kiosk
from tests.session.bench import Bench, StoredState

PROGRAM = a_program(an_exercise(reps=2, get_ready=3000), rest=0)
EVENING = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
BROKEN = StoreError("The card has an error. Take another.")


def started(start=EVENING):
    stored = StoredState(start, zone="UTC")
    return stored, Bench(PROGRAM, stored=stored)


# --- the card


def test_a_card_that_cannot_be_written_keeps_nobody_from_exercising_and_nothing_is_lost():
    stored, bench = started()
    stored.store.disk.full = BROKEN
    for _ in range(3):
        bench.do_session()
        assert bench.faults == {Fault.STORE}
    assert stored.store.sessions.between() == ()

    stored.store.disk.full = None
    bench.run_for(2)

    kept = stored.store.sessions.between()
    assert [session.ending for session in kept] == [Ending.COMPLETED] * 3
    assert [session.exercises[0].reps for session in kept] == [2, 2, 2]
    assert bench.faults == frozenset()


def test_a_card_that_fails_while_it_is_read_is_no_different():
    stored, bench = started()
    stored.store.disk.broken = BROKEN
    bench.do_session()
    assert bench.faults == {Fault.STORE}

    stored.store.disk.broken = None
    bench.run_for(2)

    assert [session.ending for session in stored.store.sessions.between()] == [Ending.COMPLETED]


def test_a_card_that_fails_now_and_then_loses_nothing_either():
    stored, bench = started()
    for n in range(4):
        bench.press()
        for _ in range(20):
            stored.store.disk.full = None if stored.store.disk.full else BROKEN
            bench.run_for(0.7 + n / 10)
        bench.run_to_state(State.FINISHED)
    stored.store.disk.full = None
    bench.run_for(5)

    assert [session.exercises[0].reps for session in stored.store.sessions.between()] == [2] * 4


def test_where_nothing_can_be_remembered_the_real_kiosk_runs_without(tmp_path):
    (tmp_path / "kiosk.lock").symlink_to(tmp_path / "gone" / "kiosk.lock")
    with a_kiosk(tmp_path, "--audio-device", "none") as kiosk:
        kiosk.wait_for("Nothing that is done will be remembered")
        kiosk.wait_for("what is done cannot be kept")
        kiosk.type("")
        kiosk.wait_for("running, by prepared")
        assert kiosk.end()[0] == 0


# --- the clock


def test_a_kiosk_that_never_hears_the_time_leads_through_a_month_and_calls_nobody():
    stored, bench = started(datetime(1970, 1, 1, tzinfo=UTC))
    stored.plan(PROGRAM.id, "08:00")
    stored.wall.believe(trusted=False)
    for day in range(30):
        stored.wall.set(datetime(1970, 1, 1, 7, 59, tzinfo=UTC) + timedelta(days=day))
        bench.run_for(100)
        assert bench.faults == {Fault.CLOCK}
        bench.do_session()

    assert "reminding" not in bench.states()
    assert len(stored.store.sessions.between()) == 30
    assert stored.ledger() == []


def test_a_clock_that_leaps_back_and_forth_calls_once_for_each_time_of_day():
    stored, bench = started(datetime(2026, 3, 2, 7, 59, tzinfo=UTC))
    stored.plan(PROGRAM.id, "08:00")
    bench.run_to_state(State.REMINDING)
    bench.do_session()
    assert stored.ledger() == [("Mon 08:00", "done")]

    for hours in (-1, 1, -3, 3):
        stored.wall.set(stored.wall.utc() + timedelta(hours=hours))
        bench.run_for(600)

    assert stored.ledger() == [("Mon 08:00", "done")]
    assert bench.states().count("reminding") == 1


# --- a thread nobody expected to die

DOOMED = """
import sys
from pathlib import Path
from kiosk.app import make_environment
from kiosk.app import make_kiosk
from kiosk.service.service import Service

def boom():
    raise RuntimeError("nobody expected this")

base = make_environment(sys.argv[1], {}, {"audio_device": "none", "port": 0, "host": "127.0.0.1"})
service = Service(make_kiosk(base, simulate=True))
with service.signals():
    service.start()
    service.add("doomed", boom)
    sys.exit(service.wait())
"""


def test_a_thread_that_dies_ends_the_kiosk_which_whoever_started_it_starts_anew(tmp_path):
    done = python(DOOMED, tmp_path, env=QUICK, timeout=3 * PATIENCE)
    assert done.returncode == 1
    assert "the thread doomed has died" in done.stderr
    assert "nobody expected this" in done.stderr
