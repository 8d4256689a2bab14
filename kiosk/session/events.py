"""What reaches the controller's inbox, from whatever thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from kiosk.audio.playlist import PlaybackPosition, Segment
from kiosk.history.model import SessionRecord
from kiosk.schedule.model import LedgerRow
from kiosk.session.snapshot import Fault
from kiosk.session.transitions import Input, PlanStatus
from kiosk.settings.model import Settings
from kiosk.speech.preparer import PreparedSession


@dataclass(frozen=True, slots=True)
class ButtonEdge:
    """The button's contacts closed (`down`) or opened at `at`, in the clock's seconds."""

    down: bool
    at: float


@dataclass(frozen=True, slots=True)
class ButtonFound:
    """The button can be used, and its contacts are closed (`down`) or open at `at`; nobody has told
    of an edge.
    """

    down: bool
    at: float


@dataclass(frozen=True, slots=True)
class ButtonMissing:
    """The button cannot be used until it is found."""


@dataclass(frozen=True, slots=True)
class LifeSignWanted:
    """Somebody wants to know whether the controller is alive."""

    answer: Callable[[], None]
    """Quick, never raises."""


@dataclass(frozen=True, slots=True)
class Command:
    """Somebody wants something, from a page or a program."""

    input: Input
    program: str | None = None
    """With `Input.START`: which program; `None` for the default one."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The player has reached the next stretch of what it plays."""

    heard: PlaybackPosition


@dataclass(frozen=True, slots=True)
class PlayedOut:
    """The last sound of a playlist has been heard."""

    playlist: int


@dataclass(frozen=True, slots=True)
class SpeakerLost:
    """The speaker went away, in the middle of a playlist or before it."""

    heard: PlaybackPosition


@dataclass(frozen=True, slots=True)
class SpeakerFound:
    """The speaker is back."""


@dataclass(frozen=True, slots=True)
class PreparingGoesOn:
    """Speech is being rendered for the session of `ticket`."""

    ticket: int | None
    """`None` for what is rendered beforehand: whoever waits, waits for that, too."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SessionPrepared:
    """Everything for the session of `ticket` is there."""

    ticket: int
    material: PreparedSession


@dataclass(frozen=True, slots=True)
class SessionUnprepared:
    """The program for the session of `ticket` cannot be used."""

    ticket: int
    reason: str


@dataclass(frozen=True, slots=True)
class SpeechChecked:
    """The kiosk's own phrases were rendered, or were not."""

    problems: tuple[str, ...]
    """Why some are missing; empty where none is."""


@dataclass(frozen=True, slots=True)
class TroubleFound:
    """Something was found not to be well, or well again, while nobody was looking for it."""

    trouble: Fault
    here: bool = True
    """`False` where it is over."""


@dataclass(frozen=True, slots=True)
class AnnouncementReady:
    """A sentence made for the moment can be said."""

    number: int
    take: Segment


@dataclass(frozen=True, slots=True)
class AgendaChanged:
    """The scheduler has news of the plan."""

    agenda: PlanStatus


@dataclass(frozen=True, slots=True)
class RemindNow:
    """Something is due and is to be called out; that is on record already."""

    row: LedgerRow


@dataclass(frozen=True, slots=True)
class CutOffFound:
    """The last session was cut off, by a power cut, say."""

    session: SessionRecord


@dataclass(frozen=True, slots=True)
class StoreWorks:
    """Whether what is done can be kept."""

    works: bool


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """Other settings hold good from now on."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class TestSoundWanted:
    """Somebody wants to hear how loud the kiosk speaks."""


@dataclass(frozen=True, slots=True)
class Shutdown:
    """The kiosk is to end."""


ButtonNews: TypeAlias = ButtonEdge | ButtonFound | ButtonMissing
PlayerNews: TypeAlias = Passed | PlayedOut | SpeakerLost | SpeakerFound
PreparerNews: TypeAlias = PreparingGoesOn | SessionPrepared | SessionUnprepared
SchedulerNews: TypeAlias = AgendaChanged | RemindNow | CutOffFound | StoreWorks
News: TypeAlias = (
    PlayerNews | PreparerNews | SchedulerNews | AnnouncementReady | SpeechChecked | TroubleFound
)
Wish: TypeAlias = SettingsChanged | TestSoundWanted
"""What a caregiver wants of the kiosk itself, rather than of a session."""

Event: TypeAlias = ButtonNews | News | Wish | Command | LifeSignWanted | Shutdown

Post = Callable[[Event], None]
"""Puts an event into the controller's inbox; any thread, returns at once."""
