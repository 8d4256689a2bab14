"""Whatever a file holds, a person gets a message and never a traceback."""

import os
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ProgramFileError
from kiosk.programs.model import Program
from kiosk.programs.names import LARGEST_FILE
from kiosk.programs.reader import parse_program, program_of, read_program
from tests.programs.files import GOOD, complaints


def message(path):
    """The one problem of the file at `path`, without its name."""
    with pytest.raises(ProgramFileError) as caught:
        read_program(path)
    (problem,) = caught.value.problems
    assert problem.source == str(path)
    return f"{problem.path}: {problem.message}"


def test_a_missing_file(tmp_path):
    assert message(tmp_path / "nothing.toml") == ": There is no such file."


def test_a_folder(tmp_path):
    assert message(tmp_path) == ": This is not a file but a folder or a device."


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    expected = ": This is not a file but a folder or a device."
    assert message(tmp_path / "pipe.toml") == expected


def test_a_file_that_cannot_be_reached(tmp_path):
    (tmp_path / "file").touch()
    expected = ": The file cannot be read: Not a directory."
    assert message(tmp_path / "file" / "program.toml") == expected


def test_a_name_no_file_can_have(tmp_path):
    assert message(tmp_path / "a\0b.toml") == ": This cannot be the name of a file."


def test_ten_megabytes(tmp_path):
    path = tmp_path / "large.toml"
    path.write_bytes(b"#" * 10_000_000)
    assert message(path) == ": The file is too large for a program; 1,000,000 bytes are the most."


def test_the_largest_file_that_is_read(tmp_path):
    path = tmp_path / "full.toml"
    path.write_text(GOOD.ljust(LARGEST_FILE, "\n"))
    assert isinstance(read_program(path), Program)
    path.write_text(GOOD.ljust(LARGEST_FILE + 1, "\n"))
    assert "too large" in message(path)


def test_text_that_is_not_utf_8(tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes('schema = 1\ntitle = "Rücken"\n'.encode("latin-1"))
    expected = "line 2: The file is not UTF-8 text. Save it with the encoding UTF-8."
    assert message(path) == expected


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("schema = 1\nid two\n", "line 2, column 4", "The file is not valid TOML: "),
        ("id = 'two", "end of file", "The file is not valid TOML: "),
        ("a = 1\na = 2\n", "", "The file is not valid TOML: "),
        ("a = " + "[" * 4_000, "", "Lists or tables are nested too deeply."),
        ("a = " + "{b=" * 1_600, "", "Lists or tables are nested too deeply."),
        ("a = " + "1" * 4_900, "", "A number in the file is too long to be read."),
        ("\na" + ".a" * 490_000 + " = 1", "line 2", "The line is too long; 5,000 characters"),
        ("a = 2024-13-45", "line 1, column", "The file is not valid TOML: "),
    ],
)
def test_text_that_is_not_toml(text, place, reason):
    (complaint,) = complaints(text)
    assert complaint.startswith(f"file.toml: {place}")
    assert reason in complaint


def test_an_empty_file_lacks_every_needed_key():
    assert [complaint.split(": ")[1] for complaint in complaints("")] == [
        "schema",
        "id",
        "level",
        "frequency",
        "text",
        "exercise",
    ]


WORDS = sorted(set(GOOD.split()))
HUGE = "9" * 4000
LONG_HEX = "0x" + "f" * 4000
JUNK = st.sampled_from(
    f"0 -1 nan inf true 1e400 {HUGE} {LONG_HEX} 1979-05-27 07:32:00 '' \"\\u0007\" [] [[]] {{}} "
    "{id=1} = [ ]] # [exercise]".split()
)


@st.composite
def spoilt_files(draw):
    """The good file with some of its words left out, changed over or replaced by junk."""
    words = GOOD.replace("\n", " \n ").split(" ")
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(words) - 1))
        words[place] = draw(st.just("") | JUNK | st.sampled_from(WORDS) | st.text(max_size=8))
    return " ".join(words)


@given(spoilt_files())
def test_a_spoilt_file_is_read_or_complained_about(text):
    try:
        assert isinstance(parse_program(text, "file.toml"), Program)
    except ProgramFileError as error:
        for problem in error.problems:
            assert problem.source == "file.toml"
            assert str(problem).isprintable()


TOML_VALUES = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.text(max_size=5)
    | st.sampled_from(["both", "alternate", "hold", "lift", "mat", "en", 10**4000]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "do", "seconds", "range", "en", "reps", "side", "phases", "text"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@st.composite
def changed_documents(draw):
    """The content of the good file with a value, anywhere in it, left out or another."""
    document = tomllib.loads(GOOD)
    holder = document
    while True:
        step = draw(
            st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder)))
        )
        if not isinstance(holder[step], dict | list) or not holder[step] or draw(st.booleans()):
            break
        holder = holder[step]
    if draw(st.booleans()):
        holder[step] = draw(TOML_VALUES)
    else:
        del holder[step]
    return document


@given(changed_documents())
def test_a_value_of_any_kind_is_taken_or_complained_about(document):
    try:
        assert isinstance(program_of(document, "file.toml"), Program)
    except ProgramFileError as error:
        for problem in error.problems:
            assert problem.source == "file.toml"
            assert str(problem).isprintable()
