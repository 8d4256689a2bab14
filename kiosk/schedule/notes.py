"""What the controller tells the scheduler, to be kept or minded."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kiosk.history.model import Effort, Ending, ExerciseDone, Spot
from kiosk.schedule.model import LedgerRow
from kiosk.schedule.rules import Rules


@dataclass(frozen=True, slots=True)
class Occupied:
    """Whether the person is in a session, or about to be."""

    by_session: bool


@dataclass(frozen=True, slots=True)
class SessionBegan:
    """A session has begun; `ticket` names it in the notes that follow."""

    ticket: int
    program: str
    level: int
    row: LedgerRow | None
    """The occurrence that was due; `None` for an extra session."""

    dose: str
    """What of its doses differed from the program file."""


@dataclass(frozen=True, slots=True)
class SessionWentOn:
    """How far a session has got."""

    ticket: int
    spot: Spot
    done: tuple[ExerciseDone, ...]


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A session has ended, completed or stopped."""

    ticket: int
    ending: Ending
    spot: Spot
    done: tuple[ExerciseDone, ...]


@dataclass(frozen=True, slots=True)
class SessionTakenBack:
    """A session was taken back before it really began."""

    ticket: int


@dataclass(frozen=True, slots=True)
class EffortTold:
    """The person has answered how hard a session was."""

    ticket: int
    effort: Effort


@dataclass(frozen=True, slots=True)
class Walked:
    """The walk that was due is done."""

    row: LedgerRow


@dataclass(frozen=True, slots=True)
class PutOff:
    """What is due shall be called out later; a walk just confirmed is taken back."""

    row: LedgerRow


@dataclass(frozen=True, slots=True)
class LeftUndone:
    """What was due was begun and given up before anything of it was heard."""

    row: LedgerRow


@dataclass(frozen=True, slots=True)
class PutBack:
    """What a press has made of what was due is undone: it was not the person who pressed."""

    row: LedgerRow
    """As it was before the press."""


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """Other rules of reminders, or another time zone, hold good from now on."""

    rules: Rules
    zone: ZoneInfo


DiaryNote = SessionBegan | SessionWentOn | SessionEnded | SessionTakenBack | EffortTold
"""What is kept of sessions."""

LedgerNote = Walked | PutOff | LeftUndone | PutBack
"""What is kept of the plan's occurrences."""

Note = Occupied | RulesChanged | DiaryNote | LedgerNote
