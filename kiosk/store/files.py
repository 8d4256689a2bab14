"""Files and locks in the state directory: what must be whole, and who may replace it.

What was there before a backup was restored, or before damage was mended: it is kept beside the
data, under other names.
"""

import fcntl
import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.errors import StoreError
from kiosk.store.database import connect
from kiosk.store.errors import means_damage, store_errors
from kiosk.system.disk import give_to_owner_of_folder, sync

logger = logging.getLogger(__name__)

FILE_NAME = "kiosk.db"
LOCK_NAME = "kiosk.lock"


class StateLock:
    """Held by the one kiosk that runs on a state directory, and by who replaces its data.

    Other commands read and write the data without it. The system takes it back when the process
    ends, however that happens.
    """

    def __init__(self, descriptor: int) -> None:
        """Use `take`."""
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, state: Path) -> Self:
        """Take the lock. Raises StoreError where another process has it, or it cannot be made."""
        lock = cls.take_if_free(state)
        if lock is None:
            raise StoreError(
                f"Another kiosk is running on {state}. Stop it first, or choose another state"
                " directory with --state-dir."
            )
        return lock

    @classmethod
    def take_if_free(cls, state: Path) -> Self | None:
        """Take the lock; `None` where another process has it. Raises StoreError."""
        path = state / LOCK_NAME
        with store_errors(path):
            state.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                give_to_owner_of_folder(path)
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
            except OSError:
                os.close(descriptor)
                raise
        return cls(descriptor)

    def release(self) -> None:
        """Let others have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def is_running(state: Path, root: Path = Path("/")) -> bool | None:
    """Whether a kiosk runs on `state`; `None` where that cannot be found out.

    The lock itself is not touched: a kiosk that starts at this moment would take that for another.
    """
    try:
        facts = (state / LOCK_NAME).stat()
    except FileNotFoundError:
        return False
    except OSError:
        return None
    device = f"{os.major(facts.st_dev):02x}:{os.minor(facts.st_dev):02x}:{facts.st_ino}"
    try:
        locks = (root / "proc/locks").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return any(line.split()[5:6] == [device] for line in locks.splitlines())


@contextmanager
def one_at_a_time(state: Path) -> Iterator[None]:
    """Wait until no other process is opening or replacing the data, and keep others waiting."""
    descriptor = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def no_kiosk_running(state: Path, lock: StateLock | None, refusal: str) -> Iterator[None]:
    """Hold the lock of the state directory; `lock` where the caller has it already.

    Raises StoreError, saying `refusal`, where a kiosk has it.
    """
    taken = lock or StateLock.take_if_free(state)
    if taken is None:
        raise StoreError(refusal)
    try:
        yield
    finally:
        if lock is None:
            taken.release()


def free_name(path: Path, suffix: str) -> Path:
    """A name beside `path` that nothing has yet: its own, and `suffix`."""
    wanted = name = path.with_name(path.name + suffix)
    number = 2
    while os.path.lexists(name):
        name, number = wanted.with_name(f"{wanted.name}-{number}"), number + 1
    return name


def put_in_place(new: Path, path: Path, kept: Path) -> None:
    """Put the complete file `new` where `path` is, and keep what was there as `kept`.

    There is no moment at which a power cut would leave neither in place, unless the old one is not
    even a file. Raises OSError, and sqlite3.Error where another process does not finish its change.
    """
    with _no_writers(path):
        # A journal left behind would be taken for the new file's and spoil it.
        with suppress(FileNotFoundError):
            journal_of(path).rename(journal_of(kept))
        _keep(path, kept)
        new.replace(path)
        sync(path.parent)


def remove(path: Path) -> None:
    """Remove an unfinished database and its journal, if there are any. Raises OSError."""
    for leftover in (path, journal_of(path)):
        leftover.unlink(missing_ok=True)


def journal_of(path: Path) -> Path:
    """Where SQLite keeps what it needs to undo an unfinished change of `path`."""
    return path.with_name(path.name + "-journal")


def stamp(now: datetime) -> str:
    """A moment as it stands in the names of files, in UTC."""
    return now.astimezone(UTC).strftime("%Y%m%d-%H%M%S")


def _keep(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept)
    except FileNotFoundError:
        return
    except OSError:
        # A folder, or a disk that knows no second name for a file.
        path.rename(kept)


@contextmanager
def _no_writers(path: Path) -> Iterator[None]:
    """Keep other processes from changing the file, if it is still one that can be changed."""
    connection = _locked(path)
    try:
        yield
    finally:
        if connection:
            connection.close()


def _locked(path: Path) -> sqlite3.Connection | None:
    # To lock an empty file SQLite would begin to write to it.
    if not path.exists() or not stat.S_ISREG(path.stat().st_mode) or not path.stat().st_size:
        return None
    connection = None
    try:
        connection = connect(path)
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if connection:
            connection.close()
        if means_damage(error):
            return None
        raise
    return connection
