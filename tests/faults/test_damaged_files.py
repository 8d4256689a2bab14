"""Somebody, or a worn card, has damaged a file: the kiosk goes by the last good one and says so."""

import os
from pathlib import Path

import pytest

from kiosk.app import make_environment
from kiosk.errors import ProgramFileError, SettingsError, UnknownProgramError
from kiosk.programs.files import shipped_folder
from kiosk.settings.last_good import LastGoodPrograms, keep_copies
from kiosk.settings.model import Settings
from kiosk.system.folders import Folders
from tests.service.running import SHORT_PROGRAM, a_kiosk

DAMAGES = {
    "no TOML": b"volume = ",
    "null bytes": bytes(200),
    "a wrong value": b"volume = 300\n",
    "an unknown setting": b"volume = 40\nspeed = 1\n",
    "two pins in one": b"pin = 22\nled_pin = 22\n",
    "no text": b"\xff\xfe\x00",
}


@pytest.fixture
def state(tmp_path):
    return tmp_path


def good_start(state, text):
    (state / "kiosk.toml").write_text(text)
    base = make_environment(str(state), {}, {}, forgiving=True)
    keep_copies(base.folders)
    return base.settings


# --- settings


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_the_kiosk_starts_on_the_settings_of_its_last_good_start(state, damage):
    before = good_start(state, "volume = 55\nrate = 140\n")
    (state / "kiosk.toml").write_bytes(damage)

    base = make_environment(str(state), {}, {}, forgiving=True)

    assert base.settings == before
    assert before.volume == 55
    assert {problem.source for problem in base.layers.passed_over} == {str(state / "kiosk.toml")}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_the_commands_still_refuse_it_with_the_same_sentence(state, damage):
    good_start(state, "volume = 55\n")
    (state / "kiosk.toml").write_bytes(damage)
    told = make_environment(str(state), {}, {}, forgiving=True).layers.passed_over

    with pytest.raises(SettingsError) as refused:
        make_environment(str(state), {}, {})

    assert refused.value.problems == told


def test_a_folder_in_the_files_place_is_passed_over_too(state):
    good_start(state, "volume = 55\n")
    (state / "kiosk.toml").unlink()
    (state / "kiosk.toml").mkdir()

    assert make_environment(str(state), {}, {}, forgiving=True).settings.volume == 55


def test_where_there_was_no_file_that_was_the_last_good_one(state):
    keep_copies(make_environment(str(state), {}, {}).folders)
    (state / "kiosk.toml").write_bytes(b"volume = ")

    assert make_environment(str(state), {}, {}, forgiving=True).settings == Settings()


def test_a_kiosk_that_never_started_well_refuses(state):
    (state / "kiosk.toml").write_bytes(b"volume = 300\n")

    with pytest.raises(SettingsError, match="volume"):
        make_environment(str(state), {}, {}, forgiving=True)


def test_what_was_given_by_hand_just_now_is_never_passed_over(state):
    good_start(state, "volume = 55\n")
    (state / "kiosk.toml").write_bytes(b"volume = 300\n")

    with pytest.raises(SettingsError, match="option --rate"):
        make_environment(str(state), {}, {"rate": "fast"}, forgiving=True)
    with pytest.raises(SettingsError, match="KIOSK_PIN"):
        make_environment(str(state), {"KIOSK_PIN": "left"}, {}, forgiving=True)


def test_options_and_environment_still_go_before_the_copy(state):
    good_start(state, "volume = 55\nrate = 140\n")
    (state / "kiosk.toml").write_bytes(b"volume = ")

    settings = make_environment(
        str(state), {"KIOSK_RATE": "180"}, {"volume": 20}, forgiving=True
    ).settings

    assert (settings.volume, settings.rate) == (20, 180)


def test_a_damaged_file_never_takes_the_place_of_the_good_copy(state):
    good_start(state, "volume = 55\n")
    (state / "kiosk.toml").write_bytes(b"volume = ")
    folders = make_environment(str(state), {}, {}, forgiving=True).folders

    keep_copies(folders)

    assert (state / "kiosk.toml.good").read_text() == "volume = 55\n"


def test_a_copy_that_is_there_already_is_not_written_again(state):
    good_start(state, "volume = 55\n")
    before = (state / "kiosk.toml.good").stat()

    good_start(state, "volume = 55\n")

    after = (state / "kiosk.toml.good").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert sorted(path.name for path in state.iterdir()) == ["kiosk.toml", "kiosk.toml.good"]


def test_a_damaged_copy_helps_nobody(state):
    good_start(state, "volume = 55\n")
    (state / "kiosk.toml").write_bytes(b"volume = 300\n")
    (state / "kiosk.toml.good").write_bytes(bytes(12))

    with pytest.raises(SettingsError, match=r"kiosk\.toml: volume"):
        make_environment(str(state), {}, {}, forgiving=True)


def test_the_real_kiosk_starts_on_them_plays_the_last_good_program_and_tells_of_both(tmp_path):
    (tmp_path / "kiosk.toml").write_text("volume = 55\n")
    options = ("--audio-device", "none", "--verbose")
    with a_kiosk(tmp_path, *options) as kiosk:
        kiosk.type("")
        kiosk.wait_for("running, by prepared")
    assert (tmp_path / "kiosk.toml.good").read_text() == "volume = 55\n"
    (tmp_path / "kiosk.toml").write_text("volume = 300\n")

    with a_kiosk(tmp_path, *options) as kiosk:
        kiosk.wait_for("The settings of the last good start are used.")
        kiosk.wait_for("kiosk.toml: volume: Expected a whole number from 0 to 100")
        kiosk.wait_for("the settings file cannot be used; going by the last good one")
        (tmp_path / "programs" / "short.toml").write_text(SHORT_PROGRAM[:100])
        kiosk.type("")
        kiosk.wait_for("The program short cannot be used.")
        kiosk.wait_for("the program cannot be used; the settings file cannot be used")
        kiosk.wait_for("running, by prepared")


