"""Putting everything that another kiosk needs to take over into one file."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from kiosk.adapters.speech.cache import decode
from kiosk.adapters.store.backups import check_name
from kiosk.adapters.store.container import CLIPS, PROGRAMS, SETTINGS, fits, write_container
from kiosk.adapters.store.database import sync
from kiosk.adapters.store.files import FILE_NAME, give_to_owner_of_folder
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
    speech = _clips_in(clips) if clips is not None else []
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with scratch(state) as folder, told(file):
        data = folder / FILE_NAME
        store.backup_to(data)
        try:
            with unfinished.open("wb") as target:
                write_container(target, data, parts, _sound(speech), now)
                target.flush()
                os.fsync(target.fileno())
            give_to_owner_of_folder(unfinished)
            unfinished.replace(file)
            sync(file.parent)
        finally:
            unfinished.unlink(missing_ok=True)
    programs = sum(name != SETTINGS for name in parts)
    return Packed(SETTINGS in parts, programs, len(speech), left_out)


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


def _clips_in(folder: Path) -> list[tuple[str, Path]]:
    found = (
        (f"{CLIPS}/{path.relative_to(folder)}", path)
        for path in sorted(folder.glob("[0-9a-f][0-9a-f]/*.wav"))
    )
    return [(name, path) for name, path in found if fits(name, path.stat().st_size)]


def _sound(clips: list[tuple[str, Path]]) -> Iterator[tuple[str, bytes]]:
    """Those that are whole; one may have been removed meanwhile, as it can be rendered again."""
    for name, path in clips:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        if decode(content) is not None:
            yield name, content
