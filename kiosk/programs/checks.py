"""What the keys of a program file have to agree on among themselves, and programs among each other.

The checks of a file look at it as it was read, not at the validated program, and step over whatever
has the wrong form: so they find what they can even while other problems stand, and all are reported
at once. `link_problems` then holds the easier and harder levels that programs name against the
programs there are.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from kiosk.errors import Phrase, Problem, Step, Value, nearest
from kiosk.programs.model import (
    DEFAULT_SETS,
    DEFAULT_SIDE,
    LEAST_PASS,
    MOST_WORK,
    Program,
    Side,
)
from kiosk.units import seconds as in_seconds

_BEYOND_ANY_LIMIT = 1e6  # no key takes as much, so such a number is a problem of its own already

TomlTable: TypeAlias = Mapping[str, object]

_Place: TypeAlias = tuple[Step, ...]
_Entry: TypeAlias = tuple[_Place, TomlTable]  # a table and its place


def problem_at(
    steps: tuple[Step, ...],
    code: str,
    values: Mapping[str, Value] | None = None,
    suggestion: str = "",
) -> Problem:
    """A problem at a place in a document whose file is not known yet; `in_file` completes it."""
    return Problem("", "", code, values or {}, suggestion, steps)


def cross_checks(document: TomlTable) -> Iterator[Problem]:
    """Everything that contradicts itself in `document`."""
    exercises = list(tables(document, "exercise"))
    for key in ("previous", "next"):
        if isinstance(own := document.get("id"), str) and document.get(key) == own:
            yield problem_at((key,), "program.own-level")
    for key in ("times_per_day", "days_per_week"):
        yield from _ordered(("frequency", key), _pair(table(document, "frequency"), key))
    yield from _languages(document, exercises)
    yield from _unique_ids(exercises)
    yield from _work_time(exercises)
    for place, exercise in exercises:
        yield from _doses(place, exercise)
        yield from _sides(place, exercise)
        yield from _texts(place, exercise)


def _languages(document: TomlTable, exercises: list[_Entry]) -> Iterator[Problem]:
    spoken = set(table(document, "text"))
    lacking: dict[str, list[str]] = {}
    written = [entry for entry in exercises if table(entry[1], "text")]
    for place, exercise in written:
        for language in sorted(spoken - set(table(exercise, "text"))):
            lacking.setdefault(language, []).append(f"{place[0]}[{place[1]}]")
    if spoken and set(lacking) >= spoken:
        gaps = tuple(
            Phrase(
                "program.language-gap",
                {"language": language, "exercises": tuple(lacking[language][:5])},
            )
            for language in sorted(lacking)
        )
        yield problem_at(("text",), "program.no-language", {"gaps": gaps})


def _unique_ids(exercises: list[_Entry]) -> Iterator[Problem]:
    first: dict[str, _Place] = {}
    for place, exercise in exercises:
        name = exercise.get("id")
        if not isinstance(name, str):
            continue
        if name in first:
            values = {"id": name, "exercise": f"exercise[{first[name][1]}]"}
            yield problem_at((*place, "id"), "program.exercise-id-taken", values)
        first.setdefault(name, place)


def _work_time(exercises: list[_Entry]) -> Iterator[Problem]:
    times = (
        (number(exercise, "sets") if "sets" in exercise else DEFAULT_SETS)
        * number(exercise, "reps")
        * (2 if exercise.get("reps_per_side") is True else 1)
        * _pass_seconds(exercise)
        for _, exercise in exercises
    )
    total = sum(times)
    if total > in_seconds(MOST_WORK):
        values = {"hours": total / 3600, "most": MOST_WORK // 3_600_000}
        yield problem_at(("exercise",), "program.work-too-long", values)


def _doses(place: _Place, exercise: TomlTable) -> Iterator[Problem]:
    for key in ("sets", "reps"):
        dose = number(exercise, key) if "sets" in exercise or key == "reps" else DEFAULT_SETS
        yield from _within(place, exercise, key, dose, f"{key}_range")
    for index, (_, phase) in enumerate(tables(exercise, "phases")):
        where = (*place, "phases", index)
        yield from _within(where, phase, "seconds", number(phase, "seconds"), "range")
    seconds = _pass_seconds(exercise)
    if 0 < seconds < in_seconds(LEAST_PASS):
        values = {"seconds": seconds, "least": in_seconds(LEAST_PASS)}
        yield problem_at((*place, "phases"), "program.pass-too-short", values)
    yield from _within(place, exercise, "phases", seconds, "seconds_range")


def _within(
    place: _Place, holder: TomlTable, key: str, dose: float, range_key: str
) -> Iterator[Problem]:
    """What is wrong with a cited range, or with the `dose` of `key` that is to lie inside it."""
    pair = _pair(holder, range_key)
    wrong = list(_ordered((*place, range_key), pair))
    yield from wrong
    if pair is None or wrong or not dose or pair[0] <= dose <= pair[1]:
        return
    values = {"low": pair[0], "high": pair[1]}
    if key == "phases":
        code = "program.pass-outside-cited"
        yield problem_at((*place, key), code, {"seconds": dose, **values})
    else:
        yield problem_at((*place, key), "program.outside-cited", {"value": dose, **values})


def _ordered(place: _Place, pair: tuple[float, float] | None) -> Iterator[Problem]:
    if pair is not None and pair[0] > pair[1]:
        yield problem_at(place, "program.range-reversed", {"low": pair[1], "high": pair[0]})


def _sides(place: _Place, exercise: TomlTable) -> Iterator[Problem]:
    side = exercise.get("side", DEFAULT_SIDE.value)
    if side == Side.BOTH.value:
        if "reps_per_side" in exercise:
            yield problem_at((*place, "reps_per_side"), "program.reps-per-side-unwanted")
    elif side in tuple(Side) and "reps_per_side" not in exercise:
        yield problem_at((*place, "reps_per_side"), "program.reps-per-side-missing")
    elif exercise.get("reps_per_side") is False and number(exercise, "reps") % 2:
        yield problem_at((*place, "reps"), "program.reps-odd")


def _texts(place: _Place, exercise: TomlTable) -> Iterator[Problem]:
    done = [phase.get("do") for _, phase in tables(exercise, "phases")]
    both = exercise.get("side", DEFAULT_SIDE.value) == Side.BOTH.value
    for language in table(exercise, "text"):
        text = table(table(exercise, "text"), language)
        for name in table(text, "phases"):
            if name not in done:
                where = (*place, "text", language, "phases", name)
                yield problem_at(where, "program.phase-not-done", {"phase": name})
        for key in ("left", "right"):
            if both and key in text:
                yield problem_at((*place, "text", language, key), "program.side-not-named")


def _pass_seconds(exercise: TomlTable) -> float:
    return sum(number(phase, "seconds") for _, phase in tables(exercise, "phases"))


def number(holder: TomlTable, key: str) -> float:
    """The number at `key`; 0 where there is none that could be right."""
    return _as_number(holder.get(key)) or 0


def table(holder: TomlTable, key: str) -> TomlTable:
    """The table at `key`; an empty one where there is none."""
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def tables(holder: TomlTable, key: str) -> Iterator[_Entry]:
    """The tables in the list at `key`, with their places; whatever is no table is left out."""
    value = holder.get(key)
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            yield (key, index), entry


def _pair(holder: TomlTable, key: str) -> tuple[float, float] | None:
    value = holder.get(key)
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = map(_as_number, value)
    return None if low is None or high is None else (low, high)


def _as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < _BEYOND_ANY_LIMIT else None


def link_problems(
    programs: Mapping[str, Program], sources: Mapping[str, Path]
) -> Iterator[Problem]:
    """Every easier or harder level named in `programs` that is not there, or is not what it says.

    `sources` has every id there is, whether its file is usable or not.
    """
    for own in programs.values():
        for key, wanted in (("previous", own.previous_level), ("next", own.next_level)):
            if wanted is None:
                continue
            source = str(sources[own.id])
            values: dict[str, Value]
            if wanted not in sources:
                values, near = {"program": wanted}, nearest(wanted, sources)
                yield Problem(source, key, "program.unknown", values, near, (key,))
            elif wanted in programs:
                level = programs[wanted].level
                if not (level < own.level if key == "previous" else level > own.level):
                    values = {"level": own.level, "other": wanted, "level_of_other": level}
                    yield Problem(source, key, "program.level-order", values, steps=(key,))
