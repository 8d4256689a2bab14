"""Reads one program file, whatever it turns out to hold."""

import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.errors import Problem, ProgramFileError, Step, Value, quoted
from kiosk.programs import LARGEST_FILE
from kiosk.programs.checks import TomlTable, cross_checks
from kiosk.programs.model import Program

LONGEST_LINE = 5_000
"""Characters a line has at most. The TOML reader takes minutes over a key of a million dots."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
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
        raise _unusable(source, "program.file-unreadable", reason=str(error.strerror)) from error
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
        raise _unusable(source, "program.not-toml", place, reason=reason) from error
    except RecursionError as error:
        raise _unusable(source, "program.nested-too-deeply") from error
    except ValueError as error:
        raise _unusable(source, "program.number-too-long") from error


def program_of(document: TomlTable, source: str) -> Program:
    """The program that `document`, the content of a TOML file, describes.

    Raises ProgramFileError, with every problem there is, where it describes none.
    """
    # Pydantic takes longer to load than all the rest that reads programs.
    from kiosk.programs.document import ProgramTable, to_program  # noqa: PLC0415
    from kiosk.programs.problems import read_shape  # noqa: PLC0415

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


def in_file(problems: Iterable[Problem], document: TomlTable, source: str) -> tuple[Problem, ...]:
    """The problems of `document`, which the file `source` holds, in the order of its exercises."""
    ordered = sorted(problems, key=lambda problem: _exercise_index(problem.steps))
    return tuple(
        replace(
            problem,
            source=source,
            path=path_of(problem.steps),
            values={**problem.values, **_exercise_id(problem.steps, document)},
        )
        for problem in ordered
    )


def path_of(steps: tuple[Step, ...]) -> str:
    """The steps as a path that a person reads, e.g. `exercise[2].phases[0].seconds`."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += ("." if path else "") + (step if _BARE_KEY.fullmatch(step) else quoted(step))
    return path


def _exercise_index(steps: tuple[Step, ...]) -> int:
    match steps:
        case ("exercise", int(index), *_):
            return index
    return -1


def _exercise_id(steps: tuple[Step, ...], document: TomlTable) -> Mapping[str, str]:
    """The id of the exercise that the steps lead into, as far as it can be told."""
    index = _exercise_index(steps)
    exercises = document.get("exercise")
    if index < 0 or steps[2:] == ("id",) or not isinstance(exercises, list):
        return {}
    exercise = exercises[index]
    name = exercise.get("id") if isinstance(exercise, dict) else None
    return {"in_exercise": name} if isinstance(name, str) and name else {}


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
