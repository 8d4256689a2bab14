"""The database of the kiosk: one SQLite file, its connection and its transactions.

Theory of operation
-------------------
*One connection, one transaction at a time.* All threads share a single connection, and a lock lets
one of them have a transaction while the others wait. A transaction takes milliseconds and there are
a few a second at most, so a pool would gain nothing, and SQLite's locks need only keep other
*processes* (commands, a restore) apart from the kiosk.

*Transactions join.* Every method of a table is a transaction by itself. Inside `with
store.reading():` or `with store.writing():` the calls of the same thread become parts of one
transaction instead: the reads see one state of the data, reads see what was written before them,
and all of it is kept or nothing. A part that writes is a savepoint, so a call that fails has
changed nothing even where the error is caught inside the block and the rest is kept. `writing`
inside `reading` raises RuntimeError: SQLite refuses to let a reader write whose state another
process may have changed meanwhile, so whoever will write begins with `writing`. That takes the
write lock at once (BEGIN IMMEDIATE): what is read inside still holds when it is written.

*Rollback journal, `synchronous=EXTRA`.* When a transaction is over its change is on the disk. A
write-ahead log would hold it in a second file, which every copy, restore and repair had to take
along; its gain, readers beside a writer, is none for one connection. EXTRA syncs the folder when
the journal is deleted: otherwise a power cut could bring the journal back, and the next start would
undo a change that was acknowledged.

*Identity.* SQLite goes on writing to a file that was deleted or replaced. So each transaction
compares the device and inode of the path with those it was opened with, before it begins and again
once it has SQLite's lock, under which whoever replaces the file works. A database in memory has no
file and no such check.
"""

import errno
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import KioskError, StoreError
from kiosk.system.folders import sync

_FULL = (
    "There is no room left on the disk for {path}. Free some space; what was kept before is whole."
)
_READ_ONLY = (
    "{path} cannot be written to. Let the kiosk's user write to it and to its folder, and see that"
    " the disk is not mounted read-only."
)
_LOCKED = "Another program keeps {path} locked. Try again; end that program where it stays so."
_DAMAGED = (
    "{path} is damaged ({cause}). Restart the kiosk: it puts the newest good backup in its place."
)
_CANNOT_OPEN = (
    "{path} cannot be opened. See that it and its folder are there, and that the kiosk's user may"
    " read and write both."
)
_FAILING = (
    "The disk failed at {path} ({cause}). See whether it is full, and copy it while it can be read."
)
_REFUSED = "What was to be kept in {path} does not fit the rest ({cause})."
_OTHER = "What the kiosk remembers in {path} cannot be used ({cause})."

_BY_CODE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CANTOPEN: _CANNOT_OPEN,
    sqlite3.SQLITE_PERM: _CANNOT_OPEN,
    sqlite3.SQLITE_IOERR: _FAILING,
    sqlite3.SQLITE_CONSTRAINT: _REFUSED,
}
_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EIO: _FAILING,
}
_UNREADABLE = frozenset(
    {
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHORT_READ,
        sqlite3.SQLITE_IOERR_CORRUPTFS,
    }
)


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Raise a StoreError about `path` for any sqlite3.Error or OSError inside."""
    try:
        yield
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise StoreError(in_words(error, path)) from error
    except OSError as error:
        raise StoreError(os_in_words(error, path)) from error


def in_words(error: sqlite3.Error, path: Path) -> str:
    """A sentence for an error of SQLite's."""
    sentence = _BY_CODE.get(_code(error) & 0xFF, _OTHER)
    return sentence.format(path=path, cause=error)


def os_in_words(error: OSError, path: Path) -> str:
    """A sentence for an error of the system's."""
    sentence = _BY_ERRNO.get(error.errno or 0, _OTHER)
    return sentence.format(path=error.filename or path, cause=error.strerror or error)


def means_damage(error: sqlite3.Error) -> bool:
    """Whether the error means that the file itself is damaged: waiting or more room cannot help."""
    code = _code(error)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or code in _UNREADABLE


def _code(error: sqlite3.Error) -> int:
    # Python's own errors, such as about a closed connection, carry none.
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code


PATIENCE = 5.0  # seconds that a change waits for another process to finish its own


def connect(path: Path | None, mode: str = "rw", patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection to the file, or to an empty database in memory, with everything set that SQLite
    does not keep in the file.

    `mode` is SQLite's: `ro`, `rw`, or `rwc` to make the file where there is none. Raises
    sqlite3.Error.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}" if path else "file::memory:",
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
        connection.execute("PRAGMA synchronous = EXTRA")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


_READ = "BEGIN"
_WRITE = "BEGIN IMMEDIATE"


