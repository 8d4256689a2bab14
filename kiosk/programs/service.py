"""The exercise programs as the pages ask for them: listed with their use, heard and changed."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from kiosk.audio.export import TimelineSound
from kiosk.clock import WallClock
from kiosk.errors import (
    PlanError,
    Problem,
    ProgramFileError,
    SpeechError,
    StoreError,
    UnknownProgramError,
    WordingError,
)
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.levels.doses import Dose, dose_problems, with_doses
from kiosk.programs.files import ProgramFiles
from kiosk.programs.model import Program
from kiosk.settings.model import Settings
from kiosk.speech.preparer import PreparedSession
from kiosk.store.store import Store

logger = logging.getLogger(__name__)

Document = Mapping[str, Any]
"""A program file's content as plain tables, lists, texts and numbers; `docs/reference/program-file`
says what is in it."""


@dataclass(frozen=True, slots=True)
class ProgramListing:
    """A program as it is listed: its file, its use, and its problems."""

    id: str
    program: Program | None
    """`None` where it cannot be used."""

    problems: tuple[Problem, ...]
    """The problems of its file, where it cannot be used."""

    shipped: bool
    """Whether it came with the kiosk; such a file is never changed."""

    instead_of_shipped: bool
    """Whether it is the household's own and takes the place of a shipped one of the same id."""

    used_in: tuple[int, ...]
    """Numbers of the plan's entries that ask for it."""

    is_default: bool
    """Whether a press of the button starts it."""

    def title(self, language: str) -> str:
        """The program's title in `language`; the id where it cannot be used."""
        return self.program.title(language) if self.program else self.id


CACHED_PREVIEWS = 2
"""A browser asks for a preview in parts; somebody may listen to two programs in turn."""

_Key = tuple[Program, Settings]


@dataclass
class ProgramService:
    """Programs with all that depends on them: the plan, doses, the audit log and previews.

    Any thread; one preview is prepared at a time.
    """

    files: ProgramFiles
    """The files themselves, to be read; they are changed by `save` and `remove` of the service."""

    store: Store
    clock: WallClock
    settings: Callable[[], Settings]
    """Gives the settings in force."""

    make: Callable[[Program], PreparedSession]
    """Prepares a session of a program; slow. Raises WordingError."""

    changed: Callable[[], object] = lambda: None
    """Called after a change; returns at once."""

    _preparing: threading.Lock = field(default_factory=threading.Lock, init=False)
    _previews: tuple[tuple[_Key, TimelineSound], ...] = field(default=(), init=False)
    """Prepared sound by program and settings, the latest first."""

    def all(self) -> tuple[ProgramListing, ...]:
        """Every program there is, usable or not, in the order of their ids."""
        return tuple(self._listings(self.files.ids()))

    def listing(self, program: str) -> ProgramListing:
        """The program of that id, usable or not. Raises UnknownProgramError."""
        if program not in self.files.ids():
            raise UnknownProgramError("program.unknown", program=program)
        (listing,) = self._listings([program])
        return listing

    def save(self, document: Mapping[str, Any], version: str) -> Program:
        """Save a program in the household's own folder, and drop doses that it does not allow.

        Raises ProgramFileError, ConflictError where somebody was quicker, StoreError.
        """
        program = self.files.save(document, version)
        self._note_change(program.id, program, Change.PROGRAM_SAVED)
        return program

    def remove(self, program: str, version: str) -> None:
        """Remove the household's own file; a shipped one of the same id counts again.

        Raises UnknownProgramError, ConflictError where somebody was quicker, StoreError; PlanError
        where it is shipped, or would be gone while the plan or the button still asks for it.
        """
        listing = self.listing(program)
        refusal = ""
        if listing.shipped:
            refusal = "program.shipped"
        elif listing.used_in and not listing.instead_of_shipped:
            refusal = "program.in-plan"
        elif listing.is_default and not listing.instead_of_shipped:
            refusal = "program.of-button"
        if refusal:
            raise PlanError([Problem("program", "", refusal)])
        self.files.remove(program, version)
        counts: Program | None = None
        with suppress(UnknownProgramError, ProgramFileError):
            counts = self.files.load(program)
        self._note_change(program, counts, Change.PROGRAM_REMOVED)

    def preview(self, program: str) -> TimelineSound:
        """The sound of a session, with the doses in force. Slow the first time.

        Raises UnknownProgramError, ProgramFileError, and SpeechError where nothing can be rendered.
        """
        dosed = with_doses(self.files.load(program), self.store.doses.of(program))
        # The loudness is that of whoever listens.
        key = dosed, replace(self.settings(), volume=0)
        found = self._cached_preview(key)
        if found is not None:
            return found
        with self._preparing:
            found = self._cached_preview(key)
            if found is not None:
                return found
            try:
                material = self.make(dosed)
            except WordingError as error:
                raise ProgramFileError([Problem.plain(dosed.id, "text", str(error))]) from error
            if material.problems and not material.bank.speech:
                raise SpeechError(" ".join(material.problems))
            sound = TimelineSound(material.timeline, material.bank)
            # What could not be spoken now may be there the next time.
            if not material.problems:
                self._previews = ((key, sound), *self._previews)[:CACHED_PREVIEWS]
            return sound

    def _cached_preview(self, key: _Key) -> TimelineSound | None:
        return next((sound for known, sound in self._previews if known == key), None)

    def _listings(self, names: Iterable[str]) -> Iterator[ProgramListing]:
        entries = self.store.plan.entries()
        default = self.settings().default_program
        for name in names:
            program: Program | None = None
            problems: tuple[Problem, ...] = ()
            try:
                program = self.files.load(name)
            except ProgramFileError as error:
                problems = error.problems
            own = self.files.is_own(name)
            yield ProgramListing(
                id=name,
                program=program,
                problems=problems,
                shipped=not own,
                instead_of_shipped=own and self.files.is_shipped(name),
                used_in=tuple(entry.id for entry in entries if entry.program == name),
                is_default=name == default,
            )

    def _note_change(self, name: str, program: Program | None, kind: Change) -> None:
        """Write the change into the audit log, and drop the doses that `program` does not allow.

        The file is changed already, so a store that cannot be written is no reason to refuse.
        """
        now = self.clock.utc()
        try:
            self.store.audit.add(AuditEntry(now, Actor.PAGE, kind, name))
            for dose in self.store.doses.of(name):
                if program is None or dose_problems(program, dose, forced=True):
                    self.store.doses.set(Dose(name, dose.exercise_id), Actor.PAGE, now)
        except StoreError as error:
            logger.warning("A changed program is not in the audit log. %s", error)
        self.changed()
