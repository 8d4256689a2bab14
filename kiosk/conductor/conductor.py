"""The conductor: the one thread that holds all state of a session.

Everybody else posts to its inbox and reads snapshots from the feed. Here it is found out what
reaches it means, and `kiosk.session.transitions` has what that leads to. `Actions` carries it out.
"""

import logging
import queue
from collections.abc import Callable
from contextlib import suppress

from kiosk.clock import Clock
from kiosk.conductor.actions import Actions
from kiosk.conductor.announcer import Announcer
from kiosk.conductor.at_hand import AtHand
from kiosk.conductor.events import (
    AgendaChanged,
    AnnouncementReady,
    ButtonEdge,
    ButtonFound,
    ButtonMissing,
    Command,
    CutOffFound,
    Event,
    LifeSignWanted,
    Passed,
    PlayedOut,
    Post,
    PreparingGoesOn,
    RemindNow,
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
    VolumeWanted,
)
from kiosk.conductor.jobs import Jobs
from kiosk.conductor.journal import Journal, Tell
from kiosk.conductor.player import Player
from kiosk.conductor.press import Before, Presses
from kiosk.conductor.session import Session
from kiosk.conductor.showing import Showing
from kiosk.conductor.studio import Studio
from kiosk.conductor.timers import Timers, is_due
from kiosk.conductor.warm_up import prepare_anew
from kiosk.model.settings import Settings
from kiosk.model.snapshot import State, Trouble
from kiosk.ports import Doorbell
from kiosk.session.gestures import Gesture
from kiosk.session.storm import way_back
from kiosk.session.transitions import AT_REST, Input, step
from kiosk.timeline.asides import Notice

logger = logging.getLogger(__name__)

OCCUPYING = frozenset({State.PREPARING, State.RUNNING, State.PAUSED, State.ASKING})
"""The states in which reminders wait."""

NO_TIME_FOR_A_TEST = frozenset({State.PREPARING, State.RUNNING, State.ASKING})
"""The states in which a test of the sound would be in the way."""


