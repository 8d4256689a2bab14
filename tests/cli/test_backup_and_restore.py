"""A kiosk is taken to another machine by two commands."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.speech.cache import ClipCache
from tests.cli.kit import CommandLine, Told, lines
from tests.store.kit import household, names_in


@pytest.fixture
def old(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(household(tmp_path / "old", "old", own=("ours", "short")), capsys)


@pytest.fixture
def new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path / "new", capsys)


def size_of(file: Path) -> int:
    return -(-file.stat().st_size // 1024)


def test_everything_comes_along_and_what_is_the_machine_s_is_told(
    old: CommandLine, new: CommandLine, tmp_path: Path
):
    (old.state / "kiosk.toml").write_text("pin = 27\n")
    file = tmp_path / "kiosk.backup"
    made = old("backup", file)
    assert made == Told(
        0,
        f"{file}: everything the kiosk remembers, kiosk.toml, 2 programs of your own,"
        f" {size_of(file)} kB.\n",
    )
    assert new("restore", file) == Told(
        0,
        lines(
            f"Restored {file}.",
            "There was nothing before.",
            "The backup brought settings of its machine along: pin = 27. See that they fit this"
            " one.",
        ),
    )
    assert (new.state / "programs" / "ours.toml").read_text() == "# old\n"


def test_speech_comes_along_where_it_is_asked_for(
    old: CommandLine, new: CommandLine, tmp_path: Path
):
    file = tmp_path / "kiosk.backup"
    ClipCache(old.state / "clips").put("ab" * 32, b"\1\0" * 50)
    assert "1 clip of speech" in old("backup", "--clips", file).out
    assert "Speech: 1 clip." in new("restore", file).out
    assert ClipCache(new.state / "clips").get("ab" * 32) == b"\1\0" * 50


def test_what_is_left_out_is_told(old: CommandLine, tmp_path: Path):
    (old.state / "programs" / "My Program.toml").write_text("")
    made = old("backup", tmp_path / "kiosk.backup")
    assert made.code == 1
    assert "My Program.toml is not in the backup" in made.err
    assert "2 programs of your own" in made.out


def shell(state: Path, line: str) -> Told:
    """A line given to a shell, on that state directory."""
    done = subprocess.run(
        ["sh", "-c", line.replace("kiosk ", f"{shlex.quote(sys.executable)} -m kiosk ")],
        env={**os.environ, "KIOSK_STATE_DIR": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )
    return Told(done.returncode, done.stdout, done.stderr)


def test_a_backup_is_led_to_where_only_the_person_may_write(old: CommandLine, tmp_path: Path):
    file, new = tmp_path / "led.backup", tmp_path / "new"
    made = shell(old.state, f"kiosk backup - > {file}")
    assert made == Told(
        0,
        "",
        "Backup: everything the kiosk remembers, kiosk.toml, 2 programs of your own,"
        f" {size_of(file)} kB.\n",
    )
    restored = shell(new, f"kiosk restore - < {file}")
    assert restored == Told(0, "Restored handed-in.backup.\nThere was nothing before.\n")
    assert (new / "programs" / "ours.toml").read_text() == "# old\n"
    assert names_in(new) == ["kiosk.db", "kiosk.lock", "kiosk.toml", "programs"]
    refused = shell(new, "echo a letter | kiosk restore -")
    assert refused == Told(
        1,
        "",
        "handed-in.backup cannot be restored: it is none of the kiosk's files. Nothing was"
        " changed.\n",
    )


def test_a_kiosk_whose_settings_are_wrong_is_mended_by_its_backup(old: CommandLine, tmp_path: Path):
    file = tmp_path / "kiosk.backup"
    old("backup", file)
    (old.state / "kiosk.toml").write_text("volume = ")
    assert old("plan", "list").code == 1
    restored = old("restore", file)
    assert restored.code == 0
    assert "kiosk.toml.before-restore-" in restored.out
    assert old("plan", "list").code == 0
