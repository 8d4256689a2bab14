"""Backups that come and go by the pages; one that was handed in waits here for the next start."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from kiosk.adapters.disk import give_to_owner_of_folder, sync
from kiosk.adapters.store.files import StateLock, one_at_a_time, stamp
from kiosk.adapters.store.packing import SCRATCH as DOWNLOADS
from kiosk.adapters.store.packing import SUFFIX, pack, scratch
from kiosk.adapters.store.ready import (
    PENDING,
    carry_out,
    drop,
    drop_beside,
    is_ready,
    remove_tree,
    throw_away,
)
from kiosk.adapters.store.restoring import look_over, restore_from
from kiosk.adapters.store.schema import MIGRATIONS, Migration
from kiosk.adapters.store.sentences import told
from kiosk.adapters.store.sqlite_store import SqliteStore
from kiosk.errors import StoreError
from kiosk.model.history import Actor
from kiosk.ports import WallClock

logger = logging.getLogger(__name__)

UPLOAD = "restore.upload"
"""What is being handed in, not looked over yet."""

SCRATCH = "restore.scratch"
FAILED = "restore.failed"
"""What was pending and could not be restored."""

LARGEST = 50_000_000
"""Bytes; ten years of sessions take a fifth of it."""

UNPACKED = 4
"""How many times as large a backup may be once it is unpacked."""

_CHUNK = 256 * 1024


class StateFolder:
    """Implements `kiosk.ports.BackupSpace` in the state directory. Any thread."""

    def __init__(
        self,
        state: Path,
        store: SqliteStore,
        clock: WallClock,
        largest: int = LARGEST,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self._state = state
        self._store = store
        self._clock = clock
        self._largest = largest
        self._migrations = migrations

    @contextmanager
    def make(self) -> Iterator[Path]:
        """A fresh backup in a file that is gone when the context is left. Raises StoreError."""
        now = self._clock.utc()
        with scratch(self._state) as folder:
            file = folder / f"kiosk-{stamp(now)}{SUFFIX}"
            for sentence in pack(self._state, self._store, file, now).left_out:
                logger.warning("%s", sentence)
            yield file

    def receive(self, upload: BinaryIO, name: str) -> None:
        """Read a backup, called `name`, and look it over. Raises StoreError."""
        called = _shown(name)
        file = self._state / UPLOAD
        try:
            with told(file):
                self._write(upload, file, called)
            largest = UNPACKED * self._largest
            look_over(file, self._state / SCRATCH, called, self._migrations, largest)
            with told(file):
                drop_beside(file)
        except StoreError:
            self.discard()
            raise

    def accept(self) -> None:
        """Have what was received take the place of what is kept, at the kiosk's next start."""
        file = self._state / UPLOAD
        with told(file):
            give_to_owner_of_folder(file)
            file.replace(self._state / PENDING)
            sync(self._state)

    def discard(self) -> None:
        """Forget what was received."""
        file = self._state / UPLOAD
        with told(file):
            drop(file)

    def _write(self, upload: BinaryIO, file: Path, called: str) -> None:
        drop(file)
        written = 0
        with file.open("xb") as target:
            while chunk := upload.read(_CHUNK):
                written += len(chunk)
                if written > self._largest:
                    most = f"{self._largest / 1_000_000:g} MB"
                    raise StoreError(
                        f"{called} is larger than {most}; is it the right file? Nothing was"
                        " changed."
                    )
                target.write(chunk)
        sync(file)


def take_pending(
    state: Path, lock: StateLock, now: datetime, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Restore the backup that was handed in, if there is one, before the data is opened.

    One that cannot be restored is set aside, as the log says, and the kiosk goes on with what it
    had. Cut off at any moment, this finds the old data in place or the backup, and is carried out
    again if need be. Raises StoreError where the disk does not let it put the files away.
    """
    pending = state / PENDING
    with told(state):
        if is_ready(state):
            with one_at_a_time(state):
                carry_out(state)
            logger.info("A backup that was being restored when the power went is in place now.")
        _clear(state)
        if not pending.exists():
            return
    try:
        restored = restore_from(
            state, pending, now, Actor.PAGE, lock, migrations, called="that was handed in"
        )
    except StoreError as error:
        with told(pending):
            if is_ready(state):  # it is whole, and only has to be put in place
                raise
            drop_beside(pending)
            pending.replace(state / FAILED)
            sync(state)
        logger.error(  # noqa: TRY400 - a sentence, not a trace
            "The backup that was handed in is not restored; it is kept as %s. %s", FAILED, error
        )
        return
    names = " and ".join(path.name for path in restored.kept)
    aside = f"; what was there before is kept as {names}" if names else ""
    logger.info("The backup that was handed in is restored%s.", aside)
    for sentence in restored.to_tell:
        logger.warning("%s", sentence)


def _clear(state: Path) -> None:
    """Remove what a kiosk that was cut off left half done. Raises OSError."""
    drop(state / UPLOAD)
    remove_tree(state / SCRATCH)
    drop_beside(state / SCRATCH)
    throw_away(state)
    for folder in state.glob(f"{DOWNLOADS}*"):
        remove_tree(folder)


def _shown(name: str) -> str:
    """A file's name from outside, as it may stand in a sentence."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return plain[:80] or "The file"
