"""The rules for a new passphrase, the hash that is stored of it, and the key of the cookies."""

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.auth.passphrase import (
    KEY_FILE,
    NO_PASSPHRASE,
    SALT_LENGTH,
    PassphraseHash,
    check_new,
    normalised,
    secret_key,
)
from kiosk.locale.problems import error_text
from tests.auth.kit import refusal_of

ROOT = Path(__file__).parents[2]
SALT = bytes(range(SALT_LENGTH))


class TestWhichAreGoodEnough:
    GOOD = ("three calm chairs", "Tr0ub4dor&3", "пароль не простой", "🦆🐢🦉🐙🦊🐝🐌🦋", "xy" * 100)

    @pytest.mark.parametrize("typed", GOOD)
    def test_anything_long_enough(self, typed):
        assert check_new(typed) == typed

    @pytest.mark.parametrize("typed", ["", "short", "1234567", "   a b    ", "       \t\n      "])
    def test_not_what_is_too_short(self, typed):
        error = refusal_of(check_new, typed)
        assert error_text(error).startswith("That is too short. Take at least 8 characters;")
        assert error.field == "passphrase"

    @pytest.mark.parametrize("typed", ["ab" * 101, "ﷺ" * 12, " " * 10_000 + "a good one"])
    def test_not_what_is_too_long(self, typed):
        error = refusal_of(check_new, typed)
        assert error_text(error) == "That is too long. Take at most 200 characters."

    @pytest.mark.parametrize(
        "typed",
        [
            "12345678",
            "1234567890",
            "87654321",
            "0987654321",
            "abcdefgh",
            "password",
            "PassWord",
            "pass word",
            "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
            "aaaaaaaa",
            "        9 9 9 9 9 9 9 9",
            "........",
            "qwertyuiop",
            "ExerciseKiosk",
            "raspberry",
        ],
    )
    def test_not_the_first_that_others_would_try(self, typed):
        assert error_text(refusal_of(check_new, typed)).startswith("That is one of the first")


BAD_COSTS = ("x$8$1", "0$8$1", "16385$8$1", "65536$8$1")
BAD_COSTS += ("16384$800$1", "16384$-8$1", "16384$8$100")


class TestTheHash:
    def test_it_is_recognised_also_written_and_read_and_another_is_not(self):
        stored = PassphraseHash.make("three calm chairs", SALT)
        assert PassphraseHash.read(stored.text()) == stored
        assert stored.text().startswith("scrypt$16384$8$1$")
        assert repr(stored.hash) not in repr(stored)
        assert stored.matches("three calm chairs")
        assert not stored.matches("three calm chair")

    def test_the_same_passphrase_with_another_salt_looks_different(self):
        one, two = (PassphraseHash.make("three calm chairs", bytes([n] * 16)) for n in (1, 2))
        assert one.hash != two.hash

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "three calm chairs",
            "md5$1$1$1$AAAA$AAAA",
            "scrypt$16384$8$1$AAAA",
            "scrypt$16384$8$1$AAAA$AAAA",
            "scrypt$16384$8$1$AAAA$" + "!" * 43 + "=",
            *(f"scrypt${cost}$AAAA$" + "A" * 43 + "=" for cost in BAD_COSTS),
        ],
    )
    def test_what_is_no_such_thing_or_too_dear_is_refused(self, text):
        """A restored backup may hold anything."""
        with pytest.raises(ValueError, match=r"it is no hash|it was not made by"):
            PassphraseHash.read(text)

    def test_where_none_is_stored_comparing_costs_as_much_and_nothing_matches(self):
        stored, none = PassphraseHash.make("three calm chairs", SALT), NO_PASSPHRASE
        assert (none.cost, none.block, none.lanes) == (stored.cost, stored.block, stored.lanes)
        assert (len(none.salt), len(none.hash)) == (len(stored.salt), len(stored.hash))
        assert not none.matches("")


@given(st.text(max_size=300))
@settings(deadline=None)
def test_normalising_twice_changes_no_more_than_once(typed):
    once = normalised(typed)
    assert normalised(once) == once or len(once) > 200


# --- the key that signs cookies: made once, it stays, and nobody else can read it


def test_it_is_made_once_and_stays(tmp_path, caplog):
    key = secret_key(tmp_path / "state")
    assert len(key) == 32
    assert secret_key(tmp_path / "state") == key
    assert [path.name for path in (tmp_path / "state").iterdir()] == [KEY_FILE]
    assert secret_key(tmp_path / "of another kiosk") != key
    assert caplog.records == []


def test_only_its_owner_can_read_it_whatever_the_usual_rights(tmp_path):
    before = os.umask(0)
    try:
        secret_key(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("left", "mode", "message"),
    [
        *((left, 0o600, "was damaged") for left in (b"", b"half of it", bytes(33))),
        (bytes(32), 0o640, "could be read by others"),
    ],
)
def test_a_damaged_one_or_one_that_others_could_read_is_made_anew(
    tmp_path, left, mode, message, caplog
):
    file = tmp_path / KEY_FILE
    file.write_bytes(left)
    file.chmod(mode)
    key = secret_key(tmp_path)
    assert file.read_bytes() == key != left
    assert len(key) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert caplog.messages == [f"{file} {message}; another key takes its place."]


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
