"""The page Schedule before a kiosk whose plan, programs and doses are real, in a browser."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from html import unescape
from pathlib import Path
from typing import Any

from kiosk.programs.files import ProgramFiles, shipped_folder
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState, PlanEntry
from kiosk.schedule.service import ScheduleService, checked_entry
from tests.schedule.past import OSLO, Past
from tests.web.kit import Browser, FakeApi

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

BACK = {
    "program": "low-back-start",
    "days": EVERY_DAY,
    "times": ["08:00", "18:30", ""],
    "starts": "2026-03-27",
    "weeks": "",
}


class SchedulePage:
    """The page as a caregiver sees it."""

    def __init__(self, own_programs: Path) -> None:
        self.own_programs = own_programs
        self.past = Past(programs=ProgramFiles(shipped_folder(), own_programs))
        self.store, self.clock = self.past.store, self.past.clock
        self.service = ScheduleService(self.past.snapshots)
        self.api = FakeApi(
            snapshots=self.past.snapshots, schedule=self.service, levels=self.past.levels()
        )
        self.browser = Browser(self.api).sign_in()

    @property
    def plan(self) -> tuple[PlanEntry, ...]:
        return self.store.plan.entries()

    def planned(self, **changes: Any) -> int:
        """Put an entry into the plan as another caregiver would; its number."""
        texts = {**BACK, "days": "daily", "times": "08:00,18:30", **changes}
        return self.service.add(checked_entry(self.past.snapshot(), texts)).entry.id

    def changed(self, **changes: Any) -> None:
        """Change the first entry as another caregiver would."""
        before = self.plan[0]
        self.service.change(replace(before, **changes), before)

    def became(self, day: date, states: Sequence[tuple[int, OccurrenceState]]) -> None:
        """Store the states of the first entry's occurrences of a day, by their hours."""
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
            rf'<form method="post" action="{action}">(.*?)</form>', self.html, re.DOTALL
        )
        assert form is not None, (action, self.html)
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1])
        return self.browser.post(action, dict(hidden))

    @property
    def html(self) -> str:
        return self.browser.page

    @property
    def text(self) -> str:
        return self.browser.text()

    def version(self) -> str:
        """The version in the form of the last page."""
        return self._found(r'name="version" value="(-?[0-9]+)"')

    def typed(self, name: str) -> str:
        """The text in a field of one line."""
        return unescape(self._found(rf'<input id="{name}"[^>]* value="([^"]*)"'))

    def times(self) -> list[str]:
        return re.findall(r'name="times" value="([^"]*)"', self.html)

    def days(self) -> list[str]:
        return re.findall(r'name="days" value="(\w+)" checked', self.html)

    def chosen(self) -> str:
        return self._found(r'<option value="([^"]*)" selected')

    def problem_of(self, field: str) -> str:
        found = re.search(rf'<p class="problem" id="{field}-problem">(.*?)</p>', self.html)
        return unescape(found[1]) if found else ""

    def week(self) -> list[str]:
        """The texts of the week, day by day."""
        week = self.html.partition('<ol class="week">')[2].partition("</ol>")[0]
        days = week.split("<h3>")[1:]
        return [" ".join(unescape(re.sub(r"<[^>]+>", " ", day)).split()) for day in days]

    def coming(self) -> list[str]:
        """The occurrences in the preview."""
        return re.findall(r'<li class="sentence">(.*?)</li>', self.html)

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.html)
        assert found is not None, (pattern, self.html)
        return found[1]
