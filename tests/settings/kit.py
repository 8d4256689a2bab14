"""The settings of a kiosk, with what is offered for them, on layers that a test gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.errors import SpeechError
from kiosk.programs.files import ProgramLibrary, shipped_folder
from kiosk.settings.choices import SettingChoices
from kiosk.settings.model import Settings
from kiosk.settings.service import SettingsService
from kiosk.settings.sources import LayeredSettings
from kiosk.speech.cache import ClipCache
from kiosk.speech.model import Known
from kiosk.speech.preparer import SessionPreparer
from kiosk.speech.source import ClipSource
from tests.builders import ENGLISH
from tests.fakes.choices import CARDS, VOICES, ZONES
from tests.fakes.speech import FakeEngine
from tests.fakes.store import MemoryStore
from tests.schedule.past import NOON

NOTHING: Mapping[str, str] = {}


def load_settings(
    state_dir: Path,
    environ: Mapping[str, str] = NOTHING,
    options: Mapping[str, object] = NOTHING,
    kept: Mapping[str, str] = NOTHING,
) -> Settings:
    """What all these places together come to. Raises SettingsError."""
    return LayeredSettings.read(state_dir, environ, options).load(kept)


@dataclass
class SettingsBench:
    """`state` is a folder for kiosk.toml and programs; a start again gives the same `store`."""

    state: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    store: MemoryStore = field(default_factory=MemoryStore)
    engine: FakeEngine = field(default_factory=FakeEngine)
    no_engine: str = ""
    in_force: list[Settings] = field(default_factory=list)
    """The settings that came in force, in order, as a listener is called with them."""

    def __post_init__(self) -> None:
        layers = LayeredSettings.read(self.state, self.environ, self.options)
        self.service = SettingsService(layers, self.store, lambda: NOON)
        programs = ProgramLibrary([shipped_folder(), self.state / "programs"])
        speech = ClipSource(self.engine, ClipCache(self.state / "clips"))
        preparer = SessionPreparer(programs, speech, ENGLISH, lambda: self.service.current)
        self.choices = SettingChoices(programs, preparer, self.voices, lambda: CARDS, lambda: ZONES)
        self.service.add_checks(self.choices.checks)
        self.service.subscribe(self.in_force.append)

    def voices(self) -> tuple[Known, ...]:
        if self.no_engine:
            raise SpeechError(self.no_engine)
        return VOICES
