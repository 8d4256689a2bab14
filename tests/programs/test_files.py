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
from tests.programs.files import GOOD, changed
from tests.programs.kit import SHIPPED, a_document, documents


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


def test_a_library_finds_programs_by_id_in_folders_the_later_before_the_earlier(folder, later):
    source: ProgramSource = ProgramLibrary([folder, later])
    assert dict(source.ids()) == {
        "another": folder / "another.toml",
        "two-exercises": folder / "two-exercises.toml",
    }
    path = write(later, "another", title="Our own")
    write(later, "new")
    assert source.ids()["another"] == path
    assert source.load("another").text["en"].title == "Our own"
    assert source.load("two-exercises").text["en"].title == "Two exercises"
    assert source.load("new").id == "new", "though it was added later"


def test_folders_that_are_not_there_or_cannot_be_read_do_not_hide_the_others(
    folder, tmp_path, caplog
):
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        library = ProgramLibrary([folder, tmp_path / "nothing", tmp_path / "file"])
        assert list(library.ids()) == ["another", "two-exercises"]
    assert f"Programs in {tmp_path / 'file'} cannot be used: Not a directory." in caplog.messages


def test_of_all_files_those_of_programs_are_listed_though_one_cannot_be_used(folder, later):
    for name in ("schema.json", "notes.txt", ".another.toml", "another.toml~"):
        (folder / name).touch()
    (folder / "broken.toml").write_text("id = ")
    ours = write(later, "ours", file_name="Our Program.toml")
    library = ProgramLibrary([folder, later])
    names = [path.name for path in library.files()]
    assert sorted(names) == [
        "Our Program.toml",
        "another.toml",
        "broken.toml",
        "two-exercises.toml",
    ]
    assert [*library.ids()] == ["another", "broken", "two-exercises"]
    with pytest.raises(ProgramFileError, match=r"file\.not-toml"):
        library.load("broken")
    with pytest.raises(ProgramFileError) as caught:
        library.read(ours)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("id", "program.file-name-differs")


def test_what_looks_like_a_path_is_one_and_anything_else_an_id(folder, tmp_path):
    library = ProgramLibrary([folder])
    assert library.resolve("another").id == "another"
    path = write(tmp_path, "ours", file_name="draft.toml")
    assert library.resolve(str(path)).id == "ours", "elsewhere a file may be called anything"
    with pytest.raises(ProgramFileError, match=r"another\.toml: program\.file-missing"):
        library.resolve("another.toml")
    with pytest.raises(ProgramFileError, match=r"program\.file-missing"):
        library.resolve(f"{tmp_path}/another")
    with pytest.raises(UnknownProgramError) as caught:
        library.resolve("two-exercise")
    known = {"program": "two-exercise", "known": ("another", "two-exercises")}
    assert caught.value.values == known | {"near": "two-exercises"}


@pytest.mark.parametrize(
    ("levels", "problems"),
    [
        ({"own": (1, 'next = "other"'), "other": (2, 'previous = "own"')}, []),
        (
            {"own": (1, 'next = "others"'), "other": (2, "")},
            [("own", "next", "program.unknown", "other")],
        ),
        *(
            (
                {"own": (2, f'{key} = "other"'), "other": (level, "")},
                [("own", key, "program.level-order", "")],
            )
            for key, level in (("next", 1), ("next", 2), ("previous", 2), ("previous", 3))
        ),
        ({"own": (1, 'next = "broken"')}, []),
    ],
    ids=[
        *("levels that follow one another", "one that is not there"),
        *("next easier", "next as hard", "previous as hard", "previous harder"),
        "one whose file is broken",
    ],
)
def test_easier_and_harder_levels_have_to_be_there_and_to_be_what_they_say(later, levels, problems):
    (later / "broken.toml").write_text("")
    for name, (level, links) in levels.items():
        text = changed('id = "two-exercises"', f'id = "{name}"\n{links}')
        (later / f"{name}.toml").write_text(changed("level = 2", f"level = {level}", text))
    library = ProgramLibrary([later])
    found = link_problems({name: library.load(name) for name in levels}, library.ids())
    assert [(Path(p.source).stem, p.path, p.code, p.suggestion) for p in found] == problems


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


@settings(max_examples=40, deadline=None)
@given(documents())
def test_a_document_is_written_and_read_back_and_its_file_describes_the_same_program(document):
    programs = ProgramFiles(shipped_folder(), shipped_folder())
    text = toml_text(document)
    assert tomllib.loads(text) == document
    assert programs.check(document) == programs.check(programs.parse(text))


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


def test_a_new_program_is_found_again_and_a_changed_one_as_it_is_now(programs, own):
    assert programs.version("two-exercises") == ""
    program = programs.save(a_document(), "")
    assert program == programs.load("two-exercises")
    assert dict(programs.ids())["two-exercises"] == own / "two-exercises.toml"
    assert programs.document("two-exercises") == a_document()
    assert programs.text("two-exercises") == toml_text(a_document())
    assert (programs.is_own("two-exercises"), programs.is_shipped("two-exercises")) == (True, False)
    assert [path.name for path in own.iterdir()] == ["two-exercises.toml"]

    first = programs.version("two-exercises")
    programs.save(a_document(level=3), first)
    assert programs.load("two-exercises").level == 3
    second = programs.version("two-exercises")
    programs.save(a_document(), second)
    assert "" != first != second
    assert programs.version("two-exercises") == first


