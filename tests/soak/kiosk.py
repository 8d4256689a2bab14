"""A whole kiosk on a small disk, wired as it always is, in a time that jumps.

Everything happens on one thread, part by part, in the order in which it is due; only the pages have
threads of their own, and answer one request at a time.
"""

import heapq
import itertools
import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from kiosk.app import Devices, Kiosk, make_environment, make_kiosk
from kiosk.hardware.light import brightness
from kiosk.schedule.model import PlanEntry
from kiosk.session.announcer import prepare_default, prepare_notices
from kiosk.session.events import Shutdown
from kiosk.session.snapshot import State
from tests.auth.kit import AuthKit
from tests.fakes.clock import FakeClock
from tests.fakes.wall_clock import FakeWallClock
from tests.kiosk import PASSPHRASE
from tests.soak.caregiver import Caregiver, LivePage
from tests.soak.disk import Disk
from tests.soak.invariants import BrokenRuleError
from tests.soak.observer import Observer
from tests.soak.programs import ARMS, PROGRAMS
from tests.soak.sound import SoakSpeaker
from tests.store.kit import opened

START = datetime(2026, 1, 1, 5, tzinfo=UTC)
"""Six in the morning in Berlin."""

ZONE = ZoneInfo("Europe/Berlin")

SETTINGS = f"""\
time_zone = "{ZONE.key}"
default_program = "{ARMS}"
volume = 100
led_pin = 22
paused_limit_s = 600
"""

AT_REST = (State.IDLE, State.FINISHED, State.STOPPED, State.FAILED)

PACE, LONG_PACE = 1.0, 30.0
"""Seconds between two checks of everything: while something goes on, and while nothing does."""

CHUNKS = 3
"""Chunks of sound that are played before the other parts have a turn."""

RECOVERS_WITHIN = 20.0
"""Seconds after the end of the last fault in which the kiosk has to report none."""

ENDS_WITHIN = 10.0


