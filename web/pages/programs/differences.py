"""What a form and what is kept by now differ in, for somebody whom another one has overtaken."""

from dataclasses import fields
from itertools import islice

from web.pages.programs.form import ExerciseFields, ProgramFields
from web.texts import t

MOST_TOLD = 20

_PROGRAM = (
    *("title", "summary", "stop_rules", "level", "previous", "next"),
    *("times_per_day", "days_per_week", "rest_between_exercises"),
)


def differences(kept: ProgramFields, typed: ProgramFields) -> list[tuple[str, str]]:
    """What is kept where something else was typed: what it is, and its value."""
    found = [
        (t(f"programs.field.{name}"), _value(getattr(kept, name)))
        for name in _PROGRAM
        if getattr(kept, name) != getattr(typed, name)
    ]
    mine = {exercise.id: exercise for exercise in typed.exercises}
    theirs = {exercise.id: exercise for exercise in kept.exercises}
    for name, exercise in theirs.items():
        if name not in mine:
            found.append((exercise.name, t("programs.conflict.only_there")))
        else:
            found += _of_exercise(exercise, mine[name])
    found += [
        (exercise.name, t("programs.conflict.only_here"))
        for exercise in typed.exercises
        if exercise.id not in theirs
    ]
    both = [name for name in theirs if name in mine]
    if both != [name for name in mine if name in theirs]:
        found.append((t("programs.exercises"), t("programs.conflict.order")))
    return list(islice(found, MOST_TOLD))


def _of_exercise(kept: ExerciseFields, typed: ExerciseFields) -> list[tuple[str, str]]:
    return [
        (f"{kept.name}: {t(f'programs.field.{one.name}')}", _value(getattr(kept, one.name)))
        for one in fields(kept)
        if one.name not in ("id", "others") and getattr(kept, one.name) != getattr(typed, one.name)
    ]


def _value(value: object) -> str:
    """A field's value on one line."""
    match value:
        case bool():
            return t("programs.yes" if value else "programs.no")
        case str():
            return value or t("programs.nothing")
        case tuple():
            return ", ".join(filter(None, value)) or t("programs.nothing")
        case list():
            rows = ([_value(getattr(row, one.name)) for one in fields(row)] for row in value)
            return "; ".join(", ".join(text for text in row if text) for row in rows)
    return str(value)
