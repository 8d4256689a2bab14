"""What the history prints stands in the reference as the code has it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli.history import record_session
from kiosk.history.audit import Actor
from kiosk.history.model import Ending, ExerciseDone, Spot
from kiosk.history.service import AUDIT_COLUMNS, COLUMNS
from kiosk.schedule.model import OccurrenceState
from kiosk.schedule.snapshot import PAST
from tests.cli.kit import OSLO, Kiosk
from tests.docs.pages import ROOT, code_in, first_cells, section

PAGE = ROOT / "docs" / "reference" / "history.md"
SPOT = Spot(210_500, 3, "glute-bridge", 1, None, 5)


@pytest.fixture
def kiosk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Kiosk]:
    made = Kiosk(tmp_path / "state", capsys)
    yield made
    made.store.close()


def test_every_ending_and_every_state_stands_there():
    sessions = section(PAGE, "## Sessions").partition("`kiosk history --json`")[0]
    assert code_in(first_cells(sessions)) == [ending.value for ending in Ending]
    states = code_in(first_cells(section(PAGE, "## Occurrences")))
    assert states == [*(state.value for state in OccurrenceState), PAST]


def test_every_key_of_a_session_stands_there_and_no_other(kiosk: Kiosk):
    done = ExerciseDone(1, "squat-to-chair", 1, 8, 0, 0, 0, 8)
    kiosk.did(ending=Ending.STOPPED, spot=SPOT, exercises=(done,))
    (session,) = kiosk.store.sessions.between()
    record = record_session(session, OSLO, cut_off=False)

    described = section(PAGE, "## Sessions").partition("`kiosk history --json`")[2]
    of_session, _, of_exercise = described.partition("`stopped_at` has")
    assert code_in(first_cells(of_session)) == list(record)
    assert code_in(first_cells(of_exercise)) == list(record["exercises"][0])
    assert set(record["stopped_at"]) <= set(code_in([of_exercise.partition(";")[0]]))


def test_every_column_stands_there_in_order():
    assert code_in(first_cells(section(PAGE, "## As CSV"))) == list(COLUMNS)
    changes = code_in(first_cells(section(PAGE, "## Who changed what")))
    assert changes == list(AUDIT_COLUMNS)
    what = section(PAGE, "## Who changed what").rpartition("`actor` |")[2].partition("\n")[0]
    assert code_in([what]) == [actor.value for actor in Actor]


def test_every_key_of_an_occurrence_stands_there(kiosk: Kiosk):
    kiosk("plan", "add", "walk", "--times", "11:00")
    occurrence, *_ = json.loads(kiosk("plan", "occurrences", "--json").out)

    sentence = section(PAGE, "## Occurrences").partition("Each has")[2].partition(". ")[0]
    assert code_in([sentence]) == list(occurrence)
