"""The conductor: the one thread that holds all state of a session.

Everybody else posts to its inbox and reads snapshots from the feed. What an input leads to stands
in `kiosk.session.transitions`; here it is carried out.
"""

import logging
import queue
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from kiosk.clock import Clock
from kiosk.conductor.announcer import Announcer
from kiosk.conductor.events import (
    AgendaChanged,
    AnnouncementReady,
    ButtonEdge,
    Command,
    CutOffFound,
    Event,
    Passed,
    PlayedOut,
    Post,
    PreparingGoesOn,
    RemindNow,
    SessionPrepared,
    SessionUnprepared,
    Shutdown,
    SpeakerFound,
    SpeakerLost,
    SpeechChecked,
    StoreWorks,
    TroubleFound,
    VolumeWanted,
)
from kiosk.conductor.jobs import Jobs
from kiosk.conductor.journal import Journal, Tell
from kiosk.conductor.notes import LeftUndone, PutOff, Walked
from kiosk.conductor.performance import Performance, Target
from kiosk.conductor.player import Player
from kiosk.conductor.studio import Studio
from kiosk.conductor.timers import Timers, is_due
from kiosk.errors import DataError, UnknownProgramError, WordingError
from kiosk.feed import Feed
from kiosk.model.history import Effort, Ending, SessionRecord
from kiosk.model.plan import WALK, LedgerRow
from kiosk.model.settings import Settings
from kiosk.model.snapshot import State, Trouble
from kiosk.session.at_rest import Agenda, meaning_of_press
from kiosk.session.gestures import Button, ButtonRules, Gesture, next_deadline, on_edge, on_time
from kiosk.session.navigation import back_target, repeat_target, skip_target, taken_up_at
from kiosk.session.picture import Scene, take_picture
from kiosk.session.transitions import AT_REST, Action, Input, step
from kiosk.timeline.asides import Notice, cut_off_score, reminder_score
from kiosk.units import seconds

logger = logging.getLogger(__name__)

PATIENCE = 0.7
"""Seconds of silent preparing after which the person is asked for a moment."""

EFFORT_WITHIN = 8.0
"""Seconds to answer how hard it was; no answer means as usual."""

AGAIN_WITHIN = 10.0
"""Seconds in which another press begins an extra session though the day's plan is done."""

OFFERED_FOR = 900.0
"""Seconds for which a press goes on with a session that was cut off, after that was said."""

DEAF_FOR = 3.0
"""Seconds after an answer was noted in which another press means nothing."""

OCCUPYING = frozenset({State.PREPARING, State.RUNNING, State.PAUSED, State.ASKING})
"""The states in which reminders wait."""

_TARGET_OF: dict[Action, Target] = {
    Action.SKIP: skip_target,
    Action.BACK: back_target,
    Action.REPEAT: repeat_target,
}


