"""The plan, for whoever shows and changes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from kiosk.agenda.checks import FIELDS, MOST_TIMES, MOST_WEEKS, write_days, write_times
from kiosk.model.plan import Occurrence, PlanEntry

__all__ = [
    "FIELDS",
    "MOST_TIMES",
    "MOST_WEEKS",
    "EntryState",
    "Kept",
    "ListedOccurrence",
    "PlanDesk",
    "write_days",
    "write_times",
]


@dataclass(frozen=True, slots=True)
class Kept:
    """A change that was made, and how to take it back."""

    entry: PlanEntry
    """The entry as it is kept now; of a removed one, as it was."""

    undo: str
    """What `PlanDesk.undo` takes; good until the kiosk restarts or the entry changes again."""


@dataclass(frozen=True, slots=True)
class ListedOccurrence:
    """An occurrence and what has become of it."""

    occurrence: Occurrence
    state: str
    """`coming`, `due`, `done`, `missed`, or `past` for what nobody was asked to do."""


EntryState = str
"""Where an entry stands: `paused`, `to come`, `over` or `running`."""


class PlanDesk(Protocol):
    """Everything raises StoreError where what is kept cannot be read or written."""

    def now(self) -> datetime:
        """The time of day in the kiosk's time zone."""
        ...

    def clock_trusted(self) -> bool:
        """Whether that time can be believed."""
        ...

    def entries(self) -> tuple[PlanEntry, ...]:
        """Every entry of the plan."""
        ...

    def entry(self, number: int) -> PlanEntry:
        """The entry of that number. Raises UnknownEntryError."""
        ...

    def state_of(self, entry: PlanEntry) -> EntryState:
        """Where the entry stands today."""
        ...

    def check(self, texts: Mapping[str, str], before: PlanEntry | None = None) -> PlanEntry:
        """The entry that `texts` (by the names in `FIELDS`) describe, not kept yet.

        Raises PlanError with every problem there is, each with the text's name as its path;
        ProgramFileError where the program cannot be used.
        """
        ...

    def coming(self, entry: PlanEntry, count: int = 6) -> tuple[Occurrence, ...]:
        """The next occurrences of `entry` as it would be, whether it is kept or not."""
        ...

    def occurrences(self, first: date, last: date) -> tuple[ListedOccurrence, ...]:
        """All that was or is planned for these days (at most 400), in order of due."""
        ...

    def add(self, entry: PlanEntry) -> Kept:
        """Keep a new entry. Raises PlanError where the plan has no room for another."""
        ...

    def change(self, entry: PlanEntry) -> Kept:
        """Keep a changed entry. Raises ConflictError where somebody was quicker, UnknownEntryError
        where it is gone.
        """
        ...

    def remove(self, number: int, version: int) -> Kept:
        """Take the entry out of the plan. Raises ConflictError, UnknownEntryError."""
        ...

    def undo(self, change: str) -> PlanEntry | None:
        """Take a change back; the entry as it is now, `None` where it is gone again.

        Raises ConflictError where the entry has changed since, the change is too long ago, or the
        plan has no room any more for one that was removed.
        """
        ...
