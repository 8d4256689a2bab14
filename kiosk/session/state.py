"""The state of the kiosk: changed by the table of transitions, acted on, and published.

An input goes through `StateOwner.apply`, and nowhere else: the table in `transitions.py` says which
state it leads to and which action that takes; the action is done on session, announcer, recorder
and start options; a snapshot of all of it goes to the feed.
"""

import logging
from dataclasses import dataclass

from kiosk.clock import Clock
from kiosk.history.model import Effort
from kiosk.history.recorder import LedgerWriter
from kiosk.session.announcer import Announcer
from kiosk.session.navigation import back_target, repeat_target, skip_target
from kiosk.session.playback import Session
from kiosk.session.recorder import SessionRecorder
from kiosk.session.service import Feed
from kiosk.session.snapshot import AT_REST, OCCUPIED, Fault, Snapshot, State, with_timeline
from kiosk.session.start_options import StartOptions
from kiosk.session.transitions import Action, Input, step
from kiosk.settings.model import Settings
from kiosk.timeline.notices import Notice
from kiosk.units import seconds

logger = logging.getLogger(__name__)

ONE_MOMENT_AFTER = 0.7  # seconds of silent preparing after which the person is asked for a moment
EFFORT_WITHIN = 8.0  # seconds to answer how hard it was; no answer means as usual

AGAIN_WITHIN = 10.0
"""Seconds in which another press begins an extra session though the day's plan is done."""


@dataclass
class Timers:
    """When something is to happen by itself, in the clock's seconds; `None` for never.

    `remind` and `give_up` are about a pause, which began at `paused_at` and was last reminded of at
    `reminded_at`.
    """

    ask_for_a_moment: float | None = None
    remind: float | None = None
    give_up: float | None = None
    answer_by: float | None = None
    paused_at: float | None = None
    reminded_at: float | None = None

    def set_pause(self, settings: Settings) -> None:
        """Set what follows from a pause by `settings`; nothing where there is none."""
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


