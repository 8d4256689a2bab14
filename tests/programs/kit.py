"""Programs for tests: one shipped (`shipped`), a folder for own ones, and a service around both."""

import tomllib
from datetime import UTC, date, datetime, time

from kiosk.history.audit import Actor
from kiosk.levels.doses import Dose
from kiosk.programs.files import ProgramFiles
from kiosk.programs.service import ProgramService
from kiosk.schedule.model import EVERY_DAY, PlanEntry
from kiosk.settings.model import Settings
from kiosk.speech.cache import ClipCache
from kiosk.speech.preparer import SessionPreparer
from kiosk.speech.source import ClipSource
from tests.builders import ENGLISH
from tests.fakes.speech import FakeEngine
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.programs.files import GOOD, changed

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)

SHIPPED = changed('id = "two-exercises"', 'id = "shipped"')


def a_document(**keys):
    """The content of the good file, with other `keys`."""
    return tomllib.loads(GOOD) | keys


class Programs:
    """The service of programs, with a real store on memory and a voice that hums."""

    def __init__(self, folder, engine=None):
        self.own = folder / "own"
        shipped = folder / "shipped"
        shipped.mkdir()
        (shipped / "shipped.toml").write_text(SHIPPED)
        self.files = ProgramFiles(shipped, self.own)
        self.store = MemoryStore()
        self.settings = Settings(default_program="shipped")
        clips = ClipCache(folder / "clips")
        speech = ClipSource(engine or FakeEngine(per_character=5), clips)
        self.preparer = SessionPreparer(self.files, speech, ENGLISH, lambda: self.settings)
        self.previewed = []
        self.service = ProgramService(
            self.files, self.store, FakeWallClock(NOW), lambda: self.settings, self.make
        )

    def make(self, program):
        self.previewed.append(program)
        return self.preparer.preview(program)

    def save(self, text=GOOD, **keys):
        """Save the program that `text` holds, with other `keys`, as one of the household's."""
        document = self.files.parse(text) | keys
        return self.service.save(document, self.files.version(document["id"]))

    def plan(self, program):
        entry = PlanEntry(0, program, EVERY_DAY, (time(9),), date(2026, 10, 5), None)
        return self.store.plan.add(entry, Actor.COMMAND, NOW)

    def dose(self, program, exercise, **values):
        self.store.doses.set(Dose(program, exercise, **values), Actor.COMMAND, NOW)
