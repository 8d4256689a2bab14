"""What was done, for whoever looks back."""

from datetime import date
from typing import Protocol

from kiosk.agenda.adherence import CourseShare, DayStatus, Tally, by_week
from kiosk.model.history import AuditEntry, SessionRecord
from kiosk.model.plan import Occurrence, PlanEntry

__all__ = ["LONGEST_RUN", "CourseShare", "DayStatus", "HistoryDesk", "Standing", "Tally", "by_week"]


LONGEST_RUN = 366
"""How many days a run is followed back, so that it takes no longer every year."""


class Standing(Protocol):
    """Where the person stands at a moment."""

    @property
    def day(self) -> DayStatus:
        """Today."""
        ...

    @property
    def extra(self) -> int:
        """Sessions of the day that were completed without being planned."""
        ...

    @property
    def next(self) -> Occurrence | None:
        """What is due next."""
        ...

    @property
    def run(self) -> int:
        """Days in a row on which all that was planned was done."""
        ...

    @property
    def courses(self) -> tuple[tuple[PlanEntry, CourseShare], ...]:
        """The entries that have an end and have begun, and how much of each is done."""
        ...


class HistoryDesk(Protocol):
    """Everything raises StoreError where what is kept cannot be read."""

    def once(self) -> "HistoryDesk":
        """The same desk as of this moment only, for whoever asks for several things that go
        together; each thing is read once. One thread.
        """
        ...

    def today(self) -> date:
        """The day it is in the kiosk's time zone."""
        ...

    def standing(self) -> Standing:
        """Where the person stands now."""
        ...

    def days(self, first: date, last: date) -> tuple[Tally, ...]:
        """A tally for each of these days."""
        ...

    def sessions(
        self, first: date | None = None, last: date | None = None, newest: int | None = None
    ) -> tuple[SessionRecord, ...]:
        """Sessions, oldest first; their moments are in the kiosk's time zone."""
        ...

    def under_way(self) -> int | None:
        """Id of the session that goes on now."""
        ...

    def csv(self, first: date | None = None, last: date | None = None) -> str:
        """The sessions for a spreadsheet, a line each; no cell begins a formula."""
        ...

    def changes(self, newest: int = 50) -> tuple[AuditEntry, ...]:
        """Who changed what, latest first, in the kiosk's time zone."""
        ...

    def notices(self) -> tuple[AuditEntry, ...]:
        """What people should be told even much later: that data was lost, and when."""
        ...
