"""What the pages show is what the kiosk takes, prints and draws."""

import re
import tomllib
from io import StringIO

import pytest
from rich.console import Console

from kiosk.cli.terminal import picture
from kiosk.session.snapshot import Snapshot, State
from tests.docs.pages import PAGES, ROOT, code_blocks, name
from tests.programs.files import complaints
from tests.settings.kit import load_settings

HOW_TO = ROOT / "docs" / "how-to" / "write-a-program.md"
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
    told = code_blocks(HOW_TO, "text")[1].splitlines()
    said = complaints(program.replace("seconds = 20", "seconds = 40"))
    assert told == [line.replace("file.toml", "morning-stretch.toml") for line in said]


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
