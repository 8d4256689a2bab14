"""Nightly copies of the database, in the folder `backups` of the state directory.

The newest copy is the one with the highest number, which is counted in the database: the stamp in a
name is what the clock said, and a board without a battery wakes up in the past.
"""

import logging
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from kiosk.errors import StoreError
from kiosk.store.database import Database, connect, mark, set_mark, store_errors
from kiosk.store.files import discard, replacing, stamp
from kiosk.store.migrations import first_fault, is_ours, version_of
from kiosk.system.folders import give_to_owner_of_folder

logger = logging.getLogger(__name__)

NIGHTLY = 7
BEFORE_MIGRATION = 2
"""How many nightly copies, and copies from before a migration, there are at most."""

_NUMBER = "backup"  # the mark with the number of the latest backup

_NAME = r"kiosk-(\d{8}-\d{6})(-before-v\d+)?\.db"


class Backup(NamedTuple):
    """One copy in the folder of backups."""

    path: Path
    made: datetime
    """The time that the clock showed then (UTC)."""

    before_version: bool
    number: int
    """Counts the backups; 0 where the copy cannot be read."""


class Backups:
    """The folder of backups. One thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._newest_day: date | None = None

    def make(self, database: Database, now: datetime, before_version: int | None = None) -> Path:
        """Copy the database into the folder, then remove surplus copies. Raises StoreError."""
        earlier = self.all()
        with database.writing() as connection:
            own = backup_number(connection)
            number = max([own, *(backup.number for backup in earlier)]) + 1
            set_mark(connection, _NUMBER, str(number))
        suffix = f"-before-v{before_version}" if before_version else ""
        path = self.folder / f"kiosk-{stamp(now)}{suffix}.db"
        with store_errors(self.folder):
            self.folder.mkdir(exist_ok=True)
            give_to_owner_of_folder(self.folder)
        write_copy(database, path)
        self._newest_day = now.astimezone(UTC).date()
        self._remove_old()
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
        """Remove the unfinished copies of processes that were cut off. Raises StoreError."""
        with store_errors(self.folder):
            for unfinished in self.folder.glob(".kiosk-*.tmp"):
                discard(unfinished)

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
            if (match := re.fullmatch(_NAME, path.name))
        ]

    def _remove_old(self) -> None:
        for before_version, most in ((False, NIGHTLY), (True, BEFORE_MIGRATION)):
            kind = [one for one in self.all() if one.before_version is before_version]
            for backup in sorted(kind, key=_order)[:-most]:
                try:
                    backup.path.unlink()
                except OSError as error:
                    logger.warning("An old backup stays: %s.", error)


def backup_number(connection: sqlite3.Connection) -> int:
    """The number of the latest backup; 0 before the first. Raises sqlite3.Error, ValueError."""
    return int(mark(connection, _NUMBER) or 0)


def write_copy(database: Database, file: Path) -> None:
    """Copy the database to `file`, which is there whole and sound or not at all (StoreError)."""
    with store_errors(file), replacing(file) as unfinished:
        database.copy_to(unfinished)
        with closing(connect(unfinished)) as copy:
            fault = first_fault(copy)
        if fault:
            raise StoreError(
                f"No backup was made: {database.path} is damaged ({fault}). Restart the kiosk:"
                " it puts the newest good backup in its place."
            )


def _order(backup: Backup) -> tuple[int, str]:
    return backup.number, backup.path.name


def _number_of(path: Path) -> int:
    try:
        with closing(connect(path, "ro")) as connection:
            return backup_number(connection)
    except (sqlite3.Error, ValueError):
        return 0


def _fault_of(path: Path, newest_version: int) -> str | None:
    try:
        with closing(connect(path, "ro")) as connection:
            if not is_ours(connection):
                return "it is none of the kiosk's files"
            if version_of(connection) > newest_version:
                return "a newer kiosk wrote it"
            return first_fault(connection)
    except sqlite3.Error as error:
        return str(error)
