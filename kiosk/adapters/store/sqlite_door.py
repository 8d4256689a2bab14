"""The part of the store that `kiosk.ports.DoorStore` describes. Any thread."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kiosk.adapters.store import door_tables, other_tables
from kiosk.adapters.store.database import Database
from kiosk.model.door import KeptVisitor
from kiosk.model.history import AuditEntry


class SqliteDoorStore:
    """Keeps who may come in. Each method is one transaction, and raises as `SqliteStore` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def door_secret(self, name: str) -> str | None:
        """The secret of that name."""
        with self._database.reading() as connection:
            return door_tables.secret(connection, name)

    def keep_door_secret(
        self, name: str, value: str | None, line: AuditEntry | None = None
    ) -> None:
        """Keep a secret; `None` drops it."""
        with self._database.writing() as connection:
            door_tables.set_secrets(connection, {name: value})
            other_tables.add_lines(connection, line)

    def renew_door(
        self, secrets: Mapping[str, str | None], visitor: KeptVisitor, line: AuditEntry
    ) -> None:
        """Keep secrets; leave nobody in but `visitor`, and no failures."""
        with self._database.writing() as connection:
            door_tables.set_secrets(connection, secrets)
            door_tables.send_everybody_out(connection)
            door_tables.add_visitor(connection, visitor)
            other_tables.add_lines(connection, line)

    def add_visitor(
        self, visitor: KeptVisitor, line: AuditEntry, forget: Sequence[str] = ()
    ) -> None:
        """Keep who came in; forget the failures of the keys `forget`."""
        with self._database.writing() as connection:
            door_tables.add_visitor(connection, visitor)
            door_tables.delete_failures(connection, forget)
            other_tables.add_lines(connection, line)

    def visitor_of(self, token_hash: str) -> KeptVisitor | None:
        """Who has the token with that SHA-256."""
        with self._database.reading() as connection:
            return door_tables.visitor_of(connection, token_hash)

    def kept_visitors(self) -> tuple[KeptVisitor, ...]:
        """Everybody who is in, latest seen first."""
        with self._database.reading() as connection:
            return door_tables.select_visitors(connection)

    def see_visitor(self, visitor: str, seen: datetime) -> None:
        """Keep when a visitor was seen; they came in then at the latest."""
        with self._database.writing() as connection:
            door_tables.see_visitor(connection, visitor, seen)

    def remove_visitors(self, visitors: Sequence[str], line: AuditEntry | None = None) -> None:
        """Drop the visitors of these ids; the line is added only where there was any."""
        with self._database.writing() as connection:
            if door_tables.delete_visitors(connection, visitors):
                other_tables.add_lines(connection, line)

    def failures(self, key: str) -> int:
        """How many failures in a row are kept for that key."""
        with self._database.reading() as connection:
            return door_tables.failures(connection, key)

    def note_failure(self, keys: Sequence[str]) -> None:
        """Count one more failure for each of the keys."""
        with self._database.writing() as connection:
            door_tables.add_failure(connection, keys)

    def forget_failures(self, keys: Sequence[str]) -> None:
        """Let the keys begin anew."""
        with self._database.writing() as connection:
            door_tables.delete_failures(connection, keys)
