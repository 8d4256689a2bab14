"""Looks into what the kiosk remembers, and leaves it as it is."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from kiosk.adapters.store import other_tables
from kiosk.adapters.store.backups import Backups
from kiosk.adapters.store.database import connect
from kiosk.adapters.store.files import FILE_NAME
from kiosk.adapters.store.opening import BACKUPS
from kiosk.adapters.store.ready import is_ready
from kiosk.adapters.store.schema import MIGRATIONS, Header, first_fault, version_of
from kiosk.adapters.store.sentences import in_words, means_damage, os_in_words
from kiosk.desk.findings.keeping import StoreFacts
from kiosk.errors import StoreError


def look_into_store(state: Path) -> StoreFacts:
    """What is there, and whether it is sound. A kiosk may run meanwhile."""
    path = state / FILE_NAME
    newest = len(MIGRATIONS)
    try:
        if not path.exists():
            return StoreFacts(there=False, unfinished_restore=is_ready(state))
        size = path.stat().st_size
        if not Header.of(path).ours:
            fault = "the file is empty, or another program's"
            return StoreFacts(there=True, fault=fault, newest_known=newest)
        with closing(connect(path, "ro")) as connection:
            version, fault = version_of(connection), first_fault(connection) or ""
            known = not fault and version <= newest
            notices = other_tables.select_notices(connection) if known else ()
        ready = is_ready(state)
    except sqlite3.Error as error:
        if means_damage(error):
            return StoreFacts(there=True, fault=str(error), newest_known=newest)
        return StoreFacts(there=True, unreadable=in_words(error, path))
    except (OSError, ValueError) as error:
        told = os_in_words(error, path) if isinstance(error, OSError) else str(error)
        return StoreFacts(there=True, unreadable=told)
    return StoreFacts(True, fault, "", version, newest, ready, size, notices)


def kept_settings(state: Path) -> dict[str, str]:
    """Settings that were changed in the running kiosk; none where they cannot be read."""
    try:
        with closing(connect(state / FILE_NAME, "ro")) as connection:
            return other_tables.select_settings(connection)
    except sqlite3.Error:
        return {}


def newest_backup(state: Path) -> datetime | None:
    """When the newest of the kiosk's own backups was made, by the clock of then (UTC)."""
    try:
        backups = Backups(state / BACKUPS).all()
    except StoreError:
        return None
    newest = max(backups, key=lambda one: (one.number, one.made), default=None)
    return newest.made if newest else None
