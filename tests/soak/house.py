"""The house: a whole kiosk on its folder, put together as it always is, in a time that jumps.

Everything happens on one thread, piece by piece, in the order in which it is due; only the pages
have threads of their own, and answer one request at a time.
"""

import heapq
import itertools
import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from kiosk.app import Devices, Kiosk, make_environment, make_kiosk
from kiosk.auth.service import AuthService
from kiosk.hardware.light import brightness
from kiosk.history.model import SessionRecord
from kiosk.schedule.model import PlanEntry
from kiosk.session.announcer import prepare_default, prepare_notices
from kiosk.session.events import Shutdown
from kiosk.session.snapshot import State
from kiosk.store.files import StateLock
from kiosk.store.opening import open_store
from tests.browser.household import PASSPHRASE
from tests.fakes.clock import FakeClock
from tests.fakes.wall_clock import FakeWallClock
from tests.soak.caregiver import Caregiver, Onlooker
from tests.soak.disk import Disk
from tests.soak.invariants import BrokenRuleError
from tests.soak.programs import ARMS, PROGRAMS
from tests.soak.speaker import HouseSpeaker
from tests.soak.witness import Witness

START = datetime(2026, 1, 1, 5, tzinfo=UTC)
"""Six in the morning in Berlin."""

SETTINGS = f"""\
time_zone = "Europe/Berlin"
default_program = "{ARMS}"
volume = 100
led_pin = 22
paused_limit_s = 600
"""

OPTIONS = {"host": "127.0.0.1", "port": 0}

AT_REST = (State.IDLE, State.FINISHED, State.STOPPED, State.FAILED)

PACE, LONG_PACE = 1.0, 30.0
"""Seconds between two looks at everything: while something goes on, and while nothing does."""

STEPS = 3
"""Pieces of sound that are played before anybody else has a turn."""

WELL_AFTER = 20.0
"""Seconds after the last fault's end in which the kiosk has to be well again."""

ENDS_WITHIN = 10.0

Act = Callable[[], None]