def test_a_program_under_a_shipped_id_takes_its_place_but_the_shipped_one_stays(programs, shipped):
    with pytest.raises(ConflictError, match=r"^program\.id-taken .*'shipped'"):
        programs.save(a_document(id="shipped"), "")
    assert not programs.is_own("shipped")

    programs.save(a_document(id="shipped", level=7), programs.version("shipped"))
    assert programs.load("shipped").level == 7
    assert (programs.is_own("shipped"), programs.is_shipped("shipped")) == (True, True)
    programs.remove("shipped", programs.version("shipped"))
    assert programs.load("shipped").level == 2
    with pytest.raises(UnknownProgramError, match=r"^program\.not-own .*'shipped'"):
        programs.remove("shipped", programs.version("shipped"))
    assert (shipped / "shipped.toml").read_text() == SHIPPED


def test_who_is_slower_overwrites_nothing_and_brings_nothing_back(programs):
    programs.save(a_document(), "")
    seen = programs.version("two-exercises")
    programs.save(a_document(level=3), seen)
    for late in (seen, ""):
        with pytest.raises(ConflictError):
            programs.save(a_document(level=4), late)
    with pytest.raises(ConflictError, match=r"^program\.changed-meanwhile"):
        programs.remove("two-exercises", seen)
    assert programs.load("two-exercises").level == 3

    seen = programs.version("two-exercises")
    programs.remove("two-exercises", seen)
    with pytest.raises(ConflictError, match=r"^program\.removed-meanwhile .*'two-ex"):
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


def test_nothing_is_kept_of_a_program_that_is_not_right_or_has_no_place(programs, own, shipped):
    with pytest.raises(ProgramFileError):
        programs.save(a_document(level=12), "")
    assert not own.exists()

    with pytest.raises(StoreError, match="Not a directory"):
        ProgramFiles(shipped, shipped / "shipped.toml" / "programs").save(a_document(), "")


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


def test_what_a_program_may_be_called_and_its_levels_lead_to(programs):
    assert problems_of(programs, a_document(id="walk")) == [("id", "program.id-of-walk")]
    for wanted, code in (("shiped", "program.unknown"), ("shipped", "program.level-order")):
        assert problems_of(programs, a_document(next=wanted)) == [("next", code)]
    assert programs.check(a_document(level=1, next="shipped")).next_level == "shipped"


def test_a_file_that_is_no_program_can_still_be_looked_at_replaced_and_removed(programs, own):
    assert programs.parse("\ufefflevel = 3") == {"level": 3}
    with pytest.raises(ProgramFileError, match=r"file\.not-toml"):
        programs.parse("level = ")
    own.mkdir(parents=True)
    (own / "broken.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ProgramFileError, match=r"program\.not-utf8"):
        programs.document("broken")
    (own / "half.toml").write_text('id = "half"')
    assert programs.document("half") == {"id": "half"}
    (own / "large.toml").write_bytes(b"#" * 1_000_001)
    programs.remove("large", programs.version("large"))
    assert {path.stem for path in own.iterdir()} == {"broken", "half"}
    for name in ("broken", "half"):
        programs.save(a_document(id=name), programs.version(name))
        assert programs.load(name).id == name


def test_five_hundred_programs_are_the_most_and_each_has_to_fit_into_a_file(programs, own):
    first = a_document()["exercise"][0]
    text = {
        language: {"name": "Bridge", "how": "x" * 600}
        for language in ("en", *(f"{a}{b}" for a in "abcdefghijklm" for b in "abcdefghij"))
    }
    many = [first | {"id": f"bridge-{n}", "reps": 5, "sets": 1, "text": text} for n in range(15)]
    assert problems_of(programs, a_document(exercise=many)) == [("", "program.too-large")]

    own.mkdir(parents=True)
    for number in range(MOST_OWN_PROGRAMS):
        (own / f"own-{number}.toml").touch()
    with pytest.raises(StoreError, match="There are 500 programs of your own already"):
        programs.save(a_document(), "")
    programs.save(a_document(id="own-7"), programs.version("own-7"))
    assert programs.load("own-7").id == "own-7"


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


def test_neither_an_interrupted_save_nor_a_link_is_in_the_way_of_the_next_save(
    programs, own, tmp_path
):
    own.mkdir(parents=True)
    (own / ".two-exercises.toml.tmp").write_text("sche")
    assert dict(programs.ids()).keys() == {"shipped"}
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(GOOD)
    (own / "two-exercises.toml").symlink_to(elsewhere)
    programs.save(a_document(level=3), programs.version("two-exercises"))
    assert [path.name for path in own.iterdir()] == ["two-exercises.toml"]
    assert elsewhere.read_text() == GOOD
    assert stat.S_ISREG(os.lstat(own / "two-exercises.toml").st_mode)
