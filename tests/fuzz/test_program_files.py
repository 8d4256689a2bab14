"""Whatever becomes of a program file, it is a program that can be played, or it is complained of
in sentences that name the file and the place.
"""

import tomllib
from itertools import pairwise

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from kiosk.errors import KioskError, ProgramFileError
from kiosk.locale.problems import line, sentence
from kiosk.programs.document import toml_text
from kiosk.programs.files import ProgramFiles, shipped_folder
from kiosk.programs.model import Program
from kiosk.programs.reader import program_of, read_program
from kiosk.settings.model import Settings
from kiosk.timeline.script import compile_timeline
from kiosk.timeline.timeline import Timeline
from tests.builders import ENGLISH, ten_ms_a_letter
from tests.fuzz.profile import tried
from tests.fuzz.spoilt import spoilt_bytes, spoilt_documents
from tests.soak.invariants import cues_in_order

SHIPPED = {path.stem: path.read_bytes() for path in sorted(shipped_folder().glob("*.toml"))}
DOCUMENTS = [tomllib.loads(content.decode()) for content in SHIPPED.values()]


def is_complained_of(error: ProgramFileError, source: str) -> None:
    """Each problem says where it is, and what, in letters that any screen shows."""
    assert error.problems
    for problem in error.problems:
        assert problem.source == source, problem
        assert line(problem).isprintable(), problem
        assert sentence(problem).endswith("."), problem


def can_be_played(program: Program) -> Timeline | None:
    """The session that the program makes, which keeps its order."""
    if "en" not in program.languages:
        return None
    timeline = compile_timeline(program, ENGLISH, Settings(), ten_ms_a_letter)
    cues_in_order(timeline)
    for span, next_span in pairwise(timeline.spans):
        assert span.at < next_span.at
    assert timeline.duration > 0
    return timeline


@given(st.sampled_from(sorted(SHIPPED)).flatmap(lambda name: spoilt_bytes(SHIPPED[name])))
@tried(100)
def test_a_spoilt_file_is_played_or_complained_of(tmp_path, content):
    path = tmp_path / "spoilt.toml"
    path.write_bytes(content)
    try:
        program = read_program(path)
    except ProgramFileError as error:
        event("complained of")
        is_complained_of(error, str(path))
    else:
        event("played")
        can_be_played(program)


@given(st.sampled_from(DOCUMENTS).flatmap(spoilt_documents))
@tried(100)
def test_a_spoilt_document_is_written_as_it_is_read_or_complained_of(document):
    try:
        program = program_of(document, "a document")
    except ProgramFileError as error:
        event("complained of")
        is_complained_of(error, "a document")
        return
    event("played")
    again = tomllib.loads(toml_text(document))
    assert again == document
    assert program_of(again, "a document") == program
    can_be_played(program)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return tmp_path_factory.mktemp("own")


@given(st.sampled_from(DOCUMENTS).flatmap(spoilt_documents))
@tried(40)
def test_a_document_is_saved_and_found_again_or_complained_of(own, document):
    shelf = ProgramFiles(shipped_folder(), own)
    name = document.get("id")
    version = shelf.version(name) if isinstance(name, str) else ""
    try:
        program = shelf.save(document, version)
    except ProgramFileError as error:
        is_complained_of(error, "program")
        return
    except KioskError as error:
        message = str(error)
        assert message.isprintable()
        return
    try:
        assert ProgramFiles(shipped_folder(), own).load(program.id) == program
        assert shelf.document(program.id) == document
    finally:
        shelf.remove(program.id, shelf.version(program.id))
