"""What follows from the news that the player, the preparer, the scheduler and other parts have.

The controller: the one thread that holds all state of a session.

Everybody else posts to its inbox and reads snapshots from the feed. What reaches it goes to one of
its parts: `Touch` has the button, `Hearing` the news of the others; what a caregiver wishes is done
here. They find out what it means, and the `StateKeeper` lets that take effect.
"""

import logging
import queue
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from kiosk.audio.player import Player
from kiosk.clock import Clock
from kiosk.session.actions import Actions, Timers, is_due
from kiosk.session.announcer import Announcer, prepare_anew, prepare_missing_notices
from kiosk.session.button import ButtonHandler, PairingCodes, Presses
from kiosk.session.events import (
    AgendaChanged,
    AnnouncementReady,
    ButtonEdge,
    ButtonFound,
    ButtonMissing,
    Command,
    CutOffFound,
    Event,
    LifeSignWanted,
    News,
    Passed,
    PlayedOut,
    PlayerNews,
    Post,
    PreparerNews,
    PreparingGoesOn,
    RemindNow,
    SchedulerNews,
    SessionPrepared,
    SessionUnprepared,
    SettingsChanged,
    Shutdown,
    SpeakerFound,
    SpeakerLost,
    SpeechChecked,
    StoreWorks,
    TestSoundWanted,
    TroubleFound,
    Wish,
)
from kiosk.session.feed import SnapshotPublisher
from kiosk.session.recorder import PostNote, SessionRecorder
from kiosk.session.session import Session
from kiosk.session.snapshot import IN_SESSION, NO_TIME_FOR_A_TEST, Fault, State
from kiosk.session.start_options import StartOptions
from kiosk.session.state import StateOwner
from kiosk.session.transitions import Input
from kiosk.settings.model import Settings
from kiosk.speech.preparer import SessionPreparer
from kiosk.system.jobs import Jobs
from kiosk.timeline.notices import Notice

logger = logging.getLogger(__name__)


