"""An exercise program, as the rest of the kiosk knows it: plain, frozen, already validated.

The file format it is read from is in `kiosk.programs.document`; a dose and its cited range stand
side by side here, so that any later change can be held against its source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from kiosk.units import Millis

_Text = TypeVar("_Text")


def _in_language(texts: Mapping[str, _Text], language: str) -> _Text | None:
    """The text in `language`, else in the first language there is; `None` where there is none."""
    return texts.get(language) or next(iter(texts.values()), None)


class Side(StrEnum):
    """How an exercise shares its repetitions between left and right."""

    BOTH = "both"  # both sides move together; there is nothing to name

    LEFT_THEN_RIGHT = "left-then-right"
    """Every repetition of a set on the left, then, after time to change, on the right."""

    ALTERNATE = "alternate"  # left and right take turns


class Position(StrEnum):
    """The starting position of an exercise."""

    STANDING = "standing"
    SITTING = "sitting"
    ALL_FOURS = "on all fours"
    HALF_KNEELING = "half kneeling"
    LYING_ON_BACK = "lying on your back"
    LYING_ON_FRONT = "lying on your front"
    LYING_ON_SIDE = "lying on your side"

    @property
    def on_the_floor(self) -> bool:
        """Whether getting there from standing means getting down to the floor."""
        return self not in (Position.STANDING, Position.SITTING)


class Equipment(StrEnum):
    """A piece of equipment. The kiosk's wording has a sentence for each."""

    CHAIR = "chair"
    CUSHION = "cushion"
    MAT = "mat"
    TOWEL = "towel"
    WALL = "wall"


class PhaseName(StrEnum):
    """The kind of one timed part of a repetition."""

    LOWER = "lower"
    LIFT = "lift"
    REACH = "reach"
    STRETCH = "stretch"
    RETURN = "return"
    TURN = "turn"
    PRESS = "press"
    HOLD = "hold"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A cited range, both ends included: counts for sets and repetitions, `Millis` for phases."""

    low: int
    high: int

    def __contains__(self, value: int) -> bool:
        return self.low <= value <= self.high


SETS = Bounds(1, 20)
REPS = Bounds(1, 100)
PHASE = Bounds(500, 300_000)  # what a program may ask for; nothing goes beyond, whoever insists

DEFAULT_SETS = 1
DEFAULT_SIDE = Side.BOTH
DEFAULT_REST_BETWEEN_SETS: Millis = 30_000
DEFAULT_REST_BETWEEN_EXERCISES: Millis = 5_000
DEFAULT_CHANGE_SIDES: Millis = 8_000  # what holds where a program file leaves the key out

LEAST_PASS: Millis = 2_000
"""The least that a pass through the phases takes; below it, the counting cannot keep up."""

MOST_WORK: Millis = 4 * 60 * 60 * 1000  # the most that the repetitions of a program take together


@dataclass(frozen=True, slots=True)
class Phase:
    """One timed part of a repetition."""

    name: PhaseName
    duration: Millis
    cited: Bounds | None = None
    """The range its source gives, in milliseconds; `None` where the source gives none."""


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a dose."""

    title: str
    """Author, title and, where there is one, the address or number it is found by."""

    says: str
    """The dose it gives, in the shortest words."""


@dataclass(frozen=True, slots=True)
class ExerciseText:
    """An exercise in one language."""

    name: str
    how: str
    """Short sentences, one action each; spoken with a pause between them."""

    phases: Mapping[PhaseName, str]
    """What is said as a phase begins, where it is not the kiosk's usual word."""

    left: str = ""
    """What the left side is called, where it is not the usual word ("Left arm, right leg")."""

    right: str = ""


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise and its dose."""

    id: str
    position: Position
    equipment: tuple[str, ...]
    """What to have at hand, as ids the wording knows a name for ("chair", "mat")."""

    sets: int
    reps: int
    """Repetitions in a set: of each side where `reps_per_side`, else of both together."""

    side: Side
    reps_per_side: bool
    phases: tuple[Phase, ...]
    rest_between_sets: Millis
    change_sides: Millis
    """Time to change over, where all of one side comes first."""

    get_ready: Millis | None
    """Time to get into position; `None` leaves it to what the change of position asks for."""

    sources: tuple[Source, ...]
    text: Mapping[str, ExerciseText]
    """By language code."""

    cited_sets: Bounds | None = None
    cited_reps: Bounds | None = None
    cited_pass: Bounds | None = None
    """The range its source gives for one pass through the phases, in milliseconds."""

    def text_in(self, language: str) -> ExerciseText | None:
        """The exercise's text in `language`, else in the first language that has one."""
        return _in_language(self.text, language)

    def name(self, language: str) -> str:
        """The name in the language of `text_in`; the id where there is no text."""
        text = self.text_in(language)
        return text.name if text else self.id

    @property
    def rep_duration(self) -> Millis:
        """How long one pass through the phases takes."""
        return sum(phase.duration for phase in self.phases)

    @property
    def holds(self) -> tuple[Phase, ...]:
        """The phases in which the position is held."""
        return tuple(phase for phase in self.phases if phase.name is PhaseName.HOLD)

    @property
    def reps_each_side(self) -> bool:
        """Whether left and right each do all of its repetitions."""
        return self.reps_per_side and self.side is not Side.BOTH

    @property
    def shares_reps(self) -> bool:
        """Whether left and right share its repetitions, so that their number is even."""
        return not self.reps_per_side and self.side is not Side.BOTH

    @property
    def counted_reps(self) -> int:
        """How far its repetitions are counted before the counting begins anew."""
        begins_anew = self.side is Side.LEFT_THEN_RIGHT and self.shares_reps
        return (self.reps + 1) // 2 if begins_anew else self.reps

    @property
    def passes_per_set(self) -> int:
        """How often a set goes through the phases, both sides counted."""
        return self.reps * (2 if self.reps_each_side else 1)


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often the source says the program is done."""

    times_per_day: Bounds
    days_per_week: Bounds


@dataclass(frozen=True, slots=True)
class ProgramText:
    """A program in one language."""

    title: str
    summary: str
    """What it is for; shown, not spoken."""

    stop_rules: tuple[str, ...]
    """When to stop, one sentence each; spoken before the first exercise."""


@dataclass(frozen=True, slots=True)
class Program:
    """The exercise program of a session."""

    id: str
    level: int
    frequency: Frequency
    rest_between_exercises: Millis
    exercises: tuple[Exercise, ...]
    text: Mapping[str, ProgramText]
    previous_level: str | None = None
    """The id of the easier program to step back to."""

    next_level: str | None = None
    """The id of the harder program to move on to."""

    def text_in(self, language: str) -> ProgramText | None:
        """The program's text in `language`, else in the first language that has one."""
        return _in_language(self.text, language)

    def title(self, language: str) -> str:
        """The title in the language of `text_in`; the id where there is no text."""
        text = self.text_in(language)
        return text.title if text else self.id

    @property
    def languages(self) -> frozenset[str]:
        """The languages in which the program and every exercise in it has a text."""
        spoken = [frozenset(self.text), *(frozenset(e.text) for e in self.exercises)]
        return frozenset.intersection(*spoken)

    @property
    def work_duration(self) -> Millis:
        """How long its repetitions alone take, without a word spoken or a rest between sets."""
        return sum(e.sets * e.passes_per_set * e.rep_duration for e in self.exercises)
