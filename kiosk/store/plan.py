"""The plan: table `plan_entry`."""

import sqlite3
from dataclasses import replace
from datetime import date, datetime, time

from kiosk.errors import ConflictError, UnknownEntryError
from kiosk.history.audit import Actor, AuditEntry, Change, entry_values
from kiosk.schedule.model import PlanEntry, Weekday
from kiosk.store.audit import AuditedTable
from kiosk.store.database import insert_into, moment_text, to_moment, utc

_WAS_GIVEN = """
    SELECT 1 FROM sqlite_sequence WHERE name = 'plan_entry' AND ? BETWEEN 1 AND seq
"""


class PlanTable(AuditedTable):
    """The entries of the plan. Any thread.

    Each stored change raises an entry's version by one. To change or remove an entry, the caller
    passes the version it has read, which is compared in the same transaction.
    """

    def entries(self) -> tuple[PlanEntry, ...]:
        """Every entry, in the order of their ids."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT * FROM plan_entry ORDER BY id")
            return tuple(map(_to_entry, found))

    def add(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        """Store a new entry; returns it with its id, `since` and version."""
        with self._database.writing() as connection:
            new = replace(entry, since=utc(now), version=1)
            new = replace(new, id=_store(connection, _columns(new, now) | {"id": None}))
            self._audit.add(_entry_of(now, actor, Change.PLAN_ADDED, new.id, None, new))
            return new

    def change(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        """Store a changed entry; returns it. Raises UnknownEntryError; ConflictError if stale."""
        with self._database.writing() as connection:
            before = _stored(connection, entry.id, entry.version, "plan.changed-before-change")
            after = replace(entry, since=utc(now), version=entry.version + 1)
            _store(connection, _columns(after, now))
            self._audit.add(_entry_of(now, actor, Change.PLAN_CHANGED, entry.id, before, after))
            return after

    def remove(self, number: int, version: int, actor: Actor, now: datetime) -> PlanEntry:
        """Delete the entry; returns it as it was. Its history stays.

        Raises UnknownEntryError; ConflictError where `version` is not the stored one.
        """
        with self._database.writing() as connection:
            removed = _stored(connection, number, version, "plan.changed-before-removal")
            connection.execute("DELETE FROM plan_entry WHERE id = ?", (number,))
            self._audit.add(_entry_of(now, actor, Change.PLAN_REMOVED, number, removed, None))
            return removed

    def restore(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        """Store a removed entry again under its own id; returns it as it is now.

        Raises ConflictError where the plan has an entry of that id, UnknownEntryError where it
        never had one.
        """
        with self._database.writing() as connection:
            if connection.execute("SELECT 1 FROM plan_entry WHERE id = ?", (entry.id,)).fetchone():
                raise ConflictError("plan.entry-there", number=entry.id)
            if connection.execute(_WAS_GIVEN, (entry.id,)).fetchone() is None:
                raise UnknownEntryError("plan.never-had-entry", number=entry.id)
            again = replace(entry, since=utc(now), version=entry.version + 1)
            _store(connection, _columns(again, now))
            self._audit.add(_entry_of(now, actor, Change.PLAN_RESTORED, again.id, None, again))
            return again


def _entry_of(
    now: datetime,
    actor: Actor,
    kind: Change,
    number: int,
    before: PlanEntry | None,
    after: PlanEntry | None,
) -> AuditEntry:
    """The entry of the audit log about the plan entry with the id `number`."""
    old, new = (entry_values(entry) if entry else None for entry in (before, after))
    return AuditEntry(now, actor, kind, str(number), old, new)


def _store(connection: sqlite3.Connection, columns: dict[str, object]) -> int:
    """Insert an entry, or replace the one of that id; returns the id."""
    stored = connection.execute(insert_into("plan_entry", columns, replace=True), columns)
    return stored.lastrowid or 0


def _stored(connection: sqlite3.Connection, number: int, version: int, stale: str) -> PlanEntry:
    found = connection.execute("SELECT * FROM plan_entry WHERE id = ?", (number,)).fetchone()
    if found is None:
        raise UnknownEntryError("plan.no-entry", number=number)
    entry = _to_entry(found)
    if entry.version != version:
        raise ConflictError(stale, number=number)
    return entry


def _columns(entry: PlanEntry, since: datetime) -> dict[str, object]:
    return {
        "id": entry.id,
        "program": entry.program,
        "days": " ".join(day.name.lower() for day in sorted(entry.days)),
        "times": " ".join(at.isoformat() for at in entry.times),
        "starts": entry.starts.isoformat(),
        "weeks": entry.weeks,
        "paused": int(entry.paused),
        "since": moment_text(since),
        "version": entry.version,
    }


def _to_entry(row: sqlite3.Row) -> PlanEntry:
    return PlanEntry(
        id=row["id"],
        program=row["program"],
        days=frozenset(map(_to_weekday, row["days"].split())),
        times=tuple(time.fromisoformat(at) for at in row["times"].split()),
        starts=date.fromisoformat(row["starts"]),
        weeks=row["weeks"],
        paused=bool(row["paused"]),
        since=to_moment(row["since"]),
        version=row["version"],
    )


def _to_weekday(text: str) -> Weekday:
    try:
        return Weekday[text.upper()]
    except KeyError as error:
        raise ValueError(f"{text!r} is no day of the week") from error