class EventHandler:
    """Takes news, one after another. The controller's thread only."""

    def __init__(
        self,
        clock: Clock,
        keeper: StateOwner,
        session: Session,
        start_options: StartOptions,
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
        self._start_options = start_options
        self._announcer = announcer

    def hear(self, event: News) -> None:
        """Do what follows from `event`."""
        match event:
            case Passed() | PlayedOut() | SpeakerLost() | SpeakerFound():
                self._hear_from_player(event)
            case PreparingGoesOn() | SessionPrepared() | SessionUnprepared():
                is_awaited = event.ticket in (self._session.ticket, None)
                if is_awaited and self._keeper.state is State.PREPARING:
                    self._hear_from_preparer(event)
            case AgendaChanged() | RemindNow() | CutOffFound() | StoreWorks():
                self._hear_from_scheduler(event)
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
                self._keeper.note_trouble(Fault.SPEAKER_LOST, here=False)
            case PlayedOut(playlist):
                if self._session.plays(playlist):
                    self._keeper.apply(Input.ENDED)
            case SpeakerLost(heard):
                self._keeper.note_trouble(Fault.SPEAKER_LOST)
                if self._session.was_interrupted(heard):
                    self._keeper.apply(Input.SPEAKER_LOST)
            case SpeakerFound():
                self._keeper.note_trouble(Fault.SPEAKER_LOST, here=False)

    def _hear_from_preparer(self, event: PreparerNews) -> None:
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
                self._keeper.note_trouble(Fault.NO_PROGRAM)
                self._keeper.apply(Input.UNPREPARED)

    def _hear_from_scheduler(self, event: SchedulerNews) -> None:
        match event:
            case AgendaChanged(agenda):
                self._start_options.agenda = agenda
                if agenda.due is None:
                    self._keeper.apply(Input.LET_BE)
                self._keeper.note_trouble(Fault.CLOCK, here=not agenda.clock_trusted)
            case RemindNow(row):
                self._start_options.set_due(row)
                self._keeper.apply(Input.REMIND)
            case CutOffFound(session):
                # What nobody can be told of now is not what a press would mean.
                if self._keeper.at_rest:
                    self._start_options.offer(session, self._clock.now())
                    self._announcer.tell_cut_off(session.stopped_at)
            case StoreWorks(works):
                self._keeper.note_trouble(Fault.STORE, here=not works)

    def _note_speech(self, problems: tuple[str, ...]) -> None:
        if problems and not self._keeper.has_trouble(Fault.NO_SPEECH):
            logger.error("Some speech is missing: %s", " ".join(problems))
        self._keeper.note_trouble(Fault.NO_SPEECH, here=bool(problems))


class Controller:
    """The owner of the session, and of the parts that each hold a piece of its state.

    `post`: any thread. `run`: the controller's own thread, until a `Shutdown`. Tests call `pump`
    instead, which does what has come in or is due, and returns.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        preparer: SessionPreparer,
        jobs: Jobs,
        make_player: Callable[[Post], Player],
        known_trouble: frozenset[Fault] = frozenset(),
    ) -> None:
        self._clock = clock
        self._preparer = preparer
        self._jobs = jobs
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stopping = False

        self.player = player = make_player(self.post)
        self._timers = timers = Timers()
        self._presses = presses = Presses(settings)
        self._recorder = recorder = SessionRecorder()
        self._announcer = announcer = Announcer(preparer, jobs, player, self.post)
        self._session = session = Session(preparer, jobs, player, self.post, recorder)
        start_options = StartOptions()
        publisher = SnapshotPublisher(clock, session, start_options, known_trouble)
        actions = Actions(clock, timers, announcer, recorder, start_options, session, publisher)
        self._keeper = keeper = StateOwner(settings, clock, timers, actions, recorder, publisher)
        self._touch = ButtonHandler(
            clock, presses, keeper, session, start_options, announcer, recorder
        )
        mend_notices = partial(prepare_missing_notices, preparer, jobs, self.post)
        self._hearing = EventHandler(clock, keeper, session, start_options, announcer, mend_notices)
        self.feed = publisher.feed

    def post(self, event: Event) -> None:
        """Put `event` into the inbox."""
        self._inbox.put(event)

    def report_to(self, tell: PostNote) -> None:
        """Hand what is done to `tell` from now on. Before `run`."""
        self._recorder.report_to(tell)

    def attend(self, pairing_codes: PairingCodes) -> None:
        """Say the codes that `pairing_codes` gives from now on. Before `run`."""
        self._presses.attend(pairing_codes)

    def run(self) -> None:
        """The thread's body."""
        while not self._stopping:
            deadline = self.next_deadline()
            wait = None if deadline is None else max(deadline - self._clock.now(), 0.0)
            with suppress(queue.Empty):
                self._handle(self._inbox.get(timeout=wait))
            # What has come in goes before what is due: a button let go in time is not held.
            self.pump()
        self.feed.close()

    def pump(self) -> bool:
        """Handle what has come in and what is due; whether there was anything."""
        busy = False
        while not self._inbox.empty():
            self._handle(self._inbox.get())
            busy = True
        return self._look_at_the_clock() or busy

    def next_deadline(self) -> float | None:
        """When something is due at the latest, if nothing comes in."""
        times = (self._timers.next(), self._presses.next_deadline())
        return min((time for time in times if time is not None), default=None)

    # --- what comes in -----------------------------------------------------------------------

    def _handle(self, event: Event) -> None:
        match event:
            case ButtonEdge() | ButtonFound() | ButtonMissing():
                self._touch.feel(event)
            case LifeSignWanted(answer):
                answer()
            case Command(cause, program):
                self._keeper.apply(cause, program)
            case Shutdown():
                self._shut_down()
            case SettingsChanged() | TestSoundWanted():
                self._grant(event)
            case _:
                self._hearing.hear(event)

    def _look_at_the_clock(self) -> bool:
        """Do what is due by now; whether there was anything."""
        now = self._clock.now()
        if not is_due(self.next_deadline(), now):
            return False
        self._touch.look(now)
        if is_due(self._timers.answer_by, now):
            self._keeper.apply(Input.TIME_UP)
        if is_due(self._timers.give_up, now):
            self._keeper.apply(Input.PAUSED_TOO_LONG)
        if is_due(self._timers.remind, now):
            self._timers.reminded_at = now
            self._timers.reckon_pause(self._keeper.settings)
            self._announcer.say(Notice.PAUSED)
        if is_due(self._timers.ask_for_a_moment, now):
            self._timers.ask_for_a_moment = None
            self._announcer.say(Notice.ONE_MOMENT)
        return True

    def _shut_down(self) -> None:
        if self._keeper.state in IN_SESSION:
            self._session.cut_off()
        self.player.close()
        self._stopping = True

    def _grant(self, wish: Wish) -> None:
        match wish:
            case SettingsChanged(settings):
                self._change_settings(settings)
            case TestSoundWanted() if self._keeper.state not in NO_TIME_FOR_A_TEST:
                self._announcer.test_sound()

    def _change_settings(self, settings: Settings) -> None:
        """Go by `settings` from now on; a session that was made already sounds as it was made."""
        before, self._keeper.settings = self._keeper.settings, settings
        self._presses.change_settings(settings)
        self._timers.reckon_pause(settings)
        self.player.volume = settings.volume
        self.player.lead_in = settings.lead_in_ms
        prepare_anew(before, settings, self._preparer, self._jobs, self.post)
