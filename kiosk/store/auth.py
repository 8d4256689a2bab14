"""Secrets, visitors and failed attempts in their tables. Each function is called inside a
transaction.

The part of the store that `kiosk.ports.DoorStore` describes. Any thread.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kiosk.history.audit import AuditEntry
from kiosk.store import other as other_tables
from kiosk.store import rows
from kiosk.store.database import Database


@dataclass(frozen=True, slots=True)
class StoredAuthSession:
    """Somebody who is signed in on one device. Moments are UTC."""

    id: str
    token_hash: str = field(repr=False)
    """SHA-256 of the visitor's token, in hexadecimal; the token itself is not kept."""

    since: datetime
    seen: datetime
    """When they last looked at a page, to an hour or so."""

    device: str
    address: str


FAILURES_KEPT = 500
"""Keys whose failures are remembered; with more, the one that failed longest ago is dropped."""

_ADD_VISITOR = """
    INSERT INTO visitor (id, token_hash, since, seen, device, address)
    VALUES (:id, :token_hash, :since, :seen, :device, :address)
"""
# Nobody came in after they were seen: a clock that was ahead then is put right so.
_SEE = "UPDATE visitor SET seen = :seen, since = min(since, :seen) WHERE id = :id"
_VISITORS = "SELECT * FROM visitor ORDER BY seen DESC, since DESC, id"
_SET_FAILURES = "INSERT INTO failure (key, count) VALUES (?, ?)"
_DROP_OLD_FAILURES = """
    DELETE FROM failure WHERE id <= (SELECT id FROM failure ORDER BY id DESC LIMIT 1 OFFSET ?)
"""


def secret(connection: sqlite3.Connection, name: str) -> str | None:
    """The secret of that name."""
    found = connection.execute("SELECT value FROM door_secret WHERE name = ?", (name,)).fetchone()
    return found["value"] if found else None


def set_secrets(connection: sqlite3.Connection, secrets: Mapping[str, str | None]) -> None:
    """Keep secrets by name; `None` drops one."""
    for name, value in secrets.items():
        if value is None:
            connection.execute("DELETE FROM door_secret WHERE name = ?", (name,))
        else:
            connection.execute("INSERT OR REPLACE INTO door_secret VALUES (?, ?)", (name, value))


def add_visitor(connection: sqlite3.Connection, visitor: StoredAuthSession) -> None:
    """Keep a visitor."""
    connection.execute(_ADD_VISITOR, visitor_values(visitor))


def visitor_of(connection: sqlite3.Connection, token_hash: str) -> StoredAuthSession | None:
    """The visitor with that token."""
    query = "SELECT * FROM visitor WHERE token_hash = ?"
    found = connection.execute(query, (token_hash,)).fetchone()
    return to_visitor(found) if found else None


def select_visitors(connection: sqlite3.Connection) -> tuple[StoredAuthSession, ...]:
    """Every visitor, latest seen first."""
    return tuple(map(to_visitor, connection.execute(_VISITORS)))


def see_visitor(connection: sqlite3.Connection, visitor: str, seen: datetime) -> None:
    """Keep when a visitor was seen."""
    connection.execute(_SEE, {"id": visitor, "seen": rows.moment_text(seen)})


def delete_visitors(connection: sqlite3.Connection, visitors: Iterable[str]) -> int:
    """Drop the visitors of these ids; how many there were."""
    return sum(
        connection.execute("DELETE FROM visitor WHERE id = ?", (visitor,)).rowcount
        for visitor in visitors
    )


def failures(connection: sqlite3.Connection, key: str) -> int:
    """How many failures of that key are kept."""
    found = connection.execute("SELECT count FROM failure WHERE key = ?", (key,)).fetchone()
    return found["count"] if found else 0


def add_failure(connection: sqlite3.Connection, keys: Sequence[str]) -> None:
    """Count one more for each of the keys."""
    for key in keys:
        count = failures(connection, key) + 1
        # Made anew rather than changed, so that the ids tell which failed last.
        delete_failures(connection, [key])
        connection.execute(_SET_FAILURES, (key, count))
    connection.execute(_DROP_OLD_FAILURES, (FAILURES_KEPT,))


