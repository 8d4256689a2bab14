"""`kiosk backup` and `kiosk restore`: there and back, to another machine, and through a shell."""

import json
from pathlib import Path

import pytest

from kiosk.speech.cache import ClipCache
from kiosk.store.files import StateLock
from tests.cli.kit import CommandLine, Result, lines, shell
from tests.store.kit import household, names_in


@pytest.fixture
def old(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(household(tmp_path / "old", "old", own=("ours", "short")), capsys)


@pytest.fixture
def new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path / "new", capsys)


@pytest.fixture
def planned(new: CommandLine) -> CommandLine:
    """A kiosk with a walk in its plan, and without settings or programs of its own."""
    new("plan", "add", "walk", "--times", "11:00")
    return new


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.backup"


def size_of(file: Path) -> int:
    return -(-file.stat().st_size // 1024)


def programs(kiosk: CommandLine) -> list[str]:
    return [entry["program"] for entry in json.loads(kiosk("plan", "list", "--json").out)]


def test_everything_comes_along_and_settings_of_the_machine_are_named(
    old: CommandLine, new: CommandLine, file: Path
):
    (old.state / "kiosk.toml").write_text("pin = 27\n")
    assert old("backup", file) == Result(
        0,
        f"{file}: everything the kiosk remembers, kiosk.toml, 2 programs of your own,"
        f" {size_of(file)} kB.\n",
    )
    assert new("restore", file) == Result(
        0,
        lines(
            f"Restored {file}.",
            "There was nothing before.",
            "The backup brought settings of its machine along: pin = 27. See that they fit this"
            " one.",
        ),
    )
    assert (new.state / "programs" / "ours.toml").read_text() == "# old\n"


def test_speech_comes_along_where_it_is_asked_for(old: CommandLine, new: CommandLine, file: Path):
    ClipCache(old.state / "clips").put("ab" * 32, b"\1\0" * 50)
    assert "1 clip of speech" in old("backup", "--clips", file).out
    assert "Speech: 1 clip." in new("restore", file).out
    assert ClipCache(new.state / "clips").get("ab" * 32) == b"\1\0" * 50


def test_a_file_that_is_left_out_is_named(old: CommandLine, file: Path):
    (old.state / "programs" / "My Program.toml").write_text("")
    made = old("backup", file)
    assert made.code == 1
    assert "My Program.toml is not in the backup" in made.err
    assert "2 programs of your own" in made.out


def test_the_replaced_data_can_be_restored_in_turn(planned: CommandLine, file: Path):
    made = planned("backup", file)
    assert made == Result(0, f"{file}: everything the kiosk remembers, {size_of(file)} kB.\n")
    planned("plan", "add", "low-back-start", "--times", "08:00")

    restored = planned("restore", file)
    (kept,) = planned.state.glob("kiosk.db.before-restore-*")
    assert restored == Result(0, f"Restored {file}.\nWhat was there before is kept as {kept}.\n")
    assert programs(planned) == ["walk"]
    assert "Restored the backup kiosk.backup" in planned("history", "--audit").out

    planned("restore", kept)
    assert programs(planned) == ["walk", "low-back-start"]


def test_a_running_kiosk_is_backed_up_and_not_restored(planned: CommandLine, file: Path):
    with StateLock.take(planned.state):
        assert planned("backup", file).code == 0
        refused = planned("restore", file)
    assert refused == Result(
        1,
        "",
        f"The kiosk is running on {planned.state}. Stop it, restore the backup, and start it"
        " again.\n",
    )


def test_a_letter_is_neither_restored_nor_overwritten(planned: CommandLine, file: Path):
    file.write_bytes(b"a letter")

    refused = planned("restore", file)

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"{file} cannot be restored: ")
    assert programs(planned) == ["walk"]
    assert list(planned.state.glob("kiosk.db.*")) == []
    assert planned("backup", file).code == 1
    assert file.read_bytes() == b"a letter"


def test_a_file_that_is_not_there(new: CommandLine, tmp_path: Path):
    assert new("restore", tmp_path / "none.db").code == 1
    assert new("backup", tmp_path / "none" / "copy.db") == Result(
        1,
        "",
        f"There is no folder {tmp_path / 'none'}. Make it first, or name another place.\n",
    )


def test_a_kiosk_whose_settings_are_wrong_is_mended_by_its_backup(old: CommandLine, file: Path):
    old("backup", file)
    (old.state / "kiosk.toml").write_text("volume = ")
    assert old("plan", "list").code == 1
    restored = old("restore", file)
    assert restored.code == 0
    assert "kiosk.toml.before-restore-" in restored.out
    assert old("plan", "list").code == 0


def test_a_backup_beside_where_the_command_was_given(new: CommandLine, tmp_path: Path):
    made = shell("kiosk backup copy.db", tmp_path, KIOSK_STATE_DIR=str(new.state))

    assert made.out.startswith("copy.db: everything the kiosk remembers, ")
    assert (tmp_path / "copy.db").exists()


def test_a_backup_is_led_to_where_only_the_person_may_write(
    old: CommandLine, new: CommandLine, file: Path
):
    made = shell(f"kiosk backup - > {file}", KIOSK_STATE_DIR=str(old.state))
    assert made == Result(
        0,
        "",
        "Backup: everything the kiosk remembers, kiosk.toml, 2 programs of your own,"
        f" {size_of(file)} kB.\n",
    )
    restored = shell(f"kiosk restore - < {file}", KIOSK_STATE_DIR=str(new.state))
    assert restored == Result(0, "Restored handed-in.backup.\nThere was nothing before.\n")
    assert (new.state / "programs" / "ours.toml").read_text() == "# old\n"
    assert names_in(new.state) == ["kiosk.db", "kiosk.lock", "kiosk.toml", "programs"]
    assert shell("echo a letter | kiosk restore -", KIOSK_STATE_DIR=str(new.state)) == Result(
        1,
        "",
        "handed-in.backup cannot be restored: it is none of the kiosk's files. Nothing was"
        " changed.\n",
    )
