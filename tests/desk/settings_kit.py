"""The settings' desk, in a house that a test furnishes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kiosk.adapters.program_files.library import ProgramLibrary, shipped_folder
from kiosk.adapters.settings.layers import LayeredSettings
from kiosk.adapters.speech.cache import ClipCache
from kiosk.adapters.speech.source import CachedSpeech
from kiosk.conductor.sound.studio import Studio
from kiosk.desk.settings import SettingsKeeper
from kiosk.model.settings import Settings
from tests.builders import ENGLISH
from tests.fakes.choices import FakeChoices
from tests.fakes.speech import FakeEngine
from tests.fakes.store import FakeStore
from tests.fakes.wall_clock import FakeWallClock

NOON = datetime(2026, 3, 27, 11, tzinfo=UTC)


@dataclass
class House:
    """A desk, and all that it needs; `state` is a folder for kiosk.toml and programs."""

    state: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    store: FakeStore = field(default_factory=FakeStore)
    choices: FakeChoices = field(default_factory=FakeChoices)
    engine: FakeEngine = field(default_factory=FakeEngine)
    applied: list[Settings] = field(default_factory=list)
    """What the kiosk was told to go by, in order."""

    def __post_init__(self) -> None:
        source = LayeredSettings.read(self.state, self.environ, self.options)
        programs = ProgramLibrary([shipped_folder(), self.state / "programs"])
        speech = CachedSpeech(self.engine, ClipCache(self.state / "clips"))
        studio = Studio(programs, speech, ENGLISH, source.load({}))
        self.desk = SettingsKeeper(
            source,
            self.store,
            FakeWallClock(NOON),
            programs,
            self.choices,
            studio,
            self.applied.append,
        )
