"""All that is kept, in one file to take away and bring back."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol


class BackupDesk(Protocol):
    """Everything raises StoreError where the disk does not let it."""

    def make(self) -> AbstractContextManager[Path]:
        """A fresh backup in a file that is gone when the context is left."""
        ...

    def restore(self, upload: BinaryIO, name: str) -> None:
        """Look the uploaded backup over and, if it is sound, restart the kiosk with it.

        Returns before the kiosk restarts, in a second or two. Raises StoreError where it is no
        sound backup, or a newer kiosk's; ConflictError while a session goes on. Nothing is changed
        then.
        """
        ...
