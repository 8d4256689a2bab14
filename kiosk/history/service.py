"""What was done, for whoever looks back.

What was done, for the pages.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kiosk.history.adherence import Tally, by_day
from kiosk.history.audit import AuditEntry
from kiosk.history.export import COLUMNS, cut_off_among, session_line, write_csv
from kiosk.history.model import SessionRecord
from kiosk.schedule.occurrences import DAY
from kiosk.schedule.progress import Progress, progress_of
from kiosk.schedule.view import View, rows_between


@dataclass(frozen=True)
class HistoryService:
    """Implements `kiosk.history.service.HistoryDesk`. Any thread; nothing is ever written."""

    look: Callable[[], View]
    """What it is looked at with, as of now."""

    def once(self) -> "HistoryService":
        """The same as of this moment only, for whoever asks for several things that go together."""
        view = self.look()
        return HistoryService(lambda: view)

    def today(self) -> date:
        """The day it is in the kiosk's time zone."""
        return self.look().today

    def standing(self) -> Progress:
        """Where the person stands now."""
        return progress_of(self.look())

    def days(self, first: date, last: date) -> tuple[Tally, ...]:
        """A tally for each of these days."""
        view = self.look()
        # A session after midnight may have done what was due on the day before.
        rows = rows_between(view, first - DAY, last + DAY)
        return by_day(rows, view.sessions(first - DAY, last + DAY), first, last)

    def sessions(
        self, first: date | None = None, last: date | None = None, newest: int | None = None
    ) -> tuple[SessionRecord, ...]:
        """Sessions, oldest first, with the time of day that the kiosk's time zone had."""
        view = self.look()
        if first is not None and last is not None and newest is None:
            found = view.sessions(first, last)
        else:
            found = view.store.sessions.between(first, last, newest)
        return tuple(_session_in(session, view.zone) for session in found)

    def under_way(self) -> int | None:
        """Id of the session that goes on now."""
        view = self.look()
        session = view.store.sessions.open()
        return session.id if session is not None and view.under_way() else None

    def csv(self, first: date | None = None, last: date | None = None) -> str:
        """The sessions for a spreadsheet, by `kiosk.history.export.COLUMNS`."""
        view = self.look()
        sessions = view.store.sessions.between(first, last)
        cut_off = {session.id for session in cut_off_among(view, sessions)}
        told = io.StringIO()
        lines = (session_line(s, view.zone, cut_off=s.id in cut_off) for s in sessions)
        write_csv(told, COLUMNS, lines)
        return told.getvalue()

    def changes(self, newest: int = 50) -> tuple[AuditEntry, ...]:
        """Who changed what, latest first, in the kiosk's time zone."""
        view = self.look()
        return tuple(
            _line_in(line, view.zone) for line in reversed(view.store.audit.newest(newest))
        )

    def notices(self) -> tuple[AuditEntry, ...]:
        """What was lost, and when, oldest first, in the kiosk's time zone."""
        view = self.look()
        return tuple(_line_in(line, view.zone) for line in view.store.audit.notices())


def _session_in(session: SessionRecord, zone: ZoneInfo) -> SessionRecord:
    ended: datetime | None = session.ended.astimezone(zone) if session.ended else None
    return replace(session, started=session.started.astimezone(zone), ended=ended)


def _line_in(line: AuditEntry, zone: ZoneInfo) -> AuditEntry:
    return replace(line, at=line.at.astimezone(zone))
