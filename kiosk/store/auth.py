"""Secrets, signed-in devices and failed attempts: tables `door_secret`, `visitor` and `failure`."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from kiosk.history.audit import AuditEntry
from kiosk.store.audit import AuditedTable
from kiosk.store.database import insert_into, moment_text, to_moment

FAILURES_KEPT = 500
"""Keys whose failures are stored; with more, the one that failed longest ago is dropped."""

_SESSIONS = "SELECT * FROM visitor ORDER BY seen DESC, since DESC, id"
# Nobody signed in after they were seen: a clock that was ahead then is put right so.
_SET_SEEN = "UPDATE visitor SET seen = :seen, since = min(since, :seen) WHERE id = :id"
_SET_FAILURES = "INSERT INTO failure (key, count) VALUES (?, ?)"
_DROP_OLD_FAILURES = """
    DELETE FROM failure WHERE id <= (SELECT id FROM failure ORDER BY id DESC LIMIT 1 OFFSET ?)
"""


@dataclass(frozen=True, slots=True)
class StoredAuthSession:
    """A signed-in device as stored in table `visitor`. Moments are UTC."""

    id: str
    token_hash: str = field(repr=False)
    """SHA-256 of the session's token, in hexadecimal; the token itself is not stored."""

    since: datetime
    seen: datetime
    """The latest request, to an hour or so."""

    device: str
    """The browser's own description, shortened."""

    address: str


class AuthTable(AuditedTable):
    """Secrets, signed-in devices, failed attempts; each `entry` is one of the audit. Any thread."""

    def secret(self, name: str) -> str | None:
        """The secret of that name."""
        with self._database.reading() as connection:
            query = "SELECT value FROM door_secret WHERE name = ?"
            found = connection.execute(query, (name,)).fetchone()
            return found["value"] if found else None

    def set_secret(self, name: str, value: str | None, entry: AuditEntry | None = None) -> None:
        """Store a secret; `None` deletes it."""
        with self._database.writing() as connection:
            if value is None:
                connection.execute("DELETE FROM door_secret WHERE name = ?", (name,))
            else:
                connection.execute(
                    "INSERT OR REPLACE INTO door_secret VALUES (?, ?)", (name, value)
                )
            if entry:
                self._audit.add(entry)

    def renew(
        self, secrets: Mapping[str, str | None], session: StoredAuthSession, entry: AuditEntry
    ) -> None:
        """Store these secrets, sign everybody out, and store `session` as the only one."""
        with self._database.writing():
            for name, value in secrets.items():
                self.set_secret(name, value)
            self.sign_everybody_out()
            self.add_session(session, entry)

    def add_session(
        self, session: StoredAuthSession, entry: AuditEntry, forget: Sequence[str] = ()
    ) -> None:
        """Store a new session, and delete the failures of the keys `forget`."""
        with self._database.writing() as connection:
            moments = {name: moment_text(getattr(session, name)) for name in ("since", "seen")}
            columns = {**asdict(session), **moments}
            connection.execute(insert_into("visitor", columns), columns)
            self.forget_failures(forget)
            self._audit.add(entry)

    def session_of(self, token_hash: str) -> StoredAuthSession | None:
        """The session whose token has that SHA-256."""
        with self._database.reading() as connection:
            query = "SELECT * FROM visitor WHERE token_hash = ?"
            found = connection.execute(query, (token_hash,)).fetchone()
            return _to_session(found) if found else None

    def sessions(self) -> tuple[StoredAuthSession, ...]:
        """Every session, latest seen first."""
        with self._database.reading() as connection:
            return tuple(map(_to_session, connection.execute(_SESSIONS)))

    def set_seen(self, session: str, seen: datetime) -> None:
        """Store the moment of the latest request of the session of that id."""
        with self._database.writing() as connection:
            connection.execute(_SET_SEEN, {"id": session, "seen": moment_text(seen)})

    def remove_sessions(self, sessions: Sequence[str], entry: AuditEntry | None = None) -> None:
        """Delete the sessions of these ids; `entry` is added only where there was any."""
        with self._database.writing() as connection:
            removed = [
                connection.execute("DELETE FROM visitor WHERE id = ?", (session,)).rowcount
                for session in sessions
            ]
            if entry and any(removed):
                self._audit.add(entry)

    def sign_everybody_out(self) -> None:
        """Delete all sessions and failures: those of an old copy do not hold any more."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM visitor")
            connection.execute("DELETE FROM failure")

    def failures(self, key: str) -> int:
        """How many failures in a row are stored for that key."""
        with self._database.reading() as connection:
            query = "SELECT count FROM failure WHERE key = ?"
            found = connection.execute(query, (key,)).fetchone()
            return found["count"] if found else 0

    def add_failure(self, keys: Sequence[str]) -> None:
        """Count one more failure for each of the keys."""
        with self._database.writing() as connection:
            for key in keys:
                count = self.failures(key) + 1
                # Made anew rather than changed, so that the ids tell which failed last.
                self.forget_failures([key])
                connection.execute(_SET_FAILURES, (key, count))
            connection.execute(_DROP_OLD_FAILURES, (FAILURES_KEPT,))

    def forget_failures(self, keys: Sequence[str]) -> None:
        """Delete the failures of these keys."""
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM failure WHERE key = ?", [(key,) for key in keys])


def _to_session(row: sqlite3.Row) -> StoredAuthSession:
    moments = {name: to_moment(row[name]) for name in ("since", "seen")}
    return StoredAuthSession(**{**row, **moments})
