"""One connection to the file, shared by all threads, one transaction at a time."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from kiosk.errors import StoreError
from kiosk.store.errors import damaged, refused, store_errors
from kiosk.system.disk import sync

PATIENCE = 5.0
"""Seconds that a change waits for another process to finish its own."""


def connect(path: Path, mode: str = "rw", patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection to the file, with everything set that a connection forgets when it is closed.

    `mode` is SQLite's: `ro`, `rw`, or `rwc` to make the file where there is none. Raises
    sqlite3.Error.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.row_factory = sqlite3.Row
        # A schema from outside must not be able to call anything.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        # With EXTRA the folder is synced, too, when the journal goes: without that a power cut
        # could bring the journal back and undo the last change.
        connection.execute("PRAGMA synchronous = EXTRA")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class Database:
    """The file while it is in use. Any thread; each waits for the others.

    Other processes may write to the same file. One that finds the file gone or replaced by another
    raises StoreError rather than write where nobody will look.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        """Raises StoreError where the file cannot be opened."""
        self.path = path
        self._lock = threading.RLock()
        self._own_changes = 0
        with store_errors(path):
            self._identity = _identity(path)
            self._connection = connect(path, patience=patience)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the data. Raises StoreError."""
        with self._transaction("BEGIN"):
            yield self._connection

    @contextmanager
    def writing(self, *, counted: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction that is on disk when it is left without an error, and else never was.

        Unless it is `counted`, `change_count` stays as it is. Raises StoreError.
        """
        with self._lock:
            with self._transaction("BEGIN IMMEDIATE"):
                yield self._connection
            self._own_changes += counted

    def change_count(self) -> int:
        """Differs after any change that counts, and any of another process. Raises StoreError."""
        with self._lock, store_errors(self.path):
            self._check_in_place()
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            return version + self._own_changes

    def copy_to(self, file: Path) -> None:
        """Write all of it to the new `file`, as it is now, and see it on disk. Raises StoreError.

        Holds up the other threads, but no other process's reading.
        """
        with self._lock, store_errors(self.path):
            self._check_in_place()
            copy_pages(self._connection, file)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._lock, store_errors(self.path):
            self._check_in_place()
            self._connection.execute(begin)
            try:
                # Whoever replaces the file does so under its exclusive lock, so from here on it
                # stays in its place.
                self._check_in_place()
                yield
                self._connection.execute("COMMIT")
            except (UnicodeEncodeError, OverflowError) as error:
                raise StoreError(refused(self.path, error)) from error
            except ValueError as error:
                raise StoreError(damaged(self.path, error)) from error
            finally:
                if self._connection.in_transaction:
                    with suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")

    def _check_in_place(self) -> None:
        try:
            in_place = _identity(self.path) == self._identity
        except FileNotFoundError:
            in_place = False
        if not in_place:
            raise StoreError(
                f"{self.path} was removed or replaced while it was in use. Restart the kiosk, or"
                " give the command again."
            )


def copy_pages(source: sqlite3.Connection, file: Path) -> None:
    """Write all of `source` to `file` and see it on disk. Raises sqlite3.Error and OSError."""
    with closing(connect(file, "rwc")) as target:
        # Nobody reads the copy before it is complete, so it needs no journal of its own.
        target.execute("PRAGMA synchronous = OFF")
        target.execute("PRAGMA journal_mode = MEMORY").fetchone()
        source.backup(target)
    sync(file)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
