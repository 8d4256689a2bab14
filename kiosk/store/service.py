"""Backups for download and upload on the pages."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from kiosk.clock import WallClock
from kiosk.errors import ConflictError, StoreError
from kiosk.session.snapshot import OCCUPIED, Snapshot
from kiosk.store.archive import SUFFIX, unpack, write_backup
from kiosk.store.database import store_errors
from kiosk.store.files import stamp, temporary_folder
from kiosk.store.migrations import MIGRATIONS
from kiosk.store.restore import PENDING
from kiosk.store.store import Store
from kiosk.system.folders import give_to_owner_of_folder, sync

logger = logging.getLogger(__name__)

LARGEST = 50_000_000  # bytes of an upload; ten years of sessions take a fifth of it
UNPACKED = 4  # how many times as large an upload may be once it is unpacked

_CHUNK = 256 * 1024


@dataclass(frozen=True)
class BackupService:
    """Makes backups of the running kiosk; accepts one to restore at its next start. Any thread."""

    state: Path
    store: Store
    clock: WallClock
    snapshot: Callable[[], Snapshot]
    restart: Callable[[], None]
    """Has the kiosk end and start again soon; returns at once."""

    largest: int = LARGEST
    _lock: Lock = field(default_factory=Lock, init=False)

    @contextmanager
    def make(self) -> Iterator[Path]:
        """A new backup in a file that is removed on leaving the context. Raises StoreError."""
        now = self.clock.utc()
        with temporary_folder(self.state) as folder:
            file = folder / f"kiosk-{stamp(now)}{SUFFIX}"
            for sentence in write_backup(self.state, self.store, file, now).left_out:
                logger.warning("%s", sentence)
            yield file

    def restore(self, upload: BinaryIO, name: str) -> None:
        """Check an upload called `name`, and restart with it. Raises StoreError, ConflictError."""
        if not self._lock.acquire(blocking=False):
            raise ConflictError("backup.busy")
        try:
            self._refuse_during_session()
            with temporary_folder(self.state) as folder, store_errors(self.state):
                file, unpacked = folder / "upload", folder / "unpacked"
                # The name that a browser sent, as it may stand in a sentence.
                plain = name.replace("\\", "/").rpartition("/")[2]
                label = "".join(filter(str.isprintable, plain))[:80] or "The file"
                self._receive(upload, file, label)
                unpacked.mkdir()
                unpack(file, unpacked, MIGRATIONS, label, UNPACKED * self.largest)
                self._refuse_during_session()  # that took a while
                sync(file)
                give_to_owner_of_folder(file.replace(self.state / PENDING))
                sync(self.state)
        finally:
            self._lock.release()
        self.restart()

    def _receive(self, upload: BinaryIO, file: Path, label: str) -> None:
        written = 0
        with file.open("xb") as target:
            while chunk := upload.read(_CHUNK):
                written += len(chunk)
                if written > self.largest:
                    most = f"{self.largest / 1_000_000:g} MB"
                    raise StoreError(
                        f"{label} is larger than {most}; is it the right file? Nothing was changed."
                    )
                target.write(chunk)

    def _refuse_during_session(self) -> None:
        if self.snapshot().state in OCCUPIED:
            raise ConflictError("backup.session")
