"""Where the exercise programs are.

The programs there are: the shipped ones, and those of the household or clinic.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from kiosk.errors import Problem, ProgramFileError, UnknownProgramError, nearest, quoted
from kiosk.programs.model import Program
from kiosk.programs.names import SLUG
from kiosk.programs.reader import read_program

logger = logging.getLogger(__name__)


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


SUFFIX = ".toml"


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
        """Every program's id and the file it stands in, whether usable or not."""
        return {path.stem: path for path in self.files() if re.fullmatch(SLUG, path.stem)}

    def load(self, program_id: str) -> Program:
        """The program of that id, and nothing else: an id is never taken for a path.

        Raises UnknownProgramError where there is none, ProgramFileError where it is unusable.
        """
        known = self.ids()
        if program_id not in known:
            raise UnknownProgramError(_unknown(program_id, known))
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
        kept_here = path.resolve().parent in {folder.resolve() for folder in self._folders}
        if kept_here and path.stem != program.id:
            message = (
                f"The file's name and the id differ. Rename the file to {program.id}{SUFFIX}, "
                "or change the id."
            )
            raise ProgramFileError([Problem(str(path), "id", message)])
        return program


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


def _unknown(program_id: str, known: Mapping[str, Path]) -> str:
    near = nearest(program_id, known)
    hint = f" Did you mean {near}?" if near else ""
    return f"There is no program {quoted(program_id)}. There is: {', '.join(known)}.{hint}"
