"""The shelf: program files read, checked, kept and removed; shipped ones stay as they are."""

import os
import resource
import stat
import threading
import tomllib

import pytest
from hypothesis import given, settings

from kiosk.errors import ConflictError, ProgramFileError, StoreError, UnknownProgramError
from kiosk.locale.problems import line
from kiosk.programs.files import MOST_OWN_PROGRAMS, ProgramFiles, shipped_folder
from kiosk.programs.writer import toml_text
from tests.programs.documents import documents
from tests.programs.files import GOOD, changed

SHIPPED_TEXT = changed('id = "two-exercises"', 'id = "shipped"')


@pytest.fixture
def shipped(tmp_path):
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "shipped.toml").write_text(SHIPPED_TEXT)
    return folder


@pytest.fixture
def own(tmp_path):
    return tmp_path / "state" / "programs"


@pytest.fixture
def shelf(shipped, own):
    return ProgramFiles(shipped, own)


def a_document(**keys):
    return tomllib.loads(GOOD) | keys


def problems_of(shelf, document):
    with pytest.raises(ProgramFileError) as refused:
        shelf.check(document)
    assert all(line(problem).startswith("program: ") for problem in refused.value.problems)
    return [(problem.path, problem.code) for problem in refused.value.problems]


@settings(max_examples=30, deadline=None)
@given(documents())
def test_what_is_written_reads_back_to_the_same_document(document):
    assert tomllib.loads(toml_text(document)) == document


@settings(max_examples=30, deadline=None)
@given(documents())
def test_a_document_and_the_file_of_it_describe_the_same_program(document):
    shelf = ProgramFiles(shipped_folder(), shipped_folder())
    assert shelf.check(document) == shelf.check(shelf.parse(toml_text(document)))


@pytest.mark.parametrize("name", ["hip-stretching", "low-back-next", "low-back-start"])
def test_shipped_programs_are_written_back_to_the_same_document(name):
    shelf = ProgramFiles(shipped_folder(), shipped_folder())
    document = shelf.document(name)
    assert shelf.parse(toml_text(document)) == document
    assert shelf.check(document) == shelf.load(name)


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


def test_a_new_program_is_kept_and_found_again(shelf, own):
    port: ProgramFiles = shelf
    program = port.save(a_document(), "")
    assert program == port.load("two-exercises")
    assert dict(port.ids())["two-exercises"] == own / "two-exercises.toml"
    assert port.document("two-exercises") == a_document()
    assert port.text("two-exercises") == toml_text(a_document())
    assert (port.is_own("two-exercises"), port.is_shipped("two-exercises")) == (True, False)
    assert [path.name for path in own.iterdir()] == ["two-exercises.toml"]


def test_a_changed_program_is_loaded_as_it_is_now(shelf):
    shelf.save(a_document(), "")
    assert shelf.load("two-exercises").level == 2
    shelf.save(a_document(level=3), shelf.version("two-exercises"))
    assert shelf.load("two-exercises").level == 3


def test_a_program_saved_under_a_shipped_id_takes_its_place_and_leaves_its_file_alone(
    shelf, shipped
):
    shelf.save(a_document(id="shipped", level=7), shelf.version("shipped"))
    assert shelf.load("shipped").level == 7
    assert (shelf.is_own("shipped"), shelf.is_shipped("shipped")) == (True, True)
    assert (shipped / "shipped.toml").read_text() == SHIPPED_TEXT
    shelf.remove("shipped", shelf.version("shipped"))
    assert shelf.load("shipped").level == 2
    assert (shipped / "shipped.toml").read_text() == SHIPPED_TEXT


def test_a_shipped_program_is_not_removed(shelf, shipped):
    with pytest.raises(UnknownProgramError, match="There is no program 'shipped' of your own"):
        shelf.remove("shipped", shelf.version("shipped"))
    assert (shipped / "shipped.toml").read_text() == SHIPPED_TEXT


def test_the_version_is_that_of_the_file_that_counts(shelf):
    assert shelf.version("two-exercises") == ""
    shelf.save(a_document(), "")
    first = shelf.version("two-exercises")
    shelf.save(a_document(level=3), first)
    second = shelf.version("two-exercises")
    shelf.save(a_document(), second)
    assert "" != first != second
    assert shelf.version("two-exercises") == first


def test_who_is_slower_overwrites_nothing(shelf):
    shelf.save(a_document(), "")
    seen = shelf.version("two-exercises")
    shelf.save(a_document(level=3), seen)
    for late in (seen, ""):
        with pytest.raises(ConflictError):
            shelf.save(a_document(level=4), late)
    with pytest.raises(ConflictError, match="was changed by somebody else meanwhile"):
        shelf.remove("two-exercises", seen)
    assert shelf.load("two-exercises").level == 3


def test_a_new_program_does_not_take_the_place_of_one_that_is_there(shelf):
    with pytest.raises(ConflictError, match="a program 'shipped' already"):
        shelf.save(a_document(id="shipped"), "")
    assert not shelf.is_own("shipped")


def test_a_program_that_was_removed_meanwhile_does_not_come_back(shelf):
    shelf.save(a_document(), "")
    seen = shelf.version("two-exercises")
    shelf.remove("two-exercises", seen)
    with pytest.raises(ConflictError, match="Somebody has removed the program 'two-exercises'"):
        shelf.save(a_document(), seen)
    assert dict(shelf.ids()).keys() == {"shipped"}


