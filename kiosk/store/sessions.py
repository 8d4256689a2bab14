"""Sessions in their tables. Each function is called inside a transaction."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date

from kiosk.errors import StoreError
from kiosk.history.model import ExerciseDone, SessionRecord
from kiosk.store import rows

_INSERT = """
    INSERT INTO session (
        program, level, started, local_date, ended, ending, effort, entry, dose,
        at_position, at_exercise, at_exercise_id, at_set, at_side, at_rep
    ) VALUES (
        :program, :level, :started, :local_date, :ended, :ending, :effort, :entry, :dose,
        :at_position, :at_exercise, :at_exercise_id, :at_set, :at_side, :at_rep
    )
"""
_SET_SPOT = """
    UPDATE session SET
        at_position = :at_position, at_exercise = :at_exercise, at_exercise_id = :at_exercise_id,
        at_set = :at_set, at_side = :at_side, at_rep = :at_rep
    WHERE id = :id
"""
_SET_END = "UPDATE session SET ended = :ended, ending = :ending WHERE id = :id"
_SET_EFFORT = "UPDATE session SET effort = :effort WHERE id = :id"
_INSERT_EXERCISE = """
    INSERT OR REPLACE INTO exercise_done (
        session, exercise, exercise_id, sets, reps, "left", "right", holds, planned_reps
    ) VALUES (
        :session, :exercise, :exercise_id, :sets, :reps, :left, :right, :holds, :planned_reps
    )
"""
_OF_DAYS = "SELECT * FROM session WHERE local_date BETWEEN ? AND ? ORDER BY id DESC LIMIT ?"
# Without a condition on days SQLite walks the newest rows alone, however many there are.
_OF_ALL_DAYS = "SELECT * FROM session ORDER BY id DESC LIMIT ?"
_EXERCISES = """
    SELECT * FROM exercise_done WHERE session IN (SELECT value FROM json_each(?))
    ORDER BY session, exercise
"""
_NO_LIMIT = -1


def insert(connection: sqlite3.Connection, record: SessionRecord) -> int:
    """Keep a session; its id."""
    session = connection.execute(_INSERT, rows.session_values(record)).lastrowid or 0
    _keep_exercises(connection, session, record.exercises)
    return session


def set_progress(
    connection: sqlite3.Connection,
    session: int,
    spot: Mapping[str, object],
    done: Iterable[ExerciseDone],
) -> None:
    """Replace how far a session has got. Raises StoreError where there is no such session."""
    _change(connection, session, _SET_SPOT, spot)
    _keep_exercises(connection, session, done)


def set_end(connection: sqlite3.Connection, session: int, ended: str, ending: str) -> None:
    """Keep that a session has ended. Raises StoreError where there is no such session."""
    _change(connection, session, _SET_END, {"ended": ended, "ending": ending})


def set_effort(connection: sqlite3.Connection, session: int, effort: str) -> None:
    """Keep how hard a session was. Raises StoreError where there is no such session."""
    _change(connection, session, _SET_EFFORT, {"effort": effort})


def delete(connection: sqlite3.Connection, session: int) -> None:
    """Forget a session, if there is one of that id; an occurrence it stood for keeps its state."""
    connection.execute("DELETE FROM session WHERE id = ?", (session,))


def select(
    connection: sqlite3.Connection,
    first: date | None = None,
    last: date | None = None,
    newest: int | None = None,
) -> tuple[SessionRecord, ...]:
    """The newest sessions of these days, in the order in which they were begun."""
    limit = _NO_LIMIT if newest is None else max(0, newest)
    if first is None and last is None:
        found = connection.execute(_OF_ALL_DAYS, (limit,)).fetchall()
    else:
        days = (first or date.min).isoformat(), (last or date.max).isoformat()
        found = connection.execute(_OF_DAYS, (*days, limit)).fetchall()
    exercises = _exercises(connection, [row["id"] for row in found])
    return tuple(rows.to_session(row, exercises[row["id"]]) for row in reversed(found))


def _change(
    connection: sqlite3.Connection, session: int, statement: str, values: Mapping[str, object]
) -> None:
    if connection.execute(statement, {"id": session, **values}).rowcount == 0:
        raise StoreError(f"There is no session {session} in what the kiosk remembers.")


def _keep_exercises(
    connection: sqlite3.Connection, session: int, done: Iterable[ExerciseDone]
) -> None:
    connection.execute("DELETE FROM exercise_done WHERE session = ?", (session,))
    connection.executemany(_INSERT_EXERCISE, [{"session": session, **asdict(one)} for one in done])


def _exercises(
    connection: sqlite3.Connection, sessions: Sequence[int]
) -> dict[int, list[ExerciseDone]]:
    found: dict[int, list[ExerciseDone]] = {session: [] for session in sessions}
    for row in connection.execute(_EXERCISES, (json.dumps(sessions),)):
        found[row["session"]].append(rows.to_exercise(row))
    return found
