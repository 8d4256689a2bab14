"""What the kiosk remembers of sessions, of the plan, and of what was changed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Protocol

from kiosk.model.history import (
    Actor,
    AuditEntry,
    Dose,
    Effort,
    Ending,
    ExerciseDone,
    SessionRecord,
    Spot,
)
from kiosk.model.plan import LedgerRow, PlanEntry


class Store(Protocol):
    """What the kiosk remembers. Any thread; each change is on disk when its method returns.

    Every method raises StoreError where the data cannot be read or written (a full disk, say); what
    was kept before is then still whole.
    """

    # sessions

    def begin_session(self, record: SessionRecord) -> int:
        """Keep the beginning of a session; its id (that of `record` does not matter)."""
        ...

    def note_progress(self, session: int, spot: Spot, done: Sequence[ExerciseDone]) -> None:
        """Keep how far a session has got."""
        ...

    def end_session(
        self,
        session: int,
        ended: datetime,
        ending: Ending,
        spot: Spot,
        done: Sequence[ExerciseDone],
    ) -> None:
        """Keep how a session ended."""
        ...

    def note_effort(self, session: int, effort: Effort) -> None:
        """Keep the answer to the question after a session."""
        ...

    def drop_session(self, session: int) -> None:
        """Forget a session that was taken back before it really began."""
        ...

    def open_session(self) -> SessionRecord | None:
        """The last session if it never ended: the kiosk was cut off in it."""
        ...

    def sessions(
        self, first: date | None = None, last: date | None = None, newest: int | None = None
    ) -> tuple[SessionRecord, ...]:
        """Sessions of the days from `first` to `last`, oldest first; with `newest` only so many of
        the latest ones.
        """
        ...

    # the plan and its ledger

    def plan(self) -> tuple[PlanEntry, ...]:
        """Every entry, in the order of their ids."""
        ...

    def add_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        """Keep a new entry; it comes back with its id, `since` and version."""
        ...

    def change_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        """Keep a changed entry.

        Raises UnknownEntryError where there is none of that id, ConflictError where somebody else
        has changed it since `entry.version`.
        """
        ...

    def remove_entry(self, entry: int, actor: Actor, now: datetime) -> PlanEntry:
        """Take an entry out of the plan; its history stays. Raises UnknownEntryError."""
        ...

    def restore_entry(self, entry: PlanEntry, actor: Actor, now: datetime) -> PlanEntry:
        """Put an entry that was taken out back under its own number; it comes back with a new
        `since` and version.

        Raises ConflictError where there is an entry of that number, UnknownEntryError where there
        never was one.
        """
        ...

    def ledger(self, first: date, last: date) -> tuple[LedgerRow, ...]:
        """The kept occurrences of these local days, in the order of their due times."""
        ...

    def write_ledger(
        self,
        rows: Sequence[LedgerRow],
        settled_until: datetime,
        forget: Sequence[tuple[int, date, time]] = (),
    ) -> None:
        """Keep or replace rows, drop those with the keys `forget`, and note that everything due
        until `settled_until` (UTC) is in the ledger; all of it or nothing.
        """
        ...

    def settled_until(self) -> datetime | None:
        """Until when everything due is in the ledger; `None` before the first time."""
        ...

    # doses, settings, audit

    def doses(self, program: str | None = None) -> tuple[Dose, ...]:
        """The caregivers' changes to doses, of one program or of all."""
        ...

    def set_dose(self, dose: Dose, actor: Actor, now: datetime) -> None:
        """Keep a change; one without any value takes the earlier change back."""
        ...

    def change_level(
        self,
        actor: Actor,
        now: datetime,
        what: str = "",
        doses: Sequence[Dose] = (),
        entries: Sequence[PlanEntry] = (),
        settings: Mapping[str, str | None] | None = None,
    ) -> tuple[PlanEntry, ...]:
        """Keep all that goes with a step to another level, or nothing of it; the entries come back
        as they are now. What it is goes to the audit before the changes, if it is given.

        Raises as `change_entry` does.
        """
        ...

    def kept_settings(self) -> Mapping[str, str]:
        """Settings changed in the running kiosk, by name, as text."""
        ...

    def keep_settings(self, values: Mapping[str, str | None], actor: Actor, now: datetime) -> None:
        """Keep settings, by name; `None` takes one back. All of them or none."""
        ...

    def note(self, entry: AuditEntry) -> None:
        """Add a line to the audit."""
        ...

    def audit(self, newest: int | None = 100) -> tuple[AuditEntry, ...]:
        """The latest lines of the audit, or with `None` all of them, oldest first."""
        ...

    def notices(self) -> tuple[AuditEntry, ...]:
        """What people should be told even much later, oldest first: what was lost, and when."""
        ...

    def change_count(self) -> int:
        """A number that differs after any change, by whatever process; cheap to ask for. How far a
        session has got, as this process keeps it, is none.
        """
        ...