class SoakKiosk:
    """The kiosk with its disk, speaker, clocks and caregiver, first started at `start`.

    `clips` is the folder of the clip cache, which several may share.
    """

    def __init__(self, clips: Path, start: datetime = START) -> None:
        self.disk = Disk()
        self.clock = FakeClock()
        self.began = self.clock.now()
        self.first_start = start
        self.wall = FakeWallClock(start, clock=self.clock)
        self.observer = Observer(now=lambda: self.true_now)
        self.caregiver = Caregiver()
        self.live_pages: list[LivePage] = []
        self.clock_error = timedelta(0)
        """The time of day that is shown, less the true one."""

        self.backup = b""
        """The latest backup that a caregiver downloaded."""

        self.starts = 0
        self.on_state: Callable[[State], None] = lambda _state: None
        """Called with each new state of the kiosk."""

        self._clips = clips
        self._faults: Counter[str] = Counter()
        self._faultless_since = self.began
        self._calls: list[tuple[float, int, int | None, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._next_check = 0.0
        self._scheduler_busy = False
        self._reported: State | None = None
        self._restart = False
        self._server: threading.Thread | None = None
        self.kiosk: Kiosk
        logging.getLogger().addHandler(self.observer.log)
        self._level = logging.getLogger("kiosk").level
        logging.getLogger("kiosk").setLevel(logging.INFO)
        self._set_up(self.disk.state)
        self.start()

    # --- starts and ends

    def _set_up(self, state: Path) -> None:
        """Write the settings and programs, and store the passphrase."""
        (state / "kiosk.toml").write_text(SETTINGS)
        (state / "programs").mkdir()
        for program, text in PROGRAMS.items():
            (state / "programs" / f"{program}.toml").write_text(text)
        with opened(state, self.wall.utc()) as store:
            AuthKit(PASSPHRASE, self.wall.utc(), store)

    def start(self) -> None:
        """Start the kiosk."""
        self.starts += 1
        self.speaker = SoakSpeaker(self.clock, self._on_sound, self.observer.listener.on_abort)
        base = make_environment(
            str(self.disk.state),
            {"KIOSK_CACHE_DIR": str(self._clips)},
            {"host": "127.0.0.1", "port": 0},
            forgiving=True,
        )
        devices = Devices(self.clock, self.wall, self.speaker)
        self.kiosk = kiosk = make_kiosk(
            base, simulate=True, show_code=lambda _code: None, devices=devices
        )
        assert kiosk.data or self.disk.is_full, "the kiosk has no store"
        assert kiosk.pages or not kiosk.data, "the kiosk has no pages"
        kiosk.restart = self._request_restart
        self.observer.kiosk_started()
        cut_off = kiosk.data.store.sessions.open() if kiosk.data else None
        self.caregiver.port = 0
        if kiosk.pages is not None:
            self._pages = kiosk.pages.serve()
            self._server = threading.Thread(target=self._pages.run, name="page server", daemon=True)
            self._server.start()
            self.caregiver.port = self._pages.port
        kiosk.jobs.submit(lambda: prepare_notices(kiosk.preparer, kiosk.controller.post))
        kiosk.jobs.submit(lambda: prepare_default(kiosk.preparer, kiosk.controller.post))
        self._reported = None
        self._next_check = 0.0
        if self.can_store:
            # Before the kiosk itself writes: what was restored is only read.
            self.observer.check_store(kiosk)
        self.settle()
        if self.can_store:
            self.observer.check_cut_off(kiosk, cut_off)
        self.observer.cut_off = None

    def shut_down(self) -> None:
        """End the kiosk in good order, as the service does."""
        self.observer.kiosk_ended(all_stored=self.can_store)
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
        self._release()

    def cut_power(self, *, torn: bool) -> None:
        """End the kiosk at once, if `torn` in the middle of a change."""
        self.observer.kiosk_ended(all_stored=self.can_store)
        self.kiosk.preparer.close()
        with self.disk.as_it_is():
            self._release()
        if torn and not self.disk.is_full:
            self.disk.tear()

    def _release(self) -> None:
        """Release what the system takes back when a process ends."""
        kiosk = self.kiosk
        self.close_live_pages()
        if kiosk.pages is not None and self._server is not None:
            self._pages.close()
            self._server.join(ENDS_WITHIN)
            assert not self._server.is_alive(), "the pages do not end"
        kiosk.pins.close()
        if kiosk.data is not None:
            kiosk.data.close()

    def tear_down(self) -> None:
        """End the kiosk for good, and remove its disk."""
        self.disk.free()
        self.shut_down()
        self.disk.close()
        logging.getLogger("kiosk").setLevel(self._level)
        logging.getLogger().removeHandler(self.observer.log)

    def _request_restart(self) -> None:
        self._restart = True

    # --- time

    @property
    def true_now(self) -> datetime:
        """The true time."""
        return self.first_start + timedelta(seconds=self.clock.now() - self.began)

    def set_clock(self, clock_error: timedelta, *, trusted: bool = True) -> None:
        """Let the time of day differ by so much from the true one from now on."""
        self.clock_error = clock_error
        self._faultless_since = self.clock.now()
        self.wall.set(self.true_now + clock_error)
        self.wall.believe(trusted=trusted)
        self.later(RECOVERS_WITHIN, self.check_no_faults)

    def later(self, seconds: float, call: Callable[[], None], *, in_this_run: bool = False) -> None:
        """Make `call` in so many seconds; if `in_this_run`, only if the kiosk runs on till then."""
        run = self.starts if in_this_run else None
        entry = (self.clock.now() + seconds, next(self._numbers), run, call)
        heapq.heappush(self._calls, entry)

    def run_for(
        self, seconds: float, until: Collection[State] = (), *, pace: float = LONG_PACE
    ) -> None:
        """Let so much time pass, or less if one of the states `until` comes before.

        While nothing goes on, everything is checked every `pace` seconds.
        """
        end = self.clock.now() + seconds
        while self.observer.state not in until:
            self._make_due_calls()
            self.settle()
            player = self.kiosk.controller.player
            if sum(player.step() for _ in range(CHUNKS)):
                continue
            now = self.clock.now()
            if now >= end:
                return
            self.clock.advance(max(min(self._wake_at(now, pace), end) - now, 0.001))

    def _make_due_calls(self) -> None:
        while self._calls and self._calls[0][0] <= self.clock.now():
            _, _, run, call = heapq.heappop(self._calls)
            if run in (None, self.starts):
                call()
                self.settle()

    def _wake_at(self, now: float, pace: float) -> float:
        recovers = now - self._faultless_since <= RECOVERS_WITHIN
        busy = not self.at_rest or (recovers and self.kiosk.controller.feed.newest.faults)
        times = [now + (PACE if busy else pace), self.kiosk.controller.next_deadline()]
        if self._calls:
            times.append(self._calls[0][0])
        return min(time for time in times if time is not None)

    def settle(self) -> None:
        """Do everything that takes no time, and check the result."""
        kiosk = self.kiosk
        while kiosk.controller.pump() | self._step_scheduler() | self._run_jobs():
            self.observer.check(kiosk)
        self.observer.check(kiosk)
        state = self.observer.state
        if state is not self._reported:
            self._reported = state
            self.on_state(state)
        if self._restart:
            self._restart = False
            self.observer.data_replaced()
            self.shut_down()
            self.start()

    def _step_scheduler(self) -> bool:
        """Step the scheduler, and do what other threads do now and then."""
        kiosk, now = self.kiosk, self.clock.now()
        waits = kiosk.scheduler is not None and not kiosk.scheduler.inbox.empty()
        if now < self._next_check and not self._scheduler_busy and not waits:
            return False
        self._next_check = now + PACE
        self._scheduler_busy = kiosk.scheduler is not None and kiosk.scheduler.step(0)
        self.observer.check(kiosk)
        kiosk.pins.button.check()
        self.observer.check_live(kiosk)
        if kiosk.pins.light is not None:
            kiosk.pins.light.set(brightness(kiosk.session.snapshot(), now))
        if self.can_store and not self._scheduler_busy:
            # The end of a session may wait behind its last repetition.
            self.observer.check_store(kiosk)
        for page in self.live_pages:
            page.take()
        return self._scheduler_busy

    def _run_jobs(self) -> bool:
        """Run the jobs that wait; `close` lets `run` return after them."""
        jobs = self.kiosk.jobs
        if jobs._jobs.empty():
            return False
        jobs.close()
        jobs.run()
        return True

    @property
    def can_store(self) -> bool:
        """Whether the kiosk has a store, and there is room on the disk."""
        return self.kiosk.data is not None and not self.disk.is_full

    def plan(self) -> tuple[PlanEntry, ...]:
        """The entries of the plan; none where the kiosk has no store."""
        return self.kiosk.data.store.plan.entries() if self.kiosk.data else ()

    # --- faults

    def fault(self, name: str) -> None:
        """Count a fault that lasts from now on."""
        self._faults[name] += 1

    def fault_ends(self, name: str) -> None:
        """End a fault; the same part may still have another."""
        self._faults[name] -= 1
        self._faultless_since = self.clock.now()
        self.later(RECOVERS_WITHIN, self.check_no_faults)

    def check_no_faults(self) -> None:
        """Raise BrokenRuleError where the kiosk reports a fault long after the last one."""
        if not self.is_faultless_for(RECOVERS_WITHIN):
            return
        self.observer.counts["seen without faults"] += 1
        faults = self.kiosk.session.snapshot().faults
        if faults:
            raise BrokenRuleError(f"nothing is wrong, and still there is {set(faults)}")

    def is_faultless_for(self, seconds: float) -> bool:
        """Whether nothing was wrong for so long."""
        long_enough = self.clock.now() - self._faultless_since >= seconds - 0.1
        clock_right = not self.clock_error and self.wall.trusted()
        return self.can_store and not +self._faults and clock_right and long_enough

    @property
    def at_rest(self) -> bool:
        """Whether no session goes on."""
        return self.observer.state in AT_REST

    # --- actions

    def do(self, action: Callable[["SoakKiosk", Random], None], random: Random) -> None:
        """Carry out `action`, and note it."""
        self.observer.counts[action.__name__] += 1
        self.observer.note(action.__name__)
        action(self, random)

    def press(self, seconds: float = 0.15) -> None:
        """Press the button for so long."""
        self._touch(down=True)
        self.later(seconds, lambda: self._touch(down=False), in_this_run=True)

    def _touch(self, *, down: bool) -> None:
        self.observer.note("the button goes " + ("down" if down else "up"))
        button = self.kiosk.pins.simulated_button
        assert button is not None
        (button._pin.drive_low if down else button._pin.drive_high)()

    def open_live_page(self) -> None:
        self.live_pages.append(LivePage(self.caregiver.port))

    def close_live_pages(self) -> None:
        for page in self.live_pages:
            page.close()
        self.live_pages.clear()

    def _on_sound(self, pcm: bytes) -> None:
        player = self.kiosk.controller.player
        self.observer.on_sound(pcm, player.position(), player.volume)
