"""The exercise programs, for whoever reads, hears and edits them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kiosk.errors import Problem
from kiosk.model.program import Program
from kiosk.timeline.wav import wav_bytes, wav_size
from kiosk.units import Frames, Millis

__all__ = ["Document", "ProgramDesk", "ProgramListing", "Sound", "wav_bytes", "wav_size"]

Document = Mapping[str, Any]
"""A program file's content as plain tables, lists, texts and numbers; `docs/reference/program-file`
says what is in it."""


@dataclass(frozen=True, slots=True)
class ProgramListing:
    """A program there is."""

    id: str
    program: Program | None
    """`None` where it cannot be used."""

    problems: tuple[Problem, ...]
    """Why not."""

    shipped: bool
    """Whether it came with the kiosk; such a file is never changed."""

    instead_of_shipped: bool
    """Whether it is the household's own and takes the place of a shipped one of the same id."""

    used_in: tuple[int, ...]
    """Numbers of the plan's entries that ask for it."""

    is_default: bool
    """Whether a press of the button starts it."""


class Sound(Protocol):
    """Something to be heard, in the format of `kiosk.units`, made as it is asked for."""

    @property
    def duration(self) -> Millis:
        """How long it is."""
        ...

    @property
    def frames(self) -> Frames:
        """The same in frames."""
        ...

    def pcm(self, start: Frames, count: Frames) -> bytes:
        """A part of it; less than asked for only at its end."""
        ...


class ProgramDesk(Protocol):
    """An id that is no program's raises UnknownProgramError, a file that cannot be written
    StoreError.
    """

    def all(self) -> tuple[ProgramListing, ...]:
        """Every program there is, usable or not."""
        ...

    def listing(self, program: str) -> ProgramListing:
        """One of them."""
        ...

    def text(self, program: str) -> str:
        """Its file, for download."""
        ...

    def document(self, program: str) -> Document:
        """The content of its file, for editing. Raises ProgramFileError where it has none."""
        ...

    def version(self, program: str) -> str:
        """Differs after any change to its file; empty where there is none."""
        ...

    def read(self, text: str) -> Document:
        """What an imported file says. Raises ProgramFileError with every problem there is."""
        ...

    def check(self, document: Document) -> Program:
        """The program that `document` describes, not kept yet.

        Raises ProgramFileError with every problem there is; paths are those of the file format,
        e.g. `exercise[2].phases[0].seconds`.
        """
        ...

    def save(self, document: Document, version: str) -> Program:
        """Keep it in the household's own folder, in place of the file that had that `version`.

        Raises ProgramFileError; ConflictError where somebody was quicker.
        """
        ...

    def remove(self, program: str, version: str) -> None:
        """Remove the household's own file; a shipped one of the same id counts again.

        Raises ConflictError where somebody was quicker, PlanError where it is shipped, or where it
        would be gone while the plan or the button still asks for it.
        """
        ...

    def preview(self, program: str) -> Sound:
        """The very sound of a session, with the doses of now. Slow the first time.

        Raises ProgramFileError, and SpeechError where nothing can be rendered.
        """
        ...
