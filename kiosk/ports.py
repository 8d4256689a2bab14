"""What the kiosk needs of the outside world, as protocols; `kiosk.adapters` has the real things.

Each protocol has a contract test that the real part and its stand-in both pass.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from kiosk.model.door import KeptVisitor
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
from kiosk.model.settings import Settings
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
        self,
        texts: Iterable[str],
        voice: Voice,
        progress: Progress | None = None,
        *,
        patient: bool = False,
    ) -> PreparedSpeech:
        """All of `texts` that can be had, ready to be played. Any thread; one text is rendered at a
        time. Who is `patient` lets all the others go first, before each text anew.

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


class Doorbell(Protocol):
    """Gives the code that lets a caregiver in. Called by the conductor's thread; quick, never
    raises.
    """

    def pressed(self) -> str | None:
        """The six digits to say in place of what a press means, where somebody waits for them at
        the set-up page; else `None`.
        """
        ...

    def held(self) -> str | None:
        """The six digits to say after the button was held down for ten seconds; `None` where there
        is nothing to give.
        """
        ...


class ProgramShelf(ProgramSource, Protocol):
    """The program files, for whoever edits them: the shipped ones, which nothing touches, and the
    household's own, one of which takes the place of a shipped one of the same id. Any thread.

    Ids are never taken for paths; one that is no program's raises UnknownProgramError. What the
    disk does not let it do raises StoreError.
    """

    def is_own(self, program_id: str) -> bool:
        """Whether the household has a file of its own for it."""
        ...

    def is_shipped(self, program_id: str) -> bool:
        """Whether a program of that id came with the kiosk, even if another takes its place."""
        ...

    def text(self, program_id: str) -> str:
        """Its file. Raises ProgramFileError where that cannot be read."""
        ...

    def document(self, program_id: str) -> Mapping[str, Any]:
        """What its file says, be it usable or not. Raises ProgramFileError where it is no TOML."""
        ...

    def version(self, program_id: str) -> str:
        """Differs after any change to its file; empty where there is none."""
        ...

    def read(self, text: str) -> Mapping[str, Any]:
        """What a file with that text says. Raises ProgramFileError where it is no TOML."""
        ...

    def check(self, document: Mapping[str, Any]) -> Program:
        """The program that `document` describes.

        Raises ProgramFileError with every problem there is, each with its path in the file.
        """
        ...

    def save(self, document: Mapping[str, Any], version: str) -> Program:
        """Keep it as a file of the household's own, where what counts still has that `version`.

        Raises ProgramFileError as `check` does, ConflictError where somebody was quicker.
        """
        ...

    def remove(self, program_id: str, version: str) -> None:
        """Remove the household's own file, where it still has that `version`.

        Raises ConflictError where it has not, UnknownProgramError where there is none.
        """
        ...


class SettingsSource(Protocol):
    """What the settings are made of. Any thread."""

    def load(self, kept: Mapping[str, str]) -> Settings:
        """The settings with those `kept` in the running kiosk, by name, as text.

        Raises SettingsError with every problem there is.
        """
        ...

    def fixed(self) -> Mapping[str, str]:
        """The settings that go before the kept ones, and by what they are given: the name of an
        option or of an environment variable.
        """
        ...


class Choices(Protocol):
    """What there is on this machine to choose from. Any thread; slow the first time."""

    def voices(self, language: str) -> Sequence[tuple[str, str]]:
        """Id and name of each voice for `language`. Raises SpeechError where there is no engine."""
        ...

    def check_voice(self, voice: Voice) -> None:
        """See that there is such a voice. Raises SpeechError, naming near ones."""
        ...

    def devices(self) -> Sequence[str]:
        """Names of the sound cards that can play, by which `audio_device` finds them. Leaves alone
        whatever is playing.
        """
        ...

    def zones(self) -> Sequence[str]:
        """Names of the time zones that people live in, sorted."""
        ...

    def check_zone(self, name: str) -> None:
        """See that there is a time zone of that name. Raises SettingsError."""
        ...


