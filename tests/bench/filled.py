"""A store with years of sessions in it, as a household would have filled it."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState
from kiosk.store.opening import open_store
from tests.audit_log import text_entry

LAST_DAY = date(2036, 3, 1)
NOW = datetime(2036, 3, 2, 3, tzinfo=UTC)
TIMES = (time(8), time(13), time(19))

EXERCISES = tuple(
    ExerciseDone(place, name, sets=1, reps=8, left=4, right=4, holds=8, planned_reps=8)
    for place, name in enumerate(("squat-to-chair", "heel-sit", "glute-bridge", "bird-dog"), 1)
)
SPOT = Spot(123_456, 3, "glute-bridge", 1, None, 5)


def fill(state: Path, days: int) -> None:
    """So many days, the last of them `LAST_DAY`, with a session at each of `TIMES`."""
    store = open_store(state, NOW).store
    with store.writing():
        for back in reversed(range(days)):
            day = LAST_DAY - timedelta(days=back)
            for at in TIMES:
                begun = datetime.combine(day, at, UTC)
                session = store.sessions.begin(a_session(begun))
                row = LedgerRow(
                    Occurrence(1, "low-back-start", day, at, begun),
                    OccurrenceState.DONE,
                    reminders=1,
                    session=session,
                )
                store.ledger.write([row], NOW)
        for number in range(days):
            store.audit.add(text_entry(NOW, Actor.KIOSK, f"Line {number} of the audit."))
    store.close()


def a_session(begun: datetime) -> SessionRecord:
    """One that was heard to its end."""
    return SessionRecord(
        id=0,
        program="low-back-start",
        level=1,
        started=begun,
        local_date=begun.date(),
        ended=begun + timedelta(minutes=5),
        ending=Ending.COMPLETED,
        stopped_at=None,
        effort=Effort.USUAL,
        exercises=EXERCISES,
        entry=1,
    )
