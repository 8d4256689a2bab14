"""The plan, its occurrences, and the ledger of their states."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import IntEnum, StrEnum

WALK = "walk"
"""Stands for the daily walk in place of a program's id. No program has this id."""


class Weekday(IntEnum):
    """Days of the week, numbered as `date.weekday()` does."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


EVERY_DAY = frozenset(Weekday)
WORKDAYS = frozenset(day for day in Weekday if day < Weekday.SAT)


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """An entry of the plan: a program, or the walk, on some days at some times, for some weeks."""

    id: int
    """Given by the store; 0 for an entry that is not stored yet."""

    program: str
    """A program's id, or `WALK`."""

    days: frozenset[Weekday]
    times: tuple[time, ...]
    """Local times of day in whole minutes, in order, each once."""

    starts: date
    """The first day of the course, in the kiosk's time zone."""

    weeks: int | None
    """Length of the course; `None` where it has no end."""

    paused: bool = False
    """Whether it has no occurrences for now."""

    since: datetime | None = None
    """When it became part of the plan, or was last changed or taken up again (UTC): what would have
    been due before then is none of its occurrences. `None` for an entry that is not stored yet."""

    version: int = 0
    """Counts the changes, so that two who edit at once do not overwrite each other."""


class OccurrenceState(StrEnum):
    """The state of an occurrence."""

    COMING = "coming"  # not due yet; never in the ledger
    DUE = "due"  # due and not over its grace; a press of the button starts it

    DONE = "done"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which an entry of the plan is due."""

    entry: int
    program: str
    local_date: date
    local_time: time
    """As the plan says it, even where the day has no such time."""

    due: datetime
    """The moment, with the offset of the kiosk's time zone."""

    @property
    def key(self) -> tuple[int, date, time]:
        """The identity of the occurrence: entry, local date and local time."""
        return self.entry, self.local_date, self.local_time


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An occurrence in the ledger, from the moment it is due. Written before anything is said."""

    occurrence: Occurrence
    state: OccurrenceState
    reminders: int = 0
    """Reminders given since it was due, or since it was last put off."""

    put_off_to: datetime | None = None
    """To when the person put it off, or from when it goes on after it had to wait for a session
    (UTC); counts as the due time from then on."""

    session: int | None = None
    """Id of the session that did it; `None` for a walk, and unless it is done."""