class BackupSpace(Protocol):
    """Where backups are made and handed in. Any thread; raises StoreError where the disk does not
    let it.
    """

    def make(self) -> AbstractContextManager[Path]:
        """A fresh backup in a file that is gone when the context is left."""
        ...

    def receive(self, upload: BinaryIO, name: str) -> None:
        """Read a backup, called `name`, and look it over; slow, one at a time.

        Raises StoreError where it is no sound backup, or too large; nothing of it is left then.
        """
        ...

    def accept(self) -> None:
        """Have what was received take the place of what is kept, at the kiosk's next start."""
        ...

    def discard(self) -> None:
        """Forget what was received."""
        ...


class Button(Protocol):
    """A button that tells of its edges, chatter and all, whoever has opened it."""

    @property
    def is_pressed(self) -> bool:
        """Whether its contacts are closed now, by looking. Raises PinError where it cannot look."""
        ...

    @property
    def is_watched(self) -> bool:
        """Whether that which tells of its edges still runs."""
        ...

    def close(self) -> None:
        """Let go of it; no edge is told after that. Never raises."""
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

    def keep_setting(self, name: str, value: str | None, actor: Actor, now: datetime) -> None:
        """Keep a setting; `None` takes it back."""
        ...

    def keep_settings(self, values: Mapping[str, str | None], actor: Actor, now: datetime) -> None:
        """The same for several settings, by name: all of them or none."""
        ...

    def note(self, entry: AuditEntry) -> None:
        """Add a line to the audit."""
        ...

    def audit(self, newest: int = 100) -> tuple[AuditEntry, ...]:
        """The latest lines of the audit, oldest first."""
        ...

    def notices(self) -> tuple[AuditEntry, ...]:
        """What people should be told even much later, oldest first: what was lost, and when."""
        ...

    def change_count(self) -> int:
        """A number that differs after any change, by whatever process; cheap to ask for."""
        ...


class DoorStore(Protocol):
    """What the kiosk remembers of who may come in. Any thread; each method is done whole or not at
    all, and raises StoreError as those of `Store` do.

    The lines that come with a change go to the audit, and hold nothing secret.
    """

    def door_secret(self, name: str) -> str | None:
        """The secret of that name; `None` where there is none."""
        ...

    def keep_door_secret(
        self, name: str, value: str | None, line: AuditEntry | None = None
    ) -> None:
        """Keep a secret, as it is; `None` drops it."""
        ...

    def renew_door(
        self, secrets: Mapping[str, str | None], visitor: KeptVisitor, line: AuditEntry
    ) -> None:
        """Keep secrets, and begin anew: nobody is in but `visitor`, and there are no failures."""
        ...

    def add_visitor(
        self, visitor: KeptVisitor, line: AuditEntry, forget: Sequence[str] = ()
    ) -> None:
        """Keep who came in, and forget the failures of the keys `forget`."""
        ...

    def visitor_of(self, token_hash: str) -> KeptVisitor | None:
        """Who has the token with that SHA-256 (hexadecimal)."""
        ...

    def kept_visitors(self) -> tuple[KeptVisitor, ...]:
        """Everybody who is in, latest seen first."""
        ...

    def see_visitor(self, visitor: str, seen: datetime) -> None:
        """Keep when the visitor of that id, if there is one, was seen. They then came in at that
        moment at the latest, whatever the clock said when they did.
        """
        ...

    def remove_visitors(self, visitors: Sequence[str], line: AuditEntry | None = None) -> None:
        """Drop the visitors of these ids; without any nothing happens, and `line` is not added."""
        ...

    def failures(self, key: str) -> int:
        """How many failures in a row are kept for that key; some hundreds of keys are, the last."""
        ...

    def note_failure(self, keys: Sequence[str]) -> None:
        """Count one more failure for each of the keys."""
        ...

    def forget_failures(self, keys: Sequence[str]) -> None:
        """Let the keys begin anew."""
        ...

    def note(self, entry: AuditEntry) -> None:
        """Add a line to the audit."""
        ...
