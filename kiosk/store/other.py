"""Doses, settings, audit, notices and marks. Each function is called inside a transaction."""

import sqlite3
from datetime import datetime

from kiosk.history import audit as audit_lines
from kiosk.history.audit import Actor, AuditEntry
from kiosk.levels.doses import Dose
from kiosk.store import rows

_SETTLED_UNTIL = "settled_until"
_BACKUP_NUMBER = "backup"

_SET_DOSE = (
    "INSERT OR REPLACE INTO dose (program, exercise_id, sets, reps, hold) VALUES (?,?,?,?,?)"
)
_DELETE_DOSE = "DELETE FROM dose WHERE program = ? AND exercise_id = ?"
_DOSES = "SELECT * FROM dose WHERE ?1 IS NULL OR program = ?1 ORDER BY program, exercise_id"
_NEWEST_LINES = "SELECT * FROM audit ORDER BY id DESC LIMIT ?"


def set_dose(connection: sqlite3.Connection, dose: Dose) -> bool:
    """Keep a dose, or take it back where it holds no value; whether that changes anything."""
    if dose in select_doses(connection, dose.program):
        return False
    if audit_lines.is_unchanged(dose):
        return connection.execute(_DELETE_DOSE, (dose.program, dose.exercise_id)).rowcount > 0
    values = dose.program, dose.exercise_id, dose.sets, dose.reps, dose.hold
    connection.execute(_SET_DOSE, values)
    return True


def select_doses(connection: sqlite3.Connection, program: str | None) -> tuple[Dose, ...]:
    """The changed doses of one program or of all."""
    return tuple(map(rows.to_dose, connection.execute(_DOSES, (program,))))


def set_setting(connection: sqlite3.Connection, name: str, value: str | None) -> bool:
    """Keep a setting, or take it back; whether that changes anything."""
    if select_settings(connection).get(name) == value:
        return False
    if value is None:
        connection.execute("DELETE FROM setting WHERE name = ?", (name,))
    else:
        connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))
    return True


def select_settings(connection: sqlite3.Connection) -> dict[str, str]:
    """The kept settings."""
    return dict(map(tuple, connection.execute("SELECT name, value FROM setting ORDER BY name")))


def add_line(connection: sqlite3.Connection, actor: Actor, at: datetime, what: str) -> None:
    """Add a line to the audit."""
    values = rows.moment_text(at), actor.value, what
    connection.execute("INSERT INTO audit (at, actor, what) VALUES (?, ?, ?)", values)


def add_lines(connection: sqlite3.Connection, *entries: AuditEntry | None) -> None:
    """Add lines to the audit; `None` is none."""
    for entry in entries:
        if entry:
            add_line(connection, entry.actor, entry.at, entry.what)


def select_lines(connection: sqlite3.Connection, newest: int | None) -> tuple[AuditEntry, ...]:
    """The newest lines of the audit, or all of them, oldest first."""
    limit = -1 if newest is None else max(0, newest)
    found = connection.execute(_NEWEST_LINES, (limit,)).fetchall()
    return tuple(map(rows.to_audit_entry, reversed(found)))


def add_notice(connection: sqlite3.Connection, at: datetime, what: str) -> None:
    """Keep something that people should be told even much later, in the audit as well."""
    values = rows.moment_text(at), what
    connection.execute("INSERT INTO notice (at, what) VALUES (?, ?)", values)
    add_line(connection, Actor.KIOSK, at, what)


def select_notices(connection: sqlite3.Connection) -> tuple[AuditEntry, ...]:
    """Every notice, oldest first, as lines of an audit."""
    return tuple(
        AuditEntry(rows.to_moment(row["at"]), Actor.KIOSK, row["what"])
        for row in connection.execute("SELECT * FROM notice ORDER BY id")
    )


def set_settled_until(connection: sqlite3.Connection, until: datetime) -> None:
    """Keep until when everything due is in the ledger."""
    _set_mark(connection, _SETTLED_UNTIL, rows.moment_text(until))


def settled_until(connection: sqlite3.Connection) -> datetime | None:
    """Until when everything due is in the ledger; `None` before the first time."""
    kept = _mark(connection, _SETTLED_UNTIL)
    return rows.to_moment(kept) if kept else None


def set_backup_number(connection: sqlite3.Connection, number: int) -> None:
    """Keep the number of the backup that is made now."""
    _set_mark(connection, _BACKUP_NUMBER, str(number))


def backup_number(connection: sqlite3.Connection) -> int:
    """The number of the latest backup; 0 before the first."""
    return int(_mark(connection, _BACKUP_NUMBER) or 0)


def _set_mark(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, value))


def _mark(connection: sqlite3.Connection, name: str) -> str | None:
    found = connection.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
    return found["value"] if found else None
