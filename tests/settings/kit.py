"""The settings' desk, in a house that a test furnishes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kiosk.programs.files import ProgramLibrary, shipped_folder
from kiosk.settings.model import Settings
from kiosk.settings.service import SettingsService
from kiosk.settings.sources import LayeredSettings
from kiosk.speech.cache import ClipCache
from kiosk.speech.preparer import SessionPreparer
from kiosk.speech.source import ClipSource
from tests.builders import ENGLISH
from tests.fakes.choices import FakeChoices
from tests.fakes.speech import FakeEngine
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock

NOON = datetime(2026, 3, 27, 11, tzinfo=UTC)


@dataclass
class House:
    """A desk, and all that it needs; `state` is a folder for kiosk.toml and programs."""

    state: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    store: MemoryStore = field(default_factory=MemoryStore)
    choices: FakeChoices = field(default_factory=FakeChoices)
    engine: FakeEngine = field(default_factory=FakeEngine)
    applied: list[Settings] = field(default_factory=list)
    """What the kiosk was told to go by, in order."""

    def __post_init__(self) -> None:
        source = LayeredSettings.read(self.state, self.environ, self.options)
        programs = ProgramLibrary([shipped_folder(), self.state / "programs"])
        speech = ClipSource(self.engine, ClipCache(self.state / "clips"))
        preparer = SessionPreparer(programs, speech, ENGLISH, source.load({}))
        self.desk = SettingsService(
            source,
            self.store,
            FakeWallClock(NOON),
            programs,
            self.choices,
            preparer,
            self.applied.append,
        )
