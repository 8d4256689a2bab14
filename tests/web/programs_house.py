"""A kiosk with real programs behind the pages, and a form that is filled in as it was shown."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from kiosk.history.audit import Actor
from kiosk.levels.doses import Dose
from kiosk.levels.service import LevelService
from kiosk.programs.files import ProgramFiles
from kiosk.programs.service import ProgramService
from kiosk.schedule.view import View
from kiosk.settings.model import Settings
from kiosk.speech.cache import ClipCache
from kiosk.speech.preparer import SessionPreparer
from kiosk.speech.source import ClipSource
from tests.builders import ENGLISH
from tests.fakes.speech import FakeEngine
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.programs.files import changed
from tests.web.kit import Browser, FakeApi

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)

SHIPPED = changed('id = "two-exercises"', 'id = "shipped"')


class House:
    """A browser, signed in, before a kiosk with one shipped program, `shipped`."""

    def __init__(self, folder, engine=None):
        self.own = folder / "own"
        shipped = folder / "shipped"
        shipped.mkdir()
        (shipped / "shipped.toml").write_text(SHIPPED)
        self.shelf = ProgramFiles(shipped, self.own)
        self.store = MemoryStore()
        settings = Settings(default_program="shipped")
        clips = ClipCache(folder / "clips")
        speech = ClipSource(engine or FakeEngine(per_character=5), clips)
        preparer = SessionPreparer(self.shelf, speech, ENGLISH, settings)
        self.programs = ProgramService(
            self.shelf, self.store, FakeWallClock(NOW), lambda: settings, preparer.preview
        )
        zone = ZoneInfo("UTC")

        def look():
            return View(self.store, self.shelf, zone, NOW, True, settings, lambda: False)

        self.api = FakeApi(programs=self.programs, levels=LevelService(look, lambda _: None))
        self.browser = Browser(self.api).sign_in()

    def keep(self, text):
        """Have the program that `text` holds among those of the household."""
        document = self.shelf.parse(text)
        return self.shelf.save(document, self.shelf.version(document["id"]))

    def dose(self, program, exercise, **values):
        self.store.doses.set(Dose(program, exercise, **values), Actor.COMMAND, NOW)

    def send(self, path, form, do="save", **changes):
        """Send the form as it was shown, but for `changes` (names with dots and brackets as keys of
        a dictionary given as `fields`).
        """
        fields = {**form, **changes.pop("fields", {}), "do": do, **changes}
        return self.browser.post(path, fields)


@dataclass
class _Inputs(HTMLParser):
    """Reads what a browser would send of the form of that class."""

    found: dict = field(default_factory=dict)
    area: str | None = None
    select: str | None = None
    inside: bool = False

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form":
            self.inside = "program" in (at.get("class") or "").split()
        if not self.inside:
            return
        name, kind = at.get("name"), at.get("type", "text")
        if tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in at):
            self.found.setdefault(name, []).append(at.get("value", ""))
        elif tag == "textarea":
            self.area = name
            self.found[name] = [""]
        elif tag == "select":
            self.select = name
            self.found[name] = [""]
        elif tag == "option" and self.select and "selected" in at:
            self.found[self.select] = [at.get("value", "")]

    def handle_data(self, data):
        if self.area:
            self.found[self.area][0] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.inside = False


def shown_form(page):
    """What the browser would send of the program's form on `page`, apart from its button."""
    inputs = _Inputs()
    inputs.feed(page)
    inputs.found.pop("csrf_token", None)
    return inputs.found


def buttons(page):
    """What the buttons of the program's form stand for."""
    return re.findall(r'name="do" value="([^"]+)"', page)


def problems_at(page):
    """The sentences at fields, by the fields' names."""
    found = re.findall(r'<p class="problem" id="([^"]+)-problem">(.*?)</p>', page, re.DOTALL)
    return {name: sentence.replace("&#39;", "'") for name, sentence in found}


def summary(page):
    """Where the lines of the summary at the top lead."""
    box = re.search(r'id="problems">(.*?)</div>', page, re.DOTALL)
    return re.findall(r'<a href="#([^"]+)">', box[1]) if box else []
