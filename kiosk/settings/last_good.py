"""Copies of the settings file and of the household's own programs as they were when they worked.

A file that was damaged by hand or by a worn card must not keep a person from exercising. After each
good start what it has gone by is copied; where a file cannot be used later, its copy is.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from kiosk.errors import ProgramFileError, SettingsError, UnknownProgramError
from kiosk.locale.problems import error_text
from kiosk.programs.files import SUFFIX, ProgramLibrary, shipped_folder
from kiosk.programs.model import Program
from kiosk.programs.reader import read_bytes
from kiosk.settings.sources import FILE_NAME, GOOD_NAME, Given, LayeredSettings, content_of
from kiosk.system.folders import Folders, give_to_owner_of_folder, write_whole

logger = logging.getLogger(__name__)

GOOD_PROGRAMS = "good-programs"


def keep_copies(folders: Folders, above: tuple[Given, ...] = ()) -> None:
    """Copy the files that can be used now, or log why not; slow. `above`: see `LayeredSettings`."""
    file = folders.state / FILE_NAME
    with _logged(), suppress(SettingsError):
        # Where there is no file, that has worked, too.
        content = content_of(file)
        LayeredSettings.over(file, above).load({})
        _copy(content, folders.state / GOOD_NAME)
    with _logged():
        _copy_programs(folders)


class LastGoodPrograms:
    """A `ProgramSource` that, where the household's own file of a program cannot be used, loads its
    copy or else the shipped program of that id. Any thread.

    A program of another id never takes its place: it may be wrong for the person.
    """

    def __init__(self, folders: Folders, on_fault: Callable[[], None]) -> None:
        """`on_fault` is called each time that another file takes a file's place."""
        self._programs = ProgramLibrary([shipped_folder(), folders.programs])
        self._instead = (
            ProgramLibrary([folders.state / GOOD_PROGRAMS]),
            ProgramLibrary([shipped_folder()]),
        )
        self._on_fault = on_fault
        self._logged = ""

    def load(self, program_id: str) -> Program:
        """The program, or what replaces it. Raises UnknownProgramError, ProgramFileError."""
        try:
            return self._programs.load(program_id)
        except ProgramFileError as error:
            for programs in self._instead:
                with suppress(ProgramFileError, UnknownProgramError):
                    program = programs.load(program_id)
                    self._report(program_id, error)
                    return program
            raise

    def ids(self) -> Mapping[str, Path]:
        """As `ProgramSource.ids`, of the household's and the shipped programs."""
        return self._programs.ids()

    def _report(self, program_id: str, error: ProgramFileError) -> None:
        text = error_text(error)
        if text != self._logged:
            logger.error(
                "The program %s cannot be used. The last one of that name that could is played. %s",
                program_id,
                text,
            )
        self._logged = text
        self._on_fault()


def _copy_programs(folders: Folders) -> None:
    own, copies = ProgramLibrary([folders.programs]), folders.state / GOOD_PROGRAMS
    # A folder that just cannot be read, as on a card that fails, has not lost its programs.
    there: frozenset[str] = frozenset()
    with suppress(FileNotFoundError):
        there = frozenset(path.name for path in folders.programs.iterdir())
    paths = own.ids()
    if paths:
        copies.mkdir(mode=0o700, exist_ok=True)
        give_to_owner_of_folder(copies)
    for program_id, path in paths.items():
        with suppress(ProgramFileError), _logged():
            content = read_bytes(path)
            own.read(path)
            _copy(content, copies / f"{program_id}{SUFFIX}")
    for copy in copies.glob(f"*{SUFFIX}"):
        if copy.name not in there:
            copy.unlink(missing_ok=True)


@contextmanager
def _logged() -> Iterator[None]:
    """Log an OSError, and go on."""
    try:
        yield
    except OSError as error:
        logger.warning("What works now could not be copied for later: %s.", error)


def _copy(content: bytes, copy: Path) -> None:
    """Write `content` to the file `copy`, unless it is there already. Raises OSError."""
    if not copy.is_file() or copy.read_bytes() != content:
        write_whole(copy, content)
