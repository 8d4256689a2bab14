"""The plan, for whoever shows and changes it.

Entries of the plan: found, checked, and told as they would be.

The plan, for the pages.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

from kiosk.errors import ConflictError, PlanError, Problem, UnknownEntryError
from kiosk.history.audit import Actor
from kiosk.schedule.checks import (
    check_entry,
    check_room,
)
from kiosk.schedule.model import WALK, Occurrence, PlanEntry
from kiosk.schedule.occurrences import coming_after, last_day
from kiosk.schedule.view import ListedOccurrence, View, everything_between

if TYPE_CHECKING:
    from kiosk.programs.files import ProgramSource


@dataclass(frozen=True, slots=True)
class SavedEntry:
    """A change that was made, and how to take it back."""

    entry: PlanEntry
    """The entry as it is kept now; of a removed one, as it was."""

    undo: str
    """What `PlanDesk.undo` takes; good until the kiosk restarts or the entry changes again."""


EntryState = str
"""Where an entry stands: `paused`, `to come`, `over` or `running`."""


def state_of(entry: PlanEntry, today: date) -> str:
    """Where an entry stands: `paused`, `to come`, `over` or `running`."""
    last = last_day(entry)
    if last is not None and last < today:
        return "over"
    if entry.paused:
        return "paused"
    return "to come" if today < entry.starts else "running"


def find_entry(view: View, number: int) -> PlanEntry:
    """The entry of that number. Raises UnknownEntryError."""
    for entry in view.store.plan.entries():
        if entry.id == number:
            return entry
    raise UnknownEntryError(f"The plan has no entry {number}.")


def checked_entry(
    view: View, texts: Mapping[str, str], before: PlanEntry | None = None
) -> PlanEntry:
    """The entry that `texts` describe, not kept yet; without `before` it is a new one.

    Raises PlanError with all that is wrong, also where it would begin today and nobody knows which
    day that is, and where the plan has no room for another; ProgramFileError where its program
    cannot be used.
    """
    if before is None:
        check_room(len(view.store.plan.entries()))
    entry = read_entry(view.programs, texts, view.today, before)
    if before is None and "starts" not in texts and not view.trusted:
        raise PlanError([Problem("plan", "starts", "plan.today-unknown")])
    return entry


def read_entry(
    programs: "ProgramSource",
    texts: Mapping[str, str],
    today: date,
    before: PlanEntry | None = None,
) -> PlanEntry:
    """As `checked_entry`, for where there is no more to go by than the programs."""
    entry = check_entry(texts, programs.ids(), today, before)
    if entry.program != WALK and "program" in texts:
        programs.load(entry.program)
    return entry


def next_times(view: View, entry: PlanEntry, count: int) -> tuple[Occurrence, ...]:
    """The next occurrences of `entry`, at most `count`, whether it is kept or not."""
    return tuple(islice(coming_after([entry], view.now, view.zone), count))


MOST_DAYS = 400
"""For how many days occurrences are told at once."""

CHANGES_KEPT = 50
"""How many of the latest changes can be taken back."""


@dataclass(frozen=True, slots=True)
class _Change:
    before: PlanEntry | None
    """`None` where the entry was new."""

    after: PlanEntry | None
    """`None` where it was removed."""


@dataclass(frozen=True)
class ScheduleService:
    """Implements `kiosk.schedule.service.PlanDesk`. Any thread; one change at a time."""

    look: Callable[[], View]
    """What it is looked at with, as of now."""

    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)
    _changes: OrderedDict[str, _Change] = field(
        default_factory=OrderedDict, init=False, repr=False, compare=False
    )
    """Those that can be taken back, the latest last."""

    def now(self) -> datetime:
        """The time of day in the kiosk's time zone."""
        view = self.look()
        return view.now.astimezone(view.zone)

    def clock_trusted(self) -> bool:
        """Whether that time can be believed."""
        return self.look().trusted

    def entries(self) -> tuple[PlanEntry, ...]:
        """Every entry of the plan, in the order of their numbers."""
        return self.look().store.plan.entries()

    def entry(self, number: int) -> PlanEntry:
        """The entry of that number. Raises UnknownEntryError."""
        return find_entry(self.look(), number)

    def state_of(self, entry: PlanEntry) -> EntryState:
        """Where the entry stands today."""
        return state_of(entry, self.look().today)

    def check(self, texts: Mapping[str, str], before: PlanEntry | None = None) -> PlanEntry:
        """The entry that `texts` describe, not kept yet. Raises PlanError, ProgramFileError."""
        return checked_entry(self.look(), texts, before)

    def coming(self, entry: PlanEntry, count: int = 6) -> tuple[Occurrence, ...]:
        """The next occurrences of `entry` as it would be, whether it is kept or not."""
        return next_times(self.look(), entry, count)

    def occurrences(self, first: date, last: date) -> tuple[ListedOccurrence, ...]:
        """All that was or is planned for these days; of more than 400, for the first ones."""
        if (last - first).days >= MOST_DAYS:
            last = first + timedelta(days=MOST_DAYS - 1)
        found = everything_between(self.look(), first, last)
        return tuple(ListedOccurrence(one.occurrence, one.state) for one in found)

    def add(self, entry: PlanEntry) -> SavedEntry:
        """Keep a new entry. Raises PlanError where the plan has no room for another."""
        with self._lock:
            view = self.look()
            check_room(len(view.store.plan.entries()))
            kept = view.store.plan.add(entry, Actor.PAGE, view.now)
            return SavedEntry(kept, self._remember(_Change(None, kept)))

    def change(self, entry: PlanEntry) -> SavedEntry:
        """Keep a changed entry. Raises ConflictError, UnknownEntryError."""
        with self._lock:
            view = self.look()
            before = find_entry(view, entry.id)
            kept = view.store.plan.change(entry, Actor.PAGE, view.now)
            return SavedEntry(kept, self._remember(_Change(before, kept)))

    def remove(self, number: int, version: int) -> SavedEntry:
        """Take the entry out of the plan. Raises ConflictError, UnknownEntryError."""
        with self._lock:
            view = self.look()
            gone = view.store.plan.remove(number, version, Actor.PAGE, view.now)
            return SavedEntry(gone, self._remember(_Change(gone, None)))

    def undo(self, change: str) -> PlanEntry | None:
        """Take a change back; the entry as it is now, `None` where it is gone again.

        Raises ConflictError where it has changed since, or nothing is known of the change any more;
        PlanError where an entry would come back into a full plan.
        """
        with self._lock:
            if change not in self._changes:
                raise ConflictError(
                    "This cannot be taken back any more: it was too long ago, or somebody has taken"
                    " it back already."
                )
            entry = _take_back(self.look(), self._changes[change])
            del self._changes[change]
            return entry

    def _remember(self, change: _Change) -> str:
        name = secrets.token_urlsafe(16)
        self._changes[name] = change
        while len(self._changes) > CHANGES_KEPT:
            self._changes.popitem(last=False)
        return name


def _take_back(view: View, change: _Change) -> PlanEntry | None:
    before, after = change.before, change.after
    try:
        if before is not None and after is not None:
            again = replace(before, version=after.version)
            return view.store.plan.change(again, Actor.PAGE, view.now)
        if before is not None:
            check_room(len(view.store.plan.entries()))
            return view.store.plan.restore(before, Actor.PAGE, view.now)
        if after is not None:
            view.store.plan.remove(after.id, after.version, Actor.PAGE, view.now)
    except UnknownEntryError as error:
        raise ConflictError("Somebody has taken this entry out of the plan since.") from error
    return None
