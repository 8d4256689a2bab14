"""The controller: one thread that owns all state of a session, and one inbox.

Theory of operation
-------------------

Whatever happens is an event (`events.py`) that somebody posts to the inbox. `Controller._handle`
matches each event once and calls the part that it concerns:

- `ButtonHandler`: edges to gestures, and gestures to inputs of the table;
- `StateOwner`: the table of transitions, the actions it leads to, timers, faults, snapshots;
- `Session`: preparation and playhead;
- `Announcer`: what is said outside of sessions;
- `StartOptions`: what a press begins;
- `SessionRecorder`: what is written down.

None of them has a lock, for only this thread calls them. Others see snapshots, which are frozen.

A cycle of `run` waits for an event until the next deadline, handles all events there are, and then
does what is due by the clock: events first, for a button let go in time is not held. Nothing in a
cycle blocks: rendering is a job, a write is handed to the scheduler, and the player is only given
what to play. So a press is answered within one chunk of sound.

An input that does not apply to the state changes nothing. A late answer (of a session prepared
before another was ordered, of a playlist replaced since) is known by its number and ignored.

`docs/explanation/architecture.md` has a table of all threads: their state, and what they post.
"""

import logging
import queue
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from kiosk.audio.player import Player
from kiosk.clock import Clock
from kiosk.schedule.scheduler import Scheduler
from kiosk.session import events
from kiosk.session.announcer import Announcer, prepare_default, prepare_notices
from kiosk.session.button import ButtonHandler
from kiosk.session.events import Event, Post
from kiosk.session.playback import Session, SessionPlayback
from kiosk.session.recorder import SessionRecorder
from kiosk.session.snapshot import IN_SESSION, NO_TIME_FOR_A_TEST, Fault, State
from kiosk.session.start_options import StartOptions
from kiosk.session.state import StateOwner, is_due
from kiosk.session.transitions import Input
from kiosk.settings.model import Settings
from kiosk.speech.preparer import PreparedSession, SessionPreparer
from kiosk.system.jobs import JobQueue

logger = logging.getLogger(__name__)


