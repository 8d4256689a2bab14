"""Names, locks and safe replacement of files in the state directory.

Two locks keep processes apart. `kiosk.lock` is held by the kiosk for as long as it runs, and by a
command while it replaces the data. The state directory itself is locked (`opening_lock`) for the
moments in which a process opens, migrates or replaces the data. Both are `flock` locks, which the
system releases when the process ends, however that happens.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from kiosk.errors import StoreError
from kiosk.store.database import store_errors
from kiosk.system.folders import give_to_owner_of_folder, sync

FILE_NAME = "kiosk.db"
LOCK_NAME = "kiosk.lock"

PROGRAMS = "programs"  # the folder of the household's own programs
TEMPORARY = ".temporary-"  # how the name of a temporary folder begins


class StateLock:
    """The lock of a state directory, held by its running kiosk or while its data is replaced."""

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
        """Release the lock; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
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
def opening_lock(state: Path) -> Iterator[None]:
    """Wait until no other process opens or replaces the data, and keep others waiting meanwhile."""
    descriptor = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def no_kiosk_running(state: Path, lock: StateLock | None, refusal: str) -> Iterator[None]:
    """Hold the lock of `state`, unless it is passed as `lock`. Raises StoreError(`refusal`)."""
    taken = lock or StateLock.take_if_free(state)
    if taken is None:
        raise StoreError(refusal)
    try:
        yield
    finally:
        if lock is None:
            taken.release()


@contextmanager
def temporary_folder(state: Path) -> Iterator[Path]:
    """A private folder in `state`, removed on leaving or at the next start. Raises StoreError."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - seldom needed

    with store_errors(state):
        folder = TemporaryDirectory(prefix=TEMPORARY, dir=state, ignore_cleanup_errors=True)
    with folder as path:
        yield Path(path)


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """A temporary name beside `file` to write to. On leaving, what was written is synced and
    renamed to `file`, unless there was an error. Raises OSError.
    """
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    discard(unfinished)
    try:
        yield unfinished
        give_to_owner_of_folder(unfinished)
        sync(unfinished)
        unfinished.replace(file)
        sync(file.parent)
    finally:
        discard(unfinished)


def discard(path: Path) -> None:
    """Remove a folder, or a file and its journals. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        from shutil import rmtree  # noqa: PLC0415 - seldom needed

        rmtree(path)
    else:
        path.unlink(missing_ok=True)
    # A write-ahead log appears where another program had the file keep one.
    for suffix in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def stamp(now: datetime) -> str:
    """The text of a moment (UTC) for the names of files."""
    return now.astimezone(UTC).strftime("%Y%m%d-%H%M%S")
