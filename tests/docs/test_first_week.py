"""The first week goes as the tutorial tells it."""

import re
import shlex
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from kiosk.history.model import Ending, Spot
from kiosk.schedule.model import OccurrenceState
from tests.cli.kit import OSLO, Kiosk
from tests.docs.pages import ROOT, section, text
from tests.schedule.past import ledger_row

PAGE = ROOT / "docs" / "tutorial" / "the-first-week.md"
SPOT = Spot(210_500, 3, "glute-bridge", 1, None, 5)

MONDAY = date(2027, 1, 4)


def at(day: int, wall: str) -> datetime:
    """A time of the week; 0 is Monday."""
    return datetime.combine(MONDAY, time.fromisoformat(wall), OSLO) + timedelta(days=day)


@pytest.fixture
def kiosk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Kiosk]:
    made = Kiosk(tmp_path / "state", capsys)
    yield made
    made.store.close()


class Week:
    """Lives through the first week, so that a page's commands find what they would."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk

    def session(self, day: int, began: str, planned: str, ending: Ending | None) -> None:
        """A session and what it did for the plan."""
        self.kiosk.clock.set(at(day, began) + timedelta(minutes=6))
        done = self.kiosk.did(ending=ending, spot=SPOT, entry=1)
        if ending is Ending.COMPLETED:
            what = ledger_row(
                MONDAY + timedelta(days=day),
                time.fromisoformat(planned),
                OccurrenceState.DONE,
                session=done,
            )
            self.kiosk.settle(what, until=self.kiosk.clock.utc())

    def walk(self, day: int) -> None:
        self.kiosk.clock.set(at(day, "11:00"))
        walk = ledger_row(
            MONDAY + timedelta(days=day), time(11), OccurrenceState.DONE, entry=2, program="walk"
        )
        self.kiosk.settle(walk, until=self.kiosk.clock.utc())

    def until(self, heading: str) -> None:
        """Whatever happens before the part of the page under `heading`."""
        completed = Ending.COMPLETED
        match heading.partition(":")[0]:
            case "Monday":
                self.kiosk.clock.set(at(0, "07:30"))
            case "Have I done it today?":
                self.session(0, "08:01", "08:00", completed)
                self.walk(0)
                self.kiosk.clock.set(at(0, "12:00"))
            case "Wednesday":
                self.session(0, "13:00", "13:00", completed)
                self.session(1, "08:00", "08:00", completed)
                self.session(1, "18:30", "18:30", completed)
                self.session(2, "08:02", "08:00", completed)
                self.session(2, "13:04", "13:00", Ending.INTERRUPTED)
                self.session(2, "18:31", "18:30", completed)
                self.kiosk.clock.set(at(2, "20:00"))
            case "Thursday":
                self.session(3, "08:50", "08:00", completed)
                self.kiosk.clock.set(at(3, "21:00"))
            case "Saturday":
                self.session(4, "08:31", "08:30", completed)
                self.kiosk.clock.set(at(5, "10:00"))


def parts(page: Path) -> dict[str, str]:
    """What stands under each heading of the second level."""
    heads = re.findall(r"^## (.+)$", text(page), re.MULTILINE)
    return {head: section(page, f"## {head}") for head in heads}


def test_the_first_week_goes_as_the_tutorial_tells_it(kiosk: Kiosk):
    week = Week(kiosk)
    told = []
    for heading, part in parts(PAGE).items():
        week.until(heading)
        shown = re.findall(r"```sh\nkiosk ([^\n]+)\n```\n\n```text\n(.*?)```", part, re.DOTALL)
        for command, output in shown:
            assert kiosk(*shlex.split(command)) == (0, output, ""), command
            told.append(command.split()[0])
    assert told == ["plan", "plan", "status", "history", "plan", "level", "level", "plan"]
