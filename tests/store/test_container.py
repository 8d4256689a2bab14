"""A backup is a file from anywhere: whatever is in it, it is told, and does no harm."""

import io
import json
import random
import zipfile

import pytest

from kiosk.errors import StoreError, StoreTooNewError
from kiosk.store.container import ABOUT
from kiosk.store.restore import LARGEST, look_over, restore_from
from tests.store.kit import DAY, NOW, household, lines_in, names_in, packed, picture

MUTATIONS = 400


@pytest.fixture
def backup(quick_folder):
    return packed(household(quick_folder / "old", "old"), quick_folder / "kiosk.backup")


@pytest.fixture
def state(quick_folder):
    return household(quick_folder / "state", "here")


def parts_of(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(file, parts, method=zipfile.ZIP_DEFLATED):
    """The file with other parts, of which the list of sizes tells, too."""
    about = json.loads(parts[ABOUT])
    about["bytes"] = {name: len(content) for name, content in parts.items() if name != ABOUT}
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(ABOUT), json.dumps(about))
        for name, content in parts.items():
            if name != ABOUT:
                archive.writestr(name, content)
    return file


def refusal(state, file):
    """What is said of it; nothing has changed then."""
    before = picture(state)
    with pytest.raises(StoreError) as refused:
        restore_from(state, file, NOW + DAY)
    after = picture(state)
    assert {name: what for name, what in after.items() if name != "kiosk.lock"} == {
        name: what for name, what in before.items() if name != "kiosk.lock"
    }
    told = str(refused.value)
    assert told.startswith(f"{file} ")
    assert told.endswith(" Nothing was changed.")
    assert told.isprintable()
    return told


@pytest.mark.parametrize(
    "name",
    [
        "../outside.toml",
        "/etc/cron.d/mine",
        "programs/../kiosk.toml",
        "programs/ours.toml/more",
        "programs/Ours.toml",
        "programs\\ours.toml",
        "clips/00/../../kiosk.toml",
        "clips/0f/" + "0" * 64 + ".wav",
        "kiosk.lock",
        "programs/" + "a" * 61 + ".toml",
        "programs/",
        "\x1b[2Jkiosk.toml",
    ],
)
def test_a_part_with_a_foreign_name_is_refused(state, backup, name):
    file = repacked(backup, {**parts_of(backup), name: b""})
    assert "is none that a backup has, or too large" in refusal(state, file)


def test_a_name_is_compared_as_it_stands_in_the_file(state, backup):
    """The zip library cuts a name off at its first zero."""
    file = repacked(backup, {**parts_of(backup), "programs/xx.toml": b""})
    odd = file.read_bytes().replace(b"programs/xx.toml", b"kiosk.toml\0.toml")
    file.write_bytes(odd)
    assert "is none that a backup has" in refusal(state, file)


def test_the_same_name_twice(state, backup):
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(backup, "a") as archive:
        archive.writestr("kiosk.toml", "pin = 4")
    assert "is there twice" in refusal(state, backup)


def test_a_part_that_unpacks_to_far_more(state, backup):
    file = repacked(backup, {**parts_of(backup), "programs/zeros.toml": bytes(20_000_000)})
    assert file.stat().st_size < 100_000
    assert "or too large" in refusal(state, file)


def test_data_that_unpacks_to_far_more_than_an_upload_may(quick_folder, backup):
    parts = parts_of(backup)
    parts["kiosk.db"] += bytes(2_000_000)
    file = repacked(backup, parts)
    with pytest.raises(StoreError, match="it would need more than 1 MB"):
        look_over(file, quick_folder / "scratch", largest=1_000_000)
    assert not (quick_folder / "scratch").exists()
    assert LARGEST < 100_000_000


def test_a_size_that_is_a_lie(state, backup):
    """No more is read than the list says, and the checksum tells."""
    parts = parts_of(backup)
    zeros = bytes(500_000)
    file = repacked(backup, {**parts, "programs/zeros.toml": zeros})
    lie = file.read_bytes().replace(len(zeros).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    lie = lie.replace(b'"programs/zeros.toml": 500000', b'"programs/zeros.toml": 10    ')
    file.write_bytes(lie)
    assert "cannot be restored" in refusal(state, file)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_way_of_packing_that_no_limit_holds_for(state, backup, method):
    assert "packed in a foreign way" in refusal(state, repacked(backup, parts_of(backup), method))


def test_a_list_of_parts_that_would_fill_the_memory(state, backup):
    content = bytearray(backup.read_bytes())
    content[-10:-6] = (5_000_000).to_bytes(4, "little")
    backup.write_bytes(content)
    assert "it has more parts than a backup can have" in refusal(state, backup)


@pytest.mark.parametrize(
    "about", ["", "[" * 100_000, "[]", "{}", '{"format": "x"}', '{"format": 1}']
)
def test_what_does_not_say_what_it_holds(state, backup, about):
    parts = {**parts_of(backup), ABOUT: about.encode()}
    with zipfile.ZipFile(backup, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert "it does not say what it holds" in refusal(state, backup)


@pytest.mark.parametrize("name", ["kiosk.db", "kiosk.toml", "programs/ours.toml"])
def test_a_part_is_missing(state, backup, name):
    parts = {key: content for key, content in parts_of(backup).items() if key != name}
    with zipfile.ZipFile(backup, "w") as archive:
        for key, content in parts.items():
            archive.writestr(key, content)
    assert "it does not hold what it says it does" in refusal(state, backup)


def test_one_of_a_newer_kiosk(state, backup):
    parts = parts_of(backup)
    parts[ABOUT] = parts[ABOUT].replace(b'"format": 1', b'"format": 2')
    file = repacked(backup, parts)
    with pytest.raises(StoreTooNewError):
        restore_from(state, file, NOW + DAY)
    assert "was made by a newer kiosk" in refusal(state, file)


def test_half_of_it(state, backup):
    content = backup.read_bytes()
    backup.write_bytes(content[: len(content) // 2])
    assert "it is not whole; copy it again from where it was made" in refusal(state, backup)


def test_a_database_in_it_is_looked_through_as_any_other(state, backup):
    file = repacked(backup, {**parts_of(backup), "kiosk.db": b"SQLite format 3\0" + bytes(200)})
    assert "it is none of the kiosk's files" in refusal(state, file)


def test_whatever_is_changed_in_it_it_is_refused_or_restored_whole(quick_folder, backup):
    """Single bytes, and short runs of them, at random places."""
    whole = backup.read_bytes()
    scratch = quick_folder / "scratch"
    chance = random.Random(1)  # noqa: S311
    refused = 0
    for _ in range(MUTATIONS):
        content = bytearray(whole)
        near_end = chance.random() < 0.5
        at = chance.randrange(len(whole) - 600 if near_end else 0, len(whole))
        length = chance.choice((1, 1, 2, 4))
        content[at : at + length] = chance.choice(
            (chance.randbytes(length), bytes(length), b"\xff" * length)
        )
        backup.write_bytes(content)
        try:
            look_over(backup, scratch)
        except StoreError:
            refused += 1
        assert not scratch.exists()
    assert refused > MUTATIONS // 4


def test_what_was_appended_by_hand_to_a_good_one_is_refused(state, backup):
    backup.write_bytes(backup.read_bytes() + b"more")
    assert "it is not whole" in refusal(state, backup)
    assert lines_in(state) == ["here"]
    assert io.BytesIO(backup.read_bytes()).read(2) == b"PK"
    assert "restore.unfinished" not in names_in(state)
