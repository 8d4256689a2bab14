"""Where backups are made and handed in."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol


class BackupSpace(Protocol):
    """Where backups are made and handed in. Any thread; raises StoreError where the disk does not
    let it.
    """

    def make(self) -> AbstractContextManager[Path]:
        """A fresh backup in a file that is gone when the context is left."""
        ...

    def receive(self, upload: BinaryIO, name: str) -> None:
        """Read a backup, called `name`, and look it over; slow, one at a time.

        Raises StoreError where it is no sound backup, or too large; nothing of it is left then.
        """
        ...

    def accept(self) -> None:
        """Have what was received take the place of what is kept, at the kiosk's next start."""
        ...

    def discard(self) -> None:
        """Forget what was received."""
        ...
