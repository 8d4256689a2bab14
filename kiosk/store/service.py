"""All that is kept, taken away and brought back by who is signed in."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from kiosk.errors import ConflictError
from kiosk.session.snapshot import OCCUPIED, Snapshot
from kiosk.store.restore import BackupFiles


@dataclass(frozen=True)
class BackupService:
    """Implements `kiosk.api.backups.BackupDesk`. Any thread."""

    space: BackupFiles
    snapshot: Callable[[], Snapshot]
    restart: Callable[[], None]
    """Has the kiosk end and start again soon; returns at once."""

    _lock: Lock = field(default_factory=Lock, init=False)

    def make(self) -> AbstractContextManager[Path]:
        """A fresh backup in a file that is gone when the context is left. Raises StoreError."""
        return self.space.make()

    def restore(self, upload: BinaryIO, name: str) -> None:
        """Look the uploaded backup over, and restart the kiosk with it.

        Raises StoreError, ConflictError; nothing is changed then.
        """
        if not self._lock.acquire(blocking=False):
            raise ConflictError("Another backup is being looked over. Try again in a moment.")
        try:
            self._see_that_nobody_exercises()
            self.space.receive(upload, name)
            try:
                # That took a while.
                self._see_that_nobody_exercises()
            except ConflictError:
                self.space.discard()
                raise
            self.space.accept()
        finally:
            self._lock.release()
        self.restart()

    def _see_that_nobody_exercises(self) -> None:
        if self.snapshot().state in OCCUPIED:
            raise ConflictError(
                "A session is going on. Restore the backup when it is over; nothing was changed."
            )
