"""Sessions, and how much of each exercise was done in them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from kiosk.units import Millis


class Ending(StrEnum):
    """How a session ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"  # by the person, by a page, or by pausing for too long
    INTERRUPTED = "interrupted"  # by a power cut, a crash or the end of the kiosk


class Effort(StrEnum):
    """The person's answer to the question after a session, how hard it was."""

    USUAL = "usual"
    HARDER = "harder"


class Spot(NamedTuple):
    """A place in a session; counts from 1, `None` where a count does not apply."""

    position: Millis
    """Milliseconds from the start of the session's timeline."""

    exercise: int | None = None
    exercise_id: str | None = None
    set: int | None = None
    side: str | None = None
    rep: int | None = None

    @property
    def rep_pass(self) -> tuple[int | None, int | None, str | None, int | None]:
        """Identifies one pass through the phases of a repetition within its session."""
        return self.exercise, self.set, self.side, self.rep


class ExerciseDone(NamedTuple):
    """How much of one exercise was played to its end."""

    exercise: int
    """Place in the program, from 1."""

    exercise_id: str
    sets: int
    """Sets of which every repetition was done."""

    reps: int
    """Passes through the phases, over all sets, on both sides together."""

    left: int
    """Of these on the left; 0 where both sides move together."""

    right: int
    holds: int
    planned_reps: int
    """Passes that the dose asked for."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session. Moments are UTC."""

    id: int
    program: str
    level: int
    started: datetime
    local_date: date
    """The day it counts for, in the time zone of then."""

    ended: datetime | None = None
    """`None` while it is under way, and for one that was cut off until the next start."""

    ending: Ending | None = None
    stopped_at: Spot | None = None
    """How far it had got, where it was not completed."""

    effort: Effort | None = None
    exercises: tuple[ExerciseDone, ...] = ()
    entry: int | None = None
    """The entry of the plan whose occurrence it was; `None` for an extra one."""

    dose: str = ""
    """The doses that differed from the program file's, as JSON by exercise; empty for none."""
