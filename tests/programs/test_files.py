"""Programs are found by id in folders, a later folder before an earlier one; the household's own
are checked, saved and removed, and shipped ones stay as they are.
"""

import logging
import os
import resource
import stat
import tomllib
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings

from kiosk.errors import ConflictError, ProgramFileError, StoreError, UnknownProgramError
from kiosk.locale.problems import line
from kiosk.programs.checks import link_problems
from kiosk.programs.document import toml_text
from kiosk.programs.files import (
    MOST_OWN_PROGRAMS,
    ProgramFiles,
    ProgramLibrary,
    ProgramSource,
    shipped_folder,
)
from tests.builders import at_once
from tests.programs.documents import documents
from tests.programs.files import GOOD, changed
from tests.programs.kit import SHIPPED, a_document


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "shipped"
    path.mkdir()
    write(path, "two-exercises")
    write(path, "another")
    return path


@pytest.fixture
def later(tmp_path):
    path = tmp_path / "own"
    path.mkdir()
    return path


def write(folder, program_id, *, title="Two exercises", file_name=None):
    """A program file in `folder`; its path."""
    text = changed('id = "two-exercises"', f'id = "{program_id}"')
    path = folder / (file_name or f"{program_id}.toml")
    path.write_text(changed('title = "Two exercises"', f'title = "{title}"', text))
    return path


def test_a_library_is_a_source_of_programs(folder):
    source: ProgramSource = ProgramLibrary([folder])
    assert dict(source.ids()) == {
        "another": folder / "another.toml",
        "two-exercises": folder / "two-exercises.toml",
    }
    assert source.load("another").id == "another"


def test_a_file_in_a_later_folder_takes_the_place_of_an_earlier_one(folder, later):
    path = write(later, "another", title="Our own")
    library = ProgramLibrary([folder, later])
    assert library.ids()["another"] == path
    assert library.load("another").text["en"].title == "Our own"
    assert library.load("two-exercises").text["en"].title == "Two exercises"


def test_a_file_added_later_is_found(folder, later):
    library = ProgramLibrary([folder, later])
    assert "new" not in library.ids()
    write(later, "new")
    assert library.load("new").id == "new"


def test_a_folder_that_is_not_there_has_no_programs(folder, tmp_path):
    library = ProgramLibrary([folder, tmp_path / "nothing"])
    assert list(library.ids()) == ["another", "two-exercises"]


def test_a_folder_that_cannot_be_read_does_not_hide_the_others(folder, tmp_path, caplog):
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        library = ProgramLibrary([folder, tmp_path / "file"])
        assert library.load("another").id == "another"
    assert f"Programs in {tmp_path / 'file'} cannot be used: Not a directory." in caplog.messages


def test_other_files_and_hidden_ones_are_no_programs(folder):
    for name in ("schema.json", "notes.txt", ".another.toml", "another.toml~"):
        (folder / name).touch()
    names = [path.name for path in ProgramLibrary([folder]).files()]
    assert names == ["another.toml", "two-exercises.toml"]


def test_an_unusable_file_is_listed_but_cannot_be_loaded(folder):
    (folder / "broken.toml").write_text("id = ")
    library = ProgramLibrary([folder])
    assert "broken" in library.ids()
    with pytest.raises(ProgramFileError, match=r"file\.not-toml"):
        library.load("broken")


def test_an_unknown_id_is_answered_with_the_nearest(folder):
    with pytest.raises(UnknownProgramError) as caught:
        ProgramLibrary([folder]).load("two-exercise")
    assert str(caught.value) == (
        "There is no program 'two-exercise'. There is: another, two-exercises. "
        "Did you mean two-exercises?"
    )


def test_in_a_folder_of_programs_a_file_bears_its_id(folder, later):
    path = write(later, "ours", file_name="Our Program.toml")
    library = ProgramLibrary([folder, later])
    assert path in library.files()
    assert "Our Program" not in library.ids()
    with pytest.raises(ProgramFileError) as caught:
        library.read(path)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("id", "program.file-name-differs")


