"""Answers to a form or an action: problems at the fields, and messages on the next page."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flask import flash

from kiosk.errors import KioskError, Problem, StoreError
from kiosk.locale import problems as sentences
from web.text import wording_of_pages

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
            found.add(problem.path, problem_text(problem))
        return found

    @classmethod
    def at(cls, name: str, sentence: str) -> "FieldProblems":
        """One problem, of the field `name`; of the whole form where it is empty."""
        return cls({name: [sentence]})

    def add(self, name: str, sentence: str) -> None:
        """One more, of the field `name`; of the whole form where it is empty."""
        self.by_field.setdefault(name, []).append(sentence)

    def of_field(self, name: str) -> str:
        """All sentences of one field; empty where there is none."""
        return " ".join(self.by_field.get(name, ()))

    def __bool__(self) -> bool:
        return bool(self.by_field)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for name, sentences_of_field in self.by_field.items():
            yield name, " ".join(sentences_of_field)


def problem_text(problem: Problem) -> str:
    """A problem for somebody who sees the field it is about."""
    return sentences.text(problem, wording_of_pages())


def problem_line(problem: Problem, *, source: bool = False) -> str:
    """A problem with its place, for somebody who sees no field; `source` names the file, too."""
    return sentences.line(problem, wording_of_pages(), source=source)


def error_sentence(error: KioskError) -> str:
    """The sentence of an error, for its form or its page."""
    return sentences.error_text(error, wording_of_pages())


def not_saved(error: StoreError) -> FieldProblems:
    """The problem of a form that could not be saved on the disk; it can be sent again as it is.

    Only for signed-in caregivers: the sentence names files.
    """
    logger.warning("%s", error)
    return FieldProblems.at("", str(error))


class Outcome(StrEnum):
    """The outcome of an action; the value is a class of the style sheet."""

    DONE = "done"
    NOT_DONE = "not-done"


def answer(
    text: str, outcome: Outcome = Outcome.DONE, undo: Mapping[str, str] | None = None
) -> None:
    """Have `text` shown once, on the next page. `undo` is a button that takes the action back: the
    address it posts to, `action`, and what it posts there as `change`.
    """
    flash({"text": text, "outcome": outcome, "undo": undo})  # type: ignore[arg-type]
