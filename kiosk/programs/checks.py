"""What the keys of a program file have to agree on among themselves.

The checks look at the file as it was read, not at the validated program, and step over whatever
has the wrong form: so they find what they can even while other problems stand, and all are reported
at once.

The easier and harder levels that programs name: are they there, and are they what they say?
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from kiosk.errors import Problem, nearest, quoted
from kiosk.programs.document import DEFAULT_SETS, DEFAULT_SIDE
from kiosk.programs.model import LEAST_PASS, MOST_WORK, Program, Side
from kiosk.programs.problems import FileProblem, Location, TomlTable
from kiosk.units import seconds as in_seconds

_BEYOND_ANY_LIMIT = 1e6
"""No key takes as much, so such a number is told to be wrong already."""

Entry: TypeAlias = tuple[Location, TomlTable]
"""A table and where it stands."""


def cross_checks(document: TomlTable) -> Iterator[FileProblem]:
    """Everything that contradicts itself in `document`."""
    exercises = list(tables(document, "exercise"))
    yield from _links(document)
    yield from _frequency(document)
    yield from _languages(document, exercises)
    yield from _unique_ids(exercises)
    yield from _work_time(exercises)
    for place, exercise in exercises:
        yield from _doses(place, exercise)
        yield from _pass_length(place, exercise)
        yield from _pass_range(place, exercise)
        yield from _sides(place, exercise)
        yield from _texts(place, exercise)


def _links(document: TomlTable) -> Iterator[FileProblem]:
    own = document.get("id")
    for key in ("previous", "next"):
        if isinstance(own, str) and document.get(key) == own:
            yield FileProblem((key,), "A program cannot be its own easier or harder level.")


def _frequency(document: TomlTable) -> Iterator[FileProblem]:
    for key in ("times_per_day", "days_per_week"):
        yield from _ordered(("frequency", key), _pair(table(document, "frequency"), key))


def _languages(document: TomlTable, exercises: list[Entry]) -> Iterator[FileProblem]:
    spoken = set(table(document, "text"))
    lacking: dict[str, list[str]] = {}
    written = [entry for entry in exercises if table(entry[1], "text")]
    for place, exercise in written:
        for language in sorted(spoken - set(table(exercise, "text"))):
            lacking.setdefault(language, []).append(f"{place[0]}[{place[1]}]")
    if spoken and set(lacking) >= spoken:
        gaps = "; ".join(
            f"{quoted(language)} is missing in {', '.join(lacking[language][:5])}"
            for language in sorted(lacking)
        )
        message = f"No language is there for the program and all of its exercises: {gaps}."
        yield FileProblem(("text",), message)


def _unique_ids(exercises: list[Entry]) -> Iterator[FileProblem]:
    first: dict[str, Location] = {}
    for place, exercise in exercises:
        name = exercise.get("id")
        if not isinstance(name, str):
            continue
        if name in first:
            index = first[name][1]
            message = f"The id {quoted(name)} is taken by exercise[{index}]; each needs its own."
            yield FileProblem((*place, "id"), message)
        first.setdefault(name, place)


def _work_time(exercises: list[Entry]) -> Iterator[FileProblem]:
    times = (
        (number(exercise, "sets") if "sets" in exercise else DEFAULT_SETS)
        * number(exercise, "reps")
        * (2 if exercise.get("reps_per_side") is True else 1)
        * _pass_seconds(exercise)
        for _, exercise in exercises
    )
    total = sum(times)
    if total > in_seconds(MOST_WORK):
        message = (
            f"The repetitions of all exercises together take {total / 3600:.1f} hours; "
            f"at most {MOST_WORK // 3_600_000} hours fit into a session."
        )
        yield FileProblem(("exercise",), message)


def _doses(place: Location, exercise: TomlTable) -> Iterator[FileProblem]:
    for key in ("sets", "reps"):
        yield from _within(place, exercise, key, f"{key}_range")
    for index, (_, phase) in enumerate(tables(exercise, "phases")):
        yield from _within((*place, "phases", index), phase, "seconds", "range")


def _within(place: Location, holder: TomlTable, key: str, range_key: str) -> Iterator[FileProblem]:
    pair = _pair(holder, range_key)
    wrong = list(_ordered((*place, range_key), pair))
    yield from wrong
    if pair is None or wrong or (key not in holder and key != "sets"):
        return
    dose = number(holder, key) if key in holder else DEFAULT_SETS
    if dose and not pair[0] <= dose <= pair[1]:
        message = f"{dose:g} lies outside the cited range of {pair[0]:g} to {pair[1]:g}."
        yield FileProblem((*place, key), message)


def _ordered(place: Location, pair: tuple[float, float] | None) -> Iterator[FileProblem]:
    if pair is not None and pair[0] > pair[1]:
        message = f"A range goes from the smaller to the larger: [{pair[1]:g}, {pair[0]:g}]."
        yield FileProblem(place, message)


def _pass_length(place: Location, exercise: TomlTable) -> Iterator[FileProblem]:
    seconds = _pass_seconds(exercise)
    if 0 < seconds < in_seconds(LEAST_PASS):
        message = (
            f"The phases of a repetition take {seconds:g} seconds together; "
            f"at least {in_seconds(LEAST_PASS):g} are needed to count along."
        )
        yield FileProblem((*place, "phases"), message)


def _pass_range(place: Location, exercise: TomlTable) -> Iterator[FileProblem]:
    pair = _pair(exercise, "seconds_range")
    wrong = list(_ordered((*place, "seconds_range"), pair))
    yield from wrong
    seconds = _pass_seconds(exercise)
    if pair is None or wrong or not seconds:
        return
    if not pair[0] <= seconds <= pair[1]:
        message = (
            f"The phases take {seconds:g} seconds together, which lies outside the cited "
            f"range of {pair[0]:g} to {pair[1]:g}."
        )
        yield FileProblem((*place, "phases"), message)


def _sides(place: Location, exercise: TomlTable) -> Iterator[FileProblem]:
    side = exercise.get("side", DEFAULT_SIDE.value)
    if side == Side.BOTH.value:
        if "reps_per_side" in exercise:
            message = "Both sides move together here, so leave reps_per_side out or name the side."
            yield FileProblem((*place, "reps_per_side"), message)
    elif side in tuple(Side) and "reps_per_side" not in exercise:
        message = "Say true if reps counts each side for itself, false if both sides share them."
        yield FileProblem((*place, "reps_per_side"), f"The key reps_per_side is missing. {message}")
    elif exercise.get("reps_per_side") is False and number(exercise, "reps") % 2:
        message = "Left and right share the repetitions, so their number has to be even."
        yield FileProblem((*place, "reps"), message)


def _texts(place: Location, exercise: TomlTable) -> Iterator[FileProblem]:
    done = [phase.get("do") for _, phase in tables(exercise, "phases")]
    both = exercise.get("side", DEFAULT_SIDE.value) == Side.BOTH.value
    for language in table(exercise, "text"):
        text = table(table(exercise, "text"), language)
        for name in table(text, "phases"):
            if name not in done:
                message = f"No phase of this exercise is {quoted(name)}, so this is never said."
                yield FileProblem((*place, "text", language, "phases", name), message)
        for key in ("left", "right"):
            if both and key in text:
                message = "Both sides move together here, so no side is ever named."
                yield FileProblem((*place, "text", language, key), message)


def _pass_seconds(exercise: TomlTable) -> float:
    return sum(number(phase, "seconds") for _, phase in tables(exercise, "phases"))


def number(holder: TomlTable, key: str) -> float:
    """The number at `key`; 0 where there is none that could be right."""
    return _as_number(holder.get(key)) or 0


def table(holder: TomlTable, key: str) -> TomlTable:
    """The table at `key`; an empty one where there is none."""
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def tables(holder: TomlTable, key: str) -> Iterator[Entry]:
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
            if wanted not in sources:
                message = f"There is no program {quoted(wanted)}."
                yield Problem(source, key, message, nearest(wanted, sources))
            elif wanted in programs and not _leads_on(key, own, programs[wanted]):
                message = (
                    f"This program has level {own.level} and {quoted(wanted)} has level "
                    f"{programs[wanted].level}; previous has to be lower and next higher."
                )
                yield Problem(source, key, message)


def _leads_on(key: str, own: Program, other: Program) -> bool:
    return other.level < own.level if key == "previous" else other.level > own.level
