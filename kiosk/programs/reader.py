"""Reads one program file, whatever it turns out to hold."""

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from kiosk.errors import Problem, ProgramFileError
from kiosk.programs.checks import cross_checks
from kiosk.programs.convert import to_program
from kiosk.programs.document import ProgramTable
from kiosk.programs.model import Program
from kiosk.programs.names import LARGEST_FILE
from kiosk.programs.problems import Location, TomlTable, problems_of, read_shape

LONGEST_LINE = 5_000
"""Characters a line has at most. The TOML reader takes minutes over a key of a million dots."""

_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_program(path: Path) -> Program:
    """The program in the file `path`.

    Raises ProgramFileError, with every problem there is, where the file cannot be read or used.
    """
    return parse_program(read_text(path), str(path))


def read_text(path: Path) -> str:
    """The text of the file `path`. Raises ProgramFileError where it cannot be read."""
    return _text(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """The content of the file `path`. Raises ProgramFileError where it cannot be read."""
    return _bytes(path, str(path))


def parse_program(text: str, source: str) -> Program:
    """The program that `text` holds; problems name `source` as where it comes from.

    Raises ProgramFileError, with every problem there is, where it holds no usable program.
    """
    return program_of(tables_of(text, source), source)


def tables_of(text: str, source: str) -> dict[str, Any]:
    """What the TOML file with that text says, whether it is a program or not.

    Raises ProgramFileError where it is no TOML.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            message = f"The line is too long; {LONGEST_LINE:,} characters are the most."
            raise _unusable(source, message, f"line {number}")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, place = _toml_reason(str(error))
        raise _unusable(source, f"The file is not valid TOML: {reason}.", place) from error
    except RecursionError as error:
        raise _unusable(source, "Lists or tables are nested too deeply.") from error
    except ValueError as error:
        raise _unusable(source, "A number in the file is too long to be read.") from error


def program_of(document: TomlTable, source: str) -> Program:
    """The program that `document`, the content of a TOML file, describes.

    Raises ProgramFileError, with every problem there is, where it describes none.
    """
    table = read_shape(document)
    wrong = [] if isinstance(table, ProgramTable) else table
    told = {finding.place for finding in wrong}
    wrong += [finding for finding in cross_checks(document) if not _follows(finding.place, told)]
    if wrong or not isinstance(table, ProgramTable):
        raise ProgramFileError(problems_of(wrong, document, source))
    return to_program(table)


def _follows(place: Location, told: set[Location]) -> bool:
    """Whether what is wrong at `place` is told already, or may come of a dose that is told."""
    doses = (one for one in told if one[-1] in ("sets", "reps", "seconds"))
    return place in told or any(one[: len(place)] == place for one in doses)


def _bytes(path: Path, source: str) -> bytes:
    try:
        facts = path.stat()
        # Opening a pipe would wait for its writer, and a device may never end.
        plain = stat.S_ISREG(facts.st_mode)
        content = _head(path) if plain and facts.st_size <= LARGEST_FILE else b""
    except FileNotFoundError as error:
        raise _unusable(source, "There is no such file.") from error
    except OSError as error:
        raise _unusable(source, f"The file cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise _unusable(source, "This cannot be the name of a file.") from error
    if not plain:
        raise _unusable(source, "This is not a file but a folder or a device.")
    if max(facts.st_size, len(content)) > LARGEST_FILE:
        message = f"The file is too large for a program; {LARGEST_FILE:,} bytes are the most."
        raise _unusable(source, message)
    return content


def _head(path: Path) -> bytes:
    """The content of `path`, and of a longer file just enough to tell that it is longer."""
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _text(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = "The file is not UTF-8 text. Save it with the encoding UTF-8."
        raise _unusable(source, message, f"line {line}") from error


def _toml_reason(text: str) -> tuple[str, str]:
    """What the TOML reader objects to, and where."""
    match = _TOML_PLACE.search(text)
    if match is None:
        return text, ""
    line, column = match.groups()
    place = f"line {line}, column {column}" if line else "end of file"
    return text[: match.start()], place


def _unusable(source: str, message: str, path: str = "") -> ProgramFileError:
    return ProgramFileError([Problem(source, path, message)])
