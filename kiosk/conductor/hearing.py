"""What follows from the news that the player, the studio, the secretary and other parts have."""

import logging
from collections.abc import Callable

from kiosk.clock import Clock
from kiosk.conductor.at_hand import AtHand
from kiosk.conductor.events import (
    AgendaChanged,
    AnnouncementReady,
    CutOffFound,
    News,
    Passed,
    PlayedOut,
    PlayerNews,
    PreparingGoesOn,
    RemindNow,
    SecretaryNews,
    SessionPrepared,
    SessionUnprepared,
    SpeakerFound,
    SpeakerLost,
    SpeechChecked,
    StoreWorks,
    StudioNews,
    TroubleFound,
)
from kiosk.conductor.session import Session
from kiosk.conductor.sound.announcer import Announcer
from kiosk.conductor.state_keeper import StateKeeper
from kiosk.model.snapshot import State, Trouble
from kiosk.session.transitions import Input

logger = logging.getLogger(__name__)


class Hearing:
    """Takes news, one after another. The conductor's thread only."""

    def __init__(
        self,
        clock: Clock,
        keeper: StateKeeper,
        session: Session,
        at_hand: AtHand,
        announcer: Announcer,
        mend_notices: Callable[[], bool],
    ) -> None:
        """`mend_notices` has the kiosk's own phrases rendered again where some are missing, and
        tells whether that is so; what becomes of it is told later.
        """
        self._mend_notices = mend_notices
        self._clock = clock
        self._keeper = keeper
        self._session = session
        self._at_hand = at_hand
        self._announcer = announcer

    def hear(self, event: News) -> None:
        """Do what follows from `event`."""
        match event:
            case Passed() | PlayedOut() | SpeakerLost() | SpeakerFound():
                self._hear_from_player(event)
            case PreparingGoesOn() | SessionPrepared() | SessionUnprepared():
                is_awaited = event.ticket in (self._session.ticket, None)
                if is_awaited and self._keeper.state is State.PREPARING:
                    self._hear_from_studio(event)
            case AgendaChanged() | RemindNow() | CutOffFound() | StoreWorks():
                self._hear_from_secretary(event)
            case AnnouncementReady():
                self._announcer.ready(event)
            case SpeechChecked(problems):
                self._note_speech(problems)
            case TroubleFound(trouble, here):
                self._keeper.note_trouble(trouble, here=here)

    def _hear_from_player(self, event: PlayerNews) -> None:
        match event:
            case Passed(heard):
                self._session.was_heard(heard)
                self._keeper.note_trouble(Trouble.SPEAKER_LOST, here=False)
            case PlayedOut(reel):
                if self._session.plays(reel):
                    self._keeper.apply(Input.ENDED)
            case SpeakerLost(heard):
                self._keeper.note_trouble(Trouble.SPEAKER_LOST)
                if self._session.was_interrupted(heard):
                    self._keeper.apply(Input.SPEAKER_LOST)
            case SpeakerFound():
                self._keeper.note_trouble(Trouble.SPEAKER_LOST, here=False)

    def _hear_from_studio(self, event: StudioNews) -> None:
        match event:
            case PreparingGoesOn(_, done, total):
                self._session.prepared = done / total
                self._keeper.publish()
            case SessionPrepared(_, material):
                if material.problems or not self._mend_notices():
                    self._note_speech(material.problems)
                self._session.is_ready(material)
                self._keeper.apply(Input.PREPARED)
            case SessionUnprepared(_, reason):
                logger.error("%s", reason)
                self._keeper.note_trouble(Trouble.NO_PROGRAM)
                self._keeper.apply(Input.UNPREPARED)

    def _hear_from_secretary(self, event: SecretaryNews) -> None:
        match event:
            case AgendaChanged(agenda):
                self._at_hand.agenda = agenda
                if agenda.due is None:
                    self._keeper.apply(Input.LET_BE)
                self._keeper.note_trouble(Trouble.CLOCK, here=not agenda.clock_trusted)
            case RemindNow(row):
                self._at_hand.set_due(row)
                self._keeper.apply(Input.REMIND)
            case CutOffFound(session):
                # What nobody can be told of now is not what a press would mean.
                if self._keeper.at_rest:
                    self._at_hand.offer(session, self._clock.now())
                    self._announcer.tell_cut_off(session.stopped_at)
            case StoreWorks(works):
                self._keeper.note_trouble(Trouble.STORE, here=not works)

    def _note_speech(self, problems: tuple[str, ...]) -> None:
        if problems and not self._keeper.has_trouble(Trouble.NO_SPEECH):
            logger.error("Some speech is missing: %s", " ".join(problems))
        self._keeper.note_trouble(Trouble.NO_SPEECH, here=bool(problems))
