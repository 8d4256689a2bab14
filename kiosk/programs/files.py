"""The folders of program files: the shipped one, which is only read, and that of the household.

Each change is on disk, and whole, when it returns.
"""

import hashlib
import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from kiosk.errors import (
    ConflictError,
    Problem,
    ProgramFileError,
    StoreError,
    UnknownProgramError,
    Value,
    nearest,
)
from kiosk.programs import LARGEST_FILE, SLUG
from kiosk.programs.checks import link_problems
from kiosk.programs.model import Program
from kiosk.programs.reader import (
    parse_program,
    program_of,
    read_bytes,
    read_program,
    read_text,
    tables_of,
)
from kiosk.schedule.model import WALK
from kiosk.store.database import store_errors
from kiosk.system.folders import sync, write_whole

logger = logging.getLogger(__name__)

SUFFIX = ".toml"

MOST_OWN_PROGRAMS = 500

SOURCE = "program"  # the source of a problem in a program that is in no file yet

_Signature = tuple[int, int, int]


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


def shipped_folder() -> Path:
    """The folder of the programs that come with the kiosk."""
    return Path(str(files("programs")))


class ProgramLibrary:
    """Finds programs by id in folders; a file in a later folder takes the place of an earlier one.

    Reads the folders anew each time, so that an added file needs no restart. Any thread.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def files(self) -> tuple[Path, ...]:
        """Every program file that counts, in the order of their names, whether usable or not."""
        by_name = {path.name: path for folder in self._folders for path in _program_files(folder)}
        return tuple(by_name[name] for name in sorted(by_name))

    def ids(self) -> Mapping[str, Path]:
        """Ids and files, as of `ProgramSource`."""
        return {path.stem: path for path in self.files() if re.fullmatch(SLUG, path.stem)}

    def load(self, program_id: str) -> Program:
        """The program of that id, and nothing else: an id is never taken for a path.

        Raises UnknownProgramError where there is none, ProgramFileError where it is unusable.
        """
        known = self.ids()
        if program_id not in known:
            values: dict[str, Value] = {"program": program_id, "known": tuple(known)}
            if near := nearest(program_id, known):
                raise UnknownProgramError("program.unknown-near", near=near, **values)
            raise UnknownProgramError("program.unknown-of", **values)
        return self.read(known[program_id])

    def resolve(self, id_or_path: str) -> Program:
        """The program of that id or, for a text with a slash or `.toml` at its end, in that file.

        Raises UnknownProgramError where there is no such id, ProgramFileError where the file is
        unusable.
        """
        if "/" in id_or_path or id_or_path.endswith(SUFFIX):
            return self.read(Path(id_or_path))
        return self.load(id_or_path)

    def read(self, path: Path) -> Program:
        """The program in the file `path`, which in a folder of programs has to bear its id.

        Raises ProgramFileError, with every problem there is.
        """
        program = read_program(path)
        in_folder = path.resolve().parent in {folder.resolve() for folder in self._folders}
        if in_folder and path.stem != program.id:
            values = {"name": f"{program.id}{SUFFIX}"}
            raise ProgramFileError(
                [Problem(str(path), "id", "program.file-name-differs", values, steps=("id",))]
            )
        return program


class ProgramFiles(ProgramLibrary):
    """The programs of two folders, `shipped` and `own`, of which the own ones can be changed.

    A file is read again only once it has changed. Any thread.
    """

    def __init__(self, shipped: Path, own: Path) -> None:
        super().__init__([shipped, own])
        self._shipped = shipped
        self._own = own
        self._changing = threading.Lock()
        self._cache: dict[Path, tuple[_Signature, Program]] = {}

    def load(self, program_id: str) -> Program:
        """As of `ProgramLibrary`, from the cache where the file has not changed."""
        path = self._path(program_id)
        signature = None if path is None else _signature(path)
        if path is None or signature is None:
            return super().load(program_id)
        cached = self._cache.get(path)
        if cached is not None and cached[0] == signature:
            return cached[1]
        program = self.read(path)
        self._cache[path] = signature, program
        return program

    def is_own(self, program_id: str) -> bool:
        """Whether the household has a file of its own for it."""
        return _in(self._own, program_id) is not None

    def is_shipped(self, program_id: str) -> bool:
        """Whether a program of that id came with the kiosk, even if another takes its place."""
        return _in(self._shipped, program_id) is not None

    def text(self, program_id: str) -> str:
        """The text of the program's file. Raises ProgramFileError where that cannot be read."""
        path = self._path(program_id)
        if path is None:
            raise UnknownProgramError("program.unknown", program=program_id)
        return read_text(path)

    def document(self, program_id: str) -> dict[str, Any]:
        """The content of its file, usable or not. Raises ProgramFileError where it is no TOML."""
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

    def parse(self, text: str) -> dict[str, Any]:
        """The content of a file with that text. Raises ProgramFileError where it is no TOML."""
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
            values = {"id": WALK}
            wrong.append(Problem(SOURCE, "id", "program.id-of-walk", values, steps=("id",)))
        if wrong:
            raise ProgramFileError(wrong)
        self._check_links(program)
        return parse_program(_text_of(document), SOURCE)

    def save(self, document: Mapping[str, Any], version: str) -> Program:
        """Write it as a file of the household's own, where what counts still has that `version`.

        Raises ProgramFileError as `check` does, ConflictError where somebody was quicker,
        StoreError where the disk does not let it, or there are too many of them.
        """
        program = self.check(document)
        with self._changing:
            self._check_version(program.id, version)
            own = ProgramLibrary([self._own]).ids()
            if program.id not in own and len(own) >= MOST_OWN_PROGRAMS:
                raise StoreError(
                    f"There are {MOST_OWN_PROGRAMS} programs of your own already, and no more are"
                    " kept. Remove one that is not needed first."
                )
            with store_errors(self._own):
                self._own.mkdir(parents=True, exist_ok=True)
                write_whole(self._own / f"{program.id}{SUFFIX}", _text_of(document).encode())
        logger.info("a program was saved")
        return program

    def remove(self, program_id: str, version: str) -> None:
        """Remove the household's own file, where it still has that `version`.

        Raises ConflictError where it has not, UnknownProgramError where there is none.
        """
        with self._changing:
            path = _in(self._own, program_id)
            if path is None:
                raise UnknownProgramError("program.not-own", program=program_id)
            self._check_version(program_id, version)
            with store_errors(path):
                path.unlink(missing_ok=True)
                sync(self._own)
            self._cache.pop(path, None)
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
                    continue  # its own page tells of it
        wrong = [one for one in link_problems(programs, sources) if one.source == SOURCE]
        if wrong:
            raise ProgramFileError(wrong)

    def _check_version(self, program_id: str, version: str) -> None:
        """Raises ConflictError where the file that counts has another `version`."""
        found = self.version(program_id)
        if found == version:
            return
        if not version:
            raise ConflictError("program.id-taken", program=program_id)
        code = "program.changed-meanwhile" if found else "program.removed-meanwhile"
        raise ConflictError(code, program=program_id)


def _program_files(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        # One folder that cannot be read must not keep the others' programs from a person.
        logger.warning("Programs in %s cannot be used: %s.", folder, error.strerror)
        return
    for path in entries:
        if path.suffix == SUFFIX and not path.name.startswith("."):
            yield path


def _in(folder: Path, program_id: str) -> Path | None:
    """The file of that program in `folder`; an id is never taken for a path."""
    if not re.fullmatch(SLUG, program_id):
        return None
    path = folder / f"{program_id}{SUFFIX}"
    return path if os.path.lexists(path) else None


def _text_of(document: Mapping[str, Any]) -> str:
    from kiosk.programs.document import toml_text  # noqa: PLC0415 - loads pydantic

    text = toml_text(document)
    if len(text.encode()) > LARGEST_FILE:
        values = {"most": LARGEST_FILE}
        raise ProgramFileError([Problem(SOURCE, "", "program.too-large", values)])
    return text


def _signature(path: Path) -> _Signature | None:
    """Differs after any change to the file; `None` where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
