"""Sessions and changes as records of plain values, and as CSV for spreadsheets."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from kiosk.history.audit import AuditEntry
from kiosk.history.model import Ending, SessionRecord
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


def cut_off_among(
    snapshot: ScheduleSnapshot, sessions: Iterable[SessionRecord]
) -> tuple[SessionRecord, ...]:
    """Those of `sessions` that have no end and are not being done either: they were cut off."""
    if snapshot.under_way():
        return ()
    return tuple(session for session in sessions if session.ending is None)


def session_line(session: SessionRecord, zone: ZoneInfo, *, cut_off: bool) -> dict[str, object]:
    """A session by the names in `COLUMNS`; `None` leaves a cell empty.

    `cut_off`: whether a session without an end is not being done either.
    """
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
    return {name: _defused(cell) for name, cell in line.items()}


def in_zone(moment: datetime, zone: ZoneInfo) -> str:
    """`moment` in ISO 8601, to the second, with the offset of `zone`."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def _defused(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_BEGINS_A_FORMULA) else cell