class Conductor:
    """The owner of the session.

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
        self._program: str | None = None
        self._ticket = 0  # numbers the sessions, so that a late answer to an earlier one is known
        self._prepared: float | None = None
        self._performance: Performance | None = None
        self._trouble = known_trouble
        self._ignored_press_at: float | None = None
        self._timers = Timers()
        self._button = Button()
        self._rules = ButtonRules(seconds(settings.debounce_ms), seconds(settings.hold_ms))

        self._tell: Tell = lambda _note: None
        self._journal = Journal(self._tell)
        self._agenda = Agenda()
        self._cut_off: SessionRecord | None = None
        self._answered: LedgerRow | None = None  # what the last press answered a reminder of
        self._for: LedgerRow | None = None  # what of the plan the session is for
        self._going_on: SessionRecord | None = None  # what was cut off and the session takes up
        self._offered_until = 0.0
        self._deaf_until = 0.0

        self.feed = Feed(take_picture(self._scene(), 0, clock.now()))
        self.player = make_player(self.post)
        self._announcer = Announcer(studio, jobs, self.player, self.post)

    def post(self, event: Event) -> None:
        """Put `event` into the inbox."""
        self._inbox.put(event)

    def report_to(self, tell: Tell) -> None:
        """Hand what is done to `tell` from now on. Before `run`."""
        self._tell = tell
        self._journal = Journal(tell)

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
        times = (self._timers.next(), next_deadline(self._button, self._rules))
        return min((time for time in times if time is not None), default=None)

    # --- what comes in -----------------------------------------------------------------------

    def _handle(self, event: Event) -> None:
        match event:
            case ButtonEdge(down, at):
                self._button, gestures = on_edge(self._button, down, at, self._rules)
                self._act_on(gestures)
            case Command(cause, program):
                self._apply(cause, program)
            case Shutdown():
                self._shut_down()
            case _:
                self._hear(event)

    def _hear(self, event: Event) -> None:
        """Take the news that one of the others has."""
        match event:
            case Passed() | PlayedOut() | SpeakerLost() | SpeakerFound():
                self._hear_from_player(event)
            case PreparingGoesOn() | SessionPrepared() | SessionUnprepared():
                if event.ticket in (self._ticket, None) and self._state is State.PREPARING:
                    self._hear_from_studio(event)
            case AgendaChanged() | RemindNow() | CutOffFound() | StoreWorks():
                self._hear_from_secretary(event)
            case AnnouncementReady():
                self._announcer.ready(event)
            case SpeechChecked(problems):
                self._note_speech(problems)
            case TroubleFound(trouble):
                self._note_trouble(trouble)
            case VolumeWanted(percent):
                self.player.volume = percent

    def _act_on(self, gestures: tuple[Gesture, ...]) -> None:
        for gesture in gestures:
            if gesture is Gesture.HOLD:
                self._apply(Input.PUT_OFF if self._answered else Input.HOLD)
            elif self._state in AT_REST:
                self._press_at_rest()
            else:
                self._answered = None
                self._apply(Input.PRESS)

    def _press_at_rest(self) -> None:
        now = self._clock.now()
        if now < self._deaf_until:
            # A second press of a trembling hand; it would begin a session nobody wants.
            self._ignored_press_at = now
            self._publish()
            return
        if now > self._offered_until:
            self._cut_off = None
        meaning = meaning_of_press(self._state, self._agenda, self._cut_off)
        self._answered = self._agenda.due if self._state is State.REMINDING else None
        self._apply(meaning)

    def _hear_from_player(self, event: Passed | PlayedOut | SpeakerLost | SpeakerFound) -> None:
        performance = self._performance
        match event:
            case Passed(heard):
                if performance is not None and performance.concerns(heard.reel):
                    performance.was_heard(heard)
                    if not heard.leading:
                        self._journal.went_on(performance)
                self._note_trouble(Trouble.SPEAKER_LOST, here=False)
            case PlayedOut(reel):
                if performance is not None and performance.concerns(reel):
                    self._apply(Input.ENDED)
            case SpeakerLost(heard):
                self._note_trouble(Trouble.SPEAKER_LOST)
                if performance is not None and performance.concerns(heard.reel):
                    performance.interrupted(heard)
                    self._apply(Input.SPEAKER_LOST)
            case SpeakerFound():
                self._note_trouble(Trouble.SPEAKER_LOST, here=False)

    def _hear_from_studio(
        self, event: PreparingGoesOn | SessionPrepared | SessionUnprepared
    ) -> None:
        match event:
            case PreparingGoesOn(_, done, total):
                self._prepared = done / total
                self._publish()
            case SessionPrepared(_, material):
                self._note_speech(material.problems)
                self._performance = Performance(material, self.player, self._studio)
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
                self._agenda = agenda
                if agenda.due is None:
                    self._apply(Input.LET_BE)
                self._note_trouble(Trouble.CLOCK, here=not agenda.clock_trusted)
            case RemindNow(row):
                self._agenda = replace(self._agenda, due=row)
                self._apply(Input.REMIND)
            case CutOffFound(session):
                self._cut_off = session
                self._offered_until = self._clock.now() + OFFERED_FOR
                if self._state in AT_REST:
                    score = cut_off_score(session.stopped_at, self._studio.wording)
                    self._announcer.announce(score)
            case StoreWorks(works):
                self._note_trouble(Trouble.STORE, here=not works)

    def _note_speech(self, problems: tuple[str, ...]) -> None:
        if problems and Trouble.NO_SPEECH not in self._trouble:
            logger.error("Some speech is missing: %s", " ".join(problems))
        self._note_trouble(Trouble.NO_SPEECH, here=bool(problems))

    def _note_trouble(self, trouble: Trouble, *, here: bool = True) -> None:
        self._trouble = self._trouble | {trouble} if here else self._trouble - {trouble}
        self._publish()

    def _look_at_the_clock(self) -> bool:
        """Do what is due by now; whether there was anything."""
        now = self._clock.now()
        if not is_due(self.next_deadline(), now):
            return False
        self._button, gestures = on_time(self._button, now, self._rules)
        self._act_on(gestures)
        if is_due(self._timers.answer_by, now):
            self._apply(Input.TIME_UP)
        if is_due(self._timers.give_up, now):
            self._apply(Input.PAUSED_TOO_LONG)
        if is_due(self._timers.remind, now):
            self._timers.remind = now + self._settings.paused_again_s
            self._announcer.say(Notice.PAUSED)
        if is_due(self._timers.ask_for_a_moment, now):
            self._timers.ask_for_a_moment = None
            self._announcer.say(Notice.ONE_MOMENT)
        return True

    def _shut_down(self) -> None:
        if self._performance is not None and self._state in (State.RUNNING, State.PAUSED):
            self._performance.halt()
            self._journal.interrupted(self._performance)
        self.player.close()
        self._stopping = True

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
        self._timers = Timers()
        if next_step.action in (Action.PREPARE, Action.TAKE_UP):
            self._prepare(next_step.action, cause, program)
        else:
            self._carry_out(next_step.action)
        if self._state is State.PAUSED:
            now = self._clock.now()
            self._timers.remind = now + self._settings.paused_reminder_s
            self._timers.give_up = now + self._settings.paused_limit_s
        if was_occupied is not (self._state in OCCUPYING):
            self._journal.occupied(self._state in OCCUPYING)
        self._publish()

    def _prepare(self, action: Action, cause: Input, wanted: str | None) -> None:
        """Have a session made: of what is due, of what was cut off, or of what is wanted."""
        self._announcer.hush()
        self._journal.close()
        self.player.halt()
        due = self._agenda.due
        self._going_on = self._cut_off if action is Action.TAKE_UP else None
        self._cut_off = None
        if self._going_on is not None:
            program = self._going_on.program
        elif cause is Input.PRESS and due is not None and due.occurrence.program != WALK:
            program = due.occurrence.program
        else:
            program = wanted or self._settings.default_program
        self._for = due if due is not None and due.occurrence.program == program else None
        self._trouble -= {Trouble.NO_PROGRAM}
        self._ticket += 1
        self._program = program
        self._prepared = 0.0
        self._performance = None
        self._timers.ask_for_a_moment = self._clock.now() + PATIENCE
        self._jobs.submit(partial(self._make_material, self._ticket, program))

    def _make_material(self, ticket: int, program: str) -> None:
        """Runs as a job, on another thread; answers through the inbox."""
        try:
            material = self._studio.prepare(
                program, lambda done, total: self.post(PreparingGoesOn(ticket, done, total))
            )
        except (DataError, UnknownProgramError, WordingError) as error:
            self.post(SessionUnprepared(ticket, str(error)))
        else:
            self.post(SessionPrepared(ticket, material))

    def _carry_out(self, action: Action) -> None:
        if action is not Action.ANSWER:
            self._prepared = None
        match action:
            case Action.ANSWER:
                self._ignored_press_at = self._clock.now()
                self._announcer.say(Notice.ONE_MOMENT)
            case Action.APOLOGISE:
                self._announcer.say(Notice.FAILED)
            case Action.END | Action.PUT_OFF:
                self._end(action)
            case Action.REMIND | Action.TELL_DONE | Action.NOTE_WALK:
                self._speak_of_the_plan(action)
            case Action.NOTE_HARDER:
                self._journal.effort(Effort.HARDER)
                self._announcer.say(Notice.NOTED_HARDER)
                self._deaf_until = self._clock.now() + DEAF_FOR
            case Action.NOTE_USUAL:
                self._journal.effort(Effort.USUAL)
            case Action.NOTHING:
                pass
            case _:
                if self._performance is not None:
                    self._perform(action, self._performance)

    def _perform(self, action: Action, performance: Performance) -> None:
        """What only a prepared session can do."""
        match action:
            case Action.BEGIN:
                self._announcer.hush()
                self._journal.began(self._ticket, performance, self._for)
                spot = self._going_on.stopped_at if self._going_on else None
                performance.begin(taken_up_at(performance.timeline, spot) if spot else 0)
            case Action.HALT:
                performance.halt()
            case Action.CARRY_ON:
                self._announcer.hush()
                performance.carry_on()
            case Action.ASK:
                performance.finish()
                self._journal.ended(performance, Ending.COMPLETED)
                self._await_answer(Notice.ASK_EFFORT, EFFORT_WITHIN)
            case Action.SKIP | Action.BACK | Action.REPEAT:
                performance.move(_TARGET_OF[action])

    def _end(self, action: Action) -> None:
        """End the session, or, for `PUT_OFF`, take back what the press has begun."""
        self._announcer.hush()
        performance = self._performance
        if performance is not None:
            performance.halt()
            if action is Action.END:
                self._journal.ended(performance, Ending.STOPPED)
        elif self._for is not None and action is Action.END:
            self._tell(LeftUndone(self._for))
        if action is Action.PUT_OFF and self._answered is not None:
            self._journal.taken_back()
            self._performance = None
            self._tell(PutOff(self._answered))
            self._answered = None
            self._announcer.say(Notice.PUT_OFF)
        else:
            self._announcer.say(Notice.ENDED)

    def _speak_of_the_plan(self, action: Action) -> None:
        due = self._agenda.due
        match action:
            case Action.TELL_DONE:
                self._await_answer(Notice.DAY_DONE, AGAIN_WITHIN)
            case Action.NOTE_WALK if due is not None:
                self._journal.close()
                self._deaf_until = self._clock.now() + DEAF_FOR
                self._tell(Walked(due))
                self._agenda = replace(self._agenda, due=None)
                self._announcer.say(Notice.WALK_DONE)
            case Action.REMIND if due is not None:
                program = due.occurrence.program
                title = None if program == WALK else self._studio.title_of(program)
                self._announcer.announce(reminder_score(title, self._studio.wording))

    def _await_answer(self, question: Notice, within: float) -> None:
        spoken = self._announcer.say(question)
        self._timers.answer_by = self._clock.now() + seconds(spoken) + within

    # --- what is shown -----------------------------------------------------------------------

    def _scene(self) -> Scene:
        performance = self._performance
        due, coming = self._agenda.due, self._agenda.next
        return Scene(
            state=self._state,
            program=self._program,
            timeline=performance.timeline if performance else None,
            position=performance.position() if performance else 0,
            leading_in=performance.leading_in() if performance else False,
            prepared=self._prepared,
            due=due.occurrence.program if due else None,
            next_due=coming.due if coming else None,
            trouble=self._trouble,
            ignored_press_at=self._ignored_press_at,
        )

    def _publish(self) -> None:
        seq = self.feed.newest.seq + 1
        self.feed.publish(take_picture(self._scene(), seq, self._clock.now()))