def test_elsewhere_a_file_may_be_called_anything(folder, tmp_path):
    path = write(tmp_path, "ours", file_name="draft.toml")
    assert ProgramLibrary([folder]).resolve(str(path)).id == "ours"


def test_what_looks_like_a_path_is_one_and_anything_else_an_id(folder, tmp_path):
    library = ProgramLibrary([folder])
    assert library.resolve("another").id == "another"
    with pytest.raises(ProgramFileError, match=r"another\.toml: program\.file-missing"):
        library.resolve("another.toml")
    with pytest.raises(ProgramFileError, match=r"program\.file-missing"):
        library.resolve(f"{tmp_path}/another")
    with pytest.raises(UnknownProgramError):
        library.resolve("nothing")


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

    def test_levels_that_follow_one_another(self, later):
        levels = {"start": (1, 'next = "onward"'), "onward": (2, 'previous = "start"')}
        assert self.problems(later, levels) == []

    def test_a_level_that_is_not_there(self, later):
        levels = {"start": (1, 'next = "onwards"'), "onward": (2, "")}
        assert self.problems(later, levels) == [
            ("start", "next", "program.level-unknown", "onward")
        ]

    @pytest.mark.parametrize(
        ("key", "level"), [("next", 1), ("next", 2), ("previous", 2), ("previous", 3)]
    )
    def test_a_level_that_is_not_harder_or_easier(self, later, key, level):
        levels = {"own": (2, f'{key} = "other"'), "other": (level, "")}
        assert self.problems(later, levels) == [("own", key, "program.level-order", "")]

    def test_a_level_whose_file_is_broken_is_there_all_the_same(self, later):
        (later / "onward.toml").write_text("")
        levels = {"start": (1, 'next = "onward"')}
        assert self.problems(later, levels) == []


# --- own files ------------------------------------------------------------------------------------


@pytest.fixture
def shipped(tmp_path):
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "shipped.toml").write_text(SHIPPED)
    return folder


@pytest.fixture
def own(tmp_path):
    return tmp_path / "state" / "programs"


@pytest.fixture
def programs(shipped, own):
    return ProgramFiles(shipped, own)


def problems_of(programs, document):
    with pytest.raises(ProgramFileError) as refused:
        programs.check(document)
    assert all(line(problem).startswith("program: ") for problem in refused.value.problems)
    return [(problem.path, problem.code) for problem in refused.value.problems]


@settings(max_examples=30, deadline=None)
@given(documents())
def test_what_is_written_reads_back_to_the_same_document(document):
    assert tomllib.loads(toml_text(document)) == document


@settings(max_examples=30, deadline=None)
@given(documents())
def test_a_document_and_the_file_of_it_describe_the_same_program(document):
    programs = ProgramFiles(shipped_folder(), shipped_folder())
    assert programs.check(document) == programs.check(programs.parse(toml_text(document)))


@pytest.mark.parametrize("name", ["hip-stretching", "low-back-next", "low-back-start"])
def test_shipped_programs_are_written_back_to_the_same_document(name):
    programs = ProgramFiles(shipped_folder(), shipped_folder())
    document = programs.document(name)
    assert programs.parse(toml_text(document)) == document
    assert programs.check(document) == programs.load(name)


def test_a_file_is_laid_out_for_people():
    jumbled = dict(reversed(a_document().items()))
    text = toml_text(jumbled)
    assert text.startswith(
        'schema = 1\nid = "two-exercises"\nlevel = 2\n\n'
        "[frequency]\ntimes_per_day = [1, 3]\ndays_per_week = [5, 7]\n\n"
        '[text.en]\ntitle = "Two exercises"\n'
    )
    assert (
        "phases = [\n"
        '    { do = "lift", seconds = 2 },\n'
        '    { do = "hold", seconds = 3.5, range = [3, 5] },\n'
        '    { do = "rest", seconds = 4, range = [3, 5] },\n'
        "]\nrest_between_sets = 20\n\n"
        "[[exercise.source]]\n"
    ) in text
    assert 'phases = { lift = "hips up" }\n' in text


