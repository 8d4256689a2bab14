"""What the kiosk needs of the outside world, as protocols; `kiosk.adapters` has the real things.

Each protocol has a contract test that the real part and its stand-in both pass.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
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
from kiosk.model.program import Program
from kiosk.model.voice import Voice
from kiosk.timeline.bank import ClipBank
from kiosk.units import Millis

Progress = Callable[[int, int], None]
"""Told (done, total) as a long job goes on, from the thread that does the job."""


class Speaker(Protocol):
    """Plays PCM in the format of `kiosk.units`. Only the player's thread touches it."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    def open(self) -> None:
        """Make it ready to be written to; nothing happens where it is already.

        Raises AudioError where it cannot be opened now; a later try may succeed.
        """
        ...

    def write(self, pcm: bytes) -> None:
        """Queue `pcm`; returns when it is accepted, and so keeps the pace of the sound.

        Raises AudioError where the speaker was lost; it must then be opened again.
        """
        ...

    def delay(self) -> Millis:
        """How long after it was written a frame is heard, while writing goes on steadily."""
        ...

    def abort(self) -> None:
        """Be silent now, throwing away what is queued. It stays open; never raises."""
        ...

    def close(self) -> None:
        """Let go of the sound card after what is queued has been heard; never raises."""
        ...


class SpeechEngine(Protocol):
    """Turns text into sound files; slow, and not to be trusted to finish."""

    @property
    def identity(self) -> str:
        """Engine and version; part of the key under which its clips are kept.

        Raises SpeechError where there is no engine.
        """
        ...

    def render(self, text: str, voice: Voice, into: Path) -> None:
        """Write `text`, spoken by `voice`, to `into` as a WAV file.

        Raises SpeechError, which says what to do, where it cannot; `into` is then not to be used.
        """
        ...

    def close(self) -> None:
        """End whatever it keeps running; never raises."""
        ...


@dataclass(frozen=True)
class PreparedSpeech:
    """The clips of a session, and why some may be missing."""

    bank: ClipBank
    problems: tuple[str, ...] = ()
    """One sentence for each cause, saying what to do; empty where every text was rendered."""


class SpeechSource(Protocol):
    """Where the clips of a session come from: rendered before, or rendered now."""

    def prepare(
        self, texts: Iterable[str], voice: Voice, progress: Progress | None = None
    ) -> PreparedSpeech:
        """All of `texts` that can be had, ready to be played. Any thread, one at a time.

        Never raises for a broken engine: what could not be rendered is missing from the bank.
        """
        ...

    def close(self) -> None:
        """Let go of the engine; never raises."""
        ...


class ProgramSource(Protocol):
    """The exercise programs there are."""

    def load(self, program_id: str) -> Program:
        """The program of that id.

        Raises UnknownProgramError where there is none, ProgramFileError where it is unusable.
        """
        ...

    def ids(self) -> Mapping[str, Path]:
        """Every program's id and the file it stands in, whether usable or not."""
        ...


class Light(Protocol):
    """A light that can be dimmed."""

    def set(self, brightness: float) -> None:
        """Shine at `brightness`, 0 (dark) to 1 (full)."""
        ...

    def close(self) -> None:
        """Go dark and let go of the pin."""
        ...


class WallClock(Protocol):
    """The time of day. Any thread."""

    def utc(self) -> datetime:
        """Now, in UTC; may jump in either direction, by years."""
        ...

    def trusted(self) -> bool:
        """Whether it can be believed: a board without a battery wakes up in the past, and has to
        hear the time from the network first.
        """
        ...


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

    def kept_settings(self) -> Mapping[str, str]:
        """Settings changed in the running kiosk, by name, as text."""
        ...

    def keep_setting(self, name: str, value: str | None, actor: Actor, now: datetime) -> None:
        """Keep a setting; `None` takes it back."""
        ...

    def note(self, entry: AuditEntry) -> None:
        """Add a line to the audit."""
        ...

    def audit(self, newest: int = 100) -> tuple[AuditEntry, ...]:
        """The latest lines of the audit, oldest first."""
        ...

    def change_count(self) -> int:
        """A number that differs after any change, by whatever process; cheap to ask for."""
        ...
