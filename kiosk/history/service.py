"""What was done and who changed what, read by way of one snapshot of the schedule.

Moments come back in the kiosk's time zone. Every function raises StoreError.
"""

import io
from dataclasses import replace
from datetime import date

from kiosk.history.adherence import Tally, by_day
from kiosk.history.audit import AuditEntry
from kiosk.history.export import COLUMNS, cut_off_among, session_line, write_csv
from kiosk.history.model import SessionRecord
from kiosk.schedule.occurrences import DAY
from kiosk.schedule.snapshot import ScheduleSnapshot


def day_tallies(snapshot: ScheduleSnapshot, first: date, last: date) -> tuple[Tally, ...]:
    """A tally for each of these days."""
    # A session after midnight may have done what was due on the day before.
    rows = snapshot.rows_between(first - DAY, last + DAY)
    return by_day(rows, snapshot.sessions(first - DAY, last + DAY), first, last)


def sessions_of_days(
    snapshot: ScheduleSnapshot, first: date, last: date
) -> tuple[SessionRecord, ...]:
    """The sessions of these days, oldest first."""
    found = snapshot.sessions(first, last)
    return tuple(_session_in_zone(snapshot, session) for session in found)


def last_session(snapshot: ScheduleSnapshot, until: date | None = None) -> SessionRecord | None:
    """The latest session, or the latest of the days up to `until`; `None` before the first."""
    found = snapshot.store.sessions.between(last=until, newest=1)
    return _session_in_zone(snapshot, found[0]) if found else None


def session_under_way(snapshot: ScheduleSnapshot) -> int | None:
    """Id of the session that is being done now."""
    session = snapshot.open_session
    return session.id if session is not None and snapshot.under_way() else None


def sessions_csv(snapshot: ScheduleSnapshot, first: date, last: date) -> str:
    """The sessions of these days for a spreadsheet, by `kiosk.history.export.COLUMNS`."""
    sessions = snapshot.sessions(first, last)
    cut_off = {session.id for session in cut_off_among(snapshot, sessions)}
    text = io.StringIO()
    lines = (session_line(s, snapshot.zone, cut_off=s.id in cut_off) for s in sessions)
    write_csv(text, COLUMNS, lines)
    return text.getvalue()


def changes(snapshot: ScheduleSnapshot, newest: int = 50) -> tuple[AuditEntry, ...]:
    """The latest lines of the audit, latest first."""
    lines = reversed(snapshot.store.audit.newest(newest))
    return tuple(_line_in_zone(snapshot, line) for line in lines)


def losses(snapshot: ScheduleSnapshot) -> tuple[AuditEntry, ...]:
    """What data was lost, and when, oldest first."""
    return tuple(_line_in_zone(snapshot, line) for line in snapshot.store.audit.losses())


def _session_in_zone(snapshot: ScheduleSnapshot, session: SessionRecord) -> SessionRecord:
    zone = snapshot.zone
    ended = session.ended.astimezone(zone) if session.ended else None
    return replace(session, started=session.started.astimezone(zone), ended=ended)


def _line_in_zone(snapshot: ScheduleSnapshot, line: AuditEntry) -> AuditEntry:
    return replace(line, at=line.at.astimezone(snapshot.zone))