def test_a_new_program_is_kept_and_found_again(programs, own):
    program = programs.save(a_document(), "")
    assert program == programs.load("two-exercises")
    assert dict(programs.ids())["two-exercises"] == own / "two-exercises.toml"
    assert programs.document("two-exercises") == a_document()
    assert programs.text("two-exercises") == toml_text(a_document())
    assert (programs.is_own("two-exercises"), programs.is_shipped("two-exercises")) == (True, False)
    assert [path.name for path in own.iterdir()] == ["two-exercises.toml"]


def test_a_changed_program_is_loaded_as_it_is_now(programs):
    programs.save(a_document(), "")
    assert programs.load("two-exercises").level == 2
    programs.save(a_document(level=3), programs.version("two-exercises"))
    assert programs.load("two-exercises").level == 3


def test_a_program_saved_under_a_shipped_id_takes_its_place_and_leaves_its_file_alone(
    programs, shipped
):
    programs.save(a_document(id="shipped", level=7), programs.version("shipped"))
    assert programs.load("shipped").level == 7
    assert (programs.is_own("shipped"), programs.is_shipped("shipped")) == (True, True)
    assert (shipped / "shipped.toml").read_text() == SHIPPED
    programs.remove("shipped", programs.version("shipped"))
    assert programs.load("shipped").level == 2
    assert (shipped / "shipped.toml").read_text() == SHIPPED


def test_a_shipped_program_is_not_removed(programs, shipped):
    with pytest.raises(UnknownProgramError, match="There is no program 'shipped' of your own"):
        programs.remove("shipped", programs.version("shipped"))
    assert (shipped / "shipped.toml").read_text() == SHIPPED


def test_the_version_is_that_of_the_file_that_counts(programs):
    assert programs.version("two-exercises") == ""
    programs.save(a_document(), "")
    first = programs.version("two-exercises")
    programs.save(a_document(level=3), first)
    second = programs.version("two-exercises")
    programs.save(a_document(), second)
    assert "" != first != second
    assert programs.version("two-exercises") == first


def test_who_is_slower_overwrites_nothing(programs):
    programs.save(a_document(), "")
    seen = programs.version("two-exercises")
    programs.save(a_document(level=3), seen)
    for late in (seen, ""):
        with pytest.raises(ConflictError):
            programs.save(a_document(level=4), late)
    with pytest.raises(ConflictError, match="was changed by somebody else meanwhile"):
        programs.remove("two-exercises", seen)
    assert programs.load("two-exercises").level == 3


def test_a_new_program_does_not_take_the_place_of_one_that_is_there(programs):
    with pytest.raises(ConflictError, match="a program 'shipped' already"):
        programs.save(a_document(id="shipped"), "")
    assert not programs.is_own("shipped")


def test_a_program_that_was_removed_meanwhile_does_not_come_back(programs):
    programs.save(a_document(), "")
    seen = programs.version("two-exercises")
    programs.remove("two-exercises", seen)
    with pytest.raises(ConflictError, match="Somebody has removed the program 'two-exercises'"):
        programs.save(a_document(), seen)
    assert dict(programs.ids()).keys() == {"shipped"}


def test_of_many_who_save_at_once_one_is_first(programs):
    programs.save(a_document(), "")
    seen = programs.version("two-exercises")
    outcomes = at_once(
        *(partial(programs.save, a_document(level=level), seen) for level in range(3, 9))
    )
    winners = [one.level for one in outcomes if not isinstance(one, ConflictError)]
    assert len(outcomes) == 6
    assert winners == [programs.load("two-exercises").level]


def test_nothing_is_kept_of_a_program_that_is_not_right(programs, own):
    with pytest.raises(ProgramFileError):
        programs.save(a_document(level=12), "")
    assert not own.exists()


@pytest.mark.parametrize(
    "wanted",
    [
        "../escape",
        "./shipped",
        "shipped.toml",
        "/etc/passwd",
        "a/b",
        "..",
        ".",
        ".hidden",
        "UP",
        "a\x00b",
        "a\n",
        "",
    ],
)
def test_an_id_is_never_taken_for_a_path(programs, own, wanted):
    assert [path for path, _ in problems_of(programs, a_document(id=wanted))] == ["id"]
    assert programs.version(wanted) == ""
    for act in (
        programs.load,
        programs.text,
        programs.document,
        lambda name: programs.remove(name, ""),
    ):
        with pytest.raises(UnknownProgramError):
            act(wanted)
    assert not own.exists()


