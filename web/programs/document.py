"""A program's document as the fields of the form, and the fields as a document.

Nothing is checked here: a text typed for a number, say, is a text in the document. The texts of
other languages have no fields; they go through the form as JSON in a hidden one.
"""

import json
import re
import unicodedata
from typing import Any

from kiosk.programs.checks import table, tables
from kiosk.programs.service import Document
from web.programs.form import ExerciseFields, Pair, PhaseFields, ProgramFields, SourceFields

_WHOLE = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{0,9}[.,]?[0-9]{1,20}")


def program_fields(document: Document, language: str) -> ProgramFields:
    """The fields of a document, which may be wrong in any way; texts are those of `language`."""
    frequency, texts = table(document, "frequency"), table(document, "text")
    text = table(texts, language)
    rules = text.get("stop_rules")
    return ProgramFields(
        **{key: _shown(document.get(key)) for key in ("id", "level", "previous", "next")},
        rest_between_exercises=_shown(document.get("rest_between_exercises")),
        times_per_day=_shown_pair(frequency.get("times_per_day")),
        days_per_week=_shown_pair(frequency.get("days_per_week")),
        title=_shown(text.get("title")),
        summary=_shown(text.get("summary")),
        stop_rules="\n".join(map(_shown, rules)) if isinstance(rules, list) else _shown(rules),
        exercises=[_exercise_fields(one, language) for _, one in tables(document, "exercise")],
        others=_others(texts, language),
    )


def _exercise_fields(exercise: Document, language: str) -> ExerciseFields:
    texts = table(exercise, "text")
    text = table(texts, language)
    words = table(text, "phases")
    equipment = exercise.get("equipment")
    names = ("id", "reps", "rest_between_sets", "change_sides", "get_ready")
    return ExerciseFields(
        **{name: _shown(exercise.get(name)) for name in names},
        **{name: _shown(text.get(name)) for name in ("name", "how", "left", "right")},
        sets=_shown(exercise.get("sets", 1)),
        position=_shown(exercise.get("position")),
        side=_shown(exercise.get("side", "both")),
        equipment=tuple(map(_shown, equipment)) if isinstance(equipment, list) else (),
        reps_per_side=exercise.get("reps_per_side") is True,
        sets_range=_shown_pair(exercise.get("sets_range")),
        reps_range=_shown_pair(exercise.get("reps_range")),
        seconds_range=_shown_pair(exercise.get("seconds_range")),
        phases=[
            PhaseFields(
                do=_shown(phase.get("do")),
                seconds=_shown(phase.get("seconds")),
                range=_shown_pair(phase.get("range")),
                word=_shown(words.get(_shown(phase.get("do")))),
            )
            for _, phase in tables(exercise, "phases")
        ],
        sources=[
            SourceFields(_shown(source.get("title")), _shown(source.get("says")))
            for _, source in tables(exercise, "source")
        ],
        others=_others(texts, language),
    )


def _shown(value: object) -> str:
    """A value of a file as it stands in a field."""
    match value:
        case None | bool() | list() | dict():
            return ""
        case float():
            whole = value.is_integer() and abs(value) < 1e9
            return str(int(value)) if whole else repr(value) if abs(value) > 1e-4 else "0"
        case _:
            return str(value)


def _shown_pair(value: object) -> Pair:
    ends = [_shown(end) for end in value[:2]] if isinstance(value, list) else []
    low, high, *_ = (*ends, "", "")
    return low, high


def _others(texts: Document, language: str) -> str:
    rest = {key: text for key, text in texts.items() if key != language}
    return json.dumps(rest, default=str) if rest else ""


def document_of(form: ProgramFields, language: str) -> dict[str, Any]:
    """The document that the form describes; the ids that it lacks are made of names."""
    rules = [rule for line in form.stop_rules.splitlines() if (rule := line.strip())]
    text = {"title": _line(form.title), "summary": _line(form.summary), "stop_rules": rules}
    document: dict[str, Any] = {
        "schema": 1,
        "id": form.id.strip() or slug(form.title, "program"),
        "level": _number(form.level),
        "frequency": {
            "times_per_day": list(map(_number, form.times_per_day)),
            "days_per_week": list(map(_number, form.days_per_week)),
        },
        "text": {**_read_others(form.others, language), language: text},
    }
    for key, typed in (("previous", form.previous), ("next", form.next)):
        if typed.strip():
            document[key] = typed.strip()
    document |= _given("rest_between_exercises", form.rest_between_exercises)
    taken = {exercise.id for exercise in form.exercises}
    exercises = []
    for exercise in form.exercises:
        name = exercise.id.strip() or _free(slug(exercise.name, "exercise"), taken)
        taken.add(name)
        exercises.append(_exercise_table(exercise, name, language))
    return {**document, "exercise": exercises}


def _exercise_table(form: ExerciseFields, name: str, language: str) -> dict[str, Any]:
    both = form.side == "both"
    text: dict[str, Any] = {"name": _line(form.name), "how": _line(form.how)}
    for key, typed in (("left", form.left), ("right", form.right)):
        if typed.strip() and not both:
            text[key] = _line(typed)
    words: dict[str, str] = {}
    for phase in form.phases:
        if phase.word.strip():
            words.setdefault(phase.do, _line(phase.word))
    if words:
        text["phases"] = words
    exercise: dict[str, Any] = {
        "id": name,
        "position": form.position,
        "sets": _number(form.sets),
        "reps": _number(form.reps),
        "side": form.side,
        "phases": [
            {"do": phase.do, "seconds": _number(phase.seconds), **_given("range", phase.range)}
            for phase in form.phases
        ],
        "source": [{"title": _line(s.title), "says": _line(s.says)} for s in form.sources],
        "text": {**_read_others(form.others, language), language: text},
    }
    if form.equipment:
        exercise["equipment"] = list(form.equipment)
    if not both:
        exercise["reps_per_side"] = form.reps_per_side
    for key in ("sets_range", "reps_range", "seconds_range"):
        exercise |= _given(key, getattr(form, key))
    for key in ("rest_between_sets", "change_sides", "get_ready"):
        exercise |= _given(key, getattr(form, key))
    return exercise


def _line(typed: str) -> str:
    """Text of several lines, joined into one."""
    return " ".join(part for line in typed.splitlines() if (part := line.strip()))


def _number(typed: str) -> float | str:
    """The number that was typed; where it is none, the text, for the check to speak of."""
    text = typed.strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else text


def _given(key: str, typed: str | Pair) -> dict[str, Any]:
    """The key with its number or range; without the key where nothing was typed."""
    if isinstance(typed, str):
        return {key: _number(typed)} if typed.strip() else {}
    return {key: list(map(_number, typed))} if any(end.strip() for end in typed) else {}


def _read_others(sent: str, language: str) -> dict[str, Any]:
    try:
        texts = json.loads(sent) if sent else {}
    except (ValueError, RecursionError):
        return {}
    return {k: v for k, v in texts.items() if k != language} if isinstance(texts, dict) else {}


def slug(name: str, otherwise: str) -> str:
    """An id made of a name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-") or otherwise


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted[:50]}-{number}", number + 1
    return name
