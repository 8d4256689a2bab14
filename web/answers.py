"""What a page answers to an action: shown once, on the next page."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from flask import flash, get_flashed_messages


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
