"""Copies of the data: one each night, one before a new version, and wherever somebody wants one."""

import logging
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from kiosk.errors import StoreError
from kiosk.store.container import is_container
from kiosk.store.database import Database, connect, mark, set_mark
from kiosk.store.errors import store_errors
from kiosk.store.files import remove, stamp
from kiosk.store.migrations import Header, first_fault, is_ours, version_of
from kiosk.system.disk import give_to_owner_of_folder, sync

logger = logging.getLogger(__name__)


KEPT = 7
KEPT_BEFORE_VERSIONS = 2

_NUMBER = "backup"
"""The mark with the number of the latest backup."""

_NAME = re.compile(r"kiosk-(\d{8}-\d{6})(-before-v\d+)?\.db")


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy in the folder of backups."""

    path: Path
    made: datetime
    """What the clock said then (UTC)."""

    before_version: bool
    number: int
    """Counts the backups; 0 where the copy cannot be read. Tells the newest even where the clock
    was wrong."""


class Backups:
    """The folder of backups. One thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._newest_day: date | None = None

    def make(self, database: Database, now: datetime, before_version: int | None = None) -> Path:
        """Copy the data into the folder, and drop the copies that are too many.

        Raises StoreError where that fails; no earlier copy is lost then.
        """
        there = self.all()
        with database.writing() as connection:
            own = backup_number(connection)
            number = max([own, *(backup.number for backup in there)]) + 1
            set_mark(connection, _NUMBER, str(number))
        suffix = f"-before-v{before_version}" if before_version else ""
        path = self.folder / f"kiosk-{stamp(now)}{suffix}.db"
        with store_errors(self.folder):
            self.folder.mkdir(exist_ok=True)
            give_to_owner_of_folder(self.folder)
        write_copy(database, path)
        self._newest_day = now.astimezone(UTC).date()
        self._drop_old()
        return path

    def make_if_due(self, database: Database, now: datetime) -> Path | None:
        """Make the backup of the day (UTC) unless there is one; its file if it was made now."""
        if self._newest_day is None:
            newest = max(self.all(), key=_order, default=None)
            self._newest_day = newest.made.date() if newest else None
        if self._newest_day == now.astimezone(UTC).date():
            return None
        return self.make(database, now)

    def sound(self, newest_version: int) -> Iterator[Backup]:
        """The copies that can be used, newest first; those of a later version cannot."""
        for backup in sorted(self.all(), key=_order, reverse=True):
            fault = _fault_of(backup.path, newest_version)
            if fault is None:
                yield backup
            else:
                logger.warning("The backup %s cannot be used: %s.", backup.path.name, fault)

    def remove_unfinished(self) -> None:
        """Remove what a process that was cut off left of a copy. Raises StoreError."""
        with store_errors(self.folder):
            for leftover in self.folder.glob(".kiosk-*.tmp"):
                remove(leftover)

    def all(self) -> Sequence[Backup]:
        """Every copy in the folder, usable or not. Raises StoreError."""
        with store_errors(self.folder):
            paths = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        return [
            Backup(
                path=path,
                made=datetime.strptime(match[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC),
                before_version=match[2] is not None,
                number=_number_of(path),
            )
            for path in paths
            if (match := _NAME.fullmatch(path.name))
        ]

    def _drop_old(self) -> None:
        for before_version, kept in ((False, KEPT), (True, KEPT_BEFORE_VERSIONS)):
            kind = [one for one in self.all() if one.before_version is before_version]
            for backup in sorted(kind, key=_order)[:-kept]:
                try:
                    backup.path.unlink()
                except OSError as error:
                    logger.warning("An old backup stays: %s.", error)


def backup_number(connection: sqlite3.Connection) -> int:
    """The number of the latest backup; 0 before the first. Raises sqlite3.Error, ValueError."""
    return int(mark(connection, _NUMBER) or 0)


def write_copy(database: Database, file: Path) -> None:
    """Copy the data to `file`, which is there whole and sound or not at all.

    Raises StoreError, also where the name is taken by anything but an earlier backup.
    """
    check_name(database.path, file)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with store_errors(file):
        try:
            remove(unfinished)
            database.copy_to(unfinished)
            with closing(connect(unfinished)) as copy:
                fault = first_fault(copy)
            if fault:
                raise StoreError(
                    f"No backup was made: {database.path} is damaged ({fault}). Restart the kiosk:"
                    " it puts the newest good backup in its place."
                )
            give_to_owner_of_folder(unfinished)
            unfinished.replace(file)
            sync(file.parent)
        finally:
            remove(unfinished)


def check_name(data: Path, file: Path) -> None:
    """See that a backup may be written to `file`: nothing has that name but an earlier backup.

    `data` is what the kiosk uses itself. Raises StoreError.
    """
    with store_errors(file):
        if not file.exists():
            return
        if file.is_dir():
            raise StoreError(f"{file} is a folder. Name a file in it for the backup.")
        in_use = data.exists() and file.samefile(data)
        # Only the header: an earlier backup may well be of another version, or damaged.
        earlier = Header.of(file).ours or is_container(file)
    if in_use or not earlier:
        what = "the kiosk's own data" if in_use else "no backup of the kiosk"
        raise StoreError(f"{file} is {what}, and stays. Choose another name for the backup.")


def _order(backup: Backup) -> tuple[int, str]:
    return backup.number, backup.path.name


def _number_of(path: Path) -> int:
    try:
        with closing(_look_into(path)) as connection:
            return backup_number(connection)
    except (sqlite3.Error, ValueError):
        return 0


def _fault_of(path: Path, newest_version: int) -> str | None:
    try:
        with closing(_look_into(path)) as connection:
            if not is_ours(connection):
                return "it is none of the kiosk's files"
            if version_of(connection) > newest_version:
                return "a newer kiosk wrote it"
            return first_fault(connection)
    except sqlite3.Error as error:
        return str(error)


def _look_into(path: Path) -> sqlite3.Connection:
    return connect(path, "ro")