def test_no_program_is_called_as_the_walk(programs):
    assert problems_of(programs, a_document(id="walk")) == [("id", "program.id-of-walk")]


def test_levels_have_to_lead_somewhere(programs):
    for wanted, code in (("shiped", "program.level-unknown"), ("shipped", "program.level-order")):
        assert problems_of(programs, a_document(next=wanted)) == [("next", code)]
    assert programs.check(a_document(level=1, next="shipped")).next_level == "shipped"


def test_a_text_that_holds_no_program_can_be_told_of(programs):
    assert programs.parse("\ufefflevel = 3") == {"level": 3}
    with pytest.raises(ProgramFileError, match=r"file\.not-toml"):
        programs.parse("level = ")


def test_a_file_that_is_no_program_can_still_be_looked_at_and_replaced(programs, own):
    own.mkdir(parents=True)
    (own / "broken.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ProgramFileError, match=r"program\.not-utf8"):
        programs.document("broken")
    (own / "half.toml").write_text('id = "half"')
    assert programs.document("half") == {"id": "half"}
    for name in ("broken", "half"):
        programs.save(a_document(id=name), programs.version(name))
        assert programs.load(name).id == name


def test_a_file_that_cannot_be_read_has_a_version_and_can_be_removed(programs, own):
    own.mkdir(parents=True)
    (own / "large.toml").write_bytes(b"#" * 1_000_001)
    programs.remove("large", programs.version("large"))
    assert list(own.iterdir()) == []


def test_five_hundred_programs_are_the_most(programs, own):
    own.mkdir(parents=True)
    for number in range(MOST_OWN_PROGRAMS):
        (own / f"own-{number}.toml").touch()
    with pytest.raises(StoreError, match="There are 500 programs of your own already"):
        programs.save(a_document(), "")
    programs.save(a_document(id="own-7"), programs.version("own-7"))
    assert programs.load("own-7").id == "own-7"


def test_a_program_that_is_too_large_for_a_file_is_refused(programs):
    first = a_document()["exercise"][0]
    text = {
        language: {"name": "Bridge", "how": "x" * 600}
        for language in ("en", *(f"{a}{b}" for a in "abcdefghijklm" for b in "abcdefghij"))
    }
    many = [first | {"id": f"bridge-{n}", "reps": 5, "sets": 1, "text": text} for n in range(15)]
    assert problems_of(programs, a_document(exercise=many)) == [("", "program.too-large")]


def test_a_full_disk_leaves_what_was_there(programs, own):
    programs.save(a_document(), "")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(StoreError, match=r"cannot be used \(File too large\)"):
            programs.save(a_document(level=3), programs.version("two-exercises"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert programs.load("two-exercises").level == 2
    assert [path.name for path in own.iterdir()] == ["two-exercises.toml"]


def test_a_folder_that_cannot_be_made_is_told_of(shipped, tmp_path):
    (tmp_path / "file").touch()
    programs = ProgramFiles(shipped, tmp_path / "file" / "programs")
    with pytest.raises(StoreError, match="Not a directory"):
        programs.save(a_document(), "")


def test_what_an_interrupted_save_left_behind_is_no_program_and_in_nobodys_way(programs, own):
    own.mkdir(parents=True)
    (own / ".two-exercises.toml.tmp").write_text("sche")
    assert dict(programs.ids()).keys() == {"shipped"}
    programs.save(a_document(), "")
    assert [path.name for path in own.iterdir()] == ["two-exercises.toml"]


def test_a_link_in_the_place_of_a_program_is_replaced_not_followed(programs, own, tmp_path):
    own.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(GOOD)
    (own / "two-exercises.toml").symlink_to(elsewhere)
    programs.save(a_document(level=3), programs.version("two-exercises"))
    assert elsewhere.read_text() == GOOD
    assert stat.S_ISREG(os.lstat(own / "two-exercises.toml").st_mode)
