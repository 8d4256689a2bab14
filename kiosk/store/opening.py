"""Opening the store: looking whether the file is sound, and mending what is not."""

import logging
import shutil
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path

from kiosk.errors import StoreTooNewError
from kiosk.store.audit import AuditTable
from kiosk.store.auth import AuthTable
from kiosk.store.backups import Backup, Backups
from kiosk.store.database import PATIENCE, Database, Transactions, connect
from kiosk.store.errors import means_damage, store_errors
from kiosk.store.files import (
    FILE_NAME,
    StateLock,
    free_name,
    no_kiosk_running,
    one_at_a_time,
    put_in_place,
    remove,
    stamp,
)
from kiosk.store.migrations import (
    MIGRATIONS,
    Header,
    Migration,
    first_fault,
    is_ours,
    migrate,
    version_of,
)
from kiosk.store.staging import DAMAGED, carry_out, drop_old_damaged, is_ready
from kiosk.store.store import Store
from kiosk.system.disk import give_to_owner_of_folder, sync

logger = logging.getLogger(__name__)


BACKUPS = "backups"


@dataclass(frozen=True, slots=True)
class OpenedStore:
    """The store, and what happened to it."""

    store: Store
    recovered: str | None
    """A sentence about what was lost, where the data was damaged; `None` where all is well."""


class _Condition(Enum):
    SOUND = auto()
    OLDER = auto()
    DAMAGED = auto()
    MISSING = auto()


@dataclass(frozen=True, slots=True)
class _Found:
    condition: _Condition
    fault: str = ""


def open_store(
    state: Path,
    now: datetime,
    lock: StateLock | None = None,
    migrations: Sequence[Migration] = MIGRATIONS,
    patience: float = PATIENCE,
) -> OpenedStore:
    """Open what the kiosk remembers in `state`, which is made where it is missing.

    The kiosk itself hands in its `lock`: then every page of the file is looked at, which takes
    longer the more there is. Other commands look at its first pages only. Either way a damaged file
    is set aside and the newest good backup takes its place. A process that has the store open does
    not open it again: to look at a file the system makes it let go of its locks on that file.

    A change waits `patience` seconds for another process to finish its own.

    Raises StoreTooNewError where a newer kiosk wrote it; nothing is touched then. Raises StoreError
    where it cannot be read, or where it would have to be mended and a kiosk is running.
    """
    path = state / FILE_NAME
    backups = Backups(state / BACKUPS)
    recovered = None
    refusal = f"{path} has to be mended or made first. Stop the kiosk and start it again."
    with store_errors(path):
        state.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(state):
            if is_ready(state):
                with no_kiosk_running(state, lock, refusal):
                    carry_out(state)
            found = _look_at(path, len(migrations), lock is not None, patience)
            if found.condition is not _Condition.SOUND:
                with no_kiosk_running(state, lock, refusal):
                    if found.condition is _Condition.OLDER:
                        _upgrade(path, backups, now, migrations)
                    else:
                        recovered = _recover(path, found, backups, now, migrations)
            if lock is not None:
                backups.remove_unfinished()
            return OpenedStore(Store(Database(path, patience), backups), recovered)


def _look_at(path: Path, newest: int, thoroughly: bool, patience: float) -> _Found:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return _Found(_Condition.MISSING)
    if not stat.S_ISREG(mode):
        return _Found(_Condition.DAMAGED, "it is not a file")
    header = Header.of(path)
    if header.ours and header.version > newest:
        raise StoreTooNewError(
            f"{path} was written by a newer kiosk: it has version {header.version}, and this kiosk"
            f" knows versions up to {newest}. Install the newer kiosk again. Nothing was changed."
        )
    try:
        with closing(connect(path, patience=patience)) as connection:
            return _look_into(connection, newest, thoroughly=thoroughly)
    except sqlite3.Error as error:
        if not means_damage(error):
            raise
        return _Found(_Condition.DAMAGED, str(error))


def _look_into(connection: sqlite3.Connection, newest: int, *, thoroughly: bool) -> _Found:
    if not is_ours(connection):
        return _Found(_Condition.DAMAGED, "it is empty, or another program's")
    older = version_of(connection) < newest
    fault = first_fault(connection) if thoroughly or older else None
    if fault:
        return _Found(_Condition.DAMAGED, fault)
    return _Found(_Condition.OLDER if older else _Condition.SOUND)


def _upgrade(path: Path, backups: Backups, now: datetime, migrations: Sequence[Migration]) -> None:
    with closing(Database(path)) as database:
        kept = backups.make(database, now, before_version=len(migrations))
    with closing(connect(path)) as connection:
        before = version_of(connection)
        migrate(connection, migrations)
    logger.info("The data was brought from version %d to %d.", before, len(migrations))
    logger.info("As it was before, it is kept as %s.", kept)


def _recover(
    path: Path,
    found: _Found,
    backups: Backups,
    now: datetime,
    migrations: Sequence[Migration],
) -> str | None:
    """Put the newest good backup, or else an empty file, in place; what to tell of it."""
    backup = next(backups.sound(len(migrations)), None)
    kept = free_name(path, f"{DAMAGED}{stamp(now)}")
    new = path.with_name(f"{path.name}.new")
    first_time = found.condition is _Condition.MISSING and not backups.all()
    sentence = None if first_time else _loss(path, found, kept, backup)
    try:
        remove(new)
        if backup:
            shutil.copyfile(backup.path, new)
        with closing(connect(new, "rwc")) as connection:
            migrate(connection, migrations)
            if sentence:
                copy = Transactions(connection)
                audit = AuditTable(copy)
                with copy.writing():
                    # Somebody who was signed out since the backup stays out.
                    AuthTable(copy).sign_everybody_out()
                    audit.add_notice(now, sentence)
        give_to_owner_of_folder(new)
        sync(new)
        put_in_place(new, path, kept)
    finally:
        remove(new)
    if found.condition is _Condition.DAMAGED:
        drop_old_damaged(kept)
    return sentence


def _loss(path: Path, found: _Found, kept: Path, backup: Backup | None) -> str:
    if found.condition is _Condition.MISSING:
        what = f"What the kiosk remembers was gone ({path.name} is missing)"
        beside = ""
    else:
        what = f"What the kiosk remembers was damaged ({found.fault})"
        beside = f"; the damaged file is kept as {kept.name}"
    if backup is None:
        return f"{what}, and there was no good backup, so it starts with nothing{beside}."
    return (
        f"{what}; the backup of {backup.made:%Y-%m-%d %H:%M} UTC took its place, so what was done"
        f" since then is lost{beside}."
    )
