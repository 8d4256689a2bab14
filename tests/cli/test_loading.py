"""A command loads what it needs: each start on a small board is waited for."""

import subprocess
import sys
from contextlib import closing
from datetime import timedelta

import pytest

from kiosk.cli.main import COMMANDS, make_parser
from kiosk.programs.files import shipped_folder
from kiosk.store.opening import open_store
from tests.schedule.past import NOON, record_session

HEAVY = ("flask", "gpiozero", "icalendar", "jinja2", "pydantic", "pyttsx3", "rich", "sounddevice")

LOADING = """
import sys
from kiosk.cli.main import main

try:
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def run(*arguments):
    python = [sys.executable, "-c", LOADING, *map(str, arguments)]
    return subprocess.run(python, capture_output=True, text=True, check=True)


def loaded_by(*arguments):
    """The modules that are there after the command."""
    return run(*arguments).stderr.split()


def heavy(modules):
    return [name for name in HEAVY if name in modules]


def test_to_show_the_help_no_command_is_loaded():
    own = [name for name in loaded_by("--help") if name.startswith("kiosk.cli")]
    assert own == ["kiosk.cli", "kiosk.cli.common", "kiosk.cli.main"]


@pytest.mark.parametrize("command", COMMANDS)
def test_to_show_a_command_s_help_nothing_heavy_is_loaded(command):
    modules = loaded_by(command, "--help")
    assert f"kiosk.cli.{command}" in modules
    assert heavy(modules) == []


@pytest.mark.parametrize("command", ["plan list", "status", "history", "level", "programs"])
def test_to_look_something_up_nothing_heavy_is_loaded(command, tmp_path):
    assert heavy(loaded_by(*command.split(), "--state-dir", tmp_path / "state")) == []


def test_nor_to_find_that_a_step_is_due(tmp_path):
    with closing(open_store(tmp_path, NOON).store) as store:
        for hours in range(6):
            record_session(store, NOON + timedelta(hours=hours))

    done = run("status", "--state-dir", tmp_path)

    assert "Level: low-back-start went well 6 times in a row." in done.stdout
    loaded = done.stderr.split()
    assert (heavy(loaded), "kiosk.programs.model" in loaded) == ([], False)


def test_to_look_into_programs_of_one_s_own_what_validates_them_is_loaded(tmp_path):
    shipped = shipped_folder() / "low-back-start.toml"
    own = tmp_path / "programs" / shipped.name
    own.parent.mkdir()
    own.write_text(f"{shipped.read_text()}# of one's own")
    assert heavy(loaded_by("programs", "--state-dir", tmp_path)) == ["pydantic"]


def test_the_help_is_the_same_with_and_without_the_commands():
    assert make_parser(()).format_help() == make_parser().format_help()
