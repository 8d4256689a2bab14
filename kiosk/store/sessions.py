"""Exercise sessions: tables `session` and `exercise_done`."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from kiosk.errors import StoreError
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.store.database import Table, insert_into, moment_text, to_moment

_SPOT_COLUMNS = {f"at_{name}": name for name in Spot._fields}
_EXERCISE_COLUMNS = ExerciseDone._fields
_INSERT_EXERCISE = insert_into("exercise_done", ("session", *_EXERCISE_COLUMNS), replace=True)
_OF_DAYS = "SELECT * FROM session WHERE local_date BETWEEN ? AND ? ORDER BY id DESC LIMIT ?"
# Without a condition on days SQLite walks the newest rows alone, however many there are.
_OF_ALL_DAYS = "SELECT * FROM session ORDER BY id DESC LIMIT ?"
_EXERCISES = """
    SELECT * FROM exercise_done WHERE session IN (SELECT value FROM json_each(?))
    ORDER BY session, exercise
"""
_NO_LIMIT = -1


class SessionTable(Table):
    """The sessions by id, each with its exercises. Any thread. StoreError for an unknown id."""

    def begin(self, record: SessionRecord) -> int:
        """Store a new session; returns its id, which no other session will ever have."""
        with self._database.writing() as connection:
            columns = _columns(record)
            added = connection.execute(insert_into("session", columns), columns)
            session = added.lastrowid or 0
            _set_exercises(connection, session, record.exercises)
            return session

    def progress(self, session: int, spot: Spot, done: Sequence[ExerciseDone]) -> None:
        """Store the progress of a session, in place of the earlier progress."""
        # Once for each repetition, and nobody has to read the plan again for it.
        with self._database.writing(counted=False) as connection:
            _update(connection, session, _spot_columns(spot))
            _set_exercises(connection, session, done)

    def end(
        self,
        session: int,
        ended: datetime,
        ending: Ending,
        spot: Spot,
        done: Sequence[ExerciseDone],
    ) -> None:
        """Store how a session ended; `spot` only where it was not completed."""
        with self._database.writing() as connection:
            stopped_at = _spot_columns(None if ending is Ending.COMPLETED else spot)
            values = {"ended": moment_text(ended), "ending": ending.value, **stopped_at}
            _update(connection, session, values)
            _set_exercises(connection, session, done)

    def set_effort(self, session: int, effort: Effort) -> None:
        """Store the answer to the question after a session."""
        with self._database.writing() as connection:
            _update(connection, session, {"effort": effort.value})

    def drop(self, session: int) -> None:
        """Delete a session, if there is one of that id; an occurrence it did keeps its state."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM session WHERE id = ?", (session,))

    def open(self) -> SessionRecord | None:
        """The session begun last, if it never ended."""
        newest = self.between(newest=1)
        return newest[0] if newest and newest[0].ended is None else None

    def between(
        self, first: date | None = None, last: date | None = None, newest: int | None = None
    ) -> tuple[SessionRecord, ...]:
        """The sessions of these local days, oldest first, only the `newest`; `None`: no limit."""
        limit = _NO_LIMIT if newest is None else max(0, newest)
        with self._database.reading() as connection:
            if first is None and last is None:
                found = connection.execute(_OF_ALL_DAYS, (limit,)).fetchall()
            else:
                days = (first or date.min).isoformat(), (last or date.max).isoformat()
                found = connection.execute(_OF_DAYS, (*days, limit)).fetchall()
            exercises = _exercises(connection, [row["id"] for row in found])
            return tuple(_to_session(row, exercises[row["id"]]) for row in reversed(found))


def _update(connection: sqlite3.Connection, session: int, values: Mapping[str, object]) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in values)
    statement = f"UPDATE session SET {columns} WHERE id = :id"  # noqa: S608 - names of our own
    if connection.execute(statement, {"id": session, **values}).rowcount == 0:
        raise StoreError(f"There is no session {session} in what the kiosk remembers.")


def _set_exercises(
    connection: sqlite3.Connection, session: int, done: Iterable[ExerciseDone]
) -> None:
    connection.execute("DELETE FROM exercise_done WHERE session = ?", (session,))
    connection.executemany(
        _INSERT_EXERCISE, [{"session": session, **one._asdict()} for one in done]
    )


def _exercises(
    connection: sqlite3.Connection, sessions: list[int]
) -> dict[int, list[ExerciseDone]]:
    found: dict[int, list[ExerciseDone]] = {session: [] for session in sessions}
    # A list of whole numbers is JSON as Python writes it.
    for row in connection.execute(_EXERCISES, (str(sessions),)):
        found[row["session"]].append(
            ExerciseDone(**{name: row[name] for name in _EXERCISE_COLUMNS})
        )
    return found


def _columns(record: SessionRecord) -> dict[str, object]:
    """The columns of a session but its id."""
    return {
        "program": record.program,
        "level": record.level,
        "started": moment_text(record.started),
        "local_date": record.local_date.isoformat(),
        "ended": moment_text(record.ended) if record.ended else None,
        "ending": record.ending.value if record.ending else None,
        "effort": record.effort.value if record.effort else None,
        "entry": record.entry,
        "dose": record.dose,
        **_spot_columns(record.stopped_at),
    }


def _spot_columns(spot: Spot | None) -> dict[str, object]:
    return {column: getattr(spot, name, None) for column, name in _SPOT_COLUMNS.items()}


def _to_session(row: sqlite3.Row, exercises: Sequence[ExerciseDone]) -> SessionRecord:
    spot = Spot(**{name: row[column] for column, name in _SPOT_COLUMNS.items()})
    return SessionRecord(
        id=row["id"],
        program=row["program"],
        level=row["level"],
        started=to_moment(row["started"]),
        local_date=date.fromisoformat(row["local_date"]),
        ended=to_moment(row["ended"]) if row["ended"] else None,
        ending=Ending(row["ending"]) if row["ending"] else None,
        stopped_at=spot if row["at_position"] is not None else None,
        effort=Effort(row["effort"]) if row["effort"] else None,
        exercises=tuple(exercises),
        entry=row["entry"],
        dose=row["dose"],
    )
