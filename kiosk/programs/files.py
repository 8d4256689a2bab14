"""The program files, to be read and edited: each change is on disk, and whole, when it returns."""

import hashlib
import logging
import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.errors import (
    ConflictError,
    Problem,
    ProgramFileError,
    StoreError,
    UnknownProgramError,
    quoted,
)
from kiosk.programs.checks import link_problems
from kiosk.programs.library import SUFFIX, ProgramLibrary
from kiosk.programs.model import Program
from kiosk.programs.names import LARGEST_FILE, SLUG
from kiosk.programs.reader import parse_program, program_of, read_bytes, read_text, tables_of
from kiosk.programs.writer import toml_text
from kiosk.schedule.model import WALK
from kiosk.store.errors import store_errors
from kiosk.system.disk import sync, write_whole

logger = logging.getLogger(__name__)

MOST_OWN_PROGRAMS = 500

SOURCE = "program"
"""Where the problems of a program stand that is in no file yet."""

_Signature = tuple[int, int, int]


class ProgramFiles:
    """Program files in two folders: `shipped`, which is only read, and `own`. Any thread."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self._shipped = shipped
        self._own = own
        self._own_files = ProgramLibrary([own])
        self._library = ProgramLibrary([shipped, own])
        self._changing = threading.Lock()
        self._known: dict[Path, tuple[_Signature, Program]] = {}
        """What was read of files that have not changed since, for a list of many is asked often."""

    def ids(self) -> Mapping[str, Path]:
        """Every program's id and the file it stands in, whether usable or not."""
        return self._library.ids()

    def load(self, program_id: str) -> Program:
        """The program of that id.

        Raises UnknownProgramError where there is none, ProgramFileError where it is unusable.
        """
        path = self._path(program_id)
        signature = None if path is None else _signature(path)
        if path is None or signature is None:
            return self._library.load(program_id)
        known = self._known.get(path)
        if known is not None and known[0] == signature:
            return known[1]
        program = self._library.read(path)
        self._known[path] = signature, program
        return program

    def is_own(self, program_id: str) -> bool:
        """Whether the household has a file of its own for it."""
        return _in(self._own, program_id) is not None

    def is_shipped(self, program_id: str) -> bool:
        """Whether a program of that id came with the kiosk, even if another takes its place."""
        return _in(self._shipped, program_id) is not None

    def text(self, program_id: str) -> str:
        """Its file. Raises ProgramFileError where that cannot be read."""
        path = self._path(program_id)
        if path is None:
            raise UnknownProgramError(f"There is no program {quoted(program_id)}.")
        return read_text(path)

    def document(self, program_id: str) -> dict[str, Any]:
        """What its file says, be it usable or not. Raises ProgramFileError where it is no TOML."""
        return tables_of(self.text(program_id), f"{program_id}{SUFFIX}")

    def version(self, program_id: str) -> str:
        """Differs after any change to its file; empty where there is none."""
        path = self._path(program_id)
        if path is None:
            return ""
        try:
            return hashlib.sha256(read_bytes(path)).hexdigest()
        except ProgramFileError:
            return f"unreadable-{_signature(path)}"

    def read(self, text: str) -> dict[str, Any]:
        """What a file with that text says. Raises ProgramFileError where it is no TOML."""
        return tables_of(text.removeprefix("\ufeff"), SOURCE)

    def check(self, document: Mapping[str, Any]) -> Program:
        """The program that `document` describes, and that its file will describe.

        Raises ProgramFileError with every problem there is, each with its path in the file.
        """
        wrong: list[Problem] = []
        try:
            program = program_of(document, SOURCE)
        except ProgramFileError as error:
            wrong += error.problems
        if document.get("id") == WALK:
            message = f"{quoted(WALK)} stands for the daily walk. Choose another id."
            wrong.append(Problem(SOURCE, "id", message))
        if wrong:
            raise ProgramFileError(wrong)
        self._check_links(program)
        return parse_program(_text_of(document), SOURCE)

    def save(self, document: Mapping[str, Any], version: str) -> Program:
        """Keep it as a file of the household's own, where what counts still has that `version`.

        Raises ProgramFileError as `check` does, ConflictError where somebody was quicker,
        StoreError where the disk does not let it, or there are too many of them.
        """
        program = self.check(document)
        with self._changing:
            self._see_that_it_is(program.id, version)
            own = self._own_files.ids()
            if program.id not in own and len(own) >= MOST_OWN_PROGRAMS:
                raise StoreError(
                    f"There are {MOST_OWN_PROGRAMS} programs of your own already, and no more are"
                    " kept. Remove one that is not needed first."
                )
            with store_errors(self._own):
                self._write(program.id, _text_of(document))
        logger.info("a program was saved")
        return program

    def remove(self, program_id: str, version: str) -> None:
        """Remove the household's own file, where it still has that `version`.

        Raises ConflictError where it has not, UnknownProgramError where there is none.
        """
        with self._changing:
            path = _in(self._own, program_id)
            if path is None:
                raise UnknownProgramError(
                    f"There is no program {quoted(program_id)} of your own that could be removed."
                )
            self._see_that_it_is(program_id, version)
            with store_errors(path):
                path.unlink(missing_ok=True)
                sync(self._own)
            self._known.pop(path, None)
        logger.info("a program was removed")

    def _path(self, program_id: str) -> Path | None:
        """The file that counts, found without looking through the folders."""
        return _in(self._own, program_id) or _in(self._shipped, program_id)

    def _check_links(self, program: Program) -> None:
        sources = {**self.ids(), program.id: Path(SOURCE)}
        programs = {program.id: program}
        for linked in (program.previous_level, program.next_level):
            if linked is not None and linked in sources and linked != program.id:
                try:
                    programs[linked] = self.load(linked)
                except (ProgramFileError, UnknownProgramError):
                    continue  # that one is told of where it stands
        wrong = [one for one in link_problems(programs, sources) if one.source == SOURCE]
        if wrong:
            raise ProgramFileError(wrong)

    def _see_that_it_is(self, program_id: str, version: str) -> None:
        found = self.version(program_id)
        if found == version:
            return
        if not version:
            raise ConflictError(
                f"There is a program {quoted(program_id)} already. Choose another id, or change"
                " that one."
            )
        if not found:
            raise ConflictError(f"Somebody has removed the program {quoted(program_id)} meanwhile.")
        raise ConflictError(
            f"The program {quoted(program_id)} was changed by somebody else meanwhile. Look at it"
            " again, then change it."
        )

    def _write(self, program_id: str, text: str) -> None:
        """Have the file there whole or not at all, whenever the power goes."""
        self._own.mkdir(parents=True, exist_ok=True)
        write_whole(self._own / f"{program_id}{SUFFIX}", text.encode())


def _in(folder: Path, program_id: str) -> Path | None:
    """The file of that program in `folder`; an id is never taken for a path."""
    if not re.fullmatch(SLUG, program_id):
        return None
    path = folder / f"{program_id}{SUFFIX}"
    return path if os.path.lexists(path) else None


def _text_of(document: Mapping[str, Any]) -> str:
    text = toml_text(document)
    if len(text.encode()) > LARGEST_FILE:
        message = f"The program is too large; {LARGEST_FILE:,} bytes are the most."
        raise ProgramFileError([Problem(SOURCE, "", message)])
    return text


def _signature(path: Path) -> _Signature | None:
    """What differs after any change to the file; `None` where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
