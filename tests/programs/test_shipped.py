"""The shipped programs: the doses of their sources, and sessions of a sensible length."""

import hashlib

import pytest

from kiosk.app import make_environment, make_preparer
from kiosk.programs.checks import link_problems
from kiosk.programs.files import ProgramLibrary, shipped_folder
from kiosk.programs.model import Bounds, PhaseName, Position, Side
from kiosk.programs.reader import parse_program

MINUTE = 60_000
IDS = ("hip-stretching", "low-back-next", "low-back-start")


@pytest.fixture(scope="module")
def library():
    return ProgramLibrary([shipped_folder()])


@pytest.fixture(scope="module")
def sessions(library, tmp_path_factory):
    """The timeline of each program, with the real lengths of real speech."""
    base = make_environment(str(tmp_path_factory.mktemp("state")), {}, {})
    preparer = make_preparer(base)
    try:
        materials = {name: preparer.make(library.load(name)) for name in IDS}
    finally:
        preparer.close()
    assert all(material.problems == () for material in materials.values())
    return {name: material.timeline for name, material in materials.items()}


def test_each_is_valid_and_listed_with_its_sum_so_that_it_is_not_validated_at_each_start(library):
    sums = ""
    for path in library.files():
        validated = parse_program(path.read_text(encoding="utf-8"), str(path))
        assert library.load(path.stem) == validated
        sums += f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
    assert (shipped_folder() / "SHA256SUMS").read_text() == sums


def test_low_back_start_has_the_four_exercises_of_its_source_and_their_tempo(library):
    program = library.load("low-back-start")
    assert [exercise.id for exercise in program.exercises] == [
        "squat-to-chair",
        "back-on-heels",
        "glute-bridge",
        "diagonal-lift",
    ]
    assert {(e.sets, e.cited_sets, e.reps, e.cited_reps) for e in program.exercises} == {
        (1, Bounds(1, 1), 8, Bounds(8, 8))
    }
    assert program.frequency.times_per_day == Bounds(2, 3)
    assert program.frequency.days_per_week == Bounds(7, 7)
    assert (program.level, program.previous_level, program.next_level) == (1, None, "low-back-next")

    squat, heels, bridge, diagonal = program.exercises
    assert (squat.position, squat.side) == (Position.STANDING, Side.BOTH)
    assert 4_000 <= squat.rep_duration <= 5_000
    assert (heels.position, heels.side) == (Position.ALL_FOURS, Side.BOTH)
    assert 4_000 <= heels.rep_duration <= 5_000
    assert (bridge.position, bridge.side) == (Position.LYING_ON_BACK, Side.BOTH)
    cited = {phase.name: phase.cited for phase in bridge.phases if phase.cited}
    assert cited == {PhaseName.HOLD: Bounds(3000, 5000), PhaseName.REST: Bounds(3000, 5000)}
    assert (diagonal.position, diagonal.side) == (Position.ALL_FOURS, Side.ALTERNATE)
    # One repetition is one arm and leg, then the other.
    assert diagonal.reps_per_side


def test_low_back_next_is_the_level_after_it_and_a_hip_replacement_is_to_be_asked_about(library):
    program = library.load("low-back-next")
    assert (program.level, program.previous_level) == (2, "low-back-start")
    assert list(link_problems({name: library.load(name) for name in IDS}, library.ids())) == []

    rules = library.load("hip-stretching").text["en"].stop_rules
    assert any("hip replacement" in rule and "ask" in rule for rule in rules)


@pytest.mark.parametrize("name", IDS)
def test_every_dose_has_its_cited_range_and_what_is_said_is_short_and_plain(library, name):
    for exercise in library.load(name).exercises:
        assert exercise.cited_reps is not None, exercise.id
        assert exercise.reps in exercise.cited_reps, exercise.id
        for phase in exercise.phases:
            if phase.name is PhaseName.HOLD and name != "low-back-start":
                assert phase.cited is not None, exercise.id
                assert phase.duration in phase.cited, exercise.id
        text = exercise.text["en"]
        assert len(text.how.split()) <= 28, text.how
        for words in (text.name, text.how, text.left, text.right, *text.phases.values()):
            # A voice reads letters, commas and full stops well, digits and signs less so.
            assert all(c.isalpha() or c in " ,.-" for c in words), words


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("low-back-start", 4, 6), ("hip-stretching", 8, 15), ("low-back-next", 8, 14)],
)
def test_a_session_has_a_sensible_length_which_nothing_that_is_said_delays(
    sessions, name, least, most
):
    assert least * MINUTE <= sessions[name].duration <= most * MINUTE
    assert sessions[name].stretched == ()
    if name == "low-back-start":
        assert sessions[name].dropped == (), "everything finds room"
