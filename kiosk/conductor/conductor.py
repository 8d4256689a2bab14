"""The conductor: the one thread that holds all state of a session.

Everybody else posts to its inbox and reads snapshots from the feed. What reaches it goes to one of
its parts: `Touch` has the button, `Hearing` the news of the others; what a caregiver wishes is done
here. They find out what it means, and the `StateKeeper` lets that take effect.
"""

import queue
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from kiosk.clock import Clock
from kiosk.conductor.actions import Actions
from kiosk.conductor.at_hand import AtHand
from kiosk.conductor.button.press import Presses
from kiosk.conductor.button.touch import Touch
from kiosk.conductor.events import (
    ButtonEdge,
    ButtonFound,
    ButtonMissing,
    Command,
    Event,
    LifeSignWanted,
    Post,
    SettingsChanged,
    Shutdown,
    TestSoundWanted,
    Wish,
)
from kiosk.conductor.hearing import Hearing
from kiosk.conductor.jobs import Jobs
from kiosk.conductor.journal import Journal, Tell
from kiosk.conductor.session import Session
from kiosk.conductor.showing import Showing
from kiosk.conductor.sound.announcer import Announcer
from kiosk.conductor.sound.player import Player
from kiosk.conductor.sound.studio import Studio
from kiosk.conductor.sound.warm_up import prepare_anew, prepare_missing_notices
from kiosk.conductor.state_keeper import StateKeeper
from kiosk.conductor.timers import Timers, is_due
from kiosk.model.settings import Settings
from kiosk.model.snapshot import IN_SESSION, NO_TIME_FOR_A_TEST, Trouble
from kiosk.ports import Doorbell
from kiosk.session.transitions import Input
from kiosk.timeline.asides import Notice


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
        self._clock = clock
        self._studio = studio
        self._jobs = jobs
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stopping = False

        self.player = player = make_player(self.post)
        self._timers = timers = Timers()
        self._presses = presses = Presses(settings)
        self._journal = journal = Journal()
        self._announcer = announcer = Announcer(studio, jobs, player, self.post)
        self._session = session = Session(studio, jobs, player, self.post, journal)
        at_hand = AtHand()
        showing = Showing(clock, session, at_hand, known_trouble)
        actions = Actions(clock, timers, announcer, journal, at_hand, session, showing)
        self._keeper = keeper = StateKeeper(settings, clock, timers, actions, journal, showing)
        self._touch = Touch(clock, presses, keeper, session, at_hand, announcer, journal)
        mend_notices = partial(prepare_missing_notices, studio, jobs, self.post)
        self._hearing = Hearing(clock, keeper, session, at_hand, announcer, mend_notices)
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
        self._keeper.settings = settings
        self._presses.change_settings(settings)
        self._timers.reckon_pause(settings)
        self.player.volume = settings.volume
        self.player.lead_in = settings.lead_in_ms
        prepare_anew(settings, self._studio, self._jobs, self.post)
