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
from web.programs.form import ROWS, ExerciseFields, ProgramFields
from web.text import t

Steps = tuple[Step, ...]

_WHOLE_EXERCISE = 2  # steps to the group of fields of one exercise: `exercise` and its index


def field_problems(
    problems: Iterable[Problem], form: ProgramFields, language: str
) -> FieldProblems:
    """The problems of the document that `form` describes, by the names of the form's fields.

    A field that is left empty has one sentence only, whatever the problem. Where a place in the
    document has no field, the sentence names the place.
    """
    values = {**dict(_fields(form)), ("id",): form.id or form.title}
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


def _fields(form: object) -> Iterator[tuple[Steps, str]]:
    """Each field, or group of fields, and a text that is empty where nothing was put in."""
    for name, value in vars(form).items():
        match value:
            case _ if name == "others":
                continue
            case str():
                yield (name,), value.strip()
            case (str(low), str(high)) if name != "equipment":
                yield (name,), "both" if low.strip() and high.strip() else ""
            case list():
                rows, _ = ROWS[name]
                yield ("exercises" if name == "exercises" else rows,), "some" if value else ""
                for number, row in enumerate(value):
                    if name == "exercises":
                        yield (rows, number), "an exercise"
                    yield from (((rows, number, *steps), text) for steps, text in _fields(row))
            case _:
                yield (name,), "a choice"


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
