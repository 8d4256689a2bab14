"""Whatever a file holds, a person gets a message and never a traceback.

`tests/fuzz/test_program_files.py` tries files at random.
"""

import os

import pytest

from kiosk.errors import ProgramFileError
from kiosk.locale.problems import line
from kiosk.programs import LARGEST_FILE
from kiosk.programs.model import Program
from kiosk.programs.reader import read_program
from tests.programs.files import GOOD, problems_of


def problem_of(path):
    """Place, code and values of the one problem of the file at `path`."""
    with pytest.raises(ProgramFileError) as caught:
        read_program(path)
    (problem,) = caught.value.problems
    assert line(problem).startswith(f"{path}: ")
    return problem.path, problem.code, problem.values


@pytest.mark.parametrize(
    ("name", "code", "values"),
    [
        ("nothing.toml", "program.file-missing", {}),
        (".", "program.not-a-file", {}),
        ("pipe.toml", "program.not-a-file", {}),  # and is not waited for
        ("file/a.toml", "file.unreadable", {"reason": "Not a directory"}),
        ("a\0b.toml", "program.file-name-impossible", {}),
        ("large.toml", "program.file-too-large", {"most": 1_000_000}),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, name, code, values):
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "file").touch()
    (tmp_path / "large.toml").write_bytes(b"#" * 10_000_000)
    assert problem_of(tmp_path / name) == ("", code, values)


def test_the_largest_file_that_is_read(tmp_path):
    path = tmp_path / "full.toml"
    path.write_text(GOOD.ljust(LARGEST_FILE, "\n"))
    assert isinstance(read_program(path), Program)
    path.write_text(GOOD.ljust(LARGEST_FILE + 1, "\n"))
    assert problem_of(path)[1] == "program.file-too-large"


def test_text_that_is_not_utf_8(tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes('schema = 1\ntitle = "Rücken"\n'.encode("latin-1"))
    assert problem_of(path) == ("line 2", "program.not-utf8", {})


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("schema = 1\nid two\n", "line 2, column 4", "file.not-toml"),
        ("id = 'two", "end of file", "file.not-toml"),
        ("a = 1\na = 2\n", "", "file.not-toml"),
        ("a = " + "[" * 4_000, "", "program.nested-too-deeply"),
        ("a = " + "{b=" * 1_600, "", "program.nested-too-deeply"),
        ("a = " + "1" * 4_900, "", "program.number-too-long"),
        ("\na" + ".a" * 490_000 + " = 1", "line 2", "program.line-too-long"),
        ("a = 2024-13-45", "line 1, column", "file.not-toml"),
    ],
)
def test_text_that_is_not_toml(text, place, code):
    (problem,) = problems_of(text)
    assert problem.path.startswith(place)
    assert problem.code == code


def test_an_empty_file_lacks_every_needed_key():
    keys = ("schema", "id", "level", "frequency", "text", "exercise")
    assert [(p.path, p.code) for p in problems_of("")] == [
        (key, "program.key-missing") for key in keys
    ]