# --- programs


@pytest.fixture
def folders(state):
    made = Folders(state, state / "clips")
    made.programs.mkdir()
    return made


def own(folders, program_id, text):
    (folders.programs / f"{program_id}.toml").write_text(text)


class Told:
    """How often something had to be stood in for."""

    def __init__(self, folders):
        self.times = 0
        self.programs = LastGoodPrograms(folders, self._count)

    def _count(self):
        self.times += 1


def test_a_damaged_program_of_ones_own_is_played_as_it_was_at_the_last_good_start(folders, caplog):
    own(folders, "short", SHORT_PROGRAM)
    keep_copies(folders)
    told = Told(folders)
    before = told.programs.load("short")
    assert told.times == 0

    own(folders, "short", SHORT_PROGRAM[:200])

    assert told.programs.load("short") == before
    assert told.times == 1
    assert "The program short cannot be used." in caplog.text
    assert "short.toml" in caplog.text


def test_without_a_copy_the_shipped_program_of_that_id_is_played(folders):
    own(folders, "low-back-start", "schema = ")
    told = Told(folders)

    program = told.programs.load("low-back-start")

    assert (program.id, told.times) == ("low-back-start", 1)


def test_no_other_program_ever_takes_its_place(folders):
    own(folders, "short", "schema = ")
    told = Told(folders)

    with pytest.raises(ProgramFileError, match=r"short\.toml"):
        told.programs.load("short")
    assert told.times == 0


def test_a_program_that_was_removed_on_purpose_is_gone(folders):
    own(folders, "short", SHORT_PROGRAM)
    keep_copies(folders)
    (folders.programs / "short.toml").unlink()

    with pytest.raises(UnknownProgramError):
        Told(folders).programs.load("short")
    keep_copies(folders)
    assert list((folders.state / "good-programs").iterdir()) == []


def test_a_damaged_program_never_takes_the_place_of_its_good_copy(folders):
    own(folders, "short", SHORT_PROGRAM)
    keep_copies(folders)
    own(folders, "short", "schema = ")

    keep_copies(folders)

    assert (folders.state / "good-programs" / "short.toml").read_text() == SHORT_PROGRAM


def test_the_copies_are_no_programs_of_their_own(folders):
    own(folders, "short", SHORT_PROGRAM)
    keep_copies(folders)

    ids = Told(folders).programs.ids()

    assert ids["short"] == folders.programs / "short.toml"
    assert set(ids) == {"short", *(path.stem for path in shipped_folder().glob("*.toml"))}


def test_where_nothing_can_be_copied_the_kiosk_goes_on(folders, caplog):
    own(folders, "short", SHORT_PROGRAM)
    (folders.state / "good-programs").write_text("in the way")

    keep_copies(folders)

    assert "What works now could not be copied for later" in caplog.text


def in_the_way_of_programs(folders):
    """The folder of programs cannot be read: a card that is failing may do that for a while."""
    folders.programs.rename(folders.state / "aside")
    folders.programs.write_text("not a folder")


def kept_now(folders):
    return sorted(path.name for path in (folders.state / "good-programs").iterdir())


def test_copies_outlive_a_folder_that_cannot_be_read(folders, caplog):
    own(folders, "short", SHORT_PROGRAM)
    keep_copies(folders)
    in_the_way_of_programs(folders)

    keep_copies(folders)

    assert kept_now(folders) == ["short.toml"]
    assert "What works now could not be copied for later" in caplog.text


def test_where_there_is_no_folder_any_more_nothing_is_kept_of_it(folders):
    own(folders, "short", SHORT_PROGRAM)
    keep_copies(folders)
    (folders.programs / "short.toml").unlink()
    folders.programs.rmdir()

    keep_copies(folders)

    assert kept_now(folders) == []


def test_what_is_no_file_keeps_no_program_behind_it_from_being_copied(folders):
    (folders.programs / "a-folder.toml").mkdir()
    os.mkfifo(folders.programs / "a-pipe.toml")
    (folders.programs / "a-link.toml").symlink_to("a-link.toml")
    (folders.programs / "huge.toml").write_bytes(bytes(1_000_001))
    own(folders, "short", SHORT_PROGRAM)

    keep_copies(folders)

    assert kept_now(folders) == ["short.toml"]


def test_a_copy_that_cannot_be_written_keeps_no_other_from_being(folders, caplog):
    own(folders, "early", SHORT_PROGRAM.replace('"short"', '"early"'))
    own(folders, "short", SHORT_PROGRAM)
    (folders.state / "good-programs" / "early.toml").mkdir(parents=True)

    keep_copies(folders)

    assert kept_now(folders) == ["early.toml", "short.toml"]
    assert "early.toml" in caplog.text


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_settings_that_are_no_file_keep_no_program_from_being_copied(folders, make):
    make(folders.state / "kiosk.toml")
    own(folders, "short", SHORT_PROGRAM)

    keep_copies(folders)

    assert kept_now(folders) == ["short.toml"]
    assert not (folders.state / "kiosk.toml.good").exists()


def test_a_copy_of_the_settings_that_cannot_be_written_keeps_no_program_from_being(folders, caplog):
    (folders.state / "kiosk.toml.good").mkdir()
    own(folders, "short", SHORT_PROGRAM)

    keep_copies(folders)

    assert kept_now(folders) == ["short.toml"]
    assert "kiosk.toml.good" in caplog.text
