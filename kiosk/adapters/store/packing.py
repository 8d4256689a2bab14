"""Putting everything that another kiosk needs to take over into one file."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from kiosk.adapters.disk import give_to_owner_of_folder, sync
from kiosk.adapters.settings.toml_file import FILE_NAME as SETTINGS
from kiosk.adapters.speech.cache import decode
from kiosk.adapters.store.backups import check_name
from kiosk.adapters.store.container import CLIPS, fits, write_container
from kiosk.adapters.store.files import FILE_NAME
from kiosk.adapters.store.ready import PROGRAMS
from kiosk.adapters.store.sentences import told
from kiosk.adapters.store.sqlite_store import SqliteStore

SUFFIX = ".backup"
"""What a backup's name ends with. Not `.zip`: some browsers unpack those by themselves."""

SCRATCH = ".download-"
"""What a folder's name begins with that a backup is put together in."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What was put into a backup beside the data."""

    settings: bool
    programs: int
    clips: int
    left_out: tuple[str, ...]
    """A sentence for each file that should have come along and could not."""


def pack(
    state: Path, store: SqliteStore, file: Path, now: datetime, clips: Path | None = None
) -> Packed:
    """Write a backup to `file`, which is there whole or not at all; with the speech in `clips`, if
    named.

    The data is copied while it may be changed; what changes after that is not in it. Raises
    StoreError, also where the name is taken by anything but an earlier backup.
    """
    check_name(state / FILE_NAME, file)
    parts, left_out = _gather(state)
    speech = _Speech(clips)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with scratch(state) as folder, told(file):
        data = folder / FILE_NAME
        store.backup_to(data)
        try:
            with unfinished.open("wb") as target:
                write_container(target, data, parts, speech, now)
                target.flush()
                os.fsync(target.fileno())
            give_to_owner_of_folder(unfinished)
            unfinished.replace(file)
            sync(file.parent)
        finally:
            unfinished.unlink(missing_ok=True)
    programs = sum(name != SETTINGS for name in parts)
    return Packed(SETTINGS in parts, programs, speech.taken, left_out)


@contextmanager
def scratch(state: Path) -> Iterator[Path]:
    """A folder that nobody else can look into, gone when the context is left. Raises StoreError."""
    with told(state):
        folder = Path(mkdtemp(prefix=SCRATCH, dir=state))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _gather(state: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    parts: dict[str, bytes] = {}
    left_out = []
    with told(state):
        paths = [path for path in (state / PROGRAMS).glob("*.toml") if path.name[0] != "."]
        if (state / SETTINGS).exists():
            paths.append(state / SETTINGS)
        for path in sorted(paths):
            name = str(path.relative_to(state))
            if path.is_file() and fits(name, path.stat().st_size):
                parts[name] = path.read_bytes()
            else:
                left_out.append(
                    f"{path} is not in the backup: its name or its size is not one the kiosk uses."
                )
    return parts, tuple(left_out)


class _Speech:
    """The clips in a folder, as parts of a backup: those that are whole. One that is gone meanwhile
    or cannot be read is left out, as it can be rendered again.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.taken = 0
        """How many were handed out."""

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        for path in sorted(self._folder.glob("[0-9a-f][0-9a-f]/*.wav")) if self._folder else ():
            name = f"{CLIPS}/{path.parent.name}/{path.name}"
            content = _content(path, name)
            if decode(content) is not None:
                self.taken += 1
                yield name, content


def _content(path: Path, name: str) -> bytes:
    """What is in the file; nothing where it does not fit, or cannot be read."""
    with suppress(OSError):
        if path.is_file() and fits(name, path.stat().st_size):
            return path.read_bytes()
    return b""
