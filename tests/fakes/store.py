"""A store that remembers as long as it lives, in plain dictionaries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone

from kiosk.errors import ConflictError, StoreError, UnknownEntryError
from kiosk.history import audit as audit_lines
from kiosk.history.audit import Actor, AuditEntry
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.levels.doses import Dose
from kiosk.schedule.model import LedgerRow, OccurrenceState, PlanEntry
from tests.fakes.auth_store import FakeDoorStore, in_utc


class FakeStore(FakeDoorStore):
    """Keeps everything as the real store does, down to the lines of the audit. Any thread."""

    def __init__(self) -> None:
        super().__init__()
        self._sessions: dict[int, SessionRecord] = {}
        self._last_session = 0
        self._plan: dict[int, PlanEntry] = {}
        self._last_entry = 0
        self._ledger: dict[tuple[int, date, time], LedgerRow] = {}
        self._settled_until: datetime | None = None
        self._doses: dict[tuple[str, str], Dose] = {}
        self._settings: dict[str, str] = {}
        self._notices: list[AuditEntry] = []

    # sessions

    def begin_session(self, record: SessionRecord) -> int:
        with self._writing():
            self._last_session += 1
            self._sessions[self._last_session] = replace(
                record,
                id=self._last_session,
                started=in_utc(record.started),
                ended=in_utc(record.ended) if record.ended else None,
                exercises=_each_once(record.exercises),
            )
            return self._last_session

    def note_progress(self, session: int, spot: Spot, done: Sequence[ExerciseDone]) -> None:
        with self._writing(counted=False):
            self._change_session(session, stopped_at=spot, exercises=_each_once(done))

    def end_session(
        self,
        session: int,
        ended: datetime,
        ending: Ending,
        spot: Spot,
        done: Sequence[ExerciseDone],
    ) -> None:
        with self._writing():
            self._change_session(
                session,
                ended=in_utc(ended),
                ending=ending,
                stopped_at=None if ending is Ending.COMPLETED else spot,
                exercises=_each_once(done),
            )

    def note_effort(self, session: int, effort: Effort) -> None:
        with self._writing():
            self._change_session(session, effort=effort)

    def drop_session(self, session: int) -> None:
        with self._writing():
            self._sessions.pop(session, None)
            for key, row in self._ledger.items():
                if row.session == session:
                    self._ledger[key] = replace(row, session=None)

    def open_session(self) -> SessionRecord | None:
        with self._reading():
            last = self._sessions[max(self._sessions)] if self._sessions else None
            return last if last and last.ended is None else None

    def sessions(
        self, first: date | None = None, last: date | None = None, newest: int | None = None
    ) -> tuple[SessionRecord, ...]:
        with self._reading():
            found = [
                record
                for _, record in sorted(self._sessions.items())
                if (first is None or first <= record.local_date)
                and (last is None or record.local_date <= last)
            ]
            return _newest(found, newest)

    # the plan and its ledger

    def plan(self) -> tuple[PlanEntry, ...]:
        with self._reading():
            return tuple(entry for _, entry in sorted(self._plan.items()))

    def add_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        with self._writing():
            self._last_entry += 1
            kept = replace(entry, id=self._last_entry, since=in_utc(now), version=1)
            self._plan[kept.id] = kept
            self._add_to_audit(actor, now, audit_lines.entry_added(kept))
            return kept

    def change_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        with self._writing():
            return self._change_entry(entry, actor, now)

    def remove_entry(self, entry: int, actor: Actor, now: datetime) -> PlanEntry:
        with self._writing():
            gone = self._known_entry(entry)
            del self._plan[entry]
            self._add_to_audit(actor, now, audit_lines.entry_removed(gone))
            return gone

    def restore_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        with self._writing():
            if entry.id in self._plan:
                raise ConflictError(f"Entry {entry.id} is in the plan.")
            if not 1 <= entry.id <= self._last_entry:
                raise UnknownEntryError(f"The plan never had an entry {entry.id}.")
            kept = replace(entry, since=in_utc(now), version=entry.version + 1)
            self._plan[kept.id] = kept
            self._add_to_audit(actor, now, audit_lines.entry_put_back(kept))
            return kept

    def ledger(self, first: date, last: date) -> tuple[LedgerRow, ...]:
        with self._reading():
            found = [
                row for row in self._ledger.values() if first <= row.occurrence.local_date <= last
            ]
            return tuple(sorted(found, key=lambda row: (row.occurrence.due, row.occurrence.key)))

    def write_ledger(
        self,
        rows: Sequence[LedgerRow],
        settled_until: datetime,
        forget: Sequence[tuple[int, date, time]] = (),
    ) -> None:
        with self._writing():
            until = in_utc(settled_until)
            kept = [_kept(row) for row in rows]
            for row in kept:
                if row.state is OccurrenceState.COMING:
                    raise StoreError("An occurrence that is still coming is not kept.")
                if row.session is not None and row.session not in self._sessions:
                    raise StoreError(f"There is no session {row.session}.")
            for key in forget:
                self._ledger.pop(key, None)
            self._ledger.update({row.occurrence.key: row for row in kept})
            self._settled_until = until

    def settled_until(self) -> datetime | None:
        with self._reading():
            return self._settled_until

    # doses, settings, audit

    def doses(self, program: str | None = None) -> tuple[Dose, ...]:
        with self._reading():
            return tuple(
                dose for _, dose in sorted(self._doses.items()) if program in (None, dose.program)
            )

    def set_dose(self, dose: Dose, actor: Actor, now: datetime) -> None:
        with self._writing():
            self._set_dose(dose, actor, now)

    def change_level(
        self,
        actor: Actor,
        now: datetime,
        what: str = "",
        doses: Sequence[Dose] = (),
        entries: Sequence[PlanEntry] = (),
        settings: Mapping[str, str | None] | None = None,
    ) -> tuple[PlanEntry, ...]:
        with self._writing():
            if what:
                self._add_to_audit(actor, now, what)
            for dose in doses:
                self._set_dose(dose, actor, now)
            changed = tuple(self._change_entry(entry, actor, now) for entry in entries)
            self._keep_settings(settings or {}, actor, now)
            return changed

    def kept_settings(self) -> Mapping[str, str]:
        with self._reading():
            return dict(sorted(self._settings.items()))

    def keep_settings(self, values: Mapping[str, str | None], actor: Actor, now: datetime) -> None:
        with self._writing():
            self._keep_settings(values, actor, now)

    def audit(self, newest: int | None = 100) -> tuple[AuditEntry, ...]:
        with self._reading():
            return _newest(self._audit, newest)

    def notices(self) -> tuple[AuditEntry, ...]:
        with self._reading():
            return tuple(self._notices)

    def add_notice(self, at: datetime, what: str) -> None:
        """Tell of a loss, as the real store does when it is opened."""
        with self._writing():
            self._notices.append(AuditEntry(in_utc(at), Actor.KIOSK, what))
            self._add_to_audit(Actor.KIOSK, at, what)

    def change_count(self) -> int:
        with self._reading():
            return self._changes

    def _change_session(self, session: int, **changes: object) -> None:
        if session not in self._sessions:
            raise StoreError(f"There is no session {session}.")
        self._sessions[session] = replace(self._sessions[session], **changes)

    def _change_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        before = self._known_entry(entry.id)
        if before.version != entry.version:
            raise ConflictError(f"Entry {entry.id} has changed meanwhile.")
        kept = replace(entry, since=in_utc(now), version=entry.version + 1)
        self._plan[kept.id] = kept
        self._add_to_audit(actor, now, audit_lines.entry_changed(before, kept))
        return kept

    def _set_dose(self, dose: Dose, actor: Actor, now: datetime) -> None:
        key = dose.program, dose.exercise_id
        wanted = None if audit_lines.is_unchanged(dose) else dose
        if self._doses.get(key) == wanted:
            return
        self._doses.pop(key, None)
        if wanted:
            self._doses[key] = wanted
        self._add_to_audit(actor, now, audit_lines.dose_set(dose))

    def _keep_settings(self, values: Mapping[str, str | None], actor: Actor, now: datetime) -> None:
        for name, value in values.items():
            if self._settings.get(name) == value:
                continue
            self._settings.pop(name, None)
            if value is not None:
                self._settings[name] = value
            self._add_to_audit(actor, now, audit_lines.setting_kept(name, value))

    def _known_entry(self, entry: int) -> PlanEntry:
        if entry not in self._plan:
            raise UnknownEntryError(f"The plan has no entry {entry}.")
        return self._plan[entry]


def _newest(found: Sequence, newest: int | None) -> tuple:
    return tuple(found) if newest is None else tuple(found[max(0, len(found) - newest) :])


def _each_once(done: Sequence[ExerciseDone]) -> tuple[ExerciseDone, ...]:
    """In order, and of two lines about the same exercise the later."""
    return tuple(one for _, one in sorted({one.exercise: one for one in done}.items()))


def _kept(row: LedgerRow) -> LedgerRow:
    due = row.occurrence.due
    offset = due.utcoffset()
    assert offset is not None, "a moment needs its offset"
    # A zone's rules are not kept, only its offset of then.
    plain = due.astimezone(timezone(timedelta(seconds=offset.total_seconds())))
    return replace(
        row,
        occurrence=replace(row.occurrence, due=plain),
        put_off_to=in_utc(row.put_off_to) if row.put_off_to else None,
    )
