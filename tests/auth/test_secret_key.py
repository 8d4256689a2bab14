"""The pages' key is made once, stays, and nobody else can read it."""

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.auth.passphrase import KEY_FILE, secret_key

ROOT = Path(__file__).parents[2]


def test_it_is_made_once_and_stays(tmp_path, caplog):
    key = secret_key(tmp_path / "state")
    assert len(key) == 32
    assert secret_key(tmp_path / "state") == key
    assert [path.name for path in (tmp_path / "state").iterdir()] == [KEY_FILE]
    assert caplog.records == []


def test_each_kiosk_has_another(tmp_path):
    assert secret_key(tmp_path / "one") != secret_key(tmp_path / "two")


def test_only_its_owner_can_read_it_whatever_the_usual_rights(tmp_path):
    before = os.umask(0)
    try:
        secret_key(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [b"", b"half of it", bytes(33)])
def test_a_damaged_one_is_made_anew(tmp_path, left, caplog):
    file = tmp_path / KEY_FILE
    file.write_bytes(left)
    file.chmod(0o600)
    key = secret_key(tmp_path)
    assert file.read_bytes() == key
    assert len(key) == 32
    assert [record.getMessage() for record in caplog.records] == [
        f"{file} was damaged; another key takes its place."
    ]


def test_one_that_others_could_read_is_made_anew(tmp_path, caplog):
    key = secret_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o640)
    assert secret_key(tmp_path) != key
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert "could be read by others" in caplog.text


def test_what_a_process_left_unfinished_is_no_obstacle(tmp_path):
    (tmp_path / f".{KEY_FILE}.tmp").write_bytes(b"unfinished")
    key = secret_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_bytes() == key
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_what_is_no_plain_file_is_neither_read_nor_written(tmp_path, kind, caplog):
    file, elsewhere = tmp_path / KEY_FILE, tmp_path / "elsewhere"
    if kind == "folder":
        file.mkdir()
    else:
        elsewhere.write_bytes(bytes(32))
        file.symlink_to(elsewhere)
    keys = {secret_key(tmp_path), secret_key(tmp_path)}
    assert len(keys) == 2
    assert bytes(32) not in keys
    assert len(caplog.records) == 2
    assert all(record.levelno == logging.WARNING for record in caplog.records)
    assert not elsewhere.exists() or elsewhere.read_bytes() == bytes(32)


def test_a_folder_that_cannot_be_written_gives_a_key_for_this_run(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    keys = {secret_key(tmp_path / "file"), secret_key(tmp_path / "file")}
    assert [len(key) for key in keys] == [32, 32]
    assert "so everybody has to sign in anew after each restart" in caplog.text


def test_the_key_stands_in_no_message(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    keys = [secret_key(tmp_path), secret_key(Path("/dev/null"))]
    for key in keys:
        assert key.hex() not in caplog.text
        assert repr(key) not in caplog.text


def test_several_that_start_at_once_agree_in_the_end(tmp_path):
    """Two processes may each make one; what is kept is whole, and the next start finds it."""
    child = (
        "import sys, pathlib; from kiosk.auth.passphrase import secret_key;"
        "secret_key(pathlib.Path(sys.argv[1]))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", child, str(tmp_path)], cwd=ROOT) for _ in range(3)
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert secret_key(tmp_path) == (tmp_path / KEY_FILE).read_bytes()
