"""Programs are found by id in folders, where a later folder goes before an earlier one."""

import logging
from pathlib import Path

import pytest

from kiosk.errors import ProgramFileError, UnknownProgramError
from kiosk.programs.checks import link_problems
from kiosk.programs.files import ProgramLibrary, ProgramSource, shipped_folder
from tests.programs.files import changed


@pytest.fixture
def shipped(tmp_path):
    folder = tmp_path / "shipped"
    folder.mkdir()
    write(folder, "two-exercises")
    write(folder, "another")
    return folder


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def write(folder, program_id, *, title="Two exercises", file_name=None):
    """A program file in `folder`; its path."""
    text = changed('id = "two-exercises"', f'id = "{program_id}"')
    path = folder / (file_name or f"{program_id}.toml")
    path.write_text(changed('title = "Two exercises"', f'title = "{title}"', text))
    return path


def test_a_library_is_a_source_of_programs(shipped):
    source: ProgramSource = ProgramLibrary([shipped])
    assert dict(source.ids()) == {
        "another": shipped / "another.toml",
        "two-exercises": shipped / "two-exercises.toml",
    }
    assert source.load("another").id == "another"


def test_a_file_in_a_later_folder_takes_the_place_of_an_earlier_one(shipped, own):
    path = write(own, "another", title="Our own")
    library = ProgramLibrary([shipped, own])
    assert library.ids()["another"] == path
    assert library.load("another").text["en"].title == "Our own"
    assert library.load("two-exercises").text["en"].title == "Two exercises"


def test_a_file_added_later_is_found(shipped, own):
    library = ProgramLibrary([shipped, own])
    assert "new" not in library.ids()
    write(own, "new")
    assert library.load("new").id == "new"


def test_a_folder_that_is_not_there_has_no_programs(shipped, tmp_path):
    library = ProgramLibrary([shipped, tmp_path / "nothing"])
    assert list(library.ids()) == ["another", "two-exercises"]


def test_a_folder_that_cannot_be_read_does_not_hide_the_others(shipped, tmp_path, caplog):
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        library = ProgramLibrary([shipped, tmp_path / "file"])
        assert library.load("another").id == "another"
    assert f"Programs in {tmp_path / 'file'} cannot be used: Not a directory." in caplog.messages


def test_other_files_and_hidden_ones_are_no_programs(shipped):
    for name in ("schema.json", "notes.txt", ".another.toml", "another.toml~"):
        (shipped / name).touch()
    names = [path.name for path in ProgramLibrary([shipped]).files()]
    assert names == ["another.toml", "two-exercises.toml"]


def test_an_unusable_file_is_listed_but_cannot_be_loaded(shipped):
    (shipped / "broken.toml").write_text("id = ")
    library = ProgramLibrary([shipped])
    assert "broken" in library.ids()
    with pytest.raises(ProgramFileError, match=r"program\.not-toml"):
        library.load("broken")


def test_an_unknown_id_is_answered_with_the_nearest(shipped):
    with pytest.raises(UnknownProgramError) as caught:
        ProgramLibrary([shipped]).load("two-exercise")
    assert str(caught.value) == (
        "There is no program 'two-exercise'. There is: another, two-exercises. "
        "Did you mean two-exercises?"
    )


def test_in_a_folder_of_programs_a_file_bears_its_id(shipped, own):
    path = write(own, "ours", file_name="Our Program.toml")
    library = ProgramLibrary([shipped, own])
    assert path in library.files()
    assert "Our Program" not in library.ids()
    with pytest.raises(ProgramFileError) as caught:
        library.read(path)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("id", "program.file-name-differs")


def test_elsewhere_a_file_may_be_called_anything(shipped, tmp_path):
    path = write(tmp_path, "ours", file_name="draft.toml")
    assert ProgramLibrary([shipped]).resolve(str(path)).id == "ours"


def test_what_looks_like_a_path_is_one_and_anything_else_an_id(shipped, tmp_path):
    library = ProgramLibrary([shipped])
    assert library.resolve("another").id == "another"
    with pytest.raises(ProgramFileError, match=r"another\.toml: program\.file-missing"):
        library.resolve("another.toml")
    with pytest.raises(ProgramFileError, match=r"program\.file-missing"):
        library.resolve(f"{tmp_path}/another")
    with pytest.raises(UnknownProgramError):
        library.resolve("nothing")


def test_the_shipped_folder_is_the_package_of_programs():
    assert list(ProgramLibrary([shipped_folder()]).ids()) == [
        "hip-stretching",
        "low-back-next",
        "low-back-start",
    ]


class TestLinks:
    """Easier and harder levels have to be there and to be what they say."""

    def programs(self, folder, levels):
        for program_id, (level, links) in levels.items():
            text = changed('id = "two-exercises"', f'id = "{program_id}"\n{links}')
            (folder / f"{program_id}.toml").write_text(
                changed("level = 2", f"level = {level}", text)
            )
        library = ProgramLibrary([folder])
        return {program_id: library.load(program_id) for program_id in levels}, library.ids()

    def problems(self, folder, levels):
        programs, sources = self.programs(folder, levels)
        found = link_problems(programs, sources)
        return [(Path(p.source).stem, p.path, p.code, p.suggestion) for p in found]

    def test_levels_that_follow_one_another(self, own):
        levels = {"start": (1, 'next = "onward"'), "onward": (2, 'previous = "start"')}
        assert self.problems(own, levels) == []

    def test_a_level_that_is_not_there(self, own):
        levels = {"start": (1, 'next = "onwards"'), "onward": (2, "")}
        assert self.problems(own, levels) == [("start", "next", "program.level-unknown", "onward")]

    @pytest.mark.parametrize(
        ("key", "level"), [("next", 1), ("next", 2), ("previous", 2), ("previous", 3)]
    )
    def test_a_level_that_is_not_harder_or_easier(self, own, key, level):
        levels = {"own": (2, f'{key} = "other"'), "other": (level, "")}
        assert self.problems(own, levels) == [("own", key, "program.level-order", "")]

    def test_a_level_whose_file_is_broken_is_there_all_the_same(self, own):
        (own / "onward.toml").write_text("")
        levels = {"start": (1, 'next = "onward"')}
        assert self.problems(own, levels) == []
