"""Changes of the plan, each of which can be taken back, and the checks of an entry."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from kiosk.errors import ConflictError, PlanError, Problem, UnknownEntryError
from kiosk.history.audit import Actor
from kiosk.schedule.checks import check_entry, check_room
from kiosk.schedule.model import WALK, PlanEntry
from kiosk.schedule.snapshot import ScheduleSnapshot

if TYPE_CHECKING:
    from kiosk.programs.files import ProgramSource
    from kiosk.store.store import Store

CHANGES_KEPT = 50  # how many of the latest changes can be taken back


@dataclass(frozen=True, slots=True)
class SavedEntry:
    """A change that was made."""

    entry: PlanEntry
    """The entry as it is stored now; a removed one as it was."""

    undo: str
    """Token for `ScheduleService.undo`; good until the kiosk restarts or the entry changes."""


def checked_entry(
    snapshot: ScheduleSnapshot, texts: Mapping[str, str], before: PlanEntry | None = None
) -> PlanEntry:
    """The entry that `texts` describe, not stored yet; without `before` it is a new one.

    Raises PlanError with all that is wrong, also where it would begin today and nobody knows which
    day that is, and where the plan has no room for another; ProgramFileError where its program
    cannot be used.
    """
    if before is None:
        check_room(len(snapshot.plan))
    entry = read_entry(snapshot.programs, texts, snapshot.today, before)
    if before is None and "starts" not in texts and not snapshot.trusted:
        raise PlanError([Problem("plan", "starts", "plan.today-unknown")])
    return entry


def read_entry(
    programs: "ProgramSource",
    texts: Mapping[str, str],
    today: date,
    before: PlanEntry | None = None,
) -> PlanEntry:
    """As `checked_entry`, without what depends on the plan and the clock."""
    program_changes = before is None or "program" in texts
    entry = check_entry(texts, programs.ids() if program_changes else (), today, before)
    if entry.program != WALK and "program" in texts:
        programs.load(entry.program)
    return entry


_Change: TypeAlias = tuple[PlanEntry | None, PlanEntry | None]
"""An entry before and after a change; `None` where it was new, or was removed."""


@dataclass(frozen=True)
class ScheduleService:
    """Changes the plan for pages and commands, a transaction each. Any thread. Methods raise
    StoreError.
    """

    store: "Store"
    now: Callable[[], datetime]
    """The time of a change, UTC."""

    actor: Actor = Actor.PAGE
    """The actor of the changes, for the audit log."""

    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)
    _changes: OrderedDict[str, _Change] = field(
        default_factory=OrderedDict, init=False, repr=False, compare=False
    )
    """Those that can be taken back by their tokens, the latest last."""

    def add(self, entry: PlanEntry) -> SavedEntry:
        """Store a new entry. Raises PlanError where the plan has no room for another."""
        store, now = self.store, self.now()
        with self._lock:
            with store.writing():
                check_room(len(store.plan.entries()))
                stored = store.plan.add(entry, self.actor, now)
            return SavedEntry(stored, self._remember((None, stored)))

    def change(self, entry: PlanEntry, before: PlanEntry) -> SavedEntry:
        """Store a changed entry, where the stored one still has the version that `entry` has.

        `before` is the stored one as it was read, which `undo` brings back. Raises ConflictError
        where the version differs, UnknownEntryError where there is no such entry.
        """
        store, now = self.store, self.now()
        with self._lock:
            stored = store.plan.change(entry, self.actor, now)
            return SavedEntry(stored, self._remember((before, stored)))

    def remove(self, number: int, version: int) -> SavedEntry:
        """Take an entry of this version out of the plan. Raises as `change` does."""
        store, now = self.store, self.now()
        with self._lock:
            gone = store.plan.remove(number, version, self.actor, now)
            return SavedEntry(gone, self._remember((gone, None)))

    def undo(self, change: str) -> PlanEntry | None:
        """Take the change with this token back; the entry as it is now, `None` where it is gone.

        Raises ConflictError where the entry has changed since, or the token is not known any more;
        PlanError where an entry would come back into a full plan.
        """
        with self._lock:
            if change not in self._changes:
                raise ConflictError("plan.undo-over")
            entry = self._take_back(*self._changes[change])
            del self._changes[change]
            return entry

    def _remember(self, change: _Change) -> str:
        token = secrets.token_urlsafe(16)
        self._changes[token] = change
        while len(self._changes) > CHANGES_KEPT:
            self._changes.popitem(last=False)
        return token

    def _take_back(self, before: PlanEntry | None, after: PlanEntry | None) -> PlanEntry | None:
        store, now = self.store, self.now()
        try:
            if before is not None and after is not None:
                return store.plan.change(replace(before, version=after.version), self.actor, now)
            if before is not None:
                with store.writing():
                    check_room(len(store.plan.entries()))
                    return store.plan.restore(before, self.actor, now)
            if after is not None:
                store.plan.remove(after.id, after.version, self.actor, now)
        except UnknownEntryError as error:
            raise ConflictError("plan.entry-gone") from error
        return None
