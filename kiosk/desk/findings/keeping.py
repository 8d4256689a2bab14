"""What the kiosk remembers, and how safe it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.desk.findings.finding import Finding, bad, ok, skipped, warn
from kiosk.model.history import AuditEntry

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
