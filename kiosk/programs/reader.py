"""Reads one program file, whatever it turns out to hold."""

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from kiosk.errors import Problem, ProgramFileError, Step, Value
from kiosk.programs import LARGEST_FILE
from kiosk.programs.checks import cross_checks
from kiosk.programs.document import ProgramTable, to_program
from kiosk.programs.model import Program
from kiosk.programs.problems import TomlTable, in_file, read_shape

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
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unusable(str(path), "program.not-utf8", f"line {line}") from error


def read_bytes(path: Path) -> bytes:
    """The content of the file `path`. Raises ProgramFileError where it cannot be read."""
    source = str(path)
    try:
        facts = path.stat()
        # Opening a pipe would wait for its writer, and a device may never end.
        plain = stat.S_ISREG(facts.st_mode)
        content = _head(path) if plain and facts.st_size <= LARGEST_FILE else b""
    except FileNotFoundError as error:
        raise _unusable(source, "program.file-missing") from error
    except OSError as error:
        raise _unusable(source, "file.unreadable", reason=str(error.strerror)) from error
    except ValueError as error:
        raise _unusable(source, "program.file-name-impossible") from error
    if not plain:
        raise _unusable(source, "program.not-a-file")
    if max(facts.st_size, len(content)) > LARGEST_FILE:
        raise _unusable(source, "program.file-too-large", most=LARGEST_FILE)
    return content


def parse_program(text: str, source: str) -> Program:
    """The program that `text` holds; problems name `source` as where it comes from.

    Raises ProgramFileError, with every problem there is, where it holds no usable program.
    """
    return program_of(tables_of(text, source), source)


def tables_of(text: str, source: str) -> dict[str, Any]:
    """The content of a TOML file with that text, whether it is a program or not.

    Raises ProgramFileError where it is no TOML.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise _unusable(source, "program.line-too-long", f"line {number}", most=LONGEST_LINE)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, place = _toml_reason(str(error))
        raise _unusable(source, "file.not-toml", place, reason=reason) from error
    except RecursionError as error:
        raise _unusable(source, "program.nested-too-deeply") from error
    except ValueError as error:
        raise _unusable(source, "program.number-too-long") from error


def program_of(document: TomlTable, source: str) -> Program:
    """The program that `document`, the content of a TOML file, describes.

    Raises ProgramFileError, with every problem there is, where it describes none.
    """
    table = read_shape(document)
    wrong = [] if isinstance(table, ProgramTable) else table
    found = {problem.steps for problem in wrong}
    wrong += [one for one in cross_checks(document) if not _follows(one.steps, found)]
    if wrong or not isinstance(table, ProgramTable):
        raise ProgramFileError(in_file(wrong, document, source))
    return to_program(table)


def _follows(place: tuple[Step, ...], found: set[tuple[Step, ...]]) -> bool:
    """Whether `place` has a problem already, or one that may come of a wrong dose within it."""
    doses = (one for one in found if one[-1] in ("sets", "reps", "seconds"))
    return place in found or any(one[: len(place)] == place for one in doses)


def _head(path: Path) -> bytes:
    """The content of `path`, and of a longer file just enough to tell that it is longer."""
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _toml_reason(text: str) -> tuple[str, str]:
    """The reason that the TOML reader gives, and the place, which it writes into it."""
    match = _TOML_PLACE.search(text)
    if match is None:
        return text, ""
    line, column = match.groups()
    place = f"line {line}, column {column}" if line else "end of file"
    return text[: match.start()], place


def _unusable(source: str, code: str, path: str = "", **values: Value) -> ProgramFileError:
    return ProgramFileError([Problem(source, path, code, values)])