class Conductor:
    """The owner of the session, and of the parts that each hold a piece of its state.

    `post`: any thread. `run`: the conductor's own thread, until a `Shutdown`. Tests call `pump`
    instead, which does what has come in or is due, and returns.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        studio: Studio,
        jobs: Jobs,
        make_player: Callable[[Post], Player],
        known_trouble: frozenset[Trouble] = frozenset(),
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._studio = studio
        self._jobs = jobs
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stopping = False
        self._state = State.IDLE

        self.player = player = make_player(self.post)
        self._timers = timers = Timers()
        self._presses = Presses(settings)
        self._at_hand = at_hand = AtHand()
        self._journal = journal = Journal()
        self._announcer = announcer = Announcer(studio, jobs, player, self.post)
        self._session = session = Session(studio, jobs, player, self.post, journal)
        self._showing = showing = Showing(clock, session, at_hand, known_trouble)
        self._actions = Actions(clock, timers, announcer, journal, at_hand, session, showing)
        self.feed = showing.feed

    def post(self, event: Event) -> None:
        """Put `event` into the inbox."""
        self._inbox.put(event)

    def report_to(self, tell: Tell) -> None:
        """Hand what is done to `tell` from now on. Before `run`."""
        self._journal.report_to(tell)

    def attend(self, doorbell: Doorbell) -> None:
        """Say the codes that `doorbell` gives from now on. Before `run`."""
        self._presses.attend(doorbell)

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
                self._feel(event)
            case LifeSignWanted(answer):
                answer()
            case Command(cause, program):
                self._apply(cause, program)
            case Shutdown():
                self._shut_down()
            case _:
                self._hear(event)

    def _look_at_the_clock(self) -> bool:
        """Do what is due by now; whether there was anything."""
        now = self._clock.now()
        if not is_due(self.next_deadline(), now):
            return False
        self._act_on(self._presses.on_time(now))
        self._mind_the_button()
        if is_due(self._timers.answer_by, now):
            self._apply(Input.TIME_UP)
        if is_due(self._timers.give_up, now):
            self._apply(Input.PAUSED_TOO_LONG)
        if is_due(self._timers.remind, now):
            self._timers.reminded_at = now
            self._timers.reckon_pause(self._settings)
            self._announcer.say(Notice.PAUSED)
        if is_due(self._timers.ask_for_a_moment, now):
            self._timers.ask_for_a_moment = None
            self._announcer.say(Notice.ONE_MOMENT)
        return True

    def _shut_down(self) -> None:
        if self._state in (State.RUNNING, State.PAUSED):
            self._session.cut_off()
        self.player.close()
        self._stopping = True

    # --- what the button does ----------------------------------------------------------------

    def _feel(self, event: ButtonEdge | ButtonFound | ButtonMissing) -> None:
        match event:
            case ButtonEdge(down, at):
                self._act_on(self._presses.on_edge(down, at))
            case ButtonFound(down, at):
                self._presses.found(down, at)
            case ButtonMissing():
                self._presses.lost()
        self._mind_the_button()

    def _mind_the_button(self) -> None:
        """See whether the button can be used. What a storm of edges has led to is led back."""
        now = self._clock.now()
        complaint = self._presses.complaint(now)
        before = self._presses.storm_broke_out(now)
        if before is not None:
            self._lead_back(before)
        if (complaint is not None) is (Trouble.BUTTON in self._showing.trouble):
            return
        if complaint is not None:
            logger.warning("The button cannot be used. %s", complaint)
        else:
            logger.info("the button can be used again")
        self._note_trouble(Trouble.BUTTON, here=complaint is not None)

    def _lead_back(self, before: Before) -> None:
        way = way_back(before.state, self._state)
        touched = way or self._at_hand.due is not before.row
        for cause in way:
            self._apply(cause)
        if before.state not in AT_REST:
            return
        self.player.halt()
        if before.row is not None and touched:
            self._journal.put_back(before.row)

    # --- what a press means ------------------------------------------------------------------

    def _act_on(self, gestures: tuple[Gesture, ...]) -> None:
        for gesture in gestures:
            match gesture:
                case Gesture.PRESS:
                    self._pressed()
                case Gesture.HOLD if not self._presses.last.gave_code:
                    self._apply(Input.PUT_OFF if self._at_hand.answered else Input.HOLD)
                case Gesture.LONG_HOLD:
                    self._held_long()

    def _pressed(self) -> None:
        self._presses.comes_upon(self._state, self._at_hand.due)
        at_rest = self._state in AT_REST
        code = self._presses.code_for_press(at_rest=at_rest)
        if at_rest and code is None:
            self._pressed_at_rest()
            return
        self._at_hand.answered = None
        if code is not None:
            self._announcer.tell_code(code)
        else:
            self._apply(Input.PRESS)

    def _pressed_at_rest(self) -> None:
        ticket, was_due = self._session.ticket, self._at_hand.due
        was_called_out = self._state is State.REMINDING
        meaning = self._at_hand.meaning_of_press(self._state, self._clock.now())
        if meaning is None:
            # A second press of a trembling hand; it would begin a session nobody wants.
            self._showing.note_ignored_press()
            self._publish()
            return
        self._apply(meaning)
        began = self._session.ticket if self._session.ticket != ticket else None
        touched = began is not None or self._at_hand.due is not was_due
        self._presses.has_led_to(began, was_due if touched and not was_called_out else None)

    def _held_long(self) -> None:
        """Let a caregiver in who has held the button down, if somebody can be let in so."""
        code = self._presses.code_for_long_hold(at_rest=self._state in AT_REST)
        if code is None:
            return
        press = self._presses.last
        if press.began == self._session.ticket:
            self._apply(Input.TAKE_BACK)
        if press.row is not None:
            self._journal.put_back(press.row)
        self._announcer.tell_code(code)

    # --- what the others have to say ---------------------------------------------------------

    def _hear(self, event: Event) -> None:
        """Take the news that one of the others has."""
        match event:
            case Passed() | PlayedOut() | SpeakerLost() | SpeakerFound():
                self._hear_from_player(event)
            case PreparingGoesOn() | SessionPrepared() | SessionUnprepared():
                if event.ticket in (self._session.ticket, None) and self._state is State.PREPARING:
                    self._hear_from_studio(event)
            case AgendaChanged() | RemindNow() | CutOffFound() | StoreWorks():
                self._hear_from_secretary(event)
            case AnnouncementReady():
                self._announcer.ready(event)
            case SpeechChecked(problems):
                self._note_speech(problems)
            case TroubleFound(trouble, here):
                self._note_trouble(trouble, here=here)
            case VolumeWanted() | SettingsChanged() | TestSoundWanted():
                self._hear_from_caregiver(event)

    def _hear_from_player(self, event: Passed | PlayedOut | SpeakerLost | SpeakerFound) -> None:
        match event:
            case Passed(heard):
                self._session.was_heard(heard)
                self._note_trouble(Trouble.SPEAKER_LOST, here=False)
            case PlayedOut(reel):
                if self._session.plays(reel):
                    self._apply(Input.ENDED)
            case SpeakerLost(heard):
                self._note_trouble(Trouble.SPEAKER_LOST)
                if self._session.was_interrupted(heard):
                    self._apply(Input.SPEAKER_LOST)
            case SpeakerFound():
                self._note_trouble(Trouble.SPEAKER_LOST, here=False)

    def _hear_from_studio(
        self, event: PreparingGoesOn | SessionPrepared | SessionUnprepared
    ) -> None:
        match event:
            case PreparingGoesOn(_, done, total):
                self._session.prepared = done / total
                self._publish()
            case SessionPrepared(_, material):
                self._note_speech(material.problems)
                self._session.is_ready(material)
                self._apply(Input.PREPARED)
            case SessionUnprepared(_, reason):
                logger.error("%s", reason)
                self._note_trouble(Trouble.NO_PROGRAM)
                self._apply(Input.UNPREPARED)

    def _hear_from_secretary(
        self, event: AgendaChanged | RemindNow | CutOffFound | StoreWorks
    ) -> None:
        match event:
            case AgendaChanged(agenda):
                self._at_hand.agenda = agenda
                if agenda.due is None:
                    self._apply(Input.LET_BE)
                self._note_trouble(Trouble.CLOCK, here=not agenda.clock_trusted)
            case RemindNow(row):
                self._at_hand.set_due(row)
                self._apply(Input.REMIND)
            case CutOffFound(session):
                self._at_hand.offer(session, self._clock.now())
                if self._state in AT_REST:
                    self._announcer.tell_cut_off(session.stopped_at)
            case StoreWorks(works):
                self._note_trouble(Trouble.STORE, here=not works)

    def _hear_from_caregiver(self, event: VolumeWanted | SettingsChanged | TestSoundWanted) -> None:
        match event:
            case VolumeWanted(percent):
                self.player.volume = percent
            case SettingsChanged(settings):
                self._change_settings(settings)
            case TestSoundWanted() if self._state not in NO_TIME_FOR_A_TEST:
                self._announcer.test_sound()

    def _change_settings(self, settings: Settings) -> None:
        """Go by `settings` from now on; a session that was made already sounds as it was made."""
        before, self._settings = self._settings, settings
        self._presses.change_settings(settings)
        self._timers.reckon_pause(settings)
        self.player.volume = settings.volume
        self.player.lead_in = settings.lead_in_ms
        if settings.default_program != before.default_program:
            self._note_trouble(Trouble.NO_PROGRAM, here=False)
        prepare_anew(settings, self._studio, self._jobs, self.post)

    def _note_speech(self, problems: tuple[str, ...]) -> None:
        if problems and Trouble.NO_SPEECH not in self._showing.trouble:
            logger.error("Some speech is missing: %s", " ".join(problems))
        self._note_trouble(Trouble.NO_SPEECH, here=bool(problems))

    def _note_trouble(self, trouble: Trouble, *, here: bool = True) -> None:
        self._showing.note_trouble(trouble, here=here)
        self._publish()

    def _publish(self) -> None:
        self._showing.publish(self._state)

    # --- what it leads to --------------------------------------------------------------------

    def _apply(self, cause: Input, program: str | None = None) -> None:
        """Let `cause` take effect, if it has one in this state."""
        next_step = step(self._state, cause)
        if next_step is None:
            logger.debug("%s does not apply while %s", cause, self._state)
            return
        if next_step.state is not self._state:
            logger.info("%s, by %s", next_step.state, cause)
        was_occupied = self._state in OCCUPYING
        self._state = next_step.state
        self._timers.stop()
        self._actions.carry_out(next_step.action, cause, program or self._settings.default_program)
        if self._state is State.PAUSED:
            self._timers.paused_at = self._clock.now()
            self._timers.reckon_pause(self._settings)
        if was_occupied is not (self._state in OCCUPYING):
            self._journal.occupied(self._state in OCCUPYING)
        self._publish()
