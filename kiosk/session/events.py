"""The events that reach the controller's inbox, from whatever thread."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.audio.playlist import PlaybackPosition, Segment
from kiosk.history.model import SessionRecord
from kiosk.schedule.model import LedgerRow
from kiosk.session.snapshot import Fault
from kiosk.session.transitions import Input, PlanStatus
from kiosk.settings.model import Settings
from kiosk.speech.preparer import PreparedSession


class Event:
    """Something that the controller handles; each has its case in `Controller._handle`."""

    __slots__ = ()


Post = Callable[[Event], None]
"""Puts an event into the controller's inbox; any thread, returns at once."""

# --- the button: by the pins' threads ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ButtonEdge(Event):
    """The button's contacts closed (`down`) or opened at `at`, in the clock's seconds."""

    down: bool
    at: float


@dataclass(frozen=True, slots=True)
class ButtonFound(Event):
    """The button can be used, and is `down` or not at `at`, without an edge that was reported."""

    down: bool
    at: float


@dataclass(frozen=True, slots=True)
class ButtonMissing(Event):
    """The button cannot be used until it is found."""


# --- pages, signals and the watchdog: by their threads -------------------------------------------


@dataclass(frozen=True, slots=True)
class Command(Event):
    """An order from a page or a program."""

    input: Input
    program: str | None = None
    """With `Input.START`: the id of the program; `None` for the default one."""


@dataclass(frozen=True, slots=True)
class TestSoundWanted(Event):
    """A caregiver wants to hear how loud the kiosk speaks."""


@dataclass(frozen=True, slots=True)
class SettingsChanged(Event):
    """Other settings hold good from now on."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class LifeSignWanted(Event):
    """The watchdog asks whether the controller's thread runs."""

    answer: Callable[[], None]
    """Called by the controller's thread; quick, never raises."""


@dataclass(frozen=True, slots=True)
class Shutdown(Event):
    """The kiosk is to end."""


# --- the player: by its own thread ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaybackMoved(Event):
    """The person hears the next span of a timeline begin."""

    position: PlaybackPosition


@dataclass(frozen=True, slots=True)
class PlaybackFinished(Event):
    """The last sound of a playlist was heard."""

    playlist: int


@dataclass(frozen=True, slots=True)
class SpeakerLost(Event):
    """The speaker failed, and ended a playlist at `position`, perhaps before its first sound."""

    position: PlaybackPosition


# --- slow work: by the thread of jobs ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PreparationProgress(Event):
    """`done` of `total` texts are rendered for the session of `ticket`."""

    ticket: int | None
    """`None` for what is rendered beforehand: a session that is prepared waits for that, too."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SessionPrepared(Event):
    """Timeline and clips of the session of `ticket` are ready."""

    ticket: int
    material: PreparedSession


@dataclass(frozen=True, slots=True)
class PreparationFailed(Event):
    """The program for the session of `ticket` cannot be used."""

    ticket: int
    reason: str


@dataclass(frozen=True, slots=True)
class AnnouncementReady(Event):
    """An announcement is rendered."""

    number: int
    """Tells it from one that was ordered since."""

    segment: Segment


@dataclass(frozen=True, slots=True)
class SpeechChecked(Event):
    """The notices were rendered; `problems` says why some are missing."""

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaultChanged(Event):
    """A fault has appeared or, where it is not `present`, is over. Any thread."""

    fault: Fault
    present: bool = True


# --- the scheduler: by its own thread ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanStatusChanged(Event):
    """Something else is due or next, or the day's plan is done."""

    status: PlanStatus


@dataclass(frozen=True, slots=True)
class ReminderDue(Event):
    """An occurrence is to be called out; the ledger has that already."""

    row: LedgerRow


@dataclass(frozen=True, slots=True)
class InterruptedSessionFound(Event):
    """The last session was interrupted, by a power cut, say."""

    session: SessionRecord
