"""A store in memory with a history, and the services that read it, at a time that stands still."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending, ExerciseDone, SessionRecord, Spot
from kiosk.levels.service import LevelService
from kiosk.programs.files import ProgramLibrary, ProgramSource, shipped_folder
from kiosk.schedule.ledger import done
from kiosk.schedule.model import EVERY_DAY, LedgerRow, Occurrence, OccurrenceState, PlanEntry
from kiosk.schedule.occurrences import moment_of
from kiosk.schedule.snapshot import ScheduleSnapshot, Snapshots
from kiosk.settings.service import SettingsService
from kiosk.settings.sources import LayeredSettings
from kiosk.store.store import Store
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock

OSLO = ZoneInfo("Europe/Oslo")

NOON = datetime(2026, 3, 27, 11, tzinfo=UTC)
"""Twelve o'clock in Oslo on a Friday."""

FRIDAY = date(2026, 3, 27)

HOUR = timedelta(hours=1)

AT_THE_END = Spot(340_000)


@dataclass
class Past:
    """Plan, sessions and ledger of a kiosk in Oslo; `options` are those of the command."""

    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FakeWallClock = field(default_factory=lambda: FakeWallClock(NOON))
    options: Mapping[str, object] = field(default_factory=dict)
    runs: bool = False
    """Whether a session without an end goes on."""

    programs: ProgramSource = field(default_factory=lambda: ProgramLibrary([shipped_folder()]))

    def __post_init__(self) -> None:
        layers = LayeredSettings.read(Path("no kiosk.toml"), {}, self.options)
        self.settings = SettingsService(layers, self.store, self.clock.utc)

    @property
    def snapshots(self) -> Snapshots:
        return Snapshots(
            *(self.store, self.programs, self.clock, self.settings),
            *(lambda _settings: OSLO, lambda: self.runs),
        )

    def snapshot(self) -> ScheduleSnapshot:
        return self.snapshots.take()

    def levels(self, go_by_default: Callable[[str], object] | None = None) -> LevelService:
        return LevelService(self.snapshot, go_by_default or self.go_by_default)

    def go_by_default(self, program: str) -> None:
        """As the running kiosk does."""
        self.settings.change({"default_program": program})

    def planned(
        self,
        program: str = "low-back-start",
        *times: str,
        starts: date = date(2026, 3, 23),
        weeks: int | None = None,
    ) -> PlanEntry:
        """Put an entry for every day into the plan, at midnight of the day it starts."""
        walls = tuple(time.fromisoformat(wall) for wall in times or ("08:00",))
        entry = PlanEntry(0, program, EVERY_DAY, walls, starts, weeks)
        since = moment_of(starts, time(0), OSLO)
        assert since is not None
        return self.store.plan.add(entry, Actor.PAGE, since)

    def did(self, program: str = "low-back-start", **session: Any) -> int:
        return record_session(self.store, self.clock.utc(), program, **session)

    def became(
        self,
        entry: PlanEntry,
        day: date,
        *states: OccurrenceState,
        session: int | None = None,
    ) -> None:
        """Keep what became of the occurrences of a day, in their order."""
        self.store.ledger.write(
            [
                ledger_row(day, wall, state, entry=entry.id, program=entry.program, session=session)
                for wall, state in zip(entry.times, states, strict=False)
            ],
            self.clock.utc(),
        )


def record_session(
    store: Store,
    now: datetime,
    program: str = "low-back-start",
    *,
    ago: timedelta = timedelta(0),
    ending: Ending | None = Ending.COMPLETED,
    spot: Spot = AT_THE_END,
    effort: Effort | None = None,
    exercises: tuple[ExerciseDone, ...] = (),
    entry: int | None = None,
    dose: str = "",
) -> int:
    """Store a session of six minutes that ended, or was cut off, `ago` before `now`; its id."""
    ended = now - ago
    began = ended - timedelta(minutes=6)
    record = SessionRecord(
        *(0, program, 1, began, began.astimezone(OSLO).date()),
        *(ended if ending else None, ending, None if ending is Ending.COMPLETED else spot),
        *(effort, exercises, entry, dose),
    )
    return store.sessions.begin(record)


def ledger_row(
    day: date,
    wall: time,
    state: OccurrenceState,
    *,
    entry: int = 1,
    program: str = "low-back-start",
    session: int | None = None,
) -> LedgerRow:
    """The row of the occurrence on `day` at `wall`, called out as often as it ever is."""
    due = moment_of(day, wall, OSLO)
    assert due is not None
    row = LedgerRow(Occurrence(entry, program, day, wall, due), state, reminders=3)
    return done(row, session) if state is OccurrenceState.DONE else row
