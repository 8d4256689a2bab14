"""The score of a session: what is to be said and done, in order, before any length is known.

A score has two kinds of parts. A *passage* is elastic: what is said takes the time it takes, and
never less than what was planned. A *rep pass*, one go through the phases of a repetition, is rigid:
its cues are wishes, which have to find room in it.
"""

import re
from dataclasses import dataclass

from kiosk.timeline.timeline import CueKind, ExerciseOutline, Place, Stage
from kiosk.units import Millis

_END = re.compile(r"(?<=[.!?…])\s+")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, each with its own full stop, a capital and single spaces inside."""
    parts = (" ".join(part.split()) for part in _END.split(text.strip()))
    return tuple(part[0].upper() + part[1:] for part in parts if part)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said, and the silence after it."""

    kind: CueKind
    text: str
    pause: Millis = 0


@dataclass(frozen=True, slots=True)
class TailLine:
    """One thing said at a fixed time before the end of its passage."""

    before_end: Millis
    line: Line
    optional: bool = False
    """Whether it may be left out where the passage is too short for it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines one after another, then, counted from the end, its tail."""

    stage: Stage
    place: Place
    lines: tuple[Line, ...]
    tail: tuple[TailLine, ...] = ()
    planned: Millis = 0
    """The least it takes; 0 where only the lines count."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A cue wanted inside a rep pass: somewhere from `earliest` to `latest`, by weight."""

    weight: int
    """The lower, the more it matters; a wish gives way to every wish of lower weight."""

    kind: CueKind
    text: str
    earliest: Millis
    """Offset from the start of the pass at which it may begin."""

    latest: Millis
    """Offset at which it has to begin at the latest."""

    phase: str


@dataclass(frozen=True, slots=True)
class RepPass:
    """One go through the phases of a repetition, exactly as long as they are."""

    place: Place
    phases: tuple[tuple[str, Millis], ...]
    wishes: tuple[Wish, ...]

    @property
    def duration(self) -> Millis:
        """The sum of its phases."""
        return sum(length for _, length in self.phases)


@dataclass(frozen=True, slots=True)
class Score:
    """Everything that happens in a session, in order."""

    program: str | None
    title: str
    exercises: tuple[ExerciseOutline, ...]
    """Where they begin is left at 0: that is known when the score is laid out."""

    parts: tuple[Passage | RepPass, ...]


def texts_of(score: Score) -> tuple[str, ...]:
    """Every text that is said in it, once each, in the order of first use."""
    texts: list[str] = []
    for part in score.parts:
        if isinstance(part, RepPass):
            texts += (wish.text for wish in part.wishes)
        else:
            texts += (line.text for line in part.lines if line.kind is not CueKind.CHIME)
            texts += (tail.line.text for tail in part.tail)
    return tuple(dict.fromkeys(texts))
