"""A kiosk on a bench: real controller, player, preparer; the clock, speaker and voice jump.

Nothing runs by itself: `run_for` and `run_until` let time pass, piece by piece, on one thread.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.audio.player import Player
from kiosk.errors import UnknownProgramError
from kiosk.history.audit import Actor
from kiosk.programs.model import Program
from kiosk.schedule.model import EVERY_DAY, PlanEntry
from kiosk.schedule.occurrences import Rules
from kiosk.schedule.scheduler import Scheduler
from kiosk.session.controller import Controller
from kiosk.session.events import ButtonEdge, Shutdown
from kiosk.session.service import SessionService
from kiosk.session.snapshot import Fault, Snapshot, State
from kiosk.settings.model import Settings
from kiosk.speech.model import PreparedSpeech, Progress, Voice
from kiosk.speech.preparer import SessionPreparer
from kiosk.system.jobs import Job
from kiosk.timeline.render import ClipBank
from kiosk.timeline.timeline import Speech
from kiosk.units import SAMPLE_RATE
from tests.builders import ENGLISH, a_program, an_exercise, phase, ten_ms_a_letter
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock

MORNING = datetime(2026, 11, 2, 6, 59, tzinfo=UTC)  # a Monday, 07:59 in Oslo
PROGRAM = a_program(an_exercise(reps=3, phases=(phase("lift", 2000), phase("hold", 3000))))

FIRST_MARK = 20_000
"""The first frame of each clip tells which clip it is; nothing else is as loud."""


class MarkedVoice:
    """Renders each text as 10 ms a letter, recognisable by its first frame."""

    def __init__(self, missing: Callable[[str], bool] = lambda _text: False) -> None:
        self.texts: list[str] = []
        self.calls = 0
        self.asked_by: list[tuple[Voice, bool]] = []
        """(voice, patient) of each call."""

        self._missing = missing
        self.broken = False

    def prepare(
        self,
        texts: Iterable[str],
        voice: Voice,
        progress: Progress | None = None,
        *,
        patient: bool = False,
    ) -> PreparedSpeech:
        self.calls += 1
        self.asked_by.append((voice, patient))
        wanted = tuple(texts)
        clips = {}
        for done, text in enumerate(wanted, start=1):
            if not self.broken and not self._missing(text):
                clips[text] = self._clip(text)
            if progress is not None:
                progress(done, len(wanted))
        problems = () if len(clips) == len(set(wanted)) else ("The voice is broken: mend it.",)
        return PreparedSpeech(ClipBank(clips), problems)

    def close(self) -> None:
        """Nothing runs."""

    def _clip(self, text: str) -> bytes:
        if text not in self.texts:
            self.texts.append(text)
        frames = ten_ms_a_letter(Speech(text)) * SAMPLE_RATE // 1000
        mark = FIRST_MARK + self.texts.index(text)
        return array("h", [mark] + [1] * (frames - 1)).tobytes()


class Shelf:
    """The programs of the test."""

    def __init__(self, *programs: Program) -> None:
        self._programs = {program.id: program for program in programs}

    def load(self, program_id: str) -> Program:
        if program_id not in self._programs:
            raise UnknownProgramError("program.unknown", program=program_id)
        return self._programs[program_id]

    def ids(self) -> Mapping[str, Path]:
        return {program_id: Path(program_id) for program_id in self._programs}


class WaitingJobs:
    """Does its jobs when the bench lets time pass, unless it is to wait."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.waiting = False

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def do_one(self) -> bool:
        if self.waiting or not self.jobs:
            return False
        self.jobs.pop(0)()
        return True


class StoredState:
    """What outlives a power cut: the store, and the wall clock, which runs with the bench."""

    def __init__(self, start: datetime, zone: str = "Europe/Oslo", rules: Rules | None = None):
        self.store = MemoryStore()
        self.zone = ZoneInfo(zone)
        self.rules = rules or Rules()
        self.clock = FakeClock()
        self.wall = FakeWallClock(start, clock=self.clock)

    def start_scheduler(self, bench: "Bench") -> Scheduler:
        scheduler = Scheduler(self.store, self.wall, self.zone, self.rules, bench.controller.post)
        bench.controller.report_to(scheduler)
        scheduler.check()
        return scheduler

    def plan(self, program: str, *times: str, days=EVERY_DAY, weeks=None) -> PlanEntry:
        now = self.wall.utc()
        entry = PlanEntry(
            id=0,
            program=program,
            days=frozenset(days),
            times=tuple(time.fromisoformat(text) for text in times),
            starts=now.astimezone(self.zone).date(),
            weeks=weeks,
        )
        return self.store.plan.add(entry, Actor.COMMAND, now)

    def ledger(self) -> list[tuple[str, str]]:
        """(local due time, state) of each row of the ledger."""
        rows = self.store.ledger.between(date.min, date.max)
        return [(f"{row.occurrence.due:%a %H:%M}", row.state.value) for row in rows]


def stored_state(*times: str, program: str = PROGRAM.id, start: datetime = MORNING) -> StoredState:
    """With `program` in its plan for every day, at `times`."""
    stored = StoredState(start)
    if times:
        stored.plan(program, *times)
    return stored


