"""A home whose kiosk has its real controller, scheduler, desks and store, in a time that jumps.

Whatever is played, shown and stored is checked by the observer of the long-run test, which raises
when a rule is broken. Everything happens on one thread.
"""

import logging
import tempfile
from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from kiosk.app import doses_of, make_backup
from kiosk.audio.player import Player
from kiosk.programs.model import Side
from kiosk.schedule.occurrences import RULE_SETTINGS, rules_of
from kiosk.schedule.scheduler import Scheduler
from kiosk.schedule.service import ScheduleService
from kiosk.schedule.snapshot import Snapshots
from kiosk.session.controller import Controller
from kiosk.session.events import ButtonEdge, Shutdown
from kiosk.session.service import SessionService
from kiosk.session.snapshot import OCCUPIED, State
from kiosk.settings.service import SettingsService
from kiosk.settings.sources import LayeredSettings
from kiosk.speech.model import PreparedSpeech, Progress, Voice
from kiosk.speech.preparer import SessionPreparer
from kiosk.store.files import FILE_NAME, StateLock
from kiosk.store.opening import open_store
from kiosk.timeline.render import ClipBank
from kiosk.timeline.timeline import Speech
from kiosk.units import SAMPLE_RATE
from tests.auth.kit import AuthKit
from tests.builders import ENGLISH, a_program, an_exercise, phase, ten_ms_a_letter
from tests.fakes.choices import few_choices
from tests.fakes.clock import FakeClock
from tests.fakes.wall_clock import FakeWallClock
from tests.session.bench import Shelf, WaitingJobs
from tests.soak.disk import Disk
from tests.soak.kiosk import AT_REST
from tests.soak.observer import Observer
from tests.soak.sound import SoakSpeaker
from tests.store.kit import MEMORY

START = datetime(2026, 3, 27, 6, 30, tzinfo=UTC)
"""Half past seven in Oslo, two days before the clocks change."""

OSLO = ZoneInfo("Europe/Oslo")

SETTINGS = """\
default_program = "arms"
volume = 100
lead_in_ms = 0
paused_limit_s = 600
time_zone = "Europe/Oslo"
"""


ARMS = replace(
    a_program(
        an_exercise("Lift", reps=4, phases=(phase("lift", 2000),), get_ready=2000),
        an_exercise("Hold", reps=1, phases=(phase("lift", 1000), phase("hold", 2000)), get_ready=0),
        rest=1000,
    ),
    id="arms",
)
SIDES = replace(
    a_program(
        an_exercise(
            "Reach",
            reps=2,
            sets=2,
            side=Side.ALTERNATE,
            reps_per_side=False,
            phases=(phase("reach", 2000),),
            rest_between_sets=2000,
            get_ready=1000,
        ),
    ),
    id="sides",
)
PROGRAMS = (ARMS, SIDES)
"""Very short, so that many sessions are soon done."""


class NoisyVoice:
    """Renders each text as noise of its own, 10 ms a letter: any piece of it can be told."""

    def __init__(self) -> None:
        self._clips: dict[str, bytes] = {}

    def prepare(
        self,
        texts: Iterable[str],
        voice: Voice,  # noqa: ARG002
        progress: Progress | None = None,  # noqa: ARG002
        *,
        patient: bool = False,  # noqa: ARG002
    ) -> PreparedSpeech:
        return PreparedSpeech(ClipBank({text: self._clip(text) for text in texts}), ())

    def close(self) -> None:
        """Nothing runs."""

    def _clip(self, text: str) -> bytes:
        if text not in self._clips:
            frames = ten_ms_a_letter(Speech(text)) * SAMPLE_RATE // 1000
            noise = array("b", Random(text).randbytes(frames))  # noqa: S311
            self._clips[text] = array("h", [sample * 64 or 1 for sample in noise]).tobytes()
        return self._clips[text]


class Card:
    """The memory card: a folder, which outlives the kiosk."""

    tear = Disk.tear

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.state = Path(self._folder.name)
        self.data = self.state / FILE_NAME

    def files(self) -> dict[Path, bytes]:
        """The data as it would be found if the power went now."""
        return {path: path.read_bytes() for path in self.state.glob(f"{FILE_NAME}*")}

    def close(self) -> None:
        self._folder.cleanup()


