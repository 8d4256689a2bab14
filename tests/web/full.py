"""A kiosk with every room furnished: the real desks over a store in memory, with some past."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending, SessionRecord, Spot
from kiosk.levels.doses import Dose
from kiosk.levels.service import LevelService
from kiosk.programs.files import ProgramFiles, shipped_folder
from kiosk.programs.service import ProgramService
from kiosk.schedule.service import ScheduleService, checked_entry
from kiosk.schedule.snapshot import Snapshots
from kiosk.settings.model import Settings
from kiosk.settings.service import SettingsService
from kiosk.settings.sources import LayeredSettings
from kiosk.speech.cache import ClipCache
from kiosk.speech.preparer import SessionPreparer
from kiosk.speech.source import ClipSource
from tests.builders import ENGLISH
from tests.fakes.choices import few_choices
from tests.fakes.speech import FakeEngine
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.programs.files import GOOD
from tests.schedule.past import NOON, OSLO
from tests.web.kit import FakeApi, real_auth

DEFAULT = "low-back-start"
OWN = "two-exercises"
"""A program of the household's own."""

ENTRY = 1
"""Number of the plan's entry."""


@dataclass
class FakeBackups:
    """Hands out a small file, and takes in none but that."""

    restored: int = 0

    @contextmanager
    def make(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "kiosk.db"
            made.write_bytes(b"all that is kept")
            yield made

    def restore(self, upload: Any, name: str) -> None:
        if upload.read() != b"all that is kept":
            raise StoreError(f"{name} is no backup of a kiosk. Nothing was changed.")
        self.restored += 1


@dataclass
class FullApi(FakeApi):
    """All rooms; `state` is the folder for settings and programs."""

    state: Path = Path()
    store: MemoryStore = field(default_factory=MemoryStore)

    def all_that_can_change(self) -> object:
        """Differs after any change that a page could make, other than who is signed in."""
        files = sorted((self.state / "programs").rglob("*"))
        return (
            self.store.change_count(),
            tuple(self.session.wishes),
            self.backups.restored,
            (self.auth.is_set_up(), self.auth.code_state()),
            tuple((file, file.read_bytes()) for file in files if file.is_file()),
        )


def a_full_api(state: Path, *, set_up: bool = True, **rooms: Any) -> FullApi:
    """The kiosk's face with the real desks; `rooms` puts others in place of some."""
    programs_folder = state / "programs"
    programs_folder.mkdir(parents=True, exist_ok=True)
    (programs_folder / f"{OWN}.toml").write_text(GOOD)
    store, clock = MemoryStore(), FakeWallClock(NOON)
    shelf = ProgramFiles(shipped_folder(), programs_folder)
    speech = ClipSource(FakeEngine(per_character=5), ClipCache(state / "clips"))
    settings = SettingsService(LayeredSettings.read(state, {}, {}), store, clock.utc)

    def in_force() -> Settings:
        return settings.current

    preparer = SessionPreparer(shelf, speech, ENGLISH, in_force)
    choices = few_choices(shelf, preparer)
    settings.add_checks(choices.checks)
    snapshots = Snapshots(
        *(store, shelf, clock, settings),
        *(lambda _settings: OSLO, lambda: False),
    )
    levels = LevelService(
        snapshots.take, lambda program: settings.change({"default_program": program})
    )
    programs = ProgramService(shelf, store, clock, in_force, preparer.preview)
    desks = {
        "snapshots": snapshots,
        "schedule": ScheduleService(snapshots),
        "levels": levels,
        "programs": programs,
        "settings": settings,
        "choices": choices,
        "auth": real_auth(store, set_up=set_up),
        "backups": FakeBackups(),
    }
    api = FullApi(**{**desks, **rooms}, state=state, store=store)
    give_it_a_past(snapshots)
    return api


def give_it_a_past(snapshots: Snapshots) -> None:
    """An entry of the plan, some sessions well done, which ask for a step up, and a dose."""
    texts = {"program": DEFAULT, "days": "daily", "times": "08:00,18:30", "starts": "2026-02-02"}
    store = snapshots.store
    entry = checked_entry(snapshots.take(), {**texts, "weeks": "12"})
    assert store.plan.add(entry, Actor.PAGE, snapshots.clock.utc()).id == ENTRY
    for days_ago in range(14, 0, -1):
        began = NOON - timedelta(days=days_ago, hours=4)
        spot = Spot(340_000)
        number = store.sessions.begin(
            SessionRecord(
                id=0,
                program=DEFAULT,
                level=1,
                started=began,
                local_date=began.astimezone(OSLO).date(),
                ended=None,
                ending=None,
                stopped_at=spot,
                effort=None,
                entry=ENTRY,
            )
        )
        store.sessions.end(number, began + timedelta(minutes=6), Ending.COMPLETED, spot, ())
        store.sessions.set_effort(number, Effort.USUAL)
    store.doses.set(Dose(OWN, "bridge", reps=6), Actor.PAGE, NOON)
