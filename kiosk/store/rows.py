"""How the kiosk's data stands in the tables, and how it is read back.

Moments are UTC text of one length, so that they sort; local days and times are text as well.
What is read raises ValueError where it makes no sense.
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone

from kiosk.history.audit import Actor, AuditEntry
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.levels.doses import Dose
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState, PlanEntry, Weekday


def moment_text(moment: datetime) -> str:
    """A moment as it is kept. Raises TypeError for one that does not know its offset."""
    if moment.tzinfo is None:
        raise TypeError(f"a moment needs its offset from UTC: {moment}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def utc(moment: datetime) -> datetime:
    """The same moment as it will be read back."""
    return to_moment(moment_text(moment))


def to_moment(text: str) -> datetime:
    """A kept moment, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def session_values(record: SessionRecord) -> dict[str, object]:
    """The columns of a session, without its id and exercises."""
    return {
        "program": record.program,
        "level": record.level,
        "started": moment_text(record.started),
        "local_date": record.local_date.isoformat(),
        "ended": _or_none(record.ended),
        "ending": record.ending.value if record.ending else None,
        "effort": record.effort.value if record.effort else None,
        "entry": record.entry,
        "dose": record.dose,
        **spot_values(record.stopped_at),
    }


def spot_values(spot: Spot | None) -> dict[str, object]:
    """The columns of a spot."""
    return {
        "at_position": spot.position if spot else None,
        "at_exercise": spot.exercise if spot else None,
        "at_exercise_id": spot.exercise_id if spot else None,
        "at_set": spot.set if spot else None,
        "at_side": spot.side if spot else None,
        "at_rep": spot.rep if spot else None,
    }


def to_session(row: sqlite3.Row, exercises: Sequence[ExerciseDone]) -> SessionRecord:
    """A session from its row."""
    return SessionRecord(
        id=row["id"],
        program=row["program"],
        level=row["level"],
        started=to_moment(row["started"]),
        local_date=date.fromisoformat(row["local_date"]),
        ended=to_moment(row["ended"]) if row["ended"] else None,
        ending=Ending(row["ending"]) if row["ending"] else None,
        stopped_at=_to_spot(row) if row["at_position"] is not None else None,
        effort=Effort(row["effort"]) if row["effort"] else None,
        exercises=tuple(exercises),
        entry=row["entry"],
        dose=row["dose"],
    )


def to_exercise(row: sqlite3.Row) -> ExerciseDone:
    """What was done of an exercise, from its row."""
    return ExerciseDone(
        exercise=row["exercise"],
        exercise_id=row["exercise_id"],
        sets=row["sets"],
        reps=row["reps"],
        left=row["left"],
        right=row["right"],
        holds=row["holds"],
        planned_reps=row["planned_reps"],
    )


def entry_values(entry: PlanEntry, since: datetime) -> dict[str, object]:
    """The columns of an entry of the plan."""
    return {
        "id": entry.id,
        "program": entry.program,
        "days": " ".join(day.name.lower() for day in sorted(entry.days)),
        "times": " ".join(at.isoformat() for at in entry.times),
        "starts": entry.starts.isoformat(),
        "weeks": entry.weeks,
        "paused": int(entry.paused),
        "since": moment_text(since),
        "version": entry.version,
    }


def to_entry(row: sqlite3.Row) -> PlanEntry:
    """An entry of the plan from its row."""
    return PlanEntry(
        id=row["id"],
        program=row["program"],
        days=frozenset(map(_to_weekday, row["days"].split())),
        times=tuple(time.fromisoformat(at) for at in row["times"].split()),
        starts=date.fromisoformat(row["starts"]),
        weeks=row["weeks"],
        paused=bool(row["paused"]),
        since=to_moment(row["since"]),
        version=row["version"],
    )


def key_values(entry: int, local_date: date, local_time: time) -> dict[str, object]:
    """The columns that tell an occurrence from all others."""
    return {
        "entry": entry,
        "local_date": local_date.isoformat(),
        "local_time": local_time.isoformat(),
    }


def ledger_values(row: LedgerRow) -> dict[str, object]:
    """The columns of a kept occurrence. Of its time zone only the offset of then is kept."""
    due = row.occurrence.due
    offset = due.utcoffset() or timedelta(0)
    return {
        **key_values(*row.occurrence.key),
        "program": row.occurrence.program,
        "due": moment_text(due),
        "due_offset": int(offset.total_seconds()),
        "state": row.state.value,
        "reminders": row.reminders,
        "put_off_to": _or_none(row.put_off_to),
        "session": row.session,
    }


def to_ledger_row(row: sqlite3.Row) -> LedgerRow:
    """A kept occurrence from its row."""
    zone = timezone(timedelta(seconds=row["due_offset"]))
    return LedgerRow(
        occurrence=Occurrence(
            entry=row["entry"],
            program=row["program"],
            local_date=date.fromisoformat(row["local_date"]),
            local_time=time.fromisoformat(row["local_time"]),
            due=to_moment(row["due"]).astimezone(zone),
        ),
        state=OccurrenceState(row["state"]),
        reminders=row["reminders"],
        put_off_to=to_moment(row["put_off_to"]) if row["put_off_to"] else None,
        session=row["session"],
    )


def to_dose(row: sqlite3.Row) -> Dose:
    """A changed dose from its row."""
    return Dose(row["program"], row["exercise_id"], row["sets"], row["reps"], row["hold"])


def to_audit_entry(row: sqlite3.Row) -> AuditEntry:
    """A line of the audit from its row."""
    return AuditEntry(to_moment(row["at"]), Actor(row["actor"]), row["what"])


def _to_weekday(text: str) -> Weekday:
    try:
        return Weekday[text.upper()]
    except KeyError as error:
        raise ValueError(f"{text!r} is no day of the week") from error


def _or_none(moment: datetime | None) -> str | None:
    return moment_text(moment) if moment else None


def _to_spot(row: sqlite3.Row) -> Spot:
    return Spot(
        position=row["at_position"],
        exercise=row["at_exercise"],
        exercise_id=row["at_exercise_id"],
        set=row["at_set"],
        side=row["at_side"],
        rep=row["at_rep"],
    )
