"""What the pages show is what the kiosk takes, prints and draws."""

import re
import shlex
import tomllib
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from kiosk.cli.terminal import picture
from kiosk.history.model import Ending, Spot
from kiosk.schedule.model import OccurrenceState
from kiosk.session.snapshot import Snapshot, State
from tests.cli.kit import OSLO, Kiosk
from tests.docs.pages import PAGES, ROOT, code_blocks, name, section, text
from tests.programs.files import complaints
from tests.schedule.past import ledger_row
from tests.settings.kit import load_settings

HOW_TO = ROOT / "docs" / "how-to" / "write-a-program.md"
FIRST_WEEK = ROOT / "docs" / "tutorial" / "the-first-week.md"
TUTORIAL = ROOT / "docs" / "tutorial" / "first-session.md"

TOML = [pytest.param(block, id=name(page)) for page in PAGES for block in code_blocks(page, "toml")]


@pytest.mark.parametrize("block", TOML)
def test_an_example_in_toml_can_be_used(block, tmp_path):
    if "schema = 1" in block:
        assert complaints(block) == []
    elif re.search(r"^\[", block, re.MULTILINE):
        assert tomllib.loads(block)
    else:
        (tmp_path / "kiosk.toml").write_text(block, encoding="utf-8")
        settings = load_settings(tmp_path, {}, {})
        assert {key: getattr(settings, key) for key in tomllib.loads(block)} == tomllib.loads(block)


def test_the_mistake_in_the_how_to_is_told_as_it_says():
    program = next(block for block in code_blocks(HOW_TO, "toml") if "schema = 1" in block)
    lines = code_blocks(HOW_TO, "text")[1].splitlines()
    said = complaints(program.replace("seconds = 20", "seconds = 40"))
    assert lines == [line.replace("file.toml", "morning-stretch.toml") for line in said]


RUNNING = Snapshot(
    seq=1,
    as_of=0.0,
    state=State.RUNNING,
    title="Low back start",
    exercise=1,
    exercises=4,
    exercise_name="Squat to chair",
    set=1,
    sets=1,
    rep=1,
    reps=8,
    phase="lower",
    phase_duration_ms=2000,
    phase_ends_in_ms=600,
    position_ms=32_342,
    duration_ms=347_583,
    moving=True,
)


def drawn(snapshot, hint):
    """What a terminal shows of `snapshot`, line by line."""
    file = StringIO()
    terminal = Console(file=file, width=90, force_terminal=True, color_system="standard")
    terminal.print(picture(snapshot, hint))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue())
    return [line.rstrip() for line in plain.splitlines()]


def test_the_screen_looks_as_the_tutorial_shows_it():
    idle, running, *_ = (block.splitlines() for block in code_blocks(TUTORIAL, "text"))
    assert idle == drawn(Snapshot(seq=0, as_of=0.0, state=State.IDLE), idle[-1])
    assert running == drawn(RUNNING, running[-1])


def test_the_screen_says_what_the_tutorial_says():
    lines = [block.strip() for block in code_blocks(TUTORIAL, "text")[2:]]
    states = (State.PAUSED, State.STOPPED, State.FINISHED)
    shown = [drawn(Snapshot(seq=0, as_of=0.0, state=state), "")[1] for state in states]
    assert lines == shown


# --- the first week -------------------------------------------------------------------------------


SPOT = Spot(210_500, 3, "glute-bridge", 1, None, 5)

MONDAY = date(2027, 1, 4)


def at(day: int, wall: str) -> datetime:
    """A time of the week; 0 is Monday."""
    return datetime.combine(MONDAY, time.fromisoformat(wall), OSLO) + timedelta(days=day)


class Week:
    """Lives through the first week, so that a page's commands find what they would."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk

    def session(
        self, day: int, began: str, planned: str, ending: Ending = Ending.COMPLETED
    ) -> None:
        """A session, and what it did for the plan."""
        self.kiosk.clock.set(at(day, began) + timedelta(minutes=6))
        session = self.kiosk.did(ending=ending, spot=SPOT, entry=1)
        if ending is Ending.COMPLETED:
            self.done(day, planned, session=session)

    def walk(self, day: int) -> None:
        self.kiosk.clock.set(at(day, "11:00"))
        self.done(day, "11:00", entry=2, program="walk")

    def done(self, day: int, wall: str, **of: Any) -> None:
        on, planned = MONDAY + timedelta(days=day), time.fromisoformat(wall)
        row = ledger_row(on, planned, OccurrenceState.DONE, **of)
        self.kiosk.settle(row, until=self.kiosk.clock.utc())

    def until(self, heading: str) -> None:
        """Whatever happens before the part of the page under `heading`."""
        match heading.partition(":")[0]:
            case "Monday":
                self.kiosk.clock.set(at(0, "07:30"))
            case "Have I done it today?":
                self.session(0, "08:01", "08:00")
                self.walk(0)
                self.kiosk.clock.set(at(0, "12:00"))
            case "Wednesday":
                self.session(0, "13:00", "13:00")
                self.session(1, "08:00", "08:00")
                self.session(1, "18:30", "18:30")
                self.session(2, "08:02", "08:00")
                self.session(2, "13:04", "13:00", Ending.INTERRUPTED)
                self.session(2, "18:31", "18:30")
                self.kiosk.clock.set(at(2, "20:00"))
            case "Thursday":
                self.session(3, "08:50", "08:00")
                self.kiosk.clock.set(at(3, "21:00"))
            case "Saturday":
                self.session(4, "08:31", "08:30")
                self.kiosk.clock.set(at(5, "10:00"))


def parts(page: Path) -> dict[str, str]:
    """What stands under each heading of the second level."""
    heads = re.findall(r"^## (.+)$", text(page), re.MULTILINE)
    return {head: section(page, f"## {head}") for head in heads}


def test_the_first_week_goes_as_the_tutorial_tells_it(kiosk: Kiosk):
    week = Week(kiosk)
    commands = []
    for heading, part in parts(FIRST_WEEK).items():
        week.until(heading)
        shown = re.findall(r"```sh\nkiosk ([^\n]+)\n```\n\n```text\n(.*?)```", part, re.DOTALL)
        for command, output in shown:
            assert kiosk(*shlex.split(command)) == (0, output, ""), command
            commands.append(command.split()[0])
    assert commands == ["plan", "plan", "status", "history", "plan", "level", "level", "plan"]
