"""Errors of SQLite and of the system as StoreErrors, in sentences that say what to do."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.errors import StoreError

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


def damaged(path: Path, cause: object) -> str:
    """A sentence for a file whose content makes no sense."""
    return _DAMAGED.format(path=path, cause=cause)


def refused(path: Path, cause: object) -> str:
    """A sentence for a value that cannot be kept."""
    return _REFUSED.format(path=path, cause=cause)


def means_damage(error: sqlite3.Error) -> bool:
    """Whether the error means that the file itself is damaged: waiting or more room cannot help."""
    code = _code(error)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or code in _UNREADABLE


def _code(error: sqlite3.Error) -> int:
    # Python's own errors, such as about a closed connection, carry none.
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code
