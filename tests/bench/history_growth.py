"""How the store's times grow with the history: `python -m tests.bench.history_growth [FOLDER]`.

Fills a store with three sessions a day and their occurrences for a month, a year and ten years,
and times what the kiosk does with it. FOLDER is where the files go, on the disk in question.
"""

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from kiosk.adapters.store import other_tables, plan_tables, session_tables
from kiosk.adapters.store.database import Database
from kiosk.adapters.store.files import FILE_NAME, StateLock
from kiosk.adapters.store.opening import open_store
from kiosk.adapters.store.sqlite_store import SqliteStore
from kiosk.model.history import Actor, Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.model.plan import LedgerRow, Occurrence, OccurrenceState

LAST_DAY = date(2036, 3, 1)
NOW = datetime(2036, 3, 2, 3, tzinfo=UTC)
TIMES = (time(8), time(13), time(19))
SPANS = {"1 month": 30, "1 year": 365, "10 years": 3652}
TRIES = 15

EXERCISES = tuple(
    ExerciseDone(place, name, sets=1, reps=8, left=4, right=4, holds=8, planned_reps=8)
    for place, name in enumerate(("squat-to-chair", "heel-sit", "glute-bridge", "bird-dog"), 1)
)
SPOT = Spot(123_456, 3, "glute-bridge", 1, None, 5)


def main() -> None:
    """Print one line for each length of history; times in milliseconds."""
    root = sys.argv[1] if len(sys.argv) > 1 else None
    columns: list[str] = []
    for name, days in SPANS.items():
        with tempfile.TemporaryDirectory(dir=root) as folder:
            state = Path(folder)
            _fill(state, days)
            size = (state / FILE_NAME).stat().st_size / 1e6
            measured = _measure(state)
        if not columns:
            columns = ["history", "sessions", "file", *measured]
            _print_line(columns)
        _print_line(
            [name, f"{days * 3}", f"{size:.2f} MB", *(f"{ms:.2f}" for ms in measured.values())]
        )


def _fill(state: Path, days: int) -> None:
    open_store(state, NOW).store.close()
    database = Database(state / FILE_NAME)
    with database.writing() as connection:
        for back in reversed(range(days)):
            day = LAST_DAY - timedelta(days=back)
            for at in TIMES:
                begun = datetime.combine(day, at, UTC)
                session = session_tables.insert(connection, _session(begun))
                row = LedgerRow(
                    Occurrence(1, "low-back-start", day, at, begun),
                    OccurrenceState.DONE,
                    reminders=1,
                    session=session,
                )
                plan_tables.change_ledger(connection, [row], [])
        for number in range(days):
            other_tables.add_line(connection, Actor.KIOSK, NOW, f"Line {number} of the audit.")
    database.close()


def _session(begun: datetime) -> SessionRecord:
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


def _measure(state: Path) -> dict[str, float]:
    week = LAST_DAY - timedelta(days=6)
    with StateLock.take(state) as lock:
        measured = {"open as the kiosk": _ms(lambda: _open_and_close(state, lock))}
    measured["open as a command"] = _ms(lambda: _open_and_close(state, None))
    store = open_store(state, NOW).store
    running = store.begin_session(_session(NOW))
    days = iter(range(1, TRIES + 1))
    measured |= {
        "7 days of sessions": _ms(lambda: store.sessions(week, LAST_DAY)),
        "newest 20": _ms(lambda: store.sessions(newest=20)),
        "last one open?": _ms(store.open_session),
        "week of ledger": _ms(lambda: store.ledger(week, LAST_DAY)),
        "100 lines of audit": _ms(store.audit),
        "changed?": _ms(store.change_count),
        "note progress": _ms(lambda: store.note_progress(running, SPOT, EXERCISES)),
        "end session": _ms(
            lambda: store.end_session(running, NOW, Ending.STOPPED, SPOT, EXERCISES)
        ),
        "drop session": _ms(lambda: _begin_and_drop(store)),
        "all sessions": _ms(store.sessions),
        "backup": _ms(lambda: store.backup_if_due(NOW + timedelta(days=next(days)))),
    }
    store.close()
    return measured


def _open_and_close(state: Path, lock: StateLock | None) -> None:
    open_store(state, NOW, lock).store.close()


def _begin_and_drop(store: SqliteStore) -> None:
    store.drop_session(store.begin_session(_session(NOW)))


def _ms(action: Callable[[], object]) -> float:
    taken = []
    for _ in range(TRIES):
        begun = perf_counter()
        action()
        taken.append(perf_counter() - begun)
    return median(taken) * 1000


def _print_line(cells: list[str]) -> None:
    sys.stdout.write("| " + " | ".join(cells) + " |\n")


if __name__ == "__main__":
    main()
