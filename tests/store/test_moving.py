"""A whole kiosk moves to another machine in one file, or nothing changes at all."""

import os

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.speech.cache import LARGEST_FILE as LARGEST_CLIP
from kiosk.speech.cache import ClipCache
from kiosk.speech.model import Voice
from kiosk.store.archive import Packed, pack
from kiosk.store.container import fits, is_container
from kiosk.store.restore import restore_from, take_clips
from tests.store.kit import DAY, NOW, household, lines_in, names_in, opened, packed, picture

NEXT_DAY = NOW + DAY
ASIDE = ".before-restore-20260303-080000"


@pytest.fixture
def old(quick_folder):
    """The kiosk that moves."""
    return household(quick_folder / "old", "old", own=("ours", "short"))


@pytest.fixture
def new(quick_folder):
    """The kiosk on the other machine."""
    return household(quick_folder / "new", "new", own=("ours", "only-here"))


@pytest.fixture
def backup(quick_folder, old):
    return packed(old, quick_folder / "kiosk.backup")


def programs(state):
    return {path.name: path.read_text() for path in sorted((state / "programs").iterdir())}


def test_all_of_it_is_on_the_new_machine(quick_folder, backup, old):
    empty = quick_folder / "empty"
    assert restore_from(empty, backup, NEXT_DAY).kept == ()
    assert lines_in(empty) == ["old", "Restored the backup kiosk.backup."]
    assert programs(empty) == programs(old)
    assert (empty / "kiosk.toml").read_text() == "# old\nvolume = 50\n"
    assert names_in(empty) == ["kiosk.db", "kiosk.lock", "kiosk.toml", "programs"]


def test_what_differed_is_kept_beside_it_and_what_is_only_here_stays(backup, new):
    restored = restore_from(new, backup, NEXT_DAY)
    names = [f"kiosk.db{ASIDE}", f"kiosk.toml{ASIDE}", f"programs{ASIDE}"]
    assert [path.name for path in restored.kept] == names
    assert lines_in(new)[-1] == (
        "Restored the backup kiosk.backup; what was there before is kept as"
        f" {names[0]}, {names[1]} and {names[2]}."
    )
    assert programs(new) == {
        "only-here.toml": "# new\n",
        "ours.toml": "# old\n",
        "short.toml": "# old\n",
    }
    assert (new / names[1]).read_text() == "# new\nvolume = 50\n"
    assert [path.name for path in (new / names[2]).iterdir()] == ["ours.toml"]


def test_what_is_the_same_is_left_alone(backup, old):
    restored = restore_from(old, backup, NEXT_DAY)
    assert [path.name for path in restored.kept] == [f"kiosk.db{ASIDE}"]
    assert names_in(old) == ["kiosk.db", f"kiosk.db{ASIDE}", "kiosk.lock", "kiosk.toml", "programs"]


def test_a_second_time_on_the_same_day_nothing_kept_is_overwritten(backup, new):
    restore_from(new, backup, NEXT_DAY)
    (new / "programs" / "ours.toml").write_text("# newer\n")
    restored = restore_from(new, backup, NEXT_DAY)
    assert [path.name for path in restored.kept] == [f"kiosk.db{ASIDE}-2", f"programs{ASIDE}-2"]
    assert (new / f"programs{ASIDE}-2" / "ours.toml").read_text() == "# newer\n"


def test_settings_of_the_machine_come_along_and_are_told(quick_folder, old, new):
    with opened(old) as store:
        store.settings.set({"audio_device": "USB Audio"}, Actor.PAGE, NOW)
        store.settings.set({"volume": "90"}, Actor.PAGE, NOW)
    (old / "kiosk.toml").write_text("pin = 27\nled_pin = 22\n")
    backup = packed(old, quick_folder / "kiosk.backup")
    told = (
        "The backup brought settings of its machine along: pin = 27, led_pin = 22, audio_device ="
        " USB Audio. See that they fit this one."
    )
    assert restore_from(new, backup, NEXT_DAY).to_tell == (told,)
    assert lines_in(new)[-1] == told
    with opened(new) as store:
        assert store.settings.stored() == {"audio_device": "USB Audio", "volume": "90"}