def test_of_many_who_save_at_once_one_is_first(shelf):
    shelf.save(a_document(), "")
    seen = shelf.version("two-exercises")
    outcomes = []

    def save(level):
        try:
            outcomes.append(shelf.save(a_document(level=level), seen).level)
        except ConflictError:
            outcomes.append(None)

    threads = [threading.Thread(target=save, args=(level,)) for level in range(3, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [level for level in outcomes if level is not None]
    assert len(outcomes) == 6
    assert winners == [shelf.load("two-exercises").level]


def test_everything_wrong_is_told_at_once_by_its_place_in_the_file(shelf):
    document = a_document(level=12, lvl=1)
    document["exercise"][0]["reps"] = 40
    document["exercise"][1]["phases"][0]["seconds"] = "long"
    assert [path for path, _ in problems_of(shelf, document)] == [
        "level",
        "lvl",
        "exercise[0].reps",
        "exercise[1].phases[0].seconds",
    ]


def test_nothing_is_kept_of_a_program_that_is_not_right(shelf, own):
    with pytest.raises(ProgramFileError):
        shelf.save(a_document(level=12), "")
    assert not own.exists()


@pytest.mark.parametrize(
    "wanted", ["../escape", "/etc/passwd", "a/b", "..", ".hidden", "UP", "a\x00b", ""]
)
def test_an_id_is_never_taken_for_a_path(shelf, own, wanted):
    assert [path for path, _ in problems_of(shelf, a_document(id=wanted))] == ["id"]
    assert shelf.version(wanted) == ""
    for act in (shelf.load, shelf.text, shelf.document, lambda name: shelf.remove(name, "")):
        with pytest.raises(UnknownProgramError):
            act(wanted)
    assert not own.exists()


def test_no_program_is_called_as_the_walk(shelf):
    assert problems_of(shelf, a_document(id="walk")) == [("id", "program.id-of-walk")]


def test_levels_have_to_lead_somewhere(shelf):
    assert problems_of(shelf, a_document(next="shiped")) == [("next", "program.level-unknown")]
    assert problems_of(shelf, a_document(next="shipped")) == [("next", "program.level-order")]
    assert shelf.check(a_document(level=1, next="shipped")).next_level == "shipped"


def test_a_text_that_holds_no_program_can_be_told_of(shelf):
    assert shelf.parse("\ufefflevel = 3") == {"level": 3}
    with pytest.raises(ProgramFileError, match=r"program\.not-toml"):
        shelf.parse("level = ")


def test_a_file_that_is_no_program_can_still_be_looked_at_and_replaced(shelf, own):
    own.mkdir(parents=True)
    (own / "broken.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ProgramFileError, match=r"program\.not-utf8"):
        shelf.document("broken")
    (own / "half.toml").write_text('id = "half"')
    assert shelf.document("half") == {"id": "half"}
    for name in ("broken", "half"):
        shelf.save(a_document(id=name), shelf.version(name))
        assert shelf.load(name).id == name


def test_a_file_that_cannot_be_read_has_a_version_and_can_be_removed(shelf, own):
    own.mkdir(parents=True)
    (own / "large.toml").write_bytes(b"#" * 1_000_001)
    shelf.remove("large", shelf.version("large"))
    assert list(own.iterdir()) == []


def test_five_hundred_programs_are_the_most(shelf, own):
    own.mkdir(parents=True)
    for number in range(MOST_OWN_PROGRAMS):
        (own / f"own-{number}.toml").touch()
    with pytest.raises(StoreError, match="There are 500 programs of your own already"):
        shelf.save(a_document(), "")
    shelf.save(a_document(id="own-7"), shelf.version("own-7"))
    assert shelf.load("own-7").id == "own-7"


def test_a_program_that_is_too_large_for_a_file_is_refused(shelf):
    first = a_document()["exercise"][0]
    text = {
        language: {"name": "Bridge", "how": "x" * 600}
        for language in ("en", *(f"{a}{b}" for a in "abcdefghijklm" for b in "abcdefghij"))
    }
    many = [first | {"id": f"bridge-{n}", "reps": 5, "sets": 1, "text": text} for n in range(15)]
    assert problems_of(shelf, a_document(exercise=many)) == [("", "program.too-large")]


def test_a_full_disk_leaves_what_was_there(shelf, own):
    shelf.save(a_document(), "")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(StoreError, match=r"cannot be used \(File too large\)"):
            shelf.save(a_document(level=3), shelf.version("two-exercises"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert shelf.load("two-exercises").level == 2
    assert [path.name for path in own.iterdir()] == ["two-exercises.toml"]


def test_a_folder_that_cannot_be_made_is_told_of(shipped, tmp_path):
    (tmp_path / "file").touch()
    shelf = ProgramFiles(shipped, tmp_path / "file" / "programs")
    with pytest.raises(StoreError, match="Not a directory"):
        shelf.save(a_document(), "")


def test_what_an_interrupted_save_left_behind_is_no_program_and_in_nobodys_way(shelf, own):
    own.mkdir(parents=True)
    (own / ".two-exercises.toml.tmp").write_text("sche")
    assert dict(shelf.ids()).keys() == {"shipped"}
    shelf.save(a_document(), "")
    assert [path.name for path in own.iterdir()] == ["two-exercises.toml"]


def test_a_link_in_the_place_of_a_program_is_replaced_not_followed(shelf, own, tmp_path):
    own.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(GOOD)
    (own / "two-exercises.toml").symlink_to(elsewhere)
    shelf.save(a_document(level=3), shelf.version("two-exercises"))
    assert elsewhere.read_text() == GOOD
    assert stat.S_ISREG(os.lstat(own / "two-exercises.toml").st_mode)
