"""Taking a backup apart in a folder of its own, and looking at every part of it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from kiosk.adapters.settings.toml_file import FILE_NAME as SETTINGS
from kiosk.adapters.store import door_tables, other_tables, plan_tables, session_tables
from kiosk.adapters.store.container import (
    LARGEST_PARTS,
    NewerContainerError,
    is_container,
    opened,
)
from kiosk.adapters.store.database import connect, copy_pages
from kiosk.adapters.store.files import FILE_NAME, remove
from kiosk.adapters.store.ready import PROGRAMS
from kiosk.adapters.store.schema import (
    Header,
    Migration,
    first_fault,
    layout,
    migrate,
    version_of,
)
from kiosk.errors import StoreError, StoreTooNewError


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
    session_tables.select(copy)
    plan_tables.select_all(copy)
    plan_tables.select_ledger(copy, date.min, date.max)
    other_tables.select_doses(copy, None)
    other_tables.select_settings(copy)
    other_tables.select_lines(copy, None)
    other_tables.select_notices(copy)
    door_tables.select_visitors(copy)
    other_tables.settled_until(copy)
    other_tables.backup_number(copy)


def _unusable(called: str, cause: str) -> StoreError:
    return StoreError(f"{called} cannot be restored: {cause}. Nothing was changed.")
