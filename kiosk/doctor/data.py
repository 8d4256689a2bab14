"""The database: whether it is sound, whether data was ever lost, how old the newest backup is.

Everything here only reads; a kiosk may be running on the same folder meanwhile.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.doctor.finding import Finding, bad, ok, skipped, warn
from kiosk.errors import StoreError
from kiosk.history.audit import AuditEntry
from kiosk.store.audit import AuditTable
from kiosk.store.backups import Backups
from kiosk.store.database import Transactions, connect, in_words, means_damage, os_in_words
from kiosk.store.files import FILE_NAME
from kiosk.store.migrations import MIGRATIONS, Header, first_fault, version_of
from kiosk.store.opening import BACKUPS
from kiosk.store.restore import is_committed
from kiosk.store.settings import SettingTable

OLD_BACKUP = timedelta(days=3)
RECENT_LOSS = timedelta(days=30)

_COPY = "A copy elsewhere is safer still: kiosk backup /media/stick/kiosk.backup"
_RUN = f"Let the kiosk run: it makes one each night. {_COPY}"


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """The state of the database file."""

    there: bool
    fault: str = ""
    """How the file is damaged; empty where it is sound, or cannot be read."""

    unreadable: str = ""
    """Why it cannot be read, as a sentence."""

    version: int = 0
    """Of the schema."""

    unfinished_restore: bool = False
    size: int = 0
    """Bytes."""

    losses: Sequence[AuditEntry] = ()
    """Losses of data that the audit log records, oldest first."""


def check_data(state: Path, now: datetime) -> Iterator[Finding]:
    """Check the database in the state directory, past losses, and the newest backup."""
    facts = read_store(state)
    yield judge_store(facts)
    yield judge_losses(facts.losses, now)
    yield check_backup(state, now, anything_stored=facts.there)


def read_store(state: Path) -> StoreFacts:
    """Examine the database file, which is left as it is."""
    path = state / FILE_NAME
    try:
        if not path.exists():
            return StoreFacts(there=False, unfinished_restore=is_committed(state))
        size = path.stat().st_size
        if not Header.of(path).ours:
            return StoreFacts(there=True, fault="the file is empty, or another program's")
        with closing(connect(path, "ro")) as connection:
            version, fault = version_of(connection), first_fault(connection) or ""
            known = not fault and version == len(MIGRATIONS)
            losses = AuditTable(Transactions(connection)).losses() if known else ()
        ready = is_committed(state)
    except sqlite3.Error as error:
        if means_damage(error):
            return StoreFacts(there=True, fault=str(error))
        return StoreFacts(there=True, unreadable=in_words(error, path))
    except (OSError, ValueError) as error:
        message = os_in_words(error, path) if isinstance(error, OSError) else str(error)
        return StoreFacts(there=True, unreadable=message)
    return StoreFacts(True, fault, "", version, ready, size, losses)


def read_stored_settings(state: Path) -> dict[str, str]:
    """The settings that were changed on the pages; none where the database cannot be read."""
    try:
        with closing(connect(state / FILE_NAME, "ro")) as connection:
            return SettingTable(Transactions(connection)).stored()
    except sqlite3.Error:
        return {}


def judge_store(facts: StoreFacts) -> Finding:
    """Whether the database is sound, and of a version that this kiosk can open."""
    name = "data"
    if facts.unreadable:
        do = "Try again, as the kiosk's user: sudo kiosk doctor"
        return bad(name, facts.unreadable, do)
    if not facts.there and not facts.unfinished_restore:
        return ok(name, "The kiosk remembers nothing yet.")
    if facts.fault:
        do = "sudo systemctl restart kiosk: it puts the newest good backup in its place."
        return bad(name, f"What the kiosk remembers is damaged ({facts.fault}).", do)
    if facts.version > len(MIGRATIONS):
        what = f"A newer kiosk wrote the data (version {facts.version})."
        return bad(name, what, "Install that newer kiosk again.")
    if facts.unfinished_restore:
        do = "Start the kiosk: it finishes that by itself."
        return warn(name, "A backup that was being restored is not in its place yet.", do)
    return ok(name, f"What the kiosk remembers is sound ({-(-facts.size // 1024)} kB).")


def judge_losses(losses: Sequence[AuditEntry], now: datetime) -> Finding:
    """Whether data was lost; only a recent loss is a warning."""
    name = "losses"
    if not losses:
        return ok(name, "Nothing the kiosk remembered was ever lost.")
    from kiosk.locale.audit import audit_text  # noqa: PLC0415 - loaded where there is one
    from kiosk.locale.catalogues import english  # noqa: PLC0415

    newest = losses[-1]
    what = f"{newest.at:%Y-%m-%d}: {audit_text(newest, english())}"
    if len(losses) > 1:
        what = f"{len(losses)} times; the last one {what}"
    if now - newest.at > RECENT_LOSS:
        return ok(name, what)
    return warn(name, what, "Where it comes again, replace the memory card and restore a backup.")


def check_backup(state: Path, now: datetime, *, anything_stored: bool) -> Finding:
    """How old the newest of the nightly backups is, by the clock of when it was made (UTC)."""
    name = "backup"
    try:
        backups = Backups(state / BACKUPS).all()
    except StoreError:
        backups = ()
    newest = max(backups, key=lambda one: (one.number, one.made), default=None)
    if newest is None:
        if not anything_stored:
            return skipped(name, "There is nothing to back up yet.")
        return warn(name, "There is no backup yet.", _RUN)
    age = now - newest.made
    if age > OLD_BACKUP:
        return warn(name, f"The newest backup is {age.days} days old.", _RUN)
    return ok(name, f"The newest backup is of {newest.made:%Y-%m-%d %H:%M} UTC. {_COPY}")
