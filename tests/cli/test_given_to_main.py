"""The commands as they are given: folders, time zone, damage, backups, and the shell."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.cli.main import main
from kiosk.store.files import StateLock
from tests.cli.kit import CommandLine, Told


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def kiosk(state: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(state, capsys)


def shell(*arguments: object, **environ: str) -> Told:
    """The command as it is run from a shell."""
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={"LANG": "C.UTF-8", **environ},
        check=False,
    )
    return Told(done.returncode, done.stdout, done.stderr)


def programs(kiosk: CommandLine) -> list[str]:
    return [entry["program"] for entry in json.loads(kiosk("plan", "list", "--json").out)]


def test_from_the_shell_in_a_zone_of_its_own(state: Path):
    where = {"KIOSK_STATE_DIR": str(state), "TZ": "Asia/Kathmandu"}

    added = shell("plan", "add", "walk", "--times", "11:00", "--starts", "2099-01-01", **where)
    listed = shell(
        *("plan", "occurrences", "--from", "2099-01-01", "--to", "2099-01-01", "--json"), **where
    )

    assert added == Told(
        0,
        "Entry 1: walk, daily at 11:00, from 2099-01-01 without an end.\n"
        "Next: Thu 2099-01-01 11:00, Fri 2099-01-02 11:00, Sat 2099-01-03 11:00.\n",
    )
    assert json.loads(listed.out) == [
        {
            "entry": 1,
            "program": "walk",
            "local_date": "2099-01-01",
            "due": "2099-01-01T11:00:00+05:45",
            "state": "coming",
        }
    ]


def test_the_time_zone_and_the_entry_are_checked_at_once(state: Path):
    told = shell(
        *("plan", "add", "low-back-strt", "--times", "25:00", "--weeks", "0"),
        KIOSK_STATE_DIR=str(state),
        KIOSK_TIME_ZONE="Europe/Oslow",
    )

    assert (told.code, told.out) == (1, "")
    assert [line.rpartition(": ")[0] for line in told.err.splitlines()] == [
        "time_zone",
        "plan: program",
        "plan: times",
        "plan: weeks",
    ]


def test_a_zone_that_there_is_not_stops_every_other_command(state: Path):
    told = shell("status", KIOSK_STATE_DIR=str(state), KIOSK_TIME_ZONE="Mars/Phobos")

    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("time_zone: There is no time zone 'Mars/Phobos'.")


@pytest.mark.parametrize("command", ["plan", "backup", "restore"])
def test_a_command_without_what_it_needs_is_a_wrong_call(
    command: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        main([command])

    assert ended.value.code == 2
    assert "the following arguments are required" in capsys.readouterr().err


@pytest.mark.parametrize("command", [("status",), ("history",), ("level",), ("plan", "list")])
def test_every_command_begins_with_an_empty_memory(kiosk: CommandLine, command: tuple[str, ...]):
    told = kiosk(*command)

    assert (told.code, told.err) == (0, "")


def test_data_of_a_newer_kiosk_is_left_alone(kiosk: CommandLine):
    kiosk("plan", "add", "walk", "--times", "11:00")
    file = kiosk.state / "kiosk.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = file.read_bytes()

    told = kiosk("plan", "list")

    assert (told.code, told.out) == (1, "")
    assert "version 99" in told.err
    assert file.read_bytes() == before


def test_what_was_lost_is_told(kiosk: CommandLine):
    kiosk("plan", "add", "walk", "--times", "11:00")
    (kiosk.state / "kiosk.db").write_bytes(b"no database" * 1000)

    told = kiosk("plan", "list")

    assert told.code == 0
    assert "What the kiosk remembers was damaged" in told.err
    told = kiosk("status").out.splitlines()[-1]
    assert re.match(r"Lost: \d{4}-\d\d-\d\d What the kiosk remembers was damaged", told)
    (notice,) = json.loads(kiosk("status", "--json").out)["notices"]
    assert "was damaged" in notice["what"]


def test_a_state_directory_that_is_a_file(state: Path, kiosk: CommandLine):
    state.write_text("")

    told = kiosk("status")

    assert (told.code, told.out) == (1, "")
    assert str(state) in told.err


class TestBackups:
    def test_there_and_back(self, kiosk: CommandLine, tmp_path: Path):
        kiosk("plan", "add", "walk", "--times", "11:00")
        file = tmp_path / "copy.db"

        made = kiosk("backup", file)
        kiosk("plan", "add", "low-back-start", "--times", "08:00")
        restored = kiosk("restore", file)

        size = -(-file.stat().st_size // 1024)
        assert made == Told(0, f"{file}: everything the kiosk remembers, {size} kB.\n")
        (kept,) = kiosk.state.glob("kiosk.db.before-restore-*")
        assert restored == Told(0, f"Restored {file}.\nWhat was there before is kept as {kept}.\n")
        assert programs(kiosk) == ["walk"]
        assert "Restored the backup copy.db" in kiosk("history", "--audit").out

        kiosk("restore", kept)
        assert programs(kiosk) == ["walk", "low-back-start"]

    def test_not_while_a_kiosk_runs(self, kiosk: CommandLine, tmp_path: Path):
        kiosk("plan", "add", "walk", "--times", "11:00")
        file = tmp_path / "copy.db"

        with StateLock.take(kiosk.state):
            assert kiosk("backup", file).code == 0
            told = kiosk("restore", file)
        assert told == Told(
            1,
            "",
            f"The kiosk is running on {kiosk.state}. Stop it, restore the backup, and start it"
            " again.\n",
        )

    @pytest.mark.parametrize("content", [b"", b"a letter", b"SQLite format 3\x00" + bytes(4096)])
    def test_not_what_is_no_backup(self, kiosk: CommandLine, tmp_path: Path, content: bytes):
        kiosk("plan", "add", "walk", "--times", "11:00")
        file = tmp_path / "letter.txt"
        file.write_bytes(content)

        told = kiosk("restore", file)

        assert (told.code, told.out) == (1, "")
        assert told.err.startswith(f"{file} cannot be restored: ")
        assert programs(kiosk) == ["walk"]
        assert list(kiosk.state.glob("kiosk.db.*")) == []
        # And no backup takes the place of somebody's letter.
        assert kiosk("backup", file).code == 1
        assert file.read_bytes() == content

    def test_a_file_that_is_not_there(self, kiosk: CommandLine, tmp_path: Path):
        assert kiosk("restore", tmp_path / "none.db").code == 1
        assert kiosk("backup", tmp_path / "none" / "copy.db") == Told(
            1,
            "",
            f"There is no folder {tmp_path / 'none'}. Make it first, or name another place.\n",
        )

    def test_a_backup_beside_where_the_command_was_given(self, state: Path, tmp_path: Path):
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", "backup", "copy.db"],
            cwd=tmp_path,
            env={"KIOSK_STATE_DIR": str(state), "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stdout.startswith("copy.db: everything the kiosk remembers, ")
        assert (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("utf8", ["0", "1"])
def test_no_line_is_lost_for_the_letters_in_it(utf8):
    """As in the name of a file that somebody copied from an old computer."""
    script = (
        "import logging; from kiosk.cli.run import set_up_logging;"
        "set_up_logging(verbose=False, on_terminal=False);"
        "logging.warning('%s is not used', 'f\\xfcr \\udce9')"
    )
    environ = {"PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    letter = "\xfc" if utf8 == "1" else "\\xfc"
    assert done.stderr == f"WARNING root: f{letter}r \\udce9 is not used\n"
