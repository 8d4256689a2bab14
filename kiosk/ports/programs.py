"""Where the exercise programs are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from kiosk.model.program import Program


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
