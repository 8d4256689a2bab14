"""The part of a store in memory that knows who may come in."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime

from kiosk.errors import StoreError
from kiosk.history.audit import Actor, AuditEntry
from kiosk.store.auth import FAILURES_KEPT, StoredAuthSession


class FakeDoorStore:
    """Keeps who may come in as the real store does, down to the lines of the audit. Any thread.

    Set `broken` to an error, and every method raises it until it is `None` again; nothing is
    changed meanwhile. Set `full` to one, and only those raise it that change something.
    """

    def __init__(self) -> None:
        self.broken: StoreError | None = None
        self.full: StoreError | None = None
        self._lock = threading.Lock()
        self._changes = 0
        self._audit: list[AuditEntry] = []
        self._secrets: dict[str, str] = {}
        self._visitors: dict[str, StoredAuthSession] = {}
        self._failures: dict[str, int] = {}

    def note(self, entry: AuditEntry) -> None:
        with self._writing():
            self._add_line(entry)

    def door_secret(self, name: str) -> str | None:
        with self._reading():
            return self._secrets.get(name)

    def keep_door_secret(
        self, name: str, value: str | None, line: AuditEntry | None = None
    ) -> None:
        with self._writing():
            self._set_secrets({name: value})
            self._add_line(line)

    def renew_door(
        self, secrets: Mapping[str, str | None], visitor: StoredAuthSession, line: AuditEntry
    ) -> None:
        with self._writing():
            self._set_secrets(secrets)
            self._visitors.clear()
            self._failures.clear()
            self._admit(visitor)
            self._add_line(line)

    def add_visitor(
        self, visitor: StoredAuthSession, line: AuditEntry, forget: Sequence[str] = ()
    ) -> None:
        with self._writing():
            self._admit(visitor)
            for key in forget:
                self._failures.pop(key, None)
            self._add_line(line)

    def visitor_of(self, token_hash: str) -> StoredAuthSession | None:
        with self._reading():
            found = [one for one in self._visitors.values() if one.token_hash == token_hash]
            return found[0] if found else None

    def kept_visitors(self) -> tuple[StoredAuthSession, ...]:
        with self._reading():
            by_id = sorted(self._visitors.values(), key=lambda one: one.id)
            return tuple(sorted(by_id, key=lambda one: (one.seen, one.since), reverse=True))

    def see_visitor(self, visitor: str, seen: datetime) -> None:
        with self._writing():
            at = in_utc(seen)
            if visitor in self._visitors:
                before = self._visitors[visitor]
                self._visitors[visitor] = replace(before, seen=at, since=min(before.since, at))

    def remove_visitors(self, visitors: Sequence[str], line: AuditEntry | None = None) -> None:
        with self._writing():
            gone = [self._visitors.pop(visitor, None) for visitor in visitors]
            self._add_line(line if any(gone) else None)

    def failures(self, key: str) -> int:
        with self._reading():
            return self._failures.get(key, 0)

    def note_failure(self, keys: Sequence[str]) -> None:
        with self._writing():
            for key in keys:
                self._failures[key] = self._failures.pop(key, 0) + 1
            for key in list(self._failures)[:-FAILURES_KEPT]:
                del self._failures[key]

    def forget_failures(self, keys: Sequence[str]) -> None:
        with self._writing():
            for key in keys:
                self._failures.pop(key, None)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            if self.broken:
                raise self.broken
            yield

    @contextmanager
    def _writing(self, *, counted: bool = True) -> Iterator[None]:
        with self._reading():
            if self.full:
                raise self.full
            before = {name: copy(value) for name, value in vars(self).items() if name != "_lock"}
            try:
                yield
            except BaseException:
                vars(self).update(before)
                raise
            self._changes += counted

    def _set_secrets(self, secrets: Mapping[str, str | None]) -> None:
        for name, value in secrets.items():
            self._secrets.pop(name, None)
            if value is not None:
                self._secrets[name] = value

    def _admit(self, visitor: StoredAuthSession) -> None:
        there = self._visitors.values()
        if any(visitor.id == one.id or visitor.token_hash == one.token_hash for one in there):
            raise StoreError("There is a visitor of that id or token.")
        since, seen = in_utc(visitor.since), in_utc(visitor.seen)
        self._visitors[visitor.id] = replace(visitor, since=since, seen=seen)

    def _add_line(self, line: AuditEntry | None) -> None:
        if line:
            self._add_to_audit(line.actor, line.at, line.what)

    def _add_to_audit(self, actor: Actor, at: datetime, what: str) -> None:
        self._audit.append(AuditEntry(in_utc(at), actor, what))


def in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise TypeError(f"a moment needs its offset from UTC: {moment}")
    return moment.astimezone(UTC)
