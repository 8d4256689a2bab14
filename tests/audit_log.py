"""The audit log in tests: the sentences that a person reads of it, and entries of any text."""

from datetime import datetime

from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.locale.audit import audit_text
from kiosk.locale.catalogues import english
from kiosk.store.store import Store


def text_entry(at: datetime, actor: Actor, text: str) -> AuditEntry:
    """An entry that is read as `text`."""
    return AuditEntry(at, actor, Change.TEXT, after={"text": text})


def text_of(entry: AuditEntry) -> str:
    """The sentence of an entry, in English."""
    return audit_text(entry, english())


def sentences(store: Store, *actors: Actor) -> list[str]:
    """The sentences of the log, the oldest first; only those of `actors`, if any are given."""
    entries = store.audit.newest(None)
    return [text_of(entry) for entry in entries if not actors or entry.actor in actors]
