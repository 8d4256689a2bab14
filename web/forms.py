"""What is wrong with what was typed, sorted to the fields it was typed into.

What a page answers to an action: shown once, on the next page.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from flask import flash, get_flashed_messages

from kiosk.errors import Problem, StoreError
from web.text import t

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FieldProblems:
    """Sentences by the name of the field; truthy where there is any."""

    by_field: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> "FieldProblems":
        """From problems whose path is the field's name; those without one are of the whole form."""
        found = cls()
        for problem in problems:
            found.add(problem.path, in_words(problem))
        return found

    def add(self, name: str, sentence: str) -> None:
        """One more, of the field `name`; of the whole form where it is empty."""
        self.by_field.setdefault(name, []).append(sentence)

    def of_field(self, name: str) -> str:
        """All that is wrong with one field; empty where nothing is."""
        return " ".join(self.by_field.get(name, ()))

    def __bool__(self) -> bool:
        return bool(self.by_field)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for name, sentences in self.by_field.items():
            yield name, " ".join(sentences)


def not_kept(error: StoreError) -> FieldProblems:
    """What a form says that the disk did not let be kept: it stays as it was typed, and can be sent
    again. For who is signed in: the sentence names files.
    """
    logger.warning("%s", error)
    problems = FieldProblems()
    problems.add("", str(error))
    return problems


def in_words(problem: Problem) -> str:
    """A problem for somebody who sees the field it is about."""
    if not problem.suggestion:
        return problem.message
    return f"{problem.message} {t('programs.suggestion', word=problem.suggestion)}"


class Outcome(StrEnum):
    """What came of the action; the value is its class in the style sheet."""

    DONE = "done"
    NOT_DONE = "not-done"


@dataclass(frozen=True, slots=True)
class Undo:
    """A button beside an answer that takes the action back."""

    action: str
    """Where it posts to."""

    change: str
    """What it posts, as `change`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One of them."""

    text: str
    outcome: Outcome = Outcome.DONE
    undo: Undo | None = None


def answer(text: str, outcome: Outcome = Outcome.DONE, undo: Undo | None = None) -> None:
    """Have `text` shown on the next page."""
    flash(asdict(Answer(text, outcome, undo)))  # type: ignore[arg-type]


def answers() -> list[Answer]:
    """The answers to show now."""
    return [Answer(**told) for told in get_flashed_messages()]  # type: ignore[arg-type]
