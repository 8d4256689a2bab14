"""Reads one program file, whatever it turns out to hold.

The file is parsed to plain tables, these are validated (by pydantic against `document`, then by
`checks`), and a `Program` is made of them. A shipped file with its SHA-256 sum in
`programs/SHA256SUMS` is not validated again: the tests have done it, and pydantic takes longer to
load than all the rest of reading, and 12 MB for as long as the kiosk runs.
"""

import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.errors import Problem, ProgramFileError, Step, Value, quoted
from kiosk.programs import LARGEST_FILE, is_validated
from kiosk.programs.checks import TomlTable, cross_checks
from kiosk.programs.model import (
    DEFAULT_CHANGE_SIDES,
    DEFAULT_REST_BETWEEN_EXERCISES,
    DEFAULT_REST_BETWEEN_SETS,
    DEFAULT_SETS,
    DEFAULT_SIDE,
    Bounds,
    Exercise,
    ExerciseText,
    Frequency,
    Phase,
    PhaseName,
    Position,
    Program,
    ProgramText,
    Side,
    Source,
)
from kiosk.units import Millis

LONGEST_LINE = 5_000
"""Characters a line has at most. The TOML reader takes minutes over a key of a million dots."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_program(path: Path) -> Program:
    """The program in the file `path`.

    Raises ProgramFileError, with every problem there is, where the file cannot be read or used.
    """
    content, source = read_bytes(path), str(path)
    tables = tables_of(_decoded(content, source), source)
    return _program(tables) if is_validated(content) else program_of(tables, source)


def read_text(path: Path) -> str:
    """The text of the file `path`. Raises ProgramFileError where it cannot be read."""
    return _decoded(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """The content of the file `path`. Raises ProgramFileError where it cannot be read."""
    source = str(path)
    try:
        facts = path.stat()
        # Opening a pipe would wait for its writer, and a device may never end.
        plain = stat.S_ISREG(facts.st_mode)
        content = b""
        if plain and facts.st_size <= LARGEST_FILE:
            with path.open("rb") as file:
                content = file.read(LARGEST_FILE + 1)  # it may have grown since
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
        # The TOML reader writes the place into its reason.
        reason, place = str(error), ""
        if match := _TOML_PLACE.search(reason):
            line, column = match.groups()
            reason = reason[: match.start()]
            place = f"line {line}, column {column}" if line else "end of file"
        raise _unusable(source, "file.not-toml", place, reason=reason) from error
    except RecursionError as error:
        raise _unusable(source, "program.nested-too-deeply") from error
    except ValueError as error:
        raise _unusable(source, "program.number-too-long") from error


def program_of(document: TomlTable, source: str) -> Program:
    """The program that `document`, the content of a TOML file, describes.

    Raises ProgramFileError, with every problem there is, where it describes none.
    """
    from pydantic import ValidationError  # noqa: PLC0415

    from kiosk.programs.document import ProgramTable  # noqa: PLC0415

    wrong: list[Problem] = []
    try:
        ProgramTable.model_validate(document)
    except ValidationError as error:
        from kiosk.programs.problems import findings  # noqa: PLC0415

        wrong += findings(error)
    found = {problem.steps for problem in wrong}
    wrong += [one for one in cross_checks(document) if not _follows(one.steps, found)]
    if wrong:
        raise ProgramFileError(in_file(wrong, document, source))
    return _program(document)


def _program(document: Mapping[str, Any]) -> Program:
    """The program that `document`, which is valid, describes."""
    return Program(
        id=document["id"],
        level=document["level"],
        frequency=Frequency(**{key: Bounds(*pair) for key, pair in document["frequency"].items()}),
        rest_between_exercises=_millis(
            document.get("rest_between_exercises"), DEFAULT_REST_BETWEEN_EXERCISES
        ),
        exercises=tuple(map(_exercise, document["exercise"])),
        text={
            language: ProgramText(text["title"], text["summary"], tuple(text["stop_rules"]))
            for language, text in document["text"].items()
        },
        previous_level=document.get("previous"),
        next_level=document.get("next"),
    )


def _exercise(table: Mapping[str, Any]) -> Exercise:
    get_ready = table.get("get_ready")
    return Exercise(
        id=table["id"],
        position=Position(table["position"]),
        equipment=tuple(table.get("equipment", ())),
        sets=table.get("sets", DEFAULT_SETS),
        reps=table["reps"],
        side=Side(table.get("side", DEFAULT_SIDE)),
        reps_per_side=table.get("reps_per_side", False),
        phases=tuple(
            Phase(PhaseName(phase["do"]), _millis(phase["seconds"]), _cited_seconds(phase, "range"))
            for phase in table["phases"]
        ),
        rest_between_sets=_millis(table.get("rest_between_sets"), DEFAULT_REST_BETWEEN_SETS),
        change_sides=_millis(table.get("change_sides"), DEFAULT_CHANGE_SIDES),
        get_ready=None if get_ready is None else _millis(get_ready),
        sources=tuple(Source(source["title"], source["says"]) for source in table["source"]),
        text={language: _exercise_text(text) for language, text in table["text"].items()},
        cited_sets=Bounds(*table["sets_range"]) if "sets_range" in table else None,
        cited_reps=Bounds(*table["reps_range"]) if "reps_range" in table else None,
        cited_pass=_cited_seconds(table, "seconds_range"),
    )


def _exercise_text(table: Mapping[str, Any]) -> ExerciseText:
    words = {PhaseName(name): word for name, word in table.get("phases", {}).items()}
    return ExerciseText(**{**table, "phases": words})


def _cited_seconds(table: Mapping[str, Any], key: str) -> Bounds | None:
    return Bounds(*map(_millis, table[key])) if key in table else None


def _millis(seconds: float | None, default: Millis = 0) -> Millis:
    """`seconds` as whole milliseconds, rounded to the nearest; `default` where there are none."""
    return default if seconds is None else round(seconds * 1000)


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
    match steps, document.get("exercise"):
        case ("exercise", int(index), *inner), list(exercises) if inner != ["id"]:
            match exercises[index]:
                case {"id": str(name)} if name:
                    return {"in_exercise": name}
    return {}


def _decoded(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unusable(source, "program.not-utf8", f"line {line}") from error


def _unusable(source: str, code: str, path: str = "", **values: Value) -> ProgramFileError:
    return ProgramFileError([Problem(source, path, code, values)])