class Controller:
    """The owner of the session, and of the parts that each have a piece of its state.

    `post`: any thread. `run`: the controller's own thread, until a `Shutdown`. Tests call `pump`
    instead, which handles what has come in or is due, and returns.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        preparer: SessionPreparer,
        jobs: JobQueue,
        make_player: Callable[[Post], Player],
        faults: frozenset[Fault] = frozenset(),
    ) -> None:
        """`faults` are those known from the start."""
        self._clock = clock
        self._preparer = preparer
        self._jobs = jobs
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stopping = False

        self.player = player = make_player(self.post)
        self._start_options = options = StartOptions()
        self._recorder = recorder = SessionRecorder()
        self._announcer = announcer = Announcer(preparer, jobs, player, self.post)
        self._session = session = Session(preparer, jobs, player, self.post, recorder)
        self._state = state = StateOwner(
            settings, clock, session, announcer, options, recorder, faults
        )
        self._button = ButtonHandler(settings, clock, state, session, options, announcer, recorder)
        self.feed = state.feed

    def post(self, event: Event) -> None:
        """Put `event` into the inbox."""
        self._inbox.put(event)

    def change_settings(self, settings: Settings) -> None:
        """Go by `settings` from now on, but for those of the start (`AT_START`). Any thread."""
        self.post(events.SettingsChanged(settings))

    def report_to(self, scheduler: Scheduler) -> None:
        """Have what is done written by `scheduler` from now on. Before `run`."""
        self._recorder.report_to(scheduler)

    def use_pairing_codes(
        self, for_press: Callable[[], str | None], for_hold: Callable[[], str | None]
    ) -> None:
        """Say the pairing codes that these return; see `ButtonHandler`. Before `run`."""
        self._button.code_for_press, self._button.code_for_hold = for_press, for_hold

    def run(self) -> None:
        """The controller's thread; returns after `Shutdown`."""
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
        now = self._clock.now()
        if is_due(self.next_deadline(), now):
            self._button.on_time(now)
            self._state.on_time(now)
            busy = True
        return busy

    def next_deadline(self) -> float | None:
        """When something is due at the latest, if nothing comes in."""
        times = (self._state.timers.next(), self._button.next_deadline())
        return min((time for time in times if time is not None), default=None)

    def _handle(self, event: Event) -> None:  # noqa: C901, PLR0912, PLR0915 - one case an event
        state, session = self._state, self._session
        match event:
            case events.ButtonEdge(down, at):
                self._button.on_edge(down, at)
            case events.ButtonFound(down, at):
                self._button.on_found(down, at)
            case events.ButtonMissing():
                self._button.on_missing()

            case events.Command(cause, program):
                state.apply(cause, program)
            case events.TestSoundWanted():
                if state.state not in NO_TIME_FOR_A_TEST:
                    self._announcer.test_sound()
            case events.SettingsChanged(settings):
                self._change_settings(settings)
            case events.LifeSignWanted(answer):
                answer()
            case events.Shutdown():
                if state.state in IN_SESSION:
                    session.interrupt()
                self.player.close()
                self._stopping = True

            case events.PlaybackMoved(position):
                session.playback_moved(position)
                state.report_fault(Fault.SPEAKER_LOST, present=False)
            case events.PlaybackFinished(playlist):
                if session.plays(playlist):
                    state.apply(Input.ENDED)
            case events.SpeakerLost(position):
                state.report_fault(Fault.SPEAKER_LOST)
                if session.speaker_lost(position):
                    state.apply(Input.SPEAKER_LOST)

            case events.PreparationProgress(ticket, done, total):
                if self._awaits(ticket):
                    session.prepared = done / total
                    state.publish()
            case events.SessionPrepared(ticket, material):
                if self._awaits(ticket):
                    self._take_prepared(material)
            case events.PreparationFailed(ticket, reason):
                if self._awaits(ticket):
                    logger.error("%s", reason)
                    state.report_fault(Fault.NO_PROGRAM)
                    state.apply(Input.UNPREPARED)
            case events.AnnouncementReady():
                self._announcer.play_rendered(event)
            case events.SpeechChecked(problems):
                self._report_speech(problems)
            case events.FaultChanged(fault, present):
                state.report_fault(fault, present=present)

            case events.PlanStatusChanged(status):
                self._start_options.plan = status
                if status.due is None:
                    state.apply(Input.LET_BE)
                state.report_fault(Fault.CLOCK, present=not status.clock_trusted)
            case events.ReminderDue(row):
                self._start_options.set_due(row)
                state.apply(Input.REMIND)
            case events.InterruptedSessionFound(interrupted):
                # Where it cannot be announced now, it is not what a press would mean either.
                if state.is_at_rest:
                    self._start_options.offer(interrupted, self._clock.now())
                    self._announcer.offer_interrupted(interrupted.stopped_at)

    def _awaits(self, ticket: int | None) -> bool:
        """Whether news of the preparation of `ticket` is of the session that is prepared now."""
        return self._state.state is State.PREPARING and ticket in (self._session.ticket, None)

    def _take_prepared(self, material: PreparedSession) -> None:
        if self._preparer.lacks_notices and not material.problems:
            # The voice has just spoken, so they can be rendered now; that reports on speech, too.
            self._submit(prepare_notices)
        else:
            self._report_speech(material.problems)
        self._session.playback = SessionPlayback(material, self.player, self._preparer)
        self._state.apply(Input.PREPARED)

    def _report_speech(self, problems: tuple[str, ...]) -> None:
        if problems and Fault.NO_SPEECH not in self._state.faults:
            logger.error("Some speech is missing: %s", " ".join(problems))
        self._state.report_fault(Fault.NO_SPEECH, present=bool(problems))

    def _change_settings(self, settings: Settings) -> None:
        """Go by `settings` from now on; a session that was prepared already stays as it is."""
        before, self._state.settings = self._state.settings, settings
        self._state.timers.set_pause(settings)
        self.player.volume = settings.volume
        self.player.lead_in = settings.lead_in_ms
        voice_changed = settings.spoken_by != before.spoken_by
        if voice_changed:
            self._submit(prepare_notices)
        if (
            voice_changed
            or settings.sentence_pause_ms != before.sentence_pause_ms
            or settings.default_program != before.default_program
        ):
            self._submit(prepare_default)

    def _submit(self, render: Callable[[SessionPreparer, Post], None]) -> None:
        self._jobs.submit(partial(render, self._preparer, self.post))
