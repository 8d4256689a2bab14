"""What is ready to take the place of the data: from there on it is carried out, whatever happens.

A restored backup changes several files, and a power cut can come between any two of them. So all
of it is made ready in a folder first, seen on disk, and the folder is then given its name; that is
the moment at which the backup counts. What is left is moving files, which needs no room and can be
done twice: whoever opens the data next finishes it.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from kiosk.adapters.disk import give_to_owner_of_folder, sync
from kiosk.adapters.store.files import FILE_NAME, put_in_place

UNFINISHED = "restore.unfinished"
"""The folder while it is made ready, and while it is thrown away."""

READY = "restore.ready"
PENDING = "restore.pending"
"""A backup that takes the place of the data at the next start."""

PROGRAMS = "programs"
KEPT_AS = "kept-as"
"""Holds what is added to the names of what was there before."""

WAS_PENDING = "was-pending"
"""There where the backup is the pending one, which is done with then."""


def is_ready(state: Path) -> bool:
    """Whether a restored backup is not in its place yet. Raises OSError."""
    return (state / READY).is_dir()


def make_ready(state: Path, suffix: str) -> None:
    """Have what lies in the folder `UNFINISHED` count from now on; what is there now is kept with
    `suffix` added to its name. Raises OSError.
    """
    folder = state / UNFINISHED
    (folder / KEPT_AS).write_text(suffix, encoding="utf-8")
    for path in sorted(folder.rglob("*")):
        give_to_owner_of_folder(path)
        sync(path)
    sync(folder)
    folder.rename(state / READY)
    sync(state)


def carry_out(state: Path) -> None:
    """Put everything in its place that is ready; nothing happens where nothing is.

    The caller keeps others from opening the data. Raises OSError, sqlite3.Error; it is tried again
    then by whoever opens the data next.
    """
    ready = state / READY
    if not is_ready(state):
        return
    suffix = (ready / KEPT_AS).read_text(encoding="utf-8")
    for new in sorted((ready / PROGRAMS).glob("*")):
        _put(new, state / PROGRAMS / new.name, state / (PROGRAMS + suffix) / new.name)
    for new in sorted(path for path in ready.glob("*.toml*") if path.is_file()):
        _put(new, state / new.name, state / (new.name + suffix))
    if (ready / FILE_NAME).exists():
        put_in_place(ready / FILE_NAME, state / FILE_NAME, state / (FILE_NAME + suffix))
    if (ready / WAS_PENDING).exists():
        drop(state / PENDING)
    sync(state)
    # Half of it must never be taken for something that is ready.
    throw_away(state)
    ready.rename(state / UNFINISHED)
    sync(state)
    throw_away(state)


def throw_away(state: Path) -> None:
    """Remove what was not made ready, or is done with. Raises OSError."""
    remove_tree(state / UNFINISHED)


def remove_tree(path: Path) -> None:
    """Remove a folder or a file, if there is one. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def drop(file: Path) -> None:
    """Remove a database and what SQLite keeps beside it. Raises OSError."""
    file.unlink(missing_ok=True)
    drop_beside(file)


def drop_beside(file: Path) -> None:
    """Remove what SQLite keeps beside a file, in which another program may have had it write."""
    for suffix in ("-journal", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _put(new: Path, path: Path, kept: Path) -> None:
    """Put `new` where `path` is, which is kept as `kept`; either of them is there at any moment."""
    if not path.parent.exists():
        path.parent.mkdir()
        give_to_owner_of_folder(path.parent)
    if os.path.lexists(path):
        if not kept.parent.exists():
            kept.parent.mkdir()
            give_to_owner_of_folder(kept.parent)
        _keep(path, kept)
        sync(kept.parent)
    new.replace(path)
    sync(path.parent)


def _keep(path: Path, kept: Path) -> None:
    try:
        with suppress(FileExistsError):  # kept already, before this was cut off
            os.link(path, kept, follow_symlinks=False)
    except OSError:
        # A folder, or a disk that knows no second name for a file.
        path.rename(kept)
