"""Copies of the settings file and of the household's own programs as they were when they worked.

A file that was damaged by hand or by a worn card must not keep a person from exercising. After each
good start what it has gone by is copied; where a file cannot be used later, its copy is.
"""

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from kiosk.adapters.folders import Folders
from kiosk.adapters.program_files.library import SUFFIX, ProgramLibrary, shipped_folder
from kiosk.adapters.settings.layers import LayeredSettings
from kiosk.adapters.settings.toml_file import FILE_NAME, GOOD_NAME
from kiosk.adapters.store.database import sync
from kiosk.adapters.store.files import give_to_owner_of_folder
from kiosk.errors import ProgramFileError, SettingsError, UnknownProgramError
from kiosk.model.program import Program

logger = logging.getLogger(__name__)

GOOD_PROGRAMS = "good-programs"
"""The folder of the copies of programs, in the state directory."""


def keep_copies(
    folders: Folders, environ: Mapping[str, str], options: Mapping[str, object]
) -> None:
    """Copy what can be used now. Slow; what cannot be copied is told in the log alone."""
    try:
        _keep_settings(folders.state, environ, options)
        _keep_programs(folders)
    except OSError as error:
        logger.warning("What works now could not be copied for later: %s.", error.strerror)


class LastGoodPrograms:
    """Implements `kiosk.ports.ProgramSource`: where the household's own file of a program cannot be
    used, its copy or else the shipped program of that id. Any thread.

    A program of another id never takes its place: it may be wrong for the person.
    """

    def __init__(self, folders: Folders, tell: Callable[[], None]) -> None:
        """`tell` is called each time that a file had to be stood in for."""
        self._programs = ProgramLibrary([shipped_folder(), folders.programs])
        self._instead = (
            ProgramLibrary([folders.state / GOOD_PROGRAMS]),
            ProgramLibrary([shipped_folder()]),
        )
        self._tell = tell
        self._said = ""

    def load(self, program_id: str) -> Program:
        """The program of that id.

        Raises UnknownProgramError where there is none, ProgramFileError where neither its file nor
        anything instead can be used.
        """
        try:
            return self._programs.load(program_id)
        except ProgramFileError as error:
            for programs in self._instead:
                with suppress(ProgramFileError, UnknownProgramError):
                    program = programs.load(program_id)
                    self._say(program_id, error)
                    return program
            raise

    def ids(self) -> Mapping[str, Path]:
        """Every program's id and the file it stands in, whether usable or not."""
        return self._programs.ids()

    def _say(self, program_id: str, error: ProgramFileError) -> None:
        if str(error) != self._said:
            logger.error(
                "The program %s cannot be used. The last one of that name that could is played. %s",
                program_id,
                error,
            )
        self._said = str(error)
        self._tell()


def _keep_settings(state: Path, environ: Mapping[str, str], options: Mapping[str, object]) -> None:
    path = state / FILE_NAME
    # Where there is no file, that has worked, too.
    content = path.read_bytes() if path.exists() else b""
    with suppress(SettingsError):
        LayeredSettings.read(state, environ, options).load({})
        _keep(content, state / GOOD_NAME)


def _keep_programs(folders: Folders) -> None:
    own, copies = ProgramLibrary([folders.programs]), folders.state / GOOD_PROGRAMS
    paths = own.ids()
    if paths:
        copies.mkdir(mode=0o700, exist_ok=True)
        give_to_owner_of_folder(copies)
    for program_id, path in paths.items():
        with suppress(ProgramFileError):
            content = path.read_bytes()
            own.read(path)
            _keep(content, copies / f"{program_id}{SUFFIX}")
    for copy in copies.glob(f"*{SUFFIX}"):
        if copy.stem not in paths:
            copy.unlink(missing_ok=True)


def _keep(content: bytes, copy: Path) -> None:
    """Have `content` in the file `copy`, whole or not at all; no write where it is there already.

    Raises OSError.
    """
    if copy.is_file() and copy.read_bytes() == content:
        return
    unfinished = copy.with_name(f".{copy.name}.tmp")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        give_to_owner_of_folder(unfinished)
        unfinished.replace(copy)
    finally:
        unfinished.unlink(missing_ok=True)
    sync(copy.parent)