class Transactions:
    """Transactions on one connection that join where they are nested. Any thread.

    For a connection to a file that no other process uses, such as an unpacked backup. Raises
    sqlite3.Error, and ValueError for a row that makes no sense.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._begun = ""
        """The statement that the transaction under way began with; empty where there is none."""

        self._changes = 0
        """How many transactions that count were committed."""

        self._counts = False
        """Whether the transaction under way counts."""

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the data, or a part of the one under way."""
        with self.transaction(write=False):
            yield self._connection

    @contextmanager
    def writing(self, *, counted: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction that is on disk when it is left without an error, and else never was; or a
        part of the one under way, which is undone by an error.

        Unless it is `counted`, `change_count` stays as it is. Raises RuntimeError inside `reading`.
        """
        with self.transaction(write=True):
            yield self._connection
            self._counts |= counted

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        """Make one transaction of all that this thread reads and writes inside."""
        with self._lock:
            if not self._begun:
                with self._outermost(_WRITE if write else _READ):
                    yield
            elif write:
                with self._savepoint():
                    yield
            else:
                self._check_under_way()
                yield

    @contextmanager
    def _outermost(self, begin: str) -> Iterator[None]:
        self._check_in_place()
        self._connection.execute(begin)
        self._begun, self._counts = begin, False
        try:
            # Whoever replaces the file does so under its exclusive lock, so from here on it stays
            # in its place.
            self._check_in_place()
            yield
            self._check_under_way()
            self._connection.execute("COMMIT")
            self._changes += self._counts
        finally:
            self._begun = ""
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        if self._begun != _WRITE:
            raise RuntimeError("a transaction that was begun to read cannot write")
        self._check_under_way()
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK TO part")
                    self._connection.execute("RELEASE part")
            raise
        self._connection.execute("RELEASE part")

    def _check_under_way(self) -> None:
        """Raise StoreError where SQLite has rolled back the transaction by itself, as it does after
        some errors, such as a full disk: what came next would be a transaction of its own.
        """
        if not self._connection.in_transaction:
            raise StoreError("An earlier part of this change failed, so all of it was undone.")

    def _check_in_place(self) -> None:
        """Raise StoreError where the file is not the one that was opened."""


class Database(Transactions):
    """The kiosk's own file while it is in use, or one in memory. Any thread; each waits for the
    others.

    Other processes may write to the same file. One that finds the file gone or replaced by another
    raises StoreError rather than write where nobody will look. All errors are StoreErrors.
    """

    def __init__(self, path: Path | None, patience: float = PATIENCE) -> None:
        """Open the file, or an empty database in memory for `None`. Raises StoreError."""
        self.path = path or Path(":memory:")
        with store_errors(self.path):
            self._identity = _identity(path) if path else None
            super().__init__(connect(path, patience=patience))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """As `Transactions.reading`. Raises StoreError."""
        with self._row_errors(), super().reading() as connection:
            yield connection

    @contextmanager
    def writing(self, *, counted: bool = True) -> Iterator[sqlite3.Connection]:
        """As `Transactions.writing`. Raises StoreError."""
        with self._row_errors(), super().writing(counted=counted) as connection:
            yield connection

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        """As `Transactions.transaction`. Raises StoreError."""
        # Whoever has no connection to use inside raises none of SQLite's errors themselves.
        try:
            with super().transaction(write=write):
                yield
        except sqlite3.Error as error:
            raise StoreError(in_words(error, self.path)) from error

    def change_count(self) -> int:
        """Differs after any change that counts, and any of another process. Raises StoreError."""
        with self._lock, store_errors(self.path):
            self._check_in_place()
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            return version + self._changes

    def copy_to(self, file: Path) -> None:
        """Write it all to the new `file`, seen on disk; other threads wait. Raises StoreError."""
        with self._lock, store_errors(self.path):
            self._check_in_place()
            copy_pages(self._connection, file)

    def close(self) -> None:
        """Close the connection, after the transaction under way."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _row_errors(self) -> Iterator[None]:
        """Raise StoreError for a value that SQLite refuses, or a row that makes no sense."""
        try:
            yield
        except KioskError:
            raise
        except (UnicodeEncodeError, OverflowError) as error:
            raise StoreError(_REFUSED.format(path=self.path, cause=error)) from error
        except ValueError as error:
            raise StoreError(_DAMAGED.format(path=self.path, cause=error)) from error

    def _check_in_place(self) -> None:
        if self._identity is None:
            return
        with store_errors(self.path):
            try:
                in_place = _identity(self.path) == self._identity
            except FileNotFoundError:
                in_place = False
        if not in_place:
            raise StoreError(
                f"{self.path} was removed or replaced while it was in use. Restart the kiosk, or"
                " give the command again."
            )


class Table:
    """Base of the classes with the SQL and the rows of a table. Any thread."""

    def __init__(self, database: Transactions) -> None:
        self._database = database


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


def mark(connection: sqlite3.Connection, name: str) -> str | None:
    """A single value in table `mark`, by its name. Raises sqlite3.Error."""
    found = connection.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
    return found["value"] if found else None


def set_mark(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Store a single value by its name. Raises sqlite3.Error."""
    connection.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, value))


def insert_into(table: str, columns: Iterable[str], *, replace: bool = False) -> str:
    """The statement that inserts, or replaces, a row whose values are named as their columns."""
    columns = tuple(columns)
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(f":{name}" for name in columns)
    verb = "INSERT OR REPLACE" if replace else "INSERT"
    return f"{verb} INTO {table} ({names}) VALUES ({values})"  # names of the kiosk's own


def moment_text(moment: datetime) -> str:
    """A moment as stored: UTC text of one length, which sorts. Raises TypeError for a naive one."""
    if moment.tzinfo is None:
        raise TypeError(f"a moment needs its offset from UTC: {moment}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def to_moment(text: str) -> datetime:
    """A stored moment, in UTC. Raises ValueError."""
    return datetime.fromisoformat(text).astimezone(UTC)


def utc(moment: datetime) -> datetime:
    """The same moment as it will be read back. Raises TypeError as `moment_text` does."""
    return to_moment(moment_text(moment))
