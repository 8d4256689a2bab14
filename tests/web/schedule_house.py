"""A kiosk whose plan, programs and doses are real, and a caregiver at its page Schedule."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.levels.service import LevelService
from kiosk.programs.files import ProgramFiles, shipped_folder
from kiosk.programs.model import Program
from kiosk.programs.service import ProgramService
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState
from kiosk.schedule.service import ScheduleService
from kiosk.schedule.view import View
from kiosk.settings.model import Settings
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.web.kit import Browser, FakeApi

OSLO = ZoneInfo("Europe/Oslo")

NOON = datetime(2026, 3, 27, 11, tzinfo=UTC)
"""Twelve o'clock in Oslo on a Friday."""

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

BACK = {
    "program": "low-back-start",
    "days": EVERY_DAY,
    "times": ["08:00", "18:30", ""],
    "starts": "2026-03-27",
    "weeks": "",
}


class House:
    """A kiosk whose plan, programs and doses are real, and a caregiver's browser."""

    def __init__(self, own_programs: Path) -> None:
        self.own_programs = own_programs
        self.store = MemoryStore()
        self.clock = FakeWallClock(NOON)
        self.shelf = ProgramFiles(shipped_folder(), own_programs)
        self.plan = ScheduleService(self.look)
        self.api = FakeApi(
            schedule=self.plan,
            programs=ProgramService(self.shelf, self.store, self.clock, Settings, nothing_to_hear),
            levels=LevelService(self.look, lambda _default: None),
        )
        self.browser = Browser(self.api).sign_in()

    def look(self) -> View:
        return View(
            store=self.store,
            programs=self.shelf,
            zone=OSLO,
            now=self.clock.utc(),
            trusted=self.clock.trusted(),
            settings=Settings(),
            under_way=lambda: False,
        )

    def planned(self, **changes: Any) -> int:
        """Put an entry into the plan as another caregiver would; its number."""
        texts = {**BACK, "days": "daily", "times": "08:00,18:30", **changes}
        return self.plan.add(self.plan.check(texts)).entry.id

    def became(self, day: date, states: Sequence[tuple[int, OccurrenceState]]) -> None:
        """Keep what became of the first entry's occurrences of a day, by their hours."""
        rows = []
        for hour, state in states:
            due = datetime.combine(day, time(hour), OSLO)
            occurrence = Occurrence(1, "low-back-start", day, time(hour), due)
            rows.append(LedgerRow(occurrence, state))
        self.store.ledger.write(rows, self.clock.utc())

    def send(self, path: str, fields: Any, do: str = "save", *, follow: bool = True) -> Any:
        """Fill in the form at `path` and press a button."""
        self.browser.read(path)
        return self.browser.post(path, {**fields, "do": do}, follow=follow)

    def press(self, action: str) -> Any:
        """Press the button of the last page that posts to `action`, with what its form hides."""
        form = re.search(
            rf'<form method="post" action="{action}">(.*?)</form>', self.page, re.DOTALL
        )
        assert form is not None, (action, self.page)
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1])
        return self.browser.post(action, dict(hidden))

    @property
    def page(self) -> str:
        return self.browser.page

    @property
    def text(self) -> str:
        return self.browser.text()

    def version(self) -> str:
        """What the form of the last page knows of the entry."""
        return self._found(r'name="version" value="(-?[0-9]+)"')

    def typed(self, name: str) -> str:
        """What stands in a field of one line."""
        return unescape(self._found(rf'<input id="{name}"[^>]* value="([^"]*)"'))

    def times(self) -> list[str]:
        return re.findall(r'name="times" value="([^"]*)"', self.page)

    def days(self) -> list[str]:
        return re.findall(r'name="days" value="(\w+)" checked', self.page)

    def chosen(self) -> str:
        return self._found(r'<option value="([^"]*)" selected')

    def problem_of(self, field: str) -> str:
        found = re.search(rf'<p class="problem" id="{field}-problem">(.*?)</p>', self.page)
        return unescape(found[1]) if found else ""

    def week(self) -> list[str]:
        """What the week shows, day by day."""
        week = self.page.partition('<ol class="week">')[2].partition("</ol>")[0]
        days = week.split("<h3>")[1:]
        return [" ".join(unescape(re.sub(r"<[^>]+>", " ", day)).split()) for day in days]

    def coming(self) -> list[str]:
        """What the preview lists."""
        return re.findall(r'<li class="sentence">(.*?)</li>', self.page)

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.page)
        assert found is not None, (pattern, self.page)
        return found[1]


def nothing_to_hear(_program: Program) -> Any:
    raise AssertionError("Nobody listens here.")
