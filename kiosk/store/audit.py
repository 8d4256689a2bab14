"""Who changed what, and notices of lost data: tables `audit` and `notice`."""

import sqlite3
from datetime import datetime

from kiosk.history.audit import Actor, AuditEntry
from kiosk.store.database import Transactions, moment_text, to_moment

_INSERT = "INSERT INTO audit (at, actor, what) VALUES (?, ?, ?)"
_NEWEST = "SELECT * FROM audit ORDER BY id DESC LIMIT ?"
_NO_LIMIT = -1


class AuditTable:
    """The audit log and the notices. Any thread."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    def add(self, entry: AuditEntry) -> None:
        """Store an entry as the newest."""
        with self._database.writing() as connection:
            values = moment_text(entry.at), entry.actor.value, entry.what
            connection.execute(_INSERT, values)

    def newest(self, count: int | None = 100) -> tuple[AuditEntry, ...]:
        """The newest `count` entries, or all for `None`, the oldest of them first."""
        limit = _NO_LIMIT if count is None else max(0, count)
        with self._database.reading() as connection:
            found = connection.execute(_NEWEST, (limit,)).fetchall()
            return tuple(map(_to_entry, reversed(found)))

    def add_notice(self, at: datetime, text: str) -> None:
        """Store a sentence about lost data, for as long as the file lives; in the audit, too."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO notice (at, what) VALUES (?, ?)", (moment_text(at), text)
            )
            self.add(AuditEntry(at, Actor.KIOSK, text))

    def notices(self) -> tuple[AuditEntry, ...]:
        """Every notice, oldest first, as an entry of the audit by the kiosk."""
        with self._database.reading() as connection:
            return tuple(
                AuditEntry(to_moment(row["at"]), Actor.KIOSK, row["what"])
                for row in connection.execute("SELECT * FROM notice ORDER BY id")
            )


def _to_entry(row: sqlite3.Row) -> AuditEntry:
    return AuditEntry(to_moment(row["at"]), Actor(row["actor"]), row["what"])