class StateOwner:
    """Owns state, faults and timers. The controller's thread only, but for `feed`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        session: Session,
        announcer: Announcer,
        start_options: StartOptions,
        recorder: SessionRecorder,
        faults: frozenset[Fault],
    ) -> None:
        self.settings = settings
        self.state = State.IDLE
        self.faults = faults
        self.timers = Timers()
        self._clock = clock
        self._session = session
        self._announcer = announcer
        self._start_options = start_options
        self._recorder = recorder
        self._ignored_press_at: float | None = None
        self.feed = Feed(self._snapshot(seq=0))

    @property
    def is_at_rest(self) -> bool:
        """Whether a session may begin."""
        return self.state in AT_REST

    def apply(self, cause: Input, program: str | None = None) -> None:
        """Let `cause` take effect, if it has one in this state, and publish.

        A session is one of `program`, where neither an interrupted one nor one that is due is
        meant; `None` stands for the default program.
        """
        next_step = step(self.state, cause)
        if next_step is None:
            logger.debug("%s does not apply while %s", cause, self.state)
            return
        if next_step.state is not self.state:
            logger.info("%s, by %s", next_step.state, cause)
        was_occupied = self.state in OCCUPIED
        self.state = next_step.state
        self.timers = Timers()
        if next_step.action is not Action.ANSWER:
            self._session.prepared = None
        if next_step.action in (Action.PREPARE, Action.TAKE_UP):
            self._prepare(next_step.action, cause, program or self.settings.default_program)
        else:
            self._do(next_step.action)
        if self.state is State.PAUSED:
            self.timers.paused_at = self._clock.now()
            self.timers.set_pause(self.settings)
        if was_occupied is not (self.state in OCCUPIED):
            self._recorder.occupied(self.state in OCCUPIED)
        self.publish()

    def on_time(self, now: float) -> None:
        """Do what the timers have for `now`."""
        if is_due(self.timers.answer_by, now):
            self.apply(Input.TIME_UP)
        if is_due(self.timers.give_up, now):
            self.apply(Input.PAUSED_TOO_LONG)
        if is_due(self.timers.remind, now):
            self.timers.reminded_at = now
            self.timers.set_pause(self.settings)
            self._announcer.say(Notice.PAUSED)
        if is_due(self.timers.ask_for_a_moment, now):
            self.timers.ask_for_a_moment = None
            self._announcer.say(Notice.ONE_MOMENT)

    # --- what is published -------------------------------------------------------------------

    def report_fault(self, fault: Fault, *, present: bool = True) -> None:
        """`fault` is present, or is over; publish."""
        self.faults = self.faults | {fault} if present else self.faults - {fault}
        self.publish()

    def report_ignored_press(self) -> None:
        """A press of just now has changed nothing; publish, and the light answers it."""
        self._ignored_press_at = self._clock.now()
        self.publish()

    def publish(self) -> None:
        """Put a snapshot of now into the feed."""
        self.feed.publish(self._snapshot(self.feed.newest.seq + 1))

    def _snapshot(self, seq: int) -> Snapshot:
        session, plan = self._session, self._start_options.plan
        bare = Snapshot(
            seq=seq,
            as_of=self._clock.now(),
            state=self.state,
            program=session.choice.program if session.choice else None,
            prepared=session.prepared,
            due=plan.due.occurrence.program if plan.due else None,
            next_due=plan.next.due if plan.next else None,
            next_program=plan.next.program if plan.next else None,
            faults=self.faults,
            ignored_press_at=self._ignored_press_at,
        )
        playback = session.playback
        if playback is None:
            return bare
        return with_timeline(
            bare, playback.timeline, playback.position(), leading_in=playback.is_leading_in()
        )

    # --- the actions of the table ------------------------------------------------------------

    def _prepare(self, action: Action, cause: Input, otherwise: str) -> None:
        self._announcer.cancel()
        self.faults -= {Fault.NO_PROGRAM}
        self._session.prepare(self._start_options.choose(action, cause, otherwise))
        self.timers.ask_for_a_moment = self._clock.now() + ONE_MOMENT_AFTER

    def _do(self, action: Action) -> None:  # noqa: C901, PLR0912, PLR0915 - one case an action
        playback, due = self._session.playback, self._start_options.plan.due
        match action:
            case Action.ANSWER:
                self._ignored_press_at = self._clock.now()
                self._announcer.say(Notice.ONE_MOMENT)
            case Action.APOLOGISE:
                self._announcer.say(Notice.FAILED)
            # What only a prepared session can do.
            case Action.BEGIN if playback is not None:
                self._announcer.cancel()
                self._session.begin(playback)
            case Action.HALT if playback is not None:
                playback.halt()
            case Action.CARRY_ON if playback is not None:
                self._announcer.cancel()
                playback.resume()
            case Action.SKIP if playback is not None:
                playback.move(skip_target)
            case Action.BACK if playback is not None:
                playback.move(back_target)
            case Action.REPEAT if playback is not None:
                playback.move(repeat_target)
            case Action.ASK if playback is not None:
                self._session.complete(playback)
                self._ask(Notice.ASK_EFFORT, EFFORT_WITHIN)
            case Action.NOTE_USUAL:
                self._recorder.effort(Effort.USUAL)
            case Action.NOTE_HARDER:
                self._recorder.effort(Effort.HARDER)
                self._announcer.say(Notice.NOTED_HARDER)
                self._start_options.ignore_presses(self._clock.now())
            case Action.END:
                self._session.stop()
                self._announcer.say(Notice.ENDED)
            case Action.TAKE_BACK:
                self._announcer.cancel()
                self._session.take_back()
                choice = self._session.choice
                self._start_options.interrupted = choice.resumed if choice else None
            case Action.PUT_OFF:
                self._put_off()
            # What concerns the plan.
            case Action.TELL_DONE:
                self._ask(Notice.DAY_DONE, AGAIN_WITHIN)
            case Action.NOTE_WALK if due is not None:
                self._recorder.close()
                self._start_options.ignore_presses(self._clock.now())
                self._recorder.change_row(LedgerWriter.complete, due)
                self._start_options.set_due(None)
                self._announcer.say(Notice.WALK_DONE)
            case Action.REMIND if due is not None:
                # What a press would do is what has to be said.
                interrupted = self._start_options.offered(self._clock.now())
                if interrupted is not None:
                    self._announcer.offer_interrupted(interrupted.stopped_at)
                else:
                    self._announcer.remind(due.occurrence.program)
            case Action.LET_BE if self._start_options.offered(self._clock.now()) is None:
                self._announcer.cancel()

    def _put_off(self) -> None:
        """Take back what the press that answered a reminder has begun, and have the plan wait."""
        self._announcer.cancel()
        row = self._start_options.answered
        if row is not None:
            self._session.take_back()
            self._recorder.change_row(LedgerWriter.put_off, row)
            self._start_options.answered = None
            self._announcer.say(Notice.PUT_OFF)

    def _ask(self, question: Notice, within: float) -> None:
        """Ask `question`, which may be answered until `within` seconds after its last word."""
        spoken = self._announcer.say(question)
        self.timers.answer_by = self._clock.now() + seconds(spoken) + within
