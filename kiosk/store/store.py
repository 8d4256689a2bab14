"""The store on disk, behind `kiosk.ports.Store`. Any thread."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path

from kiosk.history import audit as audit_lines
from kiosk.history.audit import Actor, AuditEntry
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.levels.doses import Dose
from kiosk.schedule.model import LedgerRow, PlanEntry
from kiosk.store import other as other_tables
from kiosk.store import plan as plan_tables
from kiosk.store import sessions as session_tables
from kiosk.store.auth import AuthStore
from kiosk.store.backups import Backups, write_copy
from kiosk.store.database import Database
from kiosk.store.rows import moment_text, spot_values


class Store(AuthStore):
    """Keeps everything in one SQLite file. Each method is one transaction.

    Its methods raise StoreError where the file cannot be read or written, and TypeError for a
    moment that does not know its offset.
    """

    def __init__(self, database: Database, backups: Backups) -> None:
        """Use `open_store`, which sees first that the file is sound."""
        super().__init__(database)
        self._backups = backups

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def begin_session(self, record: SessionRecord) -> int:
        """Keep the beginning of a session; its id, which no other session will ever have."""
        with self._database.writing() as connection:
            return session_tables.insert(connection, record)

    def note_progress(self, session: int, spot: Spot, done: Sequence[ExerciseDone]) -> None:
        """Keep how far a session has got, in place of what was kept of that before."""
        # Once for each repetition, and nobody has to look at the plan again for it.
        with self._database.writing(counted=False) as connection:
            session_tables.set_progress(connection, session, spot_values(spot), done)

    def end_session(
        self,
        session: int,
        ended: datetime,
        ending: Ending,
        spot: Spot,
        done: Sequence[ExerciseDone],
    ) -> None:
        """Keep how a session ended; `spot` only where it was not completed."""
        stopped_at = spot_values(None if ending is Ending.COMPLETED else spot)
        with self._database.writing() as connection:
            session_tables.set_progress(connection, session, stopped_at, done)
            session_tables.set_end(connection, session, moment_text(ended), ending.value)

    def note_effort(self, session: int, effort: Effort) -> None:
        """Keep the answer to the question after a session."""
        with self._database.writing() as connection:
            session_tables.set_effort(connection, session, effort.value)

    def drop_session(self, session: int) -> None:
        """Forget a session, if there is one of that id."""
        with self._database.writing() as connection:
            session_tables.delete(connection, session)

    def open_session(self) -> SessionRecord | None:
        """The session begun last, if it never ended."""
        with self._database.reading() as connection:
            newest = session_tables.select(connection, newest=1)
        return newest[0] if newest and newest[0].ended is None else None

    def sessions(
        self, first: date | None = None, last: date | None = None, newest: int | None = None
    ) -> tuple[SessionRecord, ...]:
        """Sessions of the days from `first` to `last`, in the order in which they were begun."""
        with self._database.reading() as connection:
            return session_tables.select(connection, first, last, newest)

    def plan(self) -> tuple[PlanEntry, ...]:
        """Every entry, in the order of their ids."""
        with self._database.reading() as connection:
            return plan_tables.select_all(connection)

    def add_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        """Keep a new entry; it comes back with its id, `since` and version."""
        with self._database.writing() as connection:
            kept = plan_tables.insert(connection, entry, now)
            other_tables.add_line(connection, actor, now, audit_lines.entry_added(kept))
        return kept

    def change_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        """Keep a changed entry. Raises UnknownEntryError, ConflictError."""
        with self._database.writing() as connection:
            return _change_entry(connection, entry, actor, now)

    def remove_entry(self, entry: int, actor: Actor, now: datetime) -> PlanEntry:
        """Take an entry out of the plan. Raises UnknownEntryError."""
        with self._database.writing() as connection:
            gone = plan_tables.delete(connection, entry)
            other_tables.add_line(connection, actor, now, audit_lines.entry_removed(gone))
        return gone

    def restore_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        """Put a removed entry back. Raises ConflictError, UnknownEntryError."""
        with self._database.writing() as connection:
            kept = plan_tables.put_back(connection, entry, now)
            other_tables.add_line(connection, actor, now, audit_lines.entry_put_back(kept))
        return kept

    def ledger(self, first: date, last: date) -> tuple[LedgerRow, ...]:
        """The kept occurrences of these days; their due times know their offset, not their zone."""
        with self._database.reading() as connection:
            return plan_tables.select_ledger(connection, first, last)

    def write_ledger(
        self,
        rows: Sequence[LedgerRow],
        settled_until: datetime,
        forget: Sequence[tuple[int, date, time]] = (),
    ) -> None:
        """Drop the rows with the keys `forget`, keep or replace `rows`, note `settled_until`."""
        with self._database.writing() as connection:
            plan_tables.change_ledger(connection, rows, forget)
            other_tables.set_settled_until(connection, settled_until)

    def settled_until(self) -> datetime | None:
        """Until when everything due is in the ledger; `None` before the first time."""
        with self._database.reading() as connection:
            return other_tables.settled_until(connection)

    def doses(self, program: str | None = None) -> tuple[Dose, ...]:
        """The changed doses, in the order of program and exercise."""
        with self._database.reading() as connection:
            return other_tables.select_doses(connection, program)

    def set_dose(self, dose: Dose, actor: Actor, now: datetime) -> None:
        """Keep a changed dose; one without any value takes the earlier change back."""
        with self._database.writing() as connection:
            _set_dose(connection, dose, actor, now)

    def change_level(
        self,
        actor: Actor,
        now: datetime,
        what: str = "",
        doses: Sequence[Dose] = (),
        entries: Sequence[PlanEntry] = (),
        settings: Mapping[str, str | None] | None = None,
    ) -> tuple[PlanEntry, ...]:
        """Keep all that goes with a step. Raises UnknownEntryError, ConflictError."""
        with self._database.writing() as connection:
            if what:
                other_tables.add_line(connection, actor, now, what)
            for dose in doses:
                _set_dose(connection, dose, actor, now)
            changed = tuple(_change_entry(connection, entry, actor, now) for entry in entries)
            _keep_settings(connection, settings or {}, actor, now)
        return changed

    def kept_settings(self) -> Mapping[str, str]:
        """Settings changed in the running kiosk, by name."""
        with self._database.reading() as connection:
            return other_tables.select_settings(connection)

    def keep_settings(self, values: Mapping[str, str | None], actor: Actor, now: datetime) -> None:
        """Keep settings, by name; `None` takes one back. All of them or none."""
        with self._database.writing() as connection:
            _keep_settings(connection, values, actor, now)

    def note(self, entry: AuditEntry) -> None:
        """Add a line to the audit."""
        with self._database.writing() as connection:
            other_tables.add_line(connection, entry.actor, entry.at, entry.what)

    def audit(self, newest: int | None = 100) -> tuple[AuditEntry, ...]:
        """The latest lines of the audit, or with `None` all of them, oldest first."""
        with self._database.reading() as connection:
            return other_tables.select_lines(connection, newest)

    def change_count(self) -> int:
        """A number that differs after any change, by whatever process; not for how far a session
        of this one has got.
        """
        return self._database.change_count()

    def notices(self) -> tuple[AuditEntry, ...]:
        """What people should be told even much later: that data was lost, and when."""
        with self._database.reading() as connection:
            return other_tables.select_notices(connection)

    def backup_if_due(self, now: datetime) -> Path | None:
        """Make the backup of the day (UTC), once; its file if it was made now."""
        return self._backups.make_if_due(self._database, now)

    def backup_to(self, file: Path) -> None:
        """Copy everything into one file, in place of an earlier backup of that name.

        Raises StoreError where something else has that name.
        """
        write_copy(self._database, file)


def _change_entry(
    connection: sqlite3.Connection, entry: PlanEntry, actor: Actor, now: datetime
) -> PlanEntry:
    before, after = plan_tables.update(connection, entry, now)
    other_tables.add_line(connection, actor, now, audit_lines.entry_changed(before, after))
    return after


def _set_dose(connection: sqlite3.Connection, dose: Dose, actor: Actor, now: datetime) -> None:
    if other_tables.set_dose(connection, dose):
        other_tables.add_line(connection, actor, now, audit_lines.dose_set(dose))


def _keep_settings(
    connection: sqlite3.Connection,
    values: Mapping[str, str | None],
    actor: Actor,
    now: datetime,
) -> None:
    for name, value in values.items():
        if other_tables.set_setting(connection, name, value):
            other_tables.add_line(connection, actor, now, audit_lines.setting_kept(name, value))
