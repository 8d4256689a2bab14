"""What was done and who changed what: of a snapshot, in its zone; and as lines of CSV and JSON."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from kiosk.history.adherence import Tally, by_day
from kiosk.history.audit import AuditEntry
from kiosk.history.model import Ending, SessionRecord
from kiosk.schedule.occurrences import DAY
from kiosk.schedule.snapshot import ScheduleSnapshot

COLUMNS = (
    "id",
    "local_date",
    "started",
    "ended",
    "program",
    "level",
    "entry",
    "ending",
    "stopped_exercise",
    "stopped_exercise_id",
    "stopped_set",
    "stopped_side",
    "stopped_repetition",
    "repetitions",
    "planned_repetitions",
    "holds",
    "effort",
)
"""The columns of a session in CSV, and the keys of `session_line`."""

AUDIT_COLUMNS = ("at", "actor", "what")
"""The columns of a change in CSV, and the keys of `audit_line`."""

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def day_tallies(snapshot: ScheduleSnapshot, first: date, last: date) -> tuple[Tally, ...]:
    """A tally for each day from `first` to `last`."""
    # A session after midnight may have done what was due on the day before.
    rows = snapshot.rows_between(first - DAY, last + DAY)
    return by_day(rows, snapshot.sessions(first - DAY, last + DAY), first, last)


def sessions_of_days(
    snapshot: ScheduleSnapshot, first: date, last: date
) -> tuple[SessionRecord, ...]:
    """The sessions of the local days from `first` to `last`, oldest first."""
    found = snapshot.sessions(first, last)
    return tuple(_session_in_zone(snapshot, session) for session in found)


def last_session(snapshot: ScheduleSnapshot, until: date | None = None) -> SessionRecord | None:
    """The latest session, or the latest of the days up to `until`; `None` before the first."""
    found = snapshot.store.sessions.between(last=until, newest=1)
    return _session_in_zone(snapshot, found[0]) if found else None


def session_under_way(snapshot: ScheduleSnapshot) -> int | None:
    """Id of the session under way; `None` where there is none."""
    session = snapshot.open_session
    return session.id if session is not None and snapshot.under_way() else None


def sessions_csv(snapshot: ScheduleSnapshot, first: date, last: date) -> str:
    """The sessions of these days for a spreadsheet, by `COLUMNS`."""
    sessions = snapshot.sessions(first, last)
    cut_off = {session.id for session in cut_off_among(snapshot, sessions)}
    text = io.StringIO()
    lines = (session_line(s, snapshot.zone, cut_off=s.id in cut_off) for s in sessions)
    write_csv(text, COLUMNS, lines)
    return text.getvalue()


def changes(snapshot: ScheduleSnapshot, newest: int = 50) -> tuple[AuditEntry, ...]:
    """The `newest` entries of the audit log, latest first."""
    lines = reversed(snapshot.store.audit.newest(newest))
    return tuple(_line_in_zone(snapshot, line) for line in lines)


def losses(snapshot: ScheduleSnapshot) -> tuple[AuditEntry, ...]:
    """The entries of the audit log about lost data, oldest first."""
    return tuple(_line_in_zone(snapshot, line) for line in snapshot.store.audit.losses())


def cut_off_among(
    snapshot: ScheduleSnapshot, sessions: Iterable[SessionRecord]
) -> tuple[SessionRecord, ...]:
    """Those of `sessions` that were cut off: without an end, and not under way."""
    if snapshot.under_way():
        return ()
    return tuple(session for session in sessions if session.ending is None)


def session_line(session: SessionRecord, zone: ZoneInfo, *, cut_off: bool) -> dict[str, object]:
    """A session by `COLUMNS`; `None` is an empty cell. `cut_off`: see `cut_off_among`."""
    spot = session.stopped_at
    return {
        **session_outline(session, zone, cut_off=cut_off),
        "stopped_exercise": spot and spot.exercise,
        "stopped_exercise_id": spot and spot.exercise_id,
        "stopped_set": spot and spot.set,
        "stopped_side": spot and spot.side,
        "stopped_repetition": spot and spot.rep,
        "repetitions": sum(done.reps for done in session.exercises),
        "planned_repetitions": sum(done.planned_reps for done in session.exercises),
        "holds": sum(done.holds for done in session.exercises),
        "effort": session.effort and session.effort.value,
    }


def session_outline(session: SessionRecord, zone: ZoneInfo, *, cut_off: bool) -> dict[str, object]:
    """The fields of a session that CSV and JSON have in common."""
    ending = Ending.INTERRUPTED if cut_off else session.ending
    return {
        "id": session.id,
        "local_date": session.local_date.isoformat(),
        "started": in_zone(session.started, zone),
        "ended": in_zone(session.ended, zone) if session.ended else None,
        "program": session.program,
        "level": session.level,
        "entry": session.entry,
        "ending": ending.value if ending else None,
    }


def audit_line(entry: AuditEntry, text: str, zone: ZoneInfo) -> dict[str, object]:
    """An entry of the audit log by the names in `AUDIT_COLUMNS`; `text` is its sentence."""
    return {"at": in_zone(entry.at, zone), "actor": entry.actor.value, "what": text}


def write_csv(into: TextIO, columns: Sequence[str], lines: Iterable[Mapping[str, object]]) -> None:
    """Write `lines` as CSV, the names of the columns first. No cell begins a formula."""
    writer = csv.DictWriter(into, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(defused, lines))


def defused(line: Mapping[str, object]) -> dict[str, object]:
    """`line` with an apostrophe before each text that a spreadsheet would take for a formula."""
    return {
        name: f"'{cell}" if isinstance(cell, str) and cell.startswith(_BEGINS_A_FORMULA) else cell
        for name, cell in line.items()
    }


def in_zone(moment: datetime, zone: ZoneInfo) -> str:
    """`moment` in ISO 8601, to the second, with the offset of `zone`."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def _session_in_zone(snapshot: ScheduleSnapshot, session: SessionRecord) -> SessionRecord:
    zone = snapshot.zone
    ended = session.ended.astimezone(zone) if session.ended else None
    return replace(session, started=session.started.astimezone(zone), ended=ended)


def _line_in_zone(snapshot: ScheduleSnapshot, line: AuditEntry) -> AuditEntry:
    return replace(line, at=line.at.astimezone(snapshot.zone))
