"""The conductor: the one thread that holds all state of a session.

Everybody else posts to its inbox and reads snapshots from the feed. What an input leads to stands
in `kiosk.session.transitions`; here it is carried out.
"""

import logging
import queue
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from kiosk.clock import Clock
from kiosk.conductor.events import (
    ButtonEdge,
    Command,
    Event,
    Passed,
    PlayedOut,
    PreparingGoesOn,
    SessionPrepared,
    SessionUnprepared,
    Shutdown,
    SpeakerFound,
    SpeakerLost,
    SpeechChecked,
    TroubleFound,
    VolumeWanted,
)
from kiosk.conductor.jobs import Jobs
from kiosk.conductor.performance import Performance, Target
from kiosk.conductor.player import Player
from kiosk.conductor.studio import Studio
from kiosk.conductor.timers import Timers, is_due
from kiosk.errors import DataError, UnknownProgramError, WordingError
from kiosk.feed import Feed
from kiosk.model.settings import Settings
from kiosk.model.snapshot import State, Trouble
from kiosk.session.gestures import Button, ButtonRules, Gesture, next_deadline, on_edge, on_time
from kiosk.session.navigation import back_target, repeat_target, skip_target
from kiosk.session.picture import Scene, take_picture
from kiosk.session.transitions import Action, Input, step
from kiosk.timeline.asides import Notice
from kiosk.units import seconds

logger = logging.getLogger(__name__)

PATIENCE = 0.7
"""Seconds of silent preparing after which the person is asked for a moment."""

_INPUT_OF = {Gesture.PRESS: Input.PRESS, Gesture.HOLD: Input.HOLD}

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
        make_player: Callable[[Callable[[Event], None]], Player],
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

        self.feed = Feed(take_picture(self._scene(), 0, clock.now()))
        self.player = make_player(self.post)

    def post(self, event: Event) -> None:
        """Put `event` into the inbox."""
        self._inbox.put(event)

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
            case Passed() | PlayedOut() | SpeakerLost() | SpeakerFound():
                self._hear_from_player(event)
            case PreparingGoesOn() | SessionPrepared() | SessionUnprepared():
                if event.ticket in (self._ticket, None) and self._state is State.PREPARING:
                    self._hear_from_studio(event)
            case SpeechChecked(problems):
                self._note_speech(problems)
                self._publish()
            case TroubleFound(trouble):
                self._trouble |= {trouble}
                self._publish()
            case VolumeWanted(percent):
                self.player.volume = percent
            case Shutdown():
                self.player.close()
                self._stopping = True

    def _act_on(self, gestures: tuple[Gesture, ...]) -> None:
        for gesture in gestures:
            self._apply(_INPUT_OF[gesture])

    def _hear_from_player(self, event: Passed | PlayedOut | SpeakerLost | SpeakerFound) -> None:
        match event:
            case Passed():
                self._trouble -= {Trouble.SPEAKER_LOST}
                self._publish()
            case PlayedOut(reel):
                if self._performance is not None and self._performance.concerns(reel):
                    self._apply(Input.ENDED)
            case SpeakerLost(heard):
                self._trouble |= {Trouble.SPEAKER_LOST}
                if self._performance is not None and self._performance.concerns(heard.reel):
                    self._performance.interrupted(heard)
                    self._apply(Input.SPEAKER_LOST)
                self._publish()
            case SpeakerFound():
                self._trouble -= {Trouble.SPEAKER_LOST}
                self._publish()

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
                self._trouble |= {Trouble.NO_PROGRAM}
                self._apply(Input.UNPREPARED)

    def _note_speech(self, problems: tuple[str, ...]) -> None:
        if problems and Trouble.NO_SPEECH not in self._trouble:
            logger.error("Some speech is missing: %s", " ".join(problems))
        no_speech = {Trouble.NO_SPEECH}
        self._trouble = self._trouble | no_speech if problems else self._trouble - no_speech

    def _look_at_the_clock(self) -> bool:
        """Do what is due by now; whether there was anything."""
        now = self._clock.now()
        if not is_due(self.next_deadline(), now):
            return False
        self._button, gestures = on_time(self._button, now, self._rules)
        self._act_on(gestures)
        if is_due(self._timers.give_up, now):
            self._apply(Input.PAUSED_TOO_LONG)
        if is_due(self._timers.remind, now):
            self._timers.remind = now + self._settings.paused_again_s
            self._say(Notice.PAUSED)
        if is_due(self._timers.ask_for_a_moment, now):
            self._timers.ask_for_a_moment = None
            self._say(Notice.ONE_MOMENT)
        return True

    # --- what it leads to --------------------------------------------------------------------

    def _apply(self, cause: Input, program: str | None = None) -> None:
        """Let `cause` take effect, if it has one in this state."""
        next_step = step(self._state, cause)
        if next_step is None:
            logger.debug("%s does not apply while %s", cause, self._state)
            return
        if next_step.state is not self._state:
            logger.info("%s, by %s", next_step.state, cause)
        self._state = next_step.state
        self._timers = Timers()
        if next_step.action is Action.PREPARE:
            self._prepare(program or self._settings.default_program)
        else:
            self._carry_out(next_step.action)
        if self._state is State.PAUSED:
            now = self._clock.now()
            self._timers.remind = now + self._settings.paused_reminder_s
            self._timers.give_up = now + self._settings.paused_limit_s
        self._publish()

    def _prepare(self, program: str) -> None:
        self.player.halt()
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
        match action:
            case Action.ANSWER:
                self._ignored_press_at = self._clock.now()
                self._say(Notice.ONE_MOMENT)
            case Action.APOLOGISE:
                self._prepared = None
                self._say(Notice.FAILED)
            case Action.END:
                self._prepared = None
                self._perform(Action.HALT)
                self._say(Notice.ENDED)
            case _:
                self._prepared = None
                self._perform(action)

    def _perform(self, action: Action) -> None:
        """What only a prepared session can do."""
        performance = self._performance
        if performance is None:
            return
        match action:
            case Action.BEGIN:
                performance.begin()
            case Action.HALT:
                performance.halt()
            case Action.CARRY_ON:
                performance.carry_on()
            case Action.FINISH:
                performance.finish()
            case Action.SKIP | Action.BACK | Action.REPEAT:
                performance.move(_TARGET_OF[action])

    def _say(self, notice: Notice) -> None:
        self.player.play(self._studio.notice(notice))

    # --- what is shown -----------------------------------------------------------------------

    def _scene(self) -> Scene:
        performance = self._performance
        return Scene(
            state=self._state,
            program=self._program,
            timeline=performance.timeline if performance else None,
            position=performance.position() if performance else 0,
            leading_in=performance.leading_in() if performance else False,
            prepared=self._prepared,
            trouble=self._trouble,
            ignored_press_at=self._ignored_press_at,
        )

    def _publish(self) -> None:
        seq = self.feed.newest.seq + 1
        self.feed.publish(take_picture(self._scene(), seq, self._clock.now()))
