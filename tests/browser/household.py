"""A household: what its state directory holds before the kiosk is started on it; and that kiosk, in
a process of its own: its address, its button, what it prints.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from kiosk.auth.service import AuthService
from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending, ExerciseDone, Spot
from kiosk.levels.doses import Dose
from kiosk.schedule.model import (
    EVERY_DAY,
    WALK,
    LedgerRow,
    Occurrence,
    OccurrenceState,
    PlanEntry,
    Weekday,
)
from kiosk.schedule.occurrences import occurrences
from kiosk.store.files import StateLock
from kiosk.store.opening import open_store
from kiosk.store.store import Store
from kiosk.system.clock import SystemClock, SystemWallClock
from tests.audit_log import text_entry
from tests.schedule.past import AT_THE_END, OSLO, record_session
from tests.service.running import RunningKiosk, a_kiosk, a_plain_kiosk

PASSPHRASE = "a calm walk by the sea"  # noqa: S105


WEEKS = 6
"""For how long the household has had its kiosk."""


BACK, STRETCHES = "low-back-start", "hip-stretching"


@contextmanager
def store_of(state: Path) -> Iterator[Store]:
    """The real store of a kiosk that does not run."""
    lock = StateLock.take_if_free(state)
    assert lock is not None, "a kiosk runs there"
    store = open_store(state, datetime.now(UTC), lock).store
    try:
        yield store
    finally:
        store.close()
        lock.release()


def set_up(store: Store) -> None:
    """Choose the passphrase, as somebody does who has held the button down."""
    codes: list[str] = []
    wall = SystemWallClock(raspberry_pi=False)
    door = AuthService(store, wall, SystemClock(), codes.append)
    door.held()
    grant = door.enter_code(codes[0], "127.0.0.1")
    door.choose_passphrase(grant, PASSPHRASE, "set-up", "127.0.0.1")


def live_in(store: Store, now: datetime) -> None:
    """Six weeks with a plan, mostly kept to, that end at `now` (UTC)."""
    began = now - timedelta(weeks=WEEKS)
    first = began.astimezone(OSLO).date()
    settings = {"time_zone": str(OSLO), "audio_device": "none", "volume": "70"}
    store.settings.set(settings, Actor.PAGE, began)
    back = PlanEntry(0, BACK, EVERY_DAY, (time(8, 30), time(18)), first, 12)
    some = frozenset({Weekday.MON, Weekday.WED, Weekday.FRI})
    stretches = PlanEntry(0, STRETCHES, some, (time(11),), first + timedelta(weeks=2), 8)
    walk = PlanEntry(0, WALK, EVERY_DAY, (time(14, 15),), first, None)
    paused = replace(stretches, times=(time(20, 30),), weeks=None, paused=True)
    entries = [store.plan.add(one, Actor.PAGE, began) for one in (back, stretches, walk, paused)]
    due = [
        one
        for one in occurrences(entries, first, now.astimezone(OSLO).date(), OSLO)
        if one.due < now - timedelta(hours=2)
    ]
    store.ledger.write([_became_of(store, one, began) for one in due], now)
    store.doses.set(Dose(BACK, "glute-bridge", reps=10), Actor.PAGE, now - timedelta(days=9))
    lost = "A spare copy of the data could not be made: the memory card was full."
    store.audit.add(text_entry(now - timedelta(days=20), Actor.KIOSK, lost))


def _became_of(store: Store, due: Occurrence, began: datetime) -> LedgerRow:
    """Done, with its session, or missed; a few were missed, but none of the last five days."""
    number = (due.due - began).days
    if (number * 7 + due.local_time.hour) % 11 == 0 and number < WEEKS * 7 - 5:
        return LedgerRow(due, OccurrenceState.MISSED, reminders=3)
    session = None if due.program == WALK else _did(store, due, number)
    return LedgerRow(due, OccurrenceState.DONE, reminders=1, session=session)


def _did(store: Store, due: Occurrence, number: int) -> int:
    """The number of the session that was done then."""
    stopped = due.program == BACK and number % 13 == 5
    return record_session(
        store,
        due.due.astimezone(UTC) + timedelta(minutes=10),
        due.program,
        ending=Ending.STOPPED if stopped else Ending.COMPLETED,
        spot=Spot(200_000, 3, "glute-bridge", 1, None, 4) if stopped else AT_THE_END,
        effort=Effort.HARDER if number in (3, 17) else Effort.USUAL,
        exercises=(ExerciseDone(1, "squat-to-chair", 1, 8, 0, 0, 8, 8),),
        entry=due.entry,
    )


# --- the kiosk that runs -------------------------------------------------------------------------


TELLS_ADDRESS = "The pages are at "
TELLS_CODE = "The code is "


class RunningKioskWithPages:
    """The kiosk, once its pages are there."""

    def __init__(self, kiosk: RunningKiosk) -> None:
        self.kiosk = kiosk
        self.address = self._told(TELLS_ADDRESS).rstrip("/")

    def at(self, path: str) -> str:
        """The whole address of a page, such as `/schedule`."""
        return self.address + path

    def press(self) -> None:
        self.kiosk.type("")

    def hold_on(self) -> None:
        """For so long that it says a code."""
        self.kiosk.type("hold on")

    def code(self) -> str:
        """The six digits it says next, or has said since they were last asked for."""
        return self._told(TELLS_CODE).rstrip(".")

    def _told(self, begin: str) -> str:
        """What follows on the line of its log that says `begin`."""
        self.kiosk.wait_for(begin)
        before = self.kiosk.log[: self.kiosk._read_to]
        self.kiosk.wait_for("\n")
        return self.kiosk.log[len(before) : self.kiosk._read_to].strip()


HERE = ("--host", "127.0.0.1", "--port", "0")


@contextmanager
def a_kiosk_with_pages(state: Path, *options: str) -> Iterator[RunningKioskWithPages]:
    """A silent kiosk in simulation, its pages at a free port of this machine and nowhere else."""
    with a_kiosk(state, *HERE, "--audio-device", "none", *options) as kiosk:
        yield RunningKioskWithPages(kiosk)


@contextmanager
def a_lived_in_kiosk(state: Path) -> Iterator[RunningKioskWithPages]:
    """The same with a household that has lived with it for six weeks; nothing is set by force."""
    with store_of(state) as store:
        set_up(store)
        live_in(store, datetime.now(UTC))
    with a_plain_kiosk(state, *HERE, settings={}) as kiosk:
        yield RunningKioskWithPages(kiosk)
