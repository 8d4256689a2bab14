"""A kiosk with real programs behind the pages, and a form that is filled in as it was shown."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from kiosk.levels.service import LevelService
from kiosk.schedule.snapshot import Snapshots
from tests.fakes.wall_clock import FakeWallClock
from tests.programs.kit import NOW, Programs
from tests.web.kit import Browser, FakeApi


class House(Programs):
    """A browser, signed in, before a kiosk with one shipped program, `shipped`."""

    def __init__(self, folder, engine=None):
        super().__init__(folder, engine)
        snapshots = Snapshots(
            *(self.store, self.files, FakeWallClock(NOW), SimpleNamespace(current=self.settings)),
            *(lambda _settings: ZoneInfo("UTC"), lambda: False),
        )
        levels = LevelService(snapshots.take, lambda _: None)
        api = FakeApi(programs=self.service, levels=levels, snapshots=snapshots)
        self.browser = Browser(api).sign_in()

    def form(self, path=None):
        """What the browser would send of the form at `path`, or of the one it has before it."""
        return shown_form(self.browser.read(path) if path else self.browser.page)

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
