"""What the controller has to do by itself, and when. Times are the clock's seconds.

Carries out what the table of states says is to be done.
"""

from dataclasses import dataclass

from kiosk.clock import Clock
from kiosk.history.model import Effort
from kiosk.session.announcer import Announcer
from kiosk.session.feed import SnapshotPublisher
from kiosk.session.navigation import back_target, repeat_target, skip_target
from kiosk.session.playback import SessionPlayback, Target
from kiosk.session.recorder import SessionRecorder
from kiosk.session.session import Session
from kiosk.session.snapshot import Fault
from kiosk.session.start_options import StartOptions
from kiosk.session.transitions import Action, Input
from kiosk.settings.model import Settings
from kiosk.timeline.notices import Notice
from kiosk.units import seconds


@dataclass
class Timers:
    """`None` stands for what is not due at all."""

    ask_for_a_moment: float | None = None
    """When a person who waits for a session is asked for a moment."""

    remind: float | None = None
    """When a paused session is brought to mind."""

    give_up: float | None = None
    """When a paused session ends."""

    answer_by: float | None = None
    """Until when a question may be answered."""

    paused_at: float | None = None
    reminded_at: float | None = None
    """When a paused session was last brought to mind."""

    def stop(self) -> None:
        """Let nothing be due any more."""
        self.ask_for_a_moment = self.remind = self.give_up = self.answer_by = None
        self.paused_at = self.reminded_at = None

    def reckon_pause(self, settings: Settings) -> None:
        """Set what follows from a pause as `settings` have it; nothing where there is none."""
        if self.paused_at is None:
            return
        self.give_up = self.paused_at + settings.paused_limit_s
        if self.reminded_at is None:
            self.remind = self.paused_at + settings.paused_reminder_s
        else:
            self.remind = self.reminded_at + settings.paused_again_s

    def next(self) -> float | None:
        """The first of them."""
        times = (self.ask_for_a_moment, self.remind, self.give_up, self.answer_by)
        return min((time for time in times if time is not None), default=None)


def is_due(time: float | None, now: float) -> bool:
    """Whether what is to happen at `time` is to happen by `now`."""
    return time is not None and now >= time


PATIENCE = 0.7
"""Seconds of silent preparing after which the person is asked for a moment."""

EFFORT_WITHIN = 8.0
"""Seconds to answer how hard it was; no answer means as usual."""

AGAIN_WITHIN = 10.0
"""Seconds in which another press begins an extra session though the day's plan is done."""

_TARGET_OF: dict[Action, Target] = {
    Action.SKIP: skip_target,
    Action.BACK: back_target,
    Action.REPEAT: repeat_target,
}


class Actions:
    """What it does, it does to the controller's other parts. The controller's thread only."""

    def __init__(
        self,
        clock: Clock,
        timers: Timers,
        announcer: Announcer,
        recorder: SessionRecorder,
        start_options: StartOptions,
        session: Session,
        publisher: SnapshotPublisher,
    ) -> None:
        self._clock = clock
        self._timers = timers
        self._announcer = announcer
        self._recorder = recorder
        self._start_options = start_options
        self._session = session
        self._publisher = publisher

    def carry_out(self, action: Action, cause: Input, otherwise: str) -> None:
        """Do what `action` says, as `cause` asks for it.

        A session is made of what was cut off, of what is due, or of the program `otherwise`.
        """
        if action is not Action.ANSWER:
            self._session.prepared = None
        match action:
            case Action.PREPARE | Action.TAKE_UP:
                self._prepare(action, cause, otherwise)
            case Action.ANSWER:
                self._publisher.note_ignored_press()
                self._announcer.say(Notice.ONE_MOMENT)
            case Action.APOLOGISE:
                self._announcer.say(Notice.FAILED)
            case Action.END | Action.PUT_OFF | Action.TAKE_BACK:
                self._end(action)
            case Action.REMIND | Action.LET_BE | Action.TELL_DONE | Action.NOTE_WALK:
                self._speak_of_the_plan(action)
            case Action.NOTE_HARDER | Action.NOTE_USUAL:
                self._note_effort(action)
            case Action.NOTHING:
                pass
            case _:
                if self._session.performance is not None:
                    self._perform(action, self._session.performance)

    def _prepare(self, action: Action, cause: Input, otherwise: str) -> None:
        self._announcer.hush()
        self._publisher.note_trouble(Fault.NO_PROGRAM, here=False)
        self._session.prepare(self._start_options.choose(action, cause, otherwise))
        self._timers.ask_for_a_moment = self._clock.now() + PATIENCE

    def _perform(self, action: Action, performance: SessionPlayback) -> None:
        """What only a prepared session can do."""
        match action:
            case Action.BEGIN:
                self._announcer.hush()
                self._session.begin(performance)
            case Action.HALT:
                performance.halt()
            case Action.CARRY_ON:
                self._announcer.hush()
                performance.carry_on()
            case Action.ASK:
                self._session.complete(performance)
                self._await_answer(Notice.ASK_EFFORT, EFFORT_WITHIN)
            case Action.SKIP | Action.BACK | Action.REPEAT:
                performance.move(_TARGET_OF[action])

    def _note_effort(self, action: Action) -> None:
        if action is Action.NOTE_USUAL:
            self._recorder.effort(Effort.USUAL)
            return
        self._recorder.effort(Effort.HARDER)
        self._announcer.say(Notice.NOTED_HARDER)
        self._start_options.answer_noted(self._clock.now())

    def _end(self, action: Action) -> None:
        """End the session, or take back what the press has begun."""
        self._announcer.hush()
        match action:
            case Action.TAKE_BACK:
                self._session.take_back()
                choice = self._session.choice
                self._start_options.offer_again(choice.going_on if choice else None)
            case Action.PUT_OFF if self._start_options.answered is not None:
                self._session.halt()
                self._session.take_back()
                self._recorder.put_off(self._start_options.answered)
                self._start_options.answered = None
                self._announcer.say(Notice.PUT_OFF)
            case Action.END:
                self._session.stop()
                self._announcer.say(Notice.ENDED)

    def _speak_of_the_plan(self, action: Action) -> None:
        due = self._start_options.due
        match action:
            case Action.TELL_DONE:
                self._await_answer(Notice.DAY_DONE, AGAIN_WITHIN)
            case Action.NOTE_WALK if due is not None:
                self._recorder.close()
                self._start_options.answer_noted(self._clock.now())
                self._recorder.walked(due)
                self._start_options.set_due(None)
                self._announcer.say(Notice.WALK_DONE)
            case Action.REMIND if due is not None:
                self._call_out(due.occurrence.program)
            case Action.LET_BE if self._start_options.offered(self._clock.now()) is None:
                self._announcer.hush()

    def _call_out(self, program: str) -> None:
        offered = self._start_options.offered(self._clock.now())
        if offered is not None:
            # What a press would do is what has to be said.
            self._announcer.tell_cut_off(offered.stopped_at)
        else:
            self._announcer.remind_of(program)

    def _await_answer(self, question: Notice, within: float) -> None:
        spoken = self._announcer.say(question)
        self._timers.answer_by = self._clock.now() + seconds(spoken) + within
