"""Secrets, visitors and failed attempts in their tables. Each function is called inside a
transaction.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from kiosk.adapters.store import rows
from kiosk.model.door import KeptVisitor

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


def add_visitor(connection: sqlite3.Connection, visitor: KeptVisitor) -> None:
    """Keep a visitor."""
    connection.execute(_ADD_VISITOR, rows.visitor_values(visitor))


def visitor_of(connection: sqlite3.Connection, token_hash: str) -> KeptVisitor | None:
    """The visitor with that token."""
    query = "SELECT * FROM visitor WHERE token_hash = ?"
    found = connection.execute(query, (token_hash,)).fetchone()
    return rows.to_visitor(found) if found else None


def select_visitors(connection: sqlite3.Connection) -> tuple[KeptVisitor, ...]:
    """Every visitor, latest seen first."""
    return tuple(map(rows.to_visitor, connection.execute(_VISITORS)))


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