class House:
    """The kiosk, and what is around it. Made with a cache of clips, which may be shared."""

    def __init__(self, clips: Path) -> None:
        self.disk = Disk()
        self.clock = FakeClock()
        self.began = self.clock.now()
        self.wall = FakeWallClock(START, clock=self.clock)
        self.witness = Witness(now=lambda: self.true_now)
        self.caregiver = Caregiver()
        self.onlookers: list[Onlooker] = []
        self.off_by = timedelta(0)
        """How far the time of day is from the true one."""

        self.backup = b""
        """The last one that a caregiver took away."""

        self.passphrase = PASSPHRASE
        self.lives = 0
        self.codes = 0
        self.changed: Callable[[State], None] = lambda _state: None
        """Called whenever the kiosk has come into another state."""

        self._clips = clips
        self._faults: Counter[str] = Counter()
        self._sound_since = self.began
        self._acts: list[tuple[float, int, int | None, Act]] = []
        self._numbers = itertools.count()
        self._looks_at = 0.0
        self._has_notes = False
        self._told: State | None = None
        self._restart = False
        self._server: threading.Thread | None = None
        self.kiosk: Kiosk
        logging.getLogger().addHandler(self.witness.log)
        self._level = logging.getLogger("kiosk").level
        logging.getLogger("kiosk").setLevel(logging.INFO)
        self._furnish()
        self.open()

    # --- one life of the kiosk after another

    def _furnish(self) -> None:
        state = self.disk.state
        (state / "kiosk.toml").write_text(SETTINGS)
        (state / "programs").mkdir()
        for program, text in PROGRAMS.items():
            (state / "programs" / f"{program}.toml").write_text(text)

        self._choose_passphrase(state)

    def _choose_passphrase(self, state: Path) -> None:
        """As somebody does who has held the button down."""
        codes: list[str] = []
        with StateLock.take(state) as lock:
            store = open_store(state, self.wall.utc(), lock).store
            door = AuthService(store, self.wall, self.clock, codes.append)
            door.held()
            grant = door.enter_code(codes[0], "127.0.0.1")
            door.choose_passphrase(grant, self.passphrase, "set-up", "127.0.0.1")
            store.close()

    def open(self) -> None:
        """Start the kiosk."""
        self.lives += 1
        self.speaker = HouseSpeaker(self.clock, self._hears, self.witness.ear.is_silenced)
        base = make_environment(
            str(self.disk.state), {"KIOSK_CACHE_DIR": str(self._clips)}, OPTIONS, forgiving=True
        )
        self.kiosk = kiosk = make_kiosk(
            base,
            simulate=True,
            show_code=self._hears_code,
            devices=Devices(self.clock, self.wall, self.speaker),
        )
        assert kiosk.data or self.disk.is_full, "the kiosk remembers nothing"
        assert kiosk.pages or not kiosk.data, "the kiosk has no pages"
        kiosk.restart = self._wants_restart
        self.witness.moves_in()
        cut_off = kiosk.data.store.sessions.open() if kiosk.data else None
        self.caregiver.port = 0
        if kiosk.pages is not None:
            self._pages = kiosk.pages.serve()
            self._server = threading.Thread(target=self._pages.run, name="page server", daemon=True)
            self._server.start()
            self.caregiver.port = self._pages.port
        kiosk.jobs.submit(lambda: prepare_notices(kiosk.preparer, kiosk.controller.post))
        kiosk.jobs.submit(lambda: prepare_default(kiosk.preparer, kiosk.controller.post))
        self._told = None
        self._looks_at = 0.0
        if self.can_keep:
            # Before the kiosk itself: what was put back is only read.
            self.witness.reads(kiosk)
        self.settle()
        self._compare_with(cut_off)

    def _compare_with(self, cut_off: SessionRecord | None) -> None:
        """What was kept of a session that was cut off, once it is kept that it was."""
        kiosk = self.kiosk
        if kiosk.data is not None and not self.disk.is_full:
            kept = kiosk.data.store.sessions.between(newest=3) if cut_off else ()
            self.witness.finds(next((s for s in kept if cut_off and s.id == cut_off.id), None))
        self.witness.cut_off = None

    def close(self) -> None:
        """End the kiosk in good order, as the service does."""
        self.witness.moves_out(all_kept=self.can_keep)
        kiosk = self.kiosk
        kiosk.controller.post(Shutdown())
        kiosk.preparer.close()
        kiosk.pins.button.close()
        kiosk.controller.run()
        kiosk.jobs.close()
        kiosk.jobs.run()
        kiosk.controller.player.run()
        if kiosk.scheduler is not None:
            kiosk.scheduler.close()
            kiosk.scheduler.run()
        self._let_go()

    def kill(self, *, torn: bool) -> None:
        """Cut the power, if `torn` in the middle of a change."""
        self.witness.moves_out(all_kept=self.can_keep)
        self.kiosk.preparer.close()
        self._let_go()
        if torn and not self.disk.is_full:
            self.disk.tear()

    def _let_go(self) -> None:
        """What the system does when a process ends."""
        kiosk = self.kiosk
        for onlooker in self.onlookers:
            onlooker.close()
        self.onlookers.clear()
        if kiosk.pages is not None and self._server is not None:
            self._pages.close()
            self._server.join(ENDS_WITHIN)
            assert not self._server.is_alive(), "the pages do not end"
        kiosk.pins.close()
        if kiosk.data is not None:
            kiosk.data.close()

    def leave(self) -> None:
        """Clear everything away."""
        self.disk.free()
        self.close()
        self.disk.close()
        logging.getLogger("kiosk").setLevel(self._level)
        logging.getLogger().removeHandler(self.witness.log)

    def _wants_restart(self) -> None:
        self._restart = True

    # --- time

    @property
    def true_now(self) -> datetime:
        """What time it is in truth."""
        return START + timedelta(seconds=self.clock.now() - self.began)

    def show_time(self, off_by: timedelta, *, trusted: bool = True) -> None:
        """Let the time of day be off by so much from now on."""
        self.off_by = off_by
        self._sound_since = self.clock.now()
        self.wall.set(self.true_now + off_by)
        self.wall.believe(trusted=trusted)
        self.later(WELL_AFTER, self.see_whether_it_is_well)

    def later(self, seconds: float, act: Act, *, in_this_life: bool = False) -> None:
        """Have `act` done in so many seconds; if wished, only if the kiosk runs on till then."""
        life = self.lives if in_this_life else None
        entry = (self.clock.now() + seconds, next(self._numbers), life, act)
        heapq.heappush(self._acts, entry)

    def run_until(self, end: float) -> None:
        """Let time pass until the clock shows `end`."""
        while True:
            self._act()
            self.settle()
            if self._play():
                continue
            now = self.clock.now()
            if now >= end:
                return
            self.clock.advance(max(min(self._wake_at(now), end) - now, 0.001))

    def _play(self) -> bool:
        """Let the player go on a little, as it does whatever the others are at; whether it did."""
        player = self.kiosk.controller.player
        return sum(player.step() for _ in range(STEPS)) > 0

    def _act(self) -> None:
        while self._acts and self._acts[0][0] <= self.clock.now():
            _, _, life, act = heapq.heappop(self._acts)
            if life in (None, self.lives):
                act()
                self.settle()

    def _wake_at(self, now: float) -> float:
        busy = self.witness.state not in AT_REST or not self.well
        times = [now + (PACE if busy else LONG_PACE), self.kiosk.controller.next_deadline()]
        if self._acts:
            times.append(self._acts[0][0])
        return min(time for time in times if time is not None)

    def settle(self) -> None:
        """Do everything that takes no time, and look at what has come of it."""
        kiosk = self.kiosk
        while kiosk.controller.pump() | self._mind() | self._do_jobs():
            self.witness.looks(kiosk)
        self.witness.looks(kiosk)
        state = self.witness.state
        if state is not self._told:
            self._told = state
            self.changed(state)
        if self._restart:
            self._restart = False
            self.witness.begins_anew()
            self.close()
            self.open()

    def _mind(self) -> bool:
        scheduler = self.kiosk.scheduler
        now = self.clock.now()
        waits = scheduler is not None and not scheduler.inbox.empty()
        if now < self._looks_at and not self._has_notes and not waits:
            return False
        self._looks_at = now + PACE
        self._has_notes = scheduler is not None and scheduler.step(0)
        self._look_around(now)
        return self._has_notes

    def _look_around(self, now: float) -> None:
        """What other threads do now and then."""
        kiosk = self.kiosk
        self.witness.looks(kiosk)
        kiosk.pins.button.check()
        self.witness.looks_on(kiosk)
        if kiosk.pins.light is not None:
            kiosk.pins.light.set(brightness(kiosk.session.snapshot(), now))
        if self.can_keep:
            self.witness.reads(kiosk)
        for onlooker in self.onlookers:
            onlooker.take()

    def _do_jobs(self) -> bool:
        """Do the jobs that wait; `close` lets `run` return after them."""
        jobs = self.kiosk.jobs
        if jobs._jobs.empty():
            return False
        jobs.close()
        jobs.run()
        return True

    @property
    def can_keep(self) -> bool:
        """Whether the kiosk remembers, and there is room for it."""
        return self.kiosk.data is not None and not self.disk.is_full

    def plan(self) -> tuple[PlanEntry, ...]:
        """What is in the plan; nothing where the kiosk remembers nothing."""
        return self.kiosk.data.store.plan.entries() if self.kiosk.data else ()

    @property
    def well(self) -> bool:
        """Whether nothing is wrong with the kiosk, by its own word."""
        return not self.kiosk.controller.feed.newest.faults

    # --- faults

    def fault(self, name: str) -> None:
        """Something is wrong from now on."""
        self._faults[name] += 1

    def fault_ends(self, name: str) -> None:
        """It is over; the same may still be wrong for another reason."""
        self._faults[name] -= 1
        self._sound_since = self.clock.now()
        self.later(WELL_AFTER, self.see_whether_it_is_well)

    def see_whether_it_is_well(self) -> None:
        """Nothing is said to be wrong, where nothing has been for a while."""
        if not self.is_sound_since(WELL_AFTER):
            return
        self.witness.counts["seen well"] += 1
        trouble = self.kiosk.session.snapshot().faults
        if trouble:
            raise BrokenRuleError(f"nothing is wrong, and still there is {set(trouble)}")

    def is_sound_since(self, seconds: float) -> bool:
        """Whether nothing was wrong for so long."""
        long_enough = self.clock.now() - self._sound_since >= seconds - 0.1
        calm = self.can_keep and not +self._faults and not self.off_by and self.wall.trusted()
        return calm and long_enough

    @property
    def at_rest(self) -> bool:
        """Whether nobody exercises."""
        return self.witness.state in AT_REST

    # --- what others do

    def do(self, deed: "Callable[[House, Random], None]", random: Random) -> None:
        """Have `deed` happen, and written down."""
        self.witness.counts[deed.__name__] += 1
        self.witness.writes(deed.__name__)
        deed(self, random)

    def press(self, seconds: float = 0.15) -> None:
        """Press the button, and let go of it after so long."""
        self.touch(down=True)
        self.later(seconds, lambda: self.touch(down=False), in_this_life=True)

    def touch(self, *, down: bool) -> None:
        """The contacts close, or open."""
        self.witness.writes("the button goes " + ("down" if down else "up"))
        button = self.kiosk.pins.simulated_button
        assert button is not None
        (button._pin.drive_low if down else button._pin.drive_high)()

    def look_on(self) -> None:
        """Open a live page."""
        self.onlookers.append(Onlooker(self.caregiver.port))

    def _hears(self, pcm: bytes) -> None:
        kiosk = self.kiosk
        player = kiosk.controller.player
        self.witness.hears(pcm, player.position(), player.volume)

    def _hears_code(self, _code: str) -> None:
        self.codes += 1
