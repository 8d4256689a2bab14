"""A backup in one file: a zip with the data, the settings file, own programs, and perhaps speech.

    kiosk-backup.json       what it is, when and by which kiosk it was made, how large each part is
    kiosk.db                the data, as SQLite copied it
    kiosk.toml              if there is one
    programs/ID.toml        each program of the household's own
    clips/3f/3f9a….wav      rendered speech, where it was asked for

A part's name is only ever compared with these; none is taken for a path. The same content made at
the same moment gives the same bytes.

Putting everything that another kiosk needs to take over into one file.

Taking a backup apart in a folder of its own, and looking at every part of it.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import mkdtemp

from kiosk.errors import StoreError, StoreTooNewError
from kiosk.settings.sources import FILE_NAME as SETTINGS
from kiosk.speech.cache import decode
from kiosk.store.audit import AuditTable
from kiosk.store.auth import AuthTable
from kiosk.store.backups import backup_number, check_name
from kiosk.store.container import (
    CLIPS,
    LARGEST_PARTS,
    NewerContainerError,
    fits,
    is_container,
    opened,
    write_container,
)
from kiosk.store.database import Transactions, connect, copy_pages
from kiosk.store.doses import DoseTable
from kiosk.store.errors import store_errors
from kiosk.store.files import FILE_NAME, remove
from kiosk.store.ledger import LedgerTable
from kiosk.store.migrations import Header, Migration, first_fault, layout, migrate, version_of
from kiosk.store.plan import PlanTable
from kiosk.store.sessions import SessionTable
from kiosk.store.settings import SettingTable
from kiosk.store.staging import PROGRAMS
from kiosk.store.store import Store
from kiosk.system.disk import give_to_owner_of_folder, sync

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


def pack(state: Path, store: Store, file: Path, now: datetime, clips: Path | None = None) -> Packed:
    """Write a backup to `file`, which is there whole or not at all; with the speech in `clips`, if
    named.

    The data is copied while it may be changed; what changes after that is not in it. Raises
    StoreError, also where the name is taken by anything but an earlier backup.
    """
    check_name(state / FILE_NAME, file)
    parts, left_out = _gather(state)
    speech = _Speech(clips)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with scratch(state) as folder, store_errors(file):
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
    with store_errors(state):
        folder = Path(mkdtemp(prefix=SCRATCH, dir=state))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _gather(state: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    parts: dict[str, bytes] = {}
    left_out = []
    with store_errors(state):
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


def unpack(
    file: Path,
    folder: Path,
    migrations: Sequence[Migration],
    called: str,
    largest: int = LARGEST_PARTS,
) -> None:
    """Leave what the backup `file` holds in the empty `folder`: the data, sound and brought up to
    date, and of one that has more the settings file and the programs.

    `called` is what a person calls the file; `largest` is how many bytes it may unpack to. Raises
    StoreTooNewError where a newer kiosk made it, StoreError where it is no sound backup; OSError.
    """
    try:
        packed = file.is_file() and is_container(file)
    except OSError as error:
        raise _unusable(called, error.strerror or str(error)) from error
    if not packed:
        _take_over(file, folder / FILE_NAME, migrations, called)
        return
    data = folder / f"{FILE_NAME}.packed"
    try:
        _take_apart(file, folder, data, largest)
    except NewerContainerError as error:
        raise StoreTooNewError(
            f"{called} was made by a newer kiosk, which packs backups in another way. Install the"
            " newer kiosk first. Nothing was changed."
        ) from error
    except ValueError as error:
        raise _unusable(called, str(error)) from error
    _take_over(data, folder / FILE_NAME, migrations, called)
    remove(data)


def _take_apart(file: Path, folder: Path, data: Path, largest: int) -> None:
    """Raises ValueError where it is damaged, OSError."""
    with opened(file, largest) as container:
        with data.open("xb") as target:
            container.copy(FILE_NAME, target)
        names = container.names(PROGRAMS)
        if names:
            (folder / PROGRAMS).mkdir()
        if SETTINGS in container.names():
            names = (*names, SETTINGS)
        for name in names:
            (folder / name).write_bytes(container.content(name))


def _take_over(file: Path, new: Path, migrations: Sequence[Migration], called: str) -> None:
    """Copy the data `file` to `new`, look at every bit of it, and bring it up to date."""
    _check_header(file, len(migrations), called)
    try:
        with closing(connect(file, "ro")) as source:
            copy_pages(source, new)
        with closing(connect(new)) as copy:
            # Another program may have set the file to keep its changes in a second one.
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()
            _check_content(copy, migrations)
            migrate(copy, migrations)
            _read_everything(copy)
    except (sqlite3.Error, ValueError) as error:
        raise _unusable(called, str(error)) from error


def _check_header(file: Path, newest: int, called: str) -> None:
    try:
        header = Header.of(file) if file.is_file() else None
    except OSError as error:
        raise _unusable(called, error.strerror or str(error)) from error
    if header is None:
        raise _unusable(called, "there is no such file")
    if not header.ours:
        raise _unusable(called, "it is none of the kiosk's files")
    if header.version > newest:
        raise StoreTooNewError(
            f"{called} was written by a newer kiosk: it has version {header.version}, and this"
            f" kiosk knows versions up to {newest}. Install the newer kiosk first. Nothing was"
            " changed."
        )


def _check_content(copy: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Raises sqlite3.Error, or ValueError with what is wrong."""
    fault = first_fault(copy)
    if fault:
        raise ValueError(fault)
    if copy.execute("PRAGMA foreign_key_check").fetchone():
        raise ValueError("some of its rows point to others that are not there")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as pattern:
        migrate(pattern, migrations[: version_of(copy)])
        # A file from outside could hold triggers, which would run with every later change.
        if layout(copy) != layout(pattern):
            raise ValueError("its tables are not a kiosk's")


def _read_everything(copy: sqlite3.Connection) -> None:
    """Raises ValueError where any of it makes no sense."""
    tables = Transactions(copy)
    audit, ledger = AuditTable(tables), LedgerTable(tables)
    audit.newest(None)
    audit.notices()
    SessionTable(tables).between()
    PlanTable(tables).entries()
    ledger.between(date.min, date.max)
    ledger.settled_until()
    DoseTable(tables).of()
    SettingTable(tables).stored()
    AuthTable(tables).sessions()
    backup_number(copy)


def _unusable(called: str, cause: str) -> StoreError:
    return StoreError(f"{called} cannot be restored: {cause}. Nothing was changed.")
