"""The problems of a program's document at the fields of the form that they can be mended in.

A problem has its place step by step, as in `("exercise", 2, "text", "en", "how")`. Fields have
steps too, the form's own: a text has no language there, and an exercise is known by its name. So
the steps of a problem are first turned into those of the form, then shortened until there is such
a field.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from kiosk.errors import Problem, Step
from kiosk.programs.reader import path_of
from web.forms import FieldProblems, problem_text
from web.programs.form import ExerciseFields, Pair, ProgramFields
from web.text import t

Steps = tuple[Step, ...]

_WHOLE_EXERCISE = 2
"""Steps to the group of fields of one exercise: `exercise` and its index."""


def field_problems(
    problems: Iterable[Problem], form: ProgramFields, language: str
) -> FieldProblems:
    """The problems of the document that `form` describes, by the names of the form's fields.

    A field that is left empty has one sentence only, whatever the problem. Where a place in the
    document has no field, the sentence names the place.
    """
    values = dict(_fields(form))
    found = FieldProblems()
    for problem in problems:
        steps = _in_form(problem.steps, form, language)
        while steps and steps not in values:
            steps = steps[:-1]
        sentence = problem_text(problem)
        if not steps or (len(steps) == _WHOLE_EXERCISE and steps != problem.steps):
            sentence = f"{problem.path}: {sentence}" if problem.path else sentence
        elif not values[steps]:
            sentence = t("programs.add_one" if steps == ("exercises",) else "programs.fill_in")
        found.add(path_of(steps), sentence)
    return found


def label_of(name: str) -> str:
    """The label of the field `name`, with the exercise it belongs to; empty for the whole form."""
    steps = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", name)]
    match steps:
        case []:
            return ""
        case ["exercises"]:
            return t("programs.exercises")
        case ["exercise", int(number), *inner]:
            labels = [t("programs.exercise.number", n=number + 1), *_inner_labels(inner)]
            return t("programs.list.and").join(labels)
    return t(f"programs.field.{name}")


def _inner_labels(steps: list[Step]) -> Iterator[str]:
    match steps:
        case [("phases" | "source") as rows, int(row), *key]:
            kind = "phase" if rows == "phases" else "source"
            yield t(f"programs.{kind}.number", n=row + 1)
            yield t(f"programs.{kind}.{key[0]}") if key else ""
        case [key]:
            yield t(f"programs.field.{'sources' if key == 'source' else key}")


def _fields(form: ProgramFields) -> Iterator[tuple[Steps, str]]:
    """Each field, or group of fields, and a text that is empty where nothing was put in."""
    for key in ("title", "summary", "stop_rules", "level", "previous", "next"):
        yield (key,), getattr(form, key).strip()
    yield ("id",), form.id or form.title
    yield ("rest_between_exercises",), form.rest_between_exercises.strip()
    yield ("times_per_day",), _both(form.times_per_day)
    yield ("days_per_week",), _both(form.days_per_week)
    yield ("exercises",), "some" if form.exercises else ""
    for index, exercise in enumerate(form.exercises):
        yield ("exercise", index), "an exercise"
        for steps, value in _exercise_fields(exercise):
            yield ("exercise", index, *steps), value


def _exercise_fields(form: ExerciseFields) -> Iterator[tuple[Steps, str]]:
    for key in ("name", "how", "left", "right", "position", "sets", "reps", "side"):
        yield (key,), getattr(form, key).strip()
    for key in ("rest_between_sets", "change_sides", "get_ready"):
        yield (key,), getattr(form, key).strip()
    for key in ("sets_range", "reps_range", "seconds_range"):
        yield (key,), _both(getattr(form, key))
    yield ("equipment",), "a choice"
    yield ("reps_per_side",), "a choice"
    yield ("phases",), "some" if form.phases else ""
    yield ("source",), "some" if form.sources else ""
    for row, phase in enumerate(form.phases):
        for key in ("do", "seconds", "word"):
            yield ("phases", row, key), getattr(phase, key).strip()
        yield ("phases", row, "range"), _both(phase.range)
    for row, source in enumerate(form.sources):
        for key in ("title", "says"):
            yield ("source", row, key), getattr(source, key).strip()


def _both(pair: Pair) -> str:
    """A text that is empty where one of both ends is."""
    return "both" if all(end.strip() for end in pair) else ""


def _in_form(steps: Steps, form: ProgramFields, language: str) -> Steps:
    """The steps in the form that a problem's steps in the document come to."""
    match steps:
        case ("exercise",):
            return ("exercises",)
        case ("exercise", int(index), "id"):
            return ("exercise", index, "name")
        case ("exercise", int(index), "text", spoken, *inner):
            field = _text_field(inner, "name", form.exercises[index:])
            return ("exercise", index, *(field if spoken == language else ()))
        case ("text", spoken, *inner):
            return _text_field(inner, "title") if spoken == language else ()
        case ("frequency", *inner):
            return tuple(inner)
    return steps


def _text_field(steps: list[Step], first: str, exercises: Sequence[ExerciseFields] = ()) -> Steps:
    """The field of a text's key, `first` for the whole text.

    The words of phases are fields of the phases, here of the first of the `exercises`.
    """
    match steps:
        case ["phases", *phase]:
            rows = exercises[0].phases if exercises else []
            row = next((row for row, fields in enumerate(rows) if [fields.do] == phase), None)
            return ("phases",) if row is None else ("phases", row, "word")
        case [key, *_]:
            return (key,)
    return (first,)
