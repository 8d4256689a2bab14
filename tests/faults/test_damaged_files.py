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


class State:
    """A state directory with a settings file and own programs."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = folder / "kiosk.toml"
        self.good_settings = folder / "kiosk.toml.good"
        self.folders = Folders(folder, folder / "clips")
        self.replaced = 0
        """How often a copy was used in place of a program."""

        self.programs = LastGoodPrograms(self.folders, self._count)

    def start(self, environment=None, options=None, *, forgiving=True):
        """What a start of the kiosk reads, or of a command, which is not `forgiving`."""
        return make_environment(
            str(self.folder), environment or {}, options or {}, forgiving=forgiving
        )

    def good_start(self, settings):
        self.settings.write_text(settings)
        base = self.start()
        keep_copies(base.folders)
        return base.settings

    def write_program(self, program_id, text):
        self.folders.programs.mkdir(exist_ok=True)
        (self.folders.programs / f"{program_id}.toml").write_text(text)

    def copied_programs(self):
        keep_copies(self.folders)
        return sorted(path.name for path in (self.folder / "good-programs").iterdir())

    def _count(self):
        self.replaced += 1


@pytest.fixture
def state(tmp_path):
    return State(tmp_path)


class TestSettings:
    @pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
    def test_the_kiosk_starts_on_those_of_its_last_good_start_and_commands_refuse(
        self, state, damage
    ):
        before = state.good_start("volume = 55\nrate = 140\n")
        state.settings.write_bytes(damage)

        base = state.start()
        assert base.settings == before
        assert before.volume == 55
        assert {problem.source for problem in base.layers.passed_over} == {str(state.settings)}

        with pytest.raises(SettingsError) as refused:
            state.start(forgiving=False)
        assert refused.value.problems == base.layers.passed_over

    def test_a_folder_in_the_files_place_is_passed_over_too(self, state):
        state.good_start("volume = 55\n")
        state.settings.unlink()
        state.settings.mkdir()
        assert state.start().settings.volume == 55

    def test_where_there_was_no_file_that_was_the_last_good_one(self, state):
        keep_copies(state.folders)
        state.settings.write_bytes(b"volume = ")
        assert state.start().settings == Settings()

    def test_a_kiosk_that_never_started_well_refuses(self, state):
        state.settings.write_bytes(b"volume = 300\n")
        with pytest.raises(SettingsError, match="volume"):
            state.start()

    def test_what_was_given_by_hand_just_now_is_never_passed_over(self, state):
        state.good_start("volume = 55\n")
        state.settings.write_bytes(b"volume = 300\n")
        with pytest.raises(SettingsError, match="option --rate"):
            state.start(options={"rate": "fast"})
        with pytest.raises(SettingsError, match="KIOSK_PIN"):
            state.start(environment={"KIOSK_PIN": "left"})

    def test_options_and_environment_still_go_before_the_copy(self, state):
        state.good_start("volume = 55\nrate = 140\n")
        state.settings.write_bytes(b"volume = ")
        settings = state.start({"KIOSK_RATE": "180"}, {"volume": 20}).settings
        assert (settings.volume, settings.rate) == (20, 180)

    def test_a_damaged_file_never_takes_the_place_of_the_good_copy(self, state):
        state.good_start("volume = 55\n")
        state.settings.write_bytes(b"volume = ")
        keep_copies(state.start().folders)
        assert state.good_settings.read_text() == "volume = 55\n"

    def test_a_copy_that_is_there_already_is_not_written_again(self, state):
        state.good_start("volume = 55\n")
        before = state.good_settings.stat()
        state.good_start("volume = 55\n")
        after = state.good_settings.stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        assert sorted(p.name for p in state.folder.iterdir()) == ["kiosk.toml", "kiosk.toml.good"]

    def test_a_damaged_copy_helps_nobody(self, state):
        state.good_start("volume = 55\n")
        state.settings.write_bytes(b"volume = 300\n")
        state.good_settings.write_bytes(bytes(12))
        with pytest.raises(SettingsError, match=r"kiosk\.toml: volume"):
            state.start()


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


class TestPrograms:
    @pytest.fixture
    def state(self, tmp_path):
        """One whose program `short` was good at the last start."""
        state = State(tmp_path)
        state.write_program("short", SHORT_PROGRAM)
        keep_copies(state.folders)
        return state

    def test_a_damaged_program_of_ones_own_is_played_as_it_was(self, state, caplog):
        before = state.programs.load("short")
        assert state.replaced == 0

        state.write_program("short", SHORT_PROGRAM[:200])

        assert state.programs.load("short") == before
        assert state.replaced == 1
        assert "The program short cannot be used." in caplog.text
        assert "short.toml" in caplog.text

    def test_without_a_copy_the_shipped_program_of_that_id_is_played(self, state):
        state.write_program("low-back-start", "schema = ")
        assert state.programs.load("low-back-start").id == "low-back-start"
        assert state.replaced == 1

    def test_no_other_program_ever_takes_its_place(self, state):
        state.write_program("other", "schema = ")
        with pytest.raises(ProgramFileError, match=r"other\.toml"):
            state.programs.load("other")
        assert state.replaced == 0

    def test_a_program_that_was_removed_on_purpose_is_gone(self, state):
        (state.folders.programs / "short.toml").unlink()
        with pytest.raises(UnknownProgramError):
            state.programs.load("short")
        assert state.copied_programs() == []

    def test_a_damaged_program_never_takes_the_place_of_its_good_copy(self, state):
        state.write_program("short", "schema = ")
        assert state.copied_programs() == ["short.toml"]
        assert (state.folder / "good-programs" / "short.toml").read_text() == SHORT_PROGRAM

    def test_the_copies_are_no_programs_of_their_own(self, state):
        ids = state.programs.ids()
        assert ids["short"] == state.folders.programs / "short.toml"
        assert set(ids) == {"short", *(path.stem for path in shipped_folder().glob("*.toml"))}

    def test_copies_outlive_a_folder_that_cannot_be_read(self, state, caplog):
        """A card that is failing may be so for a while."""
        state.folders.programs.rename(state.folder / "aside")
        state.folders.programs.write_text("not a folder")
        assert state.copied_programs() == ["short.toml"]
        assert "What works now could not be copied for later" in caplog.text

    def test_where_there_is_no_folder_any_more_nothing_is_kept_of_it(self, state):
        (state.folders.programs / "short.toml").unlink()
        state.folders.programs.rmdir()
        assert state.copied_programs() == []


class TestWhatIsInTheWayOfACopy:
    @pytest.fixture
    def state(self, tmp_path):
        """One whose program `short` was not copied yet."""
        state = State(tmp_path)
        state.write_program("short", SHORT_PROGRAM)
        return state

    def test_where_nothing_can_be_copied_the_kiosk_goes_on(self, state, caplog):
        (state.folder / "good-programs").write_text("in the way")
        keep_copies(state.folders)
        assert "What works now could not be copied for later" in caplog.text

    def test_what_is_no_file_keeps_no_program_behind_it_from_being_copied(self, state):
        (state.folders.programs / "a-folder.toml").mkdir()
        os.mkfifo(state.folders.programs / "a-pipe.toml")
        (state.folders.programs / "a-link.toml").symlink_to("a-link.toml")
        (state.folders.programs / "huge.toml").write_bytes(bytes(1_000_001))
        assert state.copied_programs() == ["short.toml"]

    def test_a_copy_that_cannot_be_written_keeps_no_other_from_being(self, state, caplog):
        state.write_program("early", SHORT_PROGRAM.replace('"short"', '"early"'))
        (state.folder / "good-programs" / "early.toml").mkdir(parents=True)
        assert state.copied_programs() == ["early.toml", "short.toml"]
        assert "early.toml" in caplog.text

    @pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
    def test_settings_that_are_no_file_keep_no_program_from_being_copied(self, state, make):
        make(state.settings)
        assert state.copied_programs() == ["short.toml"]
        assert not state.good_settings.exists()

    def test_a_copy_of_the_settings_that_cannot_be_written_keeps_no_program(self, state, caplog):
        state.good_settings.mkdir()
        assert state.copied_programs() == ["short.toml"]
        assert "kiosk.toml.good" in caplog.text