def test_a_settings_file_that_would_stop_the_kiosk_does_not_take_the_place_of_the_good_one(
    quick_folder, old, new
):
    (old / "kiosk.toml").write_text("volume = 900\n")
    backup = packed(old, quick_folder / "kiosk.backup")
    (told,) = restore_from(new, backup, NEXT_DAY).to_tell
    assert told.startswith(
        "The backup's kiosk.toml cannot be used here, and lies beside the data as"
        " kiosk.toml.from-backup: volume: Expected"
    )
    assert (new / "kiosk.toml").read_text() == "# new\nvolume = 50\n"
    assert (new / "kiosk.toml.from-backup").read_text() == "volume = 900\n"


def test_a_file_in_the_place_of_the_programs_changes_nothing(quick_folder, backup):
    state = quick_folder / "state"
    state.mkdir()
    (state / "programs").write_text("")
    with pytest.raises(StoreError, match="programs is no folder, and the backup has programs"):
        restore_from(state, backup, NEXT_DAY)
    assert names_in(state) == ["kiosk.lock", "programs"]


def test_the_same_at_the_same_moment_gives_the_same_bytes(quick_folder, backup, old):
    again = packed(old, quick_folder / "again.backup")
    assert again.read_bytes() == backup.read_bytes()
    assert is_container(again)


def test_an_earlier_backup_is_replaced_and_nothing_else_is(quick_folder, old, backup):
    before = picture(old)
    packed(old, backup)
    letter = quick_folder / "letter.txt"
    letter.write_text("Dear")
    with pytest.raises(StoreError, match="is no backup of the kiosk, and stays"):
        packed(old, letter)
    with pytest.raises(StoreError, match="is the kiosk's own data, and stays"):
        packed(old, old / "kiosk.db")
    assert letter.read_text() == "Dear"
    assert picture(old) == before


def test_what_no_kiosk_uses_stays_behind_and_is_told(quick_folder, old):
    (old / "programs" / "My Program.toml").write_text("")
    (old / "programs" / "notes.txt").write_text("")
    (old / "programs" / "large.toml").write_bytes(bytes(1_000_001))
    (old / "programs" / "gone.toml").symlink_to("nowhere")
    with opened(old) as store:
        made = pack(old, store, quick_folder / "kiosk.backup", NOW)
    left = "is not in the backup: its name or its size is not one the kiosk uses."
    names = ("My Program", "gone", "large")
    assert made == Packed(
        settings=True,
        programs=2,
        clips=0,
        left_out=tuple(f"{old / 'programs' / name}.toml {left}" for name in names),
    )


def test_clips_that_are_gone_meanwhile_or_are_no_files_are_left_out_and_not_counted(
    quick_folder, old
):
    cache = ClipCache(old / "clips")
    key = cache.key("engine", Voice("en", "", 155), "one")
    cache.put(key, b"\1\0" * 50)
    folder = old / "clips" / key[:2]
    (folder / f"{key[:2]}{'0' * 62}.wav").symlink_to("pruned")
    (folder / f"{key[:2]}{'1' * 62}.wav").mkdir()
    os.mkfifo(folder / f"{key[:2]}{'2' * 62}.wav")
    (folder / f"{key[:2]}{'3' * 62}.wav").write_bytes(b"damaged")
    with opened(old) as store:
        made = pack(old, store, quick_folder / "kiosk.backup", NOW, old / "clips")
    assert made.clips == 1


def test_a_clip_longer_than_any_that_the_kiosk_renders_has_no_place_in_a_backup():
    name = f"clips/00/{'0' * 64}.wav"
    assert fits(name, LARGEST_CLIP)
    assert not fits(name, LARGEST_CLIP + 1)


def test_speech_comes_along_where_it_is_asked_for(quick_folder, old):
    cache = ClipCache(old / "clips")
    key = cache.key("engine", Voice("en", "", 155), "one")
    cache.put(key, b"\1\0" * 50)
    (old / "clips" / key[:2] / f"{key[:2]}{'0' * 62}.wav").write_bytes(b"damaged")
    backup = packed(old, quick_folder / "kiosk.backup", old / "clips")
    assert take_clips(backup, quick_folder / "clips") == 1
    assert ClipCache(quick_folder / "clips").get(key) == b"\1\0" * 50
    restore_from(quick_folder / "new", backup, NEXT_DAY)
    assert lines_in(quick_folder / "new")[0] == "old"
