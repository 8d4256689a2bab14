"""What the kiosk remembers, and how safe it is.

Looks into what the kiosk remembers, and leaves it as it is.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.doctor.finding import Finding, bad, ok, skipped, warn
from kiosk.errors import StoreError
from kiosk.history.audit import AuditEntry
from kiosk.store.audit import AuditTable
from kiosk.store.backups import Backups
from kiosk.store.database import Transactions, connect
from kiosk.store.errors import in_words, means_damage, os_in_words
from kiosk.store.files import FILE_NAME
from kiosk.store.migrations import MIGRATIONS, Header, first_fault, version_of
from kiosk.store.opening import BACKUPS
from kiosk.store.settings import SettingTable
from kiosk.store.staging import is_ready

OLD_BACKUP = timedelta(days=3)
RECENT_LOSS = timedelta(days=30)

_ELSEWHERE = "A copy elsewhere is safer still: kiosk backup /media/stick/kiosk.backup"


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a look into the data showed."""

    there: bool
    fault: str = ""
    """What is wrong with the file; empty where it is sound, or cannot be looked at."""

    unreadable: str = ""
    """A sentence on why it cannot be looked at."""

    version: int = 0
    newest_known: int = 0
    unfinished_restore: bool = False
    size: int = 0
    notices: Sequence[AuditEntry] = ()


def store(facts: StoreFacts) -> Finding:
    """Whether the data is sound."""
    name = "data"
    if facts.unreadable:
        do = "Try again, as the kiosk's user: sudo kiosk doctor"
        return bad(name, facts.unreadable, do)
    if not facts.there:
        return ok(name, "The kiosk remembers nothing yet.")
    if facts.fault:
        do = "sudo systemctl restart kiosk: it puts the newest good backup in its place."
        return bad(name, f"What the kiosk remembers is damaged ({facts.fault}).", do)
    if facts.version > facts.newest_known:
        told = f"A newer kiosk wrote the data (version {facts.version})."
        return bad(name, told, "Install that newer kiosk again.")
    if facts.unfinished_restore:
        do = "Start the kiosk: it finishes that by itself."
        return warn(name, "A backup that was being restored is not in its place yet.", do)
    return ok(name, f"What the kiosk remembers is sound ({-(-facts.size // 1024)} kB).")


def losses(notices: Sequence[AuditEntry], now: datetime) -> Finding:
    """Whether data was ever lost."""
    name = "losses"
    if not notices:
        return ok(name, "Nothing the kiosk remembered was ever lost.")
    newest = notices[-1]
    told = f"{newest.at:%Y-%m-%d}: {newest.what}"
    if len(notices) > 1:
        told = f"{len(notices)} times; the last one {told}"
    if now - newest.at > RECENT_LOSS:
        return ok(name, told)
    return warn(name, told, "Where it comes again, replace the memory card and restore a backup.")


def backup(made: datetime | None, now: datetime, *, kept_something: bool) -> Finding:
    """How old the newest of the kiosk's own backups is."""
    name = "backup"
    if made is None:
        if not kept_something:
            return skipped(name, "There is nothing to back up yet.")
        do = f"Let the kiosk run: it makes one each night. {_ELSEWHERE}"
        return warn(name, "There is no backup yet.", do)
    age = now - made
    if age > OLD_BACKUP:
        do = f"Let the kiosk run: it makes one each night. {_ELSEWHERE}"
        return warn(name, f"The newest backup is {age.days} days old.", do)
    return ok(name, f"The newest backup is of {made:%Y-%m-%d %H:%M} UTC. {_ELSEWHERE}")


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
            notices = AuditTable(Transactions(connection)).notices() if known else ()
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
            return SettingTable(Transactions(connection)).stored()
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
