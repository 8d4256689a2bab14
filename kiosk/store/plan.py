"""The plan and its ledger in their tables. Each function is called inside a transaction."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from kiosk.errors import ConflictError, UnknownEntryError
from kiosk.schedule.model import LedgerRow, PlanEntry
from kiosk.store import rows

_INSERT = """
    INSERT INTO plan_entry (program, days, times, starts, weeks, paused, since, version)
    VALUES (:program, :days, :times, :starts, :weeks, :paused, :since, :version)
"""
_PUT_BACK = """
    INSERT INTO plan_entry (id, program, days, times, starts, weeks, paused, since, version)
    VALUES (:id, :program, :days, :times, :starts, :weeks, :paused, :since, :version)
"""
_UPDATE = """
    UPDATE plan_entry SET
        program = :program, days = :days, times = :times, starts = :starts, weeks = :weeks,
        paused = :paused, since = :since, version = :version
    WHERE id = :id
"""
_KEEP_OCCURRENCE = """
    INSERT OR REPLACE INTO occurrence (
        entry, local_date, local_time, program, due, due_offset, state, reminders, put_off_to,
        session
    ) VALUES (
        :entry, :local_date, :local_time, :program, :due, :due_offset, :state, :reminders,
        :put_off_to, :session
    )
"""
_FORGET_OCCURRENCE = """
    DELETE FROM occurrence
    WHERE entry = :entry AND local_date = :local_date AND local_time = :local_time
"""
_LEDGER = """
    SELECT * FROM occurrence WHERE local_date BETWEEN ? AND ?
    ORDER BY due, entry, local_date, local_time
"""


def select_all(connection: sqlite3.Connection) -> tuple[PlanEntry, ...]:
    """Every entry of the plan."""
    return tuple(map(rows.to_entry, connection.execute("SELECT * FROM plan_entry ORDER BY id")))


def insert(connection: sqlite3.Connection, entry: PlanEntry, now: datetime) -> PlanEntry:
    """Keep a new entry; it as it was kept."""
    kept = replace(entry, since=rows.utc(now), version=1)
    added = connection.execute(_INSERT, rows.entry_values(kept, now)).lastrowid
    return replace(kept, id=added or 0)


def update(
    connection: sqlite3.Connection, entry: PlanEntry, now: datetime
) -> tuple[PlanEntry, PlanEntry]:
    """Keep a changed entry; it before and after. Raises UnknownEntryError, ConflictError."""
    before = _select(connection, entry.id)
    if before.version != entry.version:
        raise ConflictError(
            f"Entry {entry.id} of the plan has changed meanwhile. Look at it again, then change it."
        )
    after = replace(entry, since=rows.utc(now), version=entry.version + 1)
    connection.execute(_UPDATE, rows.entry_values(after, now))
    return before, after


def delete(connection: sqlite3.Connection, entry: int) -> PlanEntry:
    """Take out an entry; it as it was. Raises UnknownEntryError."""
    before = _select(connection, entry)
    connection.execute("DELETE FROM plan_entry WHERE id = ?", (entry,))
    return before


def put_back(connection: sqlite3.Connection, entry: PlanEntry, now: datetime) -> PlanEntry:
    """Keep an entry that was taken out, under its own number; it as it was kept.

    Raises ConflictError where the number is taken, UnknownEntryError where it was never given.
    """
    if connection.execute("SELECT 1 FROM plan_entry WHERE id = ?", (entry.id,)).fetchone():
        raise ConflictError(f"Entry {entry.id} is in the plan. Look at it again, then change it.")
    given = "SELECT ? BETWEEN 1 AND seq FROM sqlite_sequence WHERE name = 'plan_entry'"
    found = connection.execute(given, (entry.id,)).fetchone()
    if found is None or not found[0]:
        raise UnknownEntryError(f"The plan never had an entry {entry.id}.")
    kept = replace(entry, since=rows.utc(now), version=entry.version + 1)
    connection.execute(_PUT_BACK, rows.entry_values(kept, now))
    return kept


def select_ledger(connection: sqlite3.Connection, first: date, last: date) -> tuple[LedgerRow, ...]:
    """The kept occurrences of these days."""
    found = connection.execute(_LEDGER, (first.isoformat(), last.isoformat()))
    return tuple(map(rows.to_ledger_row, found))


def change_ledger(
    connection: sqlite3.Connection,
    keep: Sequence[LedgerRow],
    forget: Sequence[tuple[int, date, time]],
) -> None:
    """Drop the occurrences with the keys `forget`, then keep or replace the others."""
    connection.executemany(_FORGET_OCCURRENCE, [rows.key_values(*key) for key in forget])
    connection.executemany(_KEEP_OCCURRENCE, [rows.ledger_values(row) for row in keep])


def _select(connection: sqlite3.Connection, entry: int) -> PlanEntry:
    found = connection.execute("SELECT * FROM plan_entry WHERE id = ?", (entry,)).fetchone()
    if found is None:
        raise UnknownEntryError(f"The plan has no entry {entry}.")
    return rows.to_entry(found)