class Bench:
    """One kiosk, its button, and what was heard of it."""

    def __init__(
        self,
        *programs: Program,
        voice: MarkedVoice | None = None,
        clock: FakeClock | None = None,
        speaker: FakeSpeaker | None = None,
        settings: Settings | None = None,
        stored: "StoredState | None" = None,
    ) -> None:
        shelf = programs or (a_program(),)
        self.settings = settings or Settings(default_program=shelf[0].id, volume=100, lead_in_ms=0)
        self.in_force = self.settings
        self.clock = clock or (stored.clock if stored else FakeClock())
        self.speaker = speaker or FakeSpeaker(self.clock)
        self.voice = voice or MarkedVoice()
        self.jobs = WaitingJobs()
        self.preparer = SessionPreparer(Shelf(*shelf), self.voice, ENGLISH, lambda: self.in_force)
        self.preparer.prepare_notices()
        self.controller = Controller(
            self.settings, self.clock, self.preparer, self.jobs, self._player
        )
        self.session = SessionService(self.controller.post, self.controller.feed, self.clock)
        self.scheduler = stored.start_scheduler(self) if stored else None
        self.snapshots: list[Snapshot] = []
        self._began = self.clock.now()
        self._checks_at = 0.0
        self._subscription = self.session.subscribe()
        self._collect_snapshots()

    def _player(self, post) -> Player:
        settings = self.settings
        return Player(
            self.speaker, self.clock, post, volume=settings.volume, lead_in=settings.lead_in_ms
        )

    # --- letting time pass

    def run_for(self, seconds: float) -> None:
        end = self.clock.now() + seconds
        while self.clock.now() < end - 1e-9:
            self._go_on(end)
        self.settle()

    def run_until(self, reached: Callable[[Snapshot], bool], within: float = 3600) -> None:
        end = self.clock.now() + within
        while not reached(self.session.snapshot()):
            assert self.clock.now() < end, f"not within {within} s: {self.session.snapshot()}"
            self._go_on(end)
        self._collect_snapshots()

    def run_to_state(self, state: State) -> None:
        self.run_until(lambda snapshot: snapshot.state is state)

    def settle(self) -> None:
        """Do everything that takes no time."""
        while self.controller.pump() | self._run_scheduler() | self.jobs.do_one():
            self._collect_snapshots()
        self._collect_snapshots()

    def _run_scheduler(self) -> bool:
        """Have the scheduler do what is in its inbox and, once a second, look at its clock."""
        now = self.clock.now()
        if self.scheduler is None or (now < self._checks_at and self.scheduler.inbox.empty()):
            return False
        self._checks_at = now + 1.0
        return self.scheduler.step(0)

    def _go_on(self, end: float) -> None:
        self.settle()
        if self.controller.player.step():
            return
        deadline = self.controller.next_deadline()
        wake = min(end, self.clock.now() + 0.1, deadline if deadline is not None else end)
        self.clock.advance(max(wake - self.clock.now(), 0.001))

    def _collect_snapshots(self) -> None:
        while (snapshot := self._subscription.next(timeout=0)) is not None:
            self.snapshots.append(snapshot)

    # --- the button

    def down(self) -> None:
        self.controller.post(ButtonEdge(True, self.clock.now()))
        self.settle()

    def up(self) -> None:
        self.controller.post(ButtonEdge(False, self.clock.now()))
        self.settle()

    def press(self, seconds: float = 0.1) -> None:
        self.down()
        self.run_for(seconds)
        self.up()

    def press_and_listen(self, seconds: float) -> list[str]:
        """Press, and the texts heard from then on until `seconds` after."""
        pressed = self.now_ms()
        self.press()
        self.run_for(seconds)
        return self.texts(pressed)

    def begin(self) -> None:
        """Press until a session runs."""
        self.press()
        self.run_to_state(State.RUNNING)

    def do_session(self) -> None:
        self.press()
        self.run_to_state(State.ASKING)
        self.run_to_state(State.FINISHED)

    def end(self) -> None:
        self.controller.post(Shutdown())
        self.settle()

    # --- what there is to see and hear

    @property
    def state(self) -> State:
        return self.session.snapshot().state

    @property
    def faults(self) -> frozenset[Fault]:
        return self.session.snapshot().faults

    def now_ms(self) -> int:
        """Milliseconds since the bench was made."""
        return round((self.clock.now() - self._began) * 1000)

    def heard(self, since_ms: int = 0) -> list[tuple[int, str]]:
        """(ms, text) of every clip whose beginning was written to the speaker since `since_ms`."""
        found = []
        for at, pcm in self.speaker.writes:
            begins = (at - self._began) * 1000
            for n, sample in enumerate(array("h", pcm)):
                if sample >= FIRST_MARK:
                    text = self.voice.texts[sample - FIRST_MARK]
                    found.append((round(begins + n * 1000 / SAMPLE_RATE), text))
        return [(at - since_ms, text) for at, text in found if at >= since_ms]

    def texts(self, since_ms: int = 0) -> list[str]:
        return [text for _, text in self.heard(since_ms)]

    def states(self) -> list[str]:
        """The states in the order in which they were entered."""
        seen = [snapshot.state.value for snapshot in self.snapshots]
        return [s for n, s in enumerate(seen) if n == 0 or s != seen[n - 1]]
