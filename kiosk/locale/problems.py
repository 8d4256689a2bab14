"""The sentences of problems, made here only, once a person is to read them.

A problem is a code and values (`kiosk.errors.Problem`). Its sentence stands in the catalogue
`problems.po` under the code, with blanks for the values: `{name}` for a value as it is, `{name!r}`
for a text that somebody wrote, which is then quoted, shortened and made printable, and number
formats such as `{hours:.1f}`. A value that is a phrase is put into words first. Texts in a row are
joined by commas, phrases by semicolons.

Without a wording the sentences are English, and only then, at the first of them, are the catalogue
and what reads it loaded: most commands have no problem to tell of. Any thread.
"""

from functools import cache

from kiosk.errors import CodedError, DataError, KioskError, Phrase, Problem, Value, quoted
from kiosk.locale.wording import Wording


def sentence(problem: Problem | Phrase | CodedError, wording: Wording | None = None) -> str:
    """The sentence of a problem or an error, without its place and suggestion."""
    words = wording or _english()
    return words.say(
        problem.code, **{name: _shown(value, words) for name, value in problem.values.items()}
    )


def text(problem: Problem, wording: Wording | None = None) -> str:
    """The sentence and the suggestion, for somebody who sees the place, as beside a field."""
    words = wording or _english()
    parts = [sentence(problem, words)]
    if problem.suggestion:
        parts.append(words.say("problem.suggestion", word=problem.suggestion))
    return " ".join(parts)


def line(problem: Problem, wording: Wording | None = None, *, source: bool = True) -> str:
    """The sentence with its place, as a line of its own; without the `source` where that is known.

    Where the place lies in an exercise, the exercise is named, for nobody likes counting to it.
    """
    words = wording or _english()
    parts = [sentence(problem, words)]
    if "in_exercise" in problem.values:
        exercise = _shown(problem.values["in_exercise"], words)
        parts.append(words.say("problem.in-exercise", exercise=exercise))
    if problem.suggestion:
        parts.append(words.say("problem.suggestion", word=problem.suggestion))
    place = [problem.source] if source else []
    return ": ".join([*place, *filter(None, [problem.path]), " ".join(parts)])


def error_text(error: KioskError, wording: Wording | None = None) -> str:
    """The text of an error: a line for each problem of data, else its sentence or own text."""
    if isinstance(error, DataError):
        return "\n".join(line(problem, wording) for problem in error.problems)
    return sentence(error, wording) if isinstance(error, CodedError) else str(error)


class _Text(str):
    """A text whose `!r` is how texts of other people's are quoted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return quoted(str(self))


class _Row(tuple[str, ...]):
    """Texts in a row, with commas between."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)

    def __repr__(self) -> str:
        return ", ".join(map(quoted, self))


def _shown(value: Value, wording: Wording) -> object:
    match value:
        case Phrase():
            return _Text(sentence(value, wording))
        case str():
            return _Text(value)
        case tuple():
            phrases = [sentence(part, wording) for part in value if isinstance(part, Phrase)]
            return "; ".join(phrases) or _Row(part for part in value if isinstance(part, str))
    return value


@cache
def _english() -> Wording:
    from kiosk.locale.catalogues import load_problems  # noqa: PLC0415 - only with a problem

    return load_problems()