def delete_failures(connection: sqlite3.Connection, keys: Iterable[str]) -> None:
    """Forget the failures of these keys."""
    connection.executemany("DELETE FROM failure WHERE key = ?", [(key,) for key in keys])


def send_everybody_out(connection: sqlite3.Connection) -> None:
    """Drop all visitors and failures: of what an old copy says of them, nothing holds any more."""
    connection.execute("DELETE FROM visitor")
    connection.execute("DELETE FROM failure")


class AuthStore:
    """Keeps who may come in. Each method is one transaction, and raises as `SqliteStore` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def door_secret(self, name: str) -> str | None:
        """The secret of that name."""
        with self._database.reading() as connection:
            return secret(connection, name)

    def keep_door_secret(
        self, name: str, value: str | None, line: AuditEntry | None = None
    ) -> None:
        """Keep a secret; `None` drops it."""
        with self._database.writing() as connection:
            set_secrets(connection, {name: value})
            other_tables.add_lines(connection, line)

    def renew_door(
        self, secrets: Mapping[str, str | None], visitor: StoredAuthSession, line: AuditEntry
    ) -> None:
        """Keep secrets; leave nobody in but `visitor`, and no failures."""
        with self._database.writing() as connection:
            set_secrets(connection, secrets)
            send_everybody_out(connection)
            add_visitor(connection, visitor)
            other_tables.add_lines(connection, line)

    def add_visitor(
        self, visitor: StoredAuthSession, line: AuditEntry, forget: Sequence[str] = ()
    ) -> None:
        """Keep who came in; forget the failures of the keys `forget`."""
        with self._database.writing() as connection:
            add_visitor(connection, visitor)
            delete_failures(connection, forget)
            other_tables.add_lines(connection, line)

    def visitor_of(self, token_hash: str) -> StoredAuthSession | None:
        """Who has the token with that SHA-256."""
        with self._database.reading() as connection:
            return visitor_of(connection, token_hash)

    def kept_visitors(self) -> tuple[StoredAuthSession, ...]:
        """Everybody who is in, latest seen first."""
        with self._database.reading() as connection:
            return select_visitors(connection)

    def see_visitor(self, visitor: str, seen: datetime) -> None:
        """Keep when a visitor was seen; they came in then at the latest."""
        with self._database.writing() as connection:
            see_visitor(connection, visitor, seen)

    def remove_visitors(self, visitors: Sequence[str], line: AuditEntry | None = None) -> None:
        """Drop the visitors of these ids; the line is added only where there was any."""
        with self._database.writing() as connection:
            if delete_visitors(connection, visitors):
                other_tables.add_lines(connection, line)

    def failures(self, key: str) -> int:
        """How many failures in a row are kept for that key."""
        with self._database.reading() as connection:
            return failures(connection, key)

    def note_failure(self, keys: Sequence[str]) -> None:
        """Count one more failure for each of the keys."""
        with self._database.writing() as connection:
            add_failure(connection, keys)

    def forget_failures(self, keys: Sequence[str]) -> None:
        """Let the keys begin anew."""
        with self._database.writing() as connection:
            delete_failures(connection, keys)


def visitor_values(visitor: StoredAuthSession) -> dict[str, object]:
    """The columns of a visitor."""
    return {
        "id": visitor.id,
        "token_hash": visitor.token_hash,
        "since": rows.moment_text(visitor.since),
        "seen": rows.moment_text(visitor.seen),
        "device": visitor.device,
        "address": visitor.address,
    }


def to_visitor(row: sqlite3.Row) -> StoredAuthSession:
    """A visitor from their row."""
    return StoredAuthSession(
        id=row["id"],
        token_hash=row["token_hash"],
        since=rows.to_moment(row["since"]),
        seen=rows.to_moment(row["seen"]),
        device=row["device"],
        address=row["address"],
    )
