"""The ledger, the state of each occurrence: table `occurrence`, and the mark `settled_until`."""

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone

from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState
from kiosk.store.database import Table, insert_into, mark, moment_text, set_mark, to_moment

_DELETE = """
    DELETE FROM occurrence
    WHERE entry = :entry AND local_date = :local_date AND local_time = :local_time
"""
_BETWEEN = """
    SELECT * FROM occurrence WHERE local_date BETWEEN ? AND ?
    ORDER BY due, entry, local_date, local_time
"""
_SETTLED_UNTIL = "settled_until"


class LedgerTable(Table):
    """The occurrences that are no longer to come. Any thread."""

    def between(self, first: date, last: date) -> tuple[LedgerRow, ...]:
        """The occurrences of these local days, in order of `due`, which has a fixed offset."""
        with self._database.reading() as connection:
            found = connection.execute(_BETWEEN, (first.isoformat(), last.isoformat()))
            return tuple(map(_to_row, found))

    def write(
        self,
        rows: Sequence[LedgerRow],
        settled_until: datetime,
        forget: Sequence[tuple[int, date, time]] = (),
    ) -> None:
        """Delete the keys `forget`, add or replace `rows`, and store `settled_until`."""
        with self._database.writing() as connection:
            connection.executemany(_DELETE, [_key_columns(*key) for key in forget])
            for row in rows:
                columns = _columns(row)
                connection.execute(insert_into("occurrence", columns, replace=True), columns)
            set_mark(connection, _SETTLED_UNTIL, moment_text(settled_until))

    def settled_until(self) -> datetime | None:
        """The moment up to which everything due is in the ledger; `None` before the first one."""
        with self._database.reading() as connection:
            found = mark(connection, _SETTLED_UNTIL)
            return to_moment(found) if found else None


def _key_columns(entry: int, local_date: date, local_time: time) -> dict[str, object]:
    return {
        "entry": entry,
        "local_date": local_date.isoformat(),
        "local_time": local_time.isoformat(),
    }


def _columns(row: LedgerRow) -> dict[str, object]:
    due = row.occurrence.due
    offset = due.utcoffset() or timedelta(0)
    return {
        **_key_columns(*row.occurrence.key),
        "program": row.occurrence.program,
        "due": moment_text(due),
        "due_offset": int(offset.total_seconds()),
        "state": row.state.value,
        "reminders": row.reminders,
        "put_off_to": moment_text(row.put_off_to) if row.put_off_to else None,
        "session": row.session,
    }


def _to_row(row: sqlite3.Row) -> LedgerRow:
    zone = timezone(timedelta(seconds=row["due_offset"]))
    return LedgerRow(
        occurrence=Occurrence(
            entry=row["entry"],
            program=row["program"],
            local_date=date.fromisoformat(row["local_date"]),
            local_time=time.fromisoformat(row["local_time"]),
            due=to_moment(row["due"]).astimezone(zone),
        ),
        state=OccurrenceState(row["state"]),
        reminders=row["reminders"],
        put_off_to=to_moment(row["put_off_to"]) if row["put_off_to"] else None,
        session=row["session"],
    )
