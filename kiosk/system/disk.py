"""Files that are on disk, whole, when they are said to be, and belong to whom they should."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Have `content` in the file `path`, whole or not at all, whenever the power goes; `mode` are
    its rights, less what the process takes from every file. Its folder must be there.

    One process at a time writes a file. Raises OSError; what was there before is then still whole.
    """
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.unlink(missing_ok=True)
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        give_to_owner_of_folder(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """See the content of a file, or the names in a folder, on disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def give_to_owner_of_folder(path: Path) -> None:
    """Let root's commands leave nothing that the kiosk's own user cannot use. Raises OSError."""
    if os.geteuid() == 0:
        folder, own = path.parent.stat(), path.stat()
        if (own.st_uid, own.st_gid) != (folder.st_uid, folder.st_gid):
            os.chown(path, folder.st_uid, folder.st_gid)