class Home:
    """One life of the kiosk after another, on one card."""

    voice = NoisyVoice()

    def __init__(self) -> None:
        self.card = Card()
        self.clock = FakeClock()
        self.began = self.clock.now()
        self.wall = FakeWallClock(START, clock=self.clock)
        self.observer = Observer(now=lambda: self.true_now)
        self.refuses = False
        """Whether the card takes nothing."""

        (self.card.state / "kiosk.toml").write_text(SETTINGS)
        self.layers = LayeredSettings.read(self.card.state, {}, {})
        self._next_check = 0.0
        self._has_notes = False
        logging.getLogger().addHandler(self.observer.log)
        self._level = logging.getLogger("kiosk").level
        logging.getLogger("kiosk").setLevel(logging.INFO)
        self.open()

    # --- one life after another

    def open(self) -> None:
        """Start the kiosk."""
        self.lock = StateLock.take(self.card.state)
        opened = open_store(self.card.state, self.wall.utc(), self.lock)
        assert opened.recovered is None
        self.store = opened.store
        self.settings = SettingsService(self.layers, self.store, self.wall.utc)
        settings = self.settings.current
        self.shelf = Shelf(*PROGRAMS)
        self.speaker = SoakSpeaker(self.clock, self._on_sound, self.observer.listener.on_abort)
        self.jobs = WaitingJobs()
        self.preparer = SessionPreparer(
            self.shelf, self.voice, ENGLISH, lambda: self.settings.current
        )
        self.preparer.doses = doses_of(self.store)
        self.preparer.prepare_notices()
        self.controller = Controller(settings, self.clock, self.preparer, self.jobs, self._player)
        self.session = SessionService(self.controller.post, self.controller.feed, self.clock)
        auth = AuthKit(store=self.store).auth
        self.controller.use_pairing_codes(auth.pressed, auth.held)
        self.scheduler = Scheduler(
            *(self.store, self.wall, OSLO, rules_of(settings)),
            *(self.controller.post, partial(make_backup, self.store)),
        )
        self.controller.report_to(self.scheduler)
        self.snapshots = Snapshots(
            *(self.store, self.shelf, self.wall, self.settings),
            *(lambda _settings: OSLO, lambda: self.session.snapshot().state in OCCUPIED),
        )
        self.plan = ScheduleService(self.snapshots)
        self.settings.add_checks(few_choices(self.shelf, self.preparer).checks)
        self.settings.subscribe(self.controller.change_settings)
        self.settings.subscribe(
            lambda now: self.scheduler.change_rules(rules_of(now), OSLO), RULE_SETTINGS
        )
        self.kiosk = SimpleNamespace(
            controller=self.controller,
            session=self.session,
            preparer=self.preparer,
            data=SimpleNamespace(store=self.store),
        )
        self._begin()

    def _begin(self) -> None:
        self.observer.kiosk_started()
        cut_off = self.store.sessions.open()
        self.observer.check_store(self.kiosk)
        self._has_notes = True
        self.settle()
        self.observer.check_cut_off(self.kiosk, cut_off)

    def close(self) -> None:
        """End the kiosk in good order."""
        self.observer.kiosk_ended(all_stored=not self.refuses)
        self.controller.post(Shutdown())
        self.controller.run()
        while self.jobs.do_one():
            """What was asked for is still done."""
        self.controller.player.run()
        self.scheduler.close()
        self.scheduler.run()
        self._let_go()

    def kill(self, *, torn: bool) -> None:
        """Cut the power, if `torn` in the middle of a change."""
        self.observer.kiosk_ended(all_stored=not self.refuses)
        files = self.card.files()
        self._let_go()
        for path in self.card.files():
            path.unlink()
        for path, content in files.items():
            path.write_bytes(content)
        if torn:
            self.card.tear()

    def _let_go(self) -> None:
        self.store.close()
        self.lock.release()
        self.refuses = False

    def leave(self) -> None:
        self.store.close()
        self.lock.release()
        self.card.close()
        logging.getLogger("kiosk").setLevel(self._level)
        logging.getLogger().removeHandler(self.observer.log)

    # --- time

    @property
    def true_now(self) -> datetime:
        return START + timedelta(seconds=self.clock.now() - self.began)

    def run_for(self, seconds: float) -> None:
        """Let time pass; where nobody exercises, in larger steps the longer it is."""
        end = self.clock.now() + seconds
        pace = min(max(seconds / 300, 1.0), 600.0)
        self._run(end, pace, lambda: False)

    def run_to(self, states: Iterable[State], seconds: float) -> None:
        """Let time pass until the kiosk is in one of the states, but no longer than that."""
        wanted = frozenset(states)
        self._run(self.clock.now() + seconds, 30.0, lambda: self.observer.state in wanted)

    def _run(self, end: float, pace: float, reached: Callable[[], bool]) -> None:
        while self.clock.now() < end - 1e-9 and not reached():
            self.settle()
            if sum(self.controller.player.step() for _ in range(3)):
                continue
            now = self.clock.now()
            times = [end, now + (1.0 if self.observer.state not in AT_REST else pace)]
            deadline = self.controller.next_deadline()
            times += [] if deadline is None else [deadline]
            self.clock.advance(max(min(times) - now, 0.001))
        self.settle()

    def settle(self) -> None:
        """Do everything that takes no time, and look at what has come of it."""
        while self.controller.pump() | self._step_scheduler() | self.jobs.do_one():
            self.observer.check(self.kiosk)
        self.observer.check(self.kiosk)

    def _step_scheduler(self) -> bool:
        now = self.clock.now()
        if now < self._next_check and not self._has_notes and self.scheduler.inbox.empty():
            return False
        self._next_check = now + 1.0
        self._has_notes = self.scheduler.step(0)
        self.observer.check(self.kiosk)
        self.observer.check_live(self.kiosk)
        if not self.refuses and not self._has_notes:
            self.observer.check_store(self.kiosk)
        return self._has_notes

    # --- what others do

    def touch(self, *, down: bool) -> None:
        self.controller.post(ButtonEdge(down, self.clock.now()))
        self.settle()

    def press(self, seconds: float) -> None:
        self.touch(down=True)
        self.run_for(seconds)
        self.touch(down=False)

    def show_time(self, off_by: timedelta, *, trusted: bool = True) -> None:
        """Let the time of day be off by so much from now on."""
        self.wall.set(self.true_now + off_by)
        self.wall.believe(trusted=trusted)
        self._has_notes = True
        self.settle()

    def refuse(self, *, refuses: bool) -> None:
        """Let the card take nothing any more, or take it again."""
        self.refuses = refuses
        state = "ON" if refuses else "OFF"
        self.store._database._connection.execute(f"PRAGMA query_only = {state}")
        self._has_notes = True
        self.settle()

    def _player(self, post) -> Player:
        return Player(self.speaker, self.clock, post, volume=100, lead_in=0)

    def _on_sound(self, pcm: bytes) -> None:
        player = self.controller.player
        self.observer.on_sound(pcm, player.position(), player.volume)
