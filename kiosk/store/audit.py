"""The audit log: table `audit`."""

import sqlite3

from kiosk.history.audit import Actor, AuditEntry, Change, Values
from kiosk.store.database import Table, Transactions, moment_text, to_moment

_INSERT = """
    INSERT INTO audit (at, actor, kind, subject, before, after) VALUES (?, ?, ?, ?, ?, ?)
"""
_NEWEST = "SELECT * FROM audit ORDER BY id DESC LIMIT ?"
# By its word, as SQLite uses the index of these rows for no other.
_LOSSES = "SELECT * FROM audit WHERE kind = 'data.lost' ORDER BY at, id"
_NO_LIMIT = -1
_KINDS = frozenset(Change)


class AuditTable(Table):
    """The entries of the audit log. Any thread."""

    def add(self, entry: AuditEntry, *, counted: bool = True) -> None:
        """Store an entry as the newest."""
        values = (
            moment_text(entry.at),
            entry.actor.value,
            entry.kind.value,
            entry.subject,
            _json(entry.before),
            _json(entry.after),
        )
        with self._database.writing(counted=counted) as connection:
            connection.execute(_INSERT, values)

    def newest(self, count: int | None = 100) -> tuple[AuditEntry, ...]:
        """The newest `count` entries, or all for `None`, the oldest of them first."""
        limit = _NO_LIMIT if count is None else max(0, count)
        with self._database.reading() as connection:
            found = connection.execute(_NEWEST, (limit,)).fetchall()
            return tuple(map(_to_entry, reversed(found)))

    def losses(self) -> tuple[AuditEntry, ...]:
        """Every loss of data, oldest first."""
        with self._database.reading() as connection:
            return tuple(map(_to_entry, connection.execute(_LOSSES)))


class AuditedTable(Table):
    """A table whose changes add entries to the audit log in the same transaction. Any thread."""

    def __init__(self, database: Transactions) -> None:
        super().__init__(database)
        self._audit = AuditTable(database)


def _json(values: Values | None) -> str | None:
    import json  # noqa: PLC0415 - seldom needed

    return None if values is None else json.dumps(values, ensure_ascii=False)


def _to_entry(row: sqlite3.Row) -> AuditEntry:
    import json  # noqa: PLC0415 - seldom needed

    at, actor = to_moment(row["at"]), Actor(row["actor"])
    if row["kind"] not in _KINDS:
        # Of a newer kiosk, of which an older one was installed again.
        text = f"{row['kind']} {row['subject']}".strip()
        return AuditEntry(at, actor, Change.TEXT, after={"text": text})
    return AuditEntry(
        at,
        actor,
        Change(row["kind"]),
        row["subject"],
        json.loads(row["before"]) if row["before"] else None,
        json.loads(row["after"]) if row["after"] else None,
    )
