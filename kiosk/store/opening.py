"""Opening the store: checking the file, upgrading an older one, replacing a damaged one."""

import logging
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.store.backups import Backups
from kiosk.store.database import PATIENCE, Database, connect, means_damage, store_errors
from kiosk.store.files import FILE_NAME, StateLock, no_kiosk_running, opening_lock, stamp
from kiosk.store.migrations import (
    MIGRATIONS,
    Header,
    Migration,
    first_fault,
    is_ours,
    migrate,
    version_of,
)
from kiosk.store.restore import (
    DAMAGED,
    add_to_audit,
    commit,
    discard_old_copies,
    free_suffix,
    is_committed,
    recover,
    staging,
)
from kiosk.store.store import Store

logger = logging.getLogger(__name__)

BACKUPS = "backups"


class OpenedStore(NamedTuple):
    """An open store, and whether its data had to be recovered."""

    store: Store
    recovered: AuditEntry | None
    """The entry of the audit log about the loss, where the data was damaged; else `None`."""


class _Condition(NamedTuple):
    """The condition of the data file: as it should be, older, damaged by `fault`, or missing."""

    older: bool = False
    missing: bool = False
    fault: str = ""


def open_store(
    state: Path,
    now: datetime,
    lock: StateLock | None = None,
    migrations: Sequence[Migration] = MIGRATIONS,
    patience: float = PATIENCE,
) -> OpenedStore:
    """Open the data in the folder `state`, which is made where it is missing.

    The kiosk itself hands in its `lock`: then every page of the file is checked, which takes
    longer the more there is. Other commands check its first pages only. Either way a damaged file
    is set aside and the newest good backup takes its place. A process that has the store open does
    not open it again: closing the file after the check would release its locks on that file.

    A change waits `patience` seconds for another process to finish its own. `now` is UTC.

    Raises StoreTooNewError where a newer kiosk wrote it; nothing is touched then. Raises StoreError
    where it cannot be read, or where it would have to be mended and a kiosk is running.
    """
    path = state / FILE_NAME
    backups = Backups(state / BACKUPS)
    recovered = None
    refusal = f"{path} has to be mended or made first. Stop the kiosk and start it again."
    with store_errors(path):
        state.mkdir(parents=True, exist_ok=True)
        with opening_lock(state):
            if is_committed(state):
                with no_kiosk_running(state, lock, refusal):
                    recover(state)
            found = _inspect(path, len(migrations), lock is not None, patience)
            if found != _Condition():
                with no_kiosk_running(state, lock, refusal):
                    if found.older:
                        _upgrade(path, backups, now, migrations)
                    else:
                        recovered = _mend(state, found, backups, now, migrations)
            if lock is not None:
                backups.remove_unfinished()
            return OpenedStore(Store(Database(path, patience), backups), recovered)


def _inspect(path: Path, newest: int, thoroughly: bool, patience: float) -> _Condition:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return _Condition(missing=True)
    if not stat.S_ISREG(mode):
        return _Condition(fault="it is not a file")
    Header.of(path).check_version(path, newest, "Install the newer kiosk again.")
    try:
        with closing(connect(path, patience=patience)) as connection:
            if not is_ours(connection):
                return _Condition(fault="it is empty, or another program's")
            older = version_of(connection) < newest
            fault = first_fault(connection) if thoroughly or older else None
            return _Condition(fault=fault) if fault else _Condition(older=older)
    except sqlite3.Error as error:
        if not means_damage(error):
            raise
        return _Condition(fault=str(error))


def _upgrade(path: Path, backups: Backups, now: datetime, migrations: Sequence[Migration]) -> None:
    with closing(Database(path)) as database:
        backup = backups.make(database, now, before_version=len(migrations))
    with closing(connect(path)) as connection:
        before = version_of(connection)
        migrate(connection, migrations)
    logger.info("The data was brought from version %d to %d.", before, len(migrations))
    logger.info("As it was before, it is kept as %s.", backup)


def _mend(
    state: Path,
    found: _Condition,
    backups: Backups,
    now: datetime,
    migrations: Sequence[Migration],
) -> AuditEntry | None:
    """Put the newest good backup or an empty file in place; the audit entry if data is lost."""
    backup = next(backups.sound(len(migrations)), None)
    suffix = free_suffix(state, [FILE_NAME], f"{DAMAGED}{stamp(now)}")
    loss = None
    if not found.missing or backups.all():
        values = {
            "missing": FILE_NAME if found.missing else None,
            "fault": None if found.missing else found.fault,
            "backup": f"{backup.made:%Y-%m-%d %H:%M}" if backup else None,
            "stored_as": None if found.missing else f"{FILE_NAME}{suffix}",
        }
        loss = AuditEntry(now, Actor.KIOSK, Change.DATA_LOST, after=values)
    with staging(state) as staged:
        new = staged / FILE_NAME
        if backup:
            from shutil import copyfile  # noqa: PLC0415 - seldom needed

            copyfile(backup.path, new)
        with closing(connect(new, "rwc")) as connection:
            migrate(connection, migrations)
        if loss:
            add_to_audit(new, [loss])
        commit(state, suffix)
    recover(state)
    if not found.missing:
        discard_old_copies(state, DAMAGED, suffix)
    return loss
