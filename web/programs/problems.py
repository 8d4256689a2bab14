"""Which field of a program's form a place in the program file belongs to."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from kiosk.errors import Problem
from web.forms import FieldProblems, in_words
from web.programs.form import ExerciseFields, Pair, ProgramFields
from web.text import t

_EXERCISE = r"exercise\[(?P<exercise>[0-9]+)\]"
_TEXT = re.compile(rf"(?:{_EXERCISE}\.)?text\.(?P<language>[^.]+)(?:\.(?P<key>\w+))?(?P<rest>.*)")
_PLACE = re.compile(
    r"exercise\[(?P<exercise>[0-9]+)\](?:\.(?P<list>phases|source)\[(?P<row>[0-9]+)\])?"
    r"(?:\.(?P<key>\w+))?"
)
_GROUP = re.compile(r"exercise\[[0-9]+\]")
_IN_THE_EXERCISE = re.compile(r" \(In the exercise '.*'\.\)$")
"""The form shows which one it is."""

_LAST_STEP = re.compile(r"(?:\.?'[^']*'|\.?\w+|\[[0-9]+\])$")


def field_problems(
    problems: Iterable[Problem], form: ProgramFields, language: str
) -> FieldProblems:
    """The problems of a document, each at the field of `form` that it can be mended in."""
    typed = dict(_typed(form))
    found = FieldProblems()
    for problem in problems:
        path = _in_form(problem.path, form, language)
        name = _nearest(path, typed)
        sentence = _IN_THE_EXERCISE.sub("", problem.message)
        sentence = in_words(replace(problem, message=sentence))
        if not name or (_GROUP.fullmatch(name) and name != problem.path):
            # Its place in the file has no field, so it is said where that is.
            sentence = f"{problem.path}: {sentence}" if problem.path else sentence
        elif not typed[name]:
            sentence = t("programs.add_one" if name == "exercises" else "programs.fill_in")
        found.add(name, sentence)
    return found


def label_of(name: str) -> str:
    """What a field is called, with the exercise it belongs to; empty for the whole form."""
    match = _PLACE.fullmatch(name)
    if match is None:
        return t("programs.exercises") if name == "exercises" else _label("field", name)
    steps = [t("programs.exercise.number", n=int(match["exercise"]) + 1)]
    if match["list"] is not None:
        kind = "phase" if match["list"] == "phases" else "source"
        steps.append(t(f"programs.{kind}.number", n=int(match["row"]) + 1))
        steps.append(_label(kind, match["key"]))
    elif match["key"]:
        steps.append(_label("field", "sources" if match["key"] == "source" else match["key"]))
    return t("programs.list.and").join(steps)


def _label(kind: str, key: str) -> str:
    return t(f"programs.{kind}.{key}") if key else ""


def _typed(form: ProgramFields) -> Iterator[tuple[str, str]]:
    """Each place in the form that can be led to, and what is there; empty where that is nothing."""
    for key in ("title", "summary", "stop_rules", "level", "previous", "next"):
        yield key, getattr(form, key).strip()
    yield "id", form.id or form.title
    yield "rest_between_exercises", form.rest_between_exercises.strip()
    yield "times_per_day", _both(form.times_per_day)
    yield "days_per_week", _both(form.days_per_week)
    yield "exercises", "some" if form.exercises else ""
    for number, exercise in enumerate(form.exercises):
        place = f"exercise[{number}]"
        yield place, "an exercise"
        for key, value in _typed_of_exercise(exercise):
            yield f"{place}.{key}", value


def _typed_of_exercise(form: ExerciseFields) -> Iterator[tuple[str, str]]:
    for key in ("name", "how", "left", "right", "position", "sets", "reps", "side"):
        yield key, getattr(form, key).strip()
    for key in ("rest_between_sets", "change_sides", "get_ready"):
        yield key, getattr(form, key).strip()
    for key in ("sets_range", "reps_range", "seconds_range"):
        yield key, _both(getattr(form, key))
    yield "equipment", "a choice"
    yield "reps_per_side", "a choice"
    yield "phases", "some" if form.phases else ""
    yield "source", "some" if form.sources else ""
    for row, phase in enumerate(form.phases):
        yield f"phases[{row}].do", phase.do.strip()
        yield f"phases[{row}].seconds", phase.seconds.strip()
        yield f"phases[{row}].range", _both(phase.range)
        yield f"phases[{row}].word", phase.word.strip()
    for row, source in enumerate(form.sources):
        yield f"source[{row}].title", source.title.strip()
        yield f"source[{row}].says", source.says.strip()


def _both(pair: Pair) -> str:
    """Something where both ends are there."""
    return "both" if all(end.strip() for end in pair) else ""


def _in_form(path: str, form: ProgramFields, language: str) -> str:
    """The path with what the form calls differently."""
    if path == "exercise":
        return "exercises"
    if re.fullmatch(rf"{_EXERCISE}\.id", path):
        return path.removesuffix("id") + "name"
    match = _TEXT.fullmatch(path)
    if match is None:
        return path.removeprefix("frequency.")
    place = "" if match["exercise"] is None else f"exercise[{match['exercise']}]."
    if match["language"] != language:
        return place.rstrip(".")
    if match["key"] == "phases":
        return place + _row_of(match, form)
    return place + (match["key"] or ("name" if place else "title"))


def _row_of(match: re.Match[str], form: ProgramFields) -> str:
    """The row whose word is meant."""
    number, wanted = int(match["exercise"] or 0), match["rest"].strip(".'")
    rows = form.exercises[number].phases if number < len(form.exercises) else []
    row = next((at for at, phase in enumerate(rows) if phase.do == wanted), None)
    return "phases" if row is None else f"phases[{row}].word"


def _nearest(path: str, names: Container[str]) -> str:
    """The innermost place around `path` that is in the form; empty where none is."""
    while path and path not in names:
        shorter = _LAST_STEP.sub("", path)
        path = "" if shorter == path else shorter
    return path
