"""States, faults, phases, kinds of cues and keys stand in the reference as the code has them."""

from dataclasses import replace

from kiosk.cli.cues import cue_sheet
from kiosk.cli.terminal import state_line
from kiosk.programs.model import PhaseName
from kiosk.session.gestures import Gesture
from kiosk.session.snapshot import Fault, Snapshot, State
from kiosk.session.transitions import Action, Input, step
from kiosk.settings.model import Settings
from kiosk.timeline.script import compile_timeline
from kiosk.timeline.timeline import CueKind, Dropped, Place, Stage
from tests.builders import ENGLISH, a_program, ten_ms_a_letter
from tests.docs.pages import ROOT, code_in, first_cells, section

REFERENCE = ROOT / "docs" / "reference"
STATES = REFERENCE / "states-and-light.md"
BUTTON = REFERENCE / "button.md"
CUE_SHEET = REFERENCE / "cue-sheet.md"


def rows(markdown):
    """The cells of every row of the tables in `markdown`."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_state_stands_there_with_what_the_screen_says():
    shown = {row[0].strip("`"): row[2] for row in rows(section(STATES, "## States"))[2:]}
    said = {s.value: state_line(Snapshot(seq=0, as_of=0.0, state=s)) for s in State}
    assert shown == said


def test_every_fault_stands_there():
    described = code_in(first_cells(section(STATES, "## Faults")))
    assert described == [fault.value for fault in Fault]


def test_every_phase_and_every_part_of_a_session_stands_there():
    phases = section(STATES, "## Phases")
    assert all(f"`{phase.value}`" in phases.partition("\n|")[0] for phase in PhaseName)
    shown = [stage.value for stage in Stage if stage not in (Stage.WORK, Stage.NOTICE)]
    assert code_in(first_cells(phases)) == shown


def test_the_light_is_described_in_every_state():
    described = code_in(first_cells(section(STATES, "## The light")))
    assert set(described) == {state.value for state in State}


IN_WORDS = {
    Action.PREPARE: "a session begins: of what is due, else of the default program",
    Action.ANSWER: "nothing changes; the voice asks for a moment",
    Action.HALT: "pauses",
    Action.CARRY_ON: "carries on",
    Action.NOTE_HARDER: "the session is noted as harder than usual",
    Action.END: "ends",
}

HELD_ON = {
    State.REMINDING: "what the press began is taken back, and the kiosk asks again in half an hour",
    State.ASKING: "nothing more",
}


def test_the_button_does_in_every_state_what_the_page_says():
    table = rows(section(BUTTON, "## What a press and a hold do"))[2:]
    pages = {State(s): row for row in table for s in code_in(row[:1])}
    assert set(pages) == set(State)
    for state, (_, press, hold) in pages.items():
        assert press == IN_WORDS[step(state, Input.PRESS).action]
        ended = step(state, Input.HOLD)
        if ended is None:
            assert hold == HELD_ON.get(state, "the session that the press began ends again")
        else:
            assert hold == IN_WORDS[ended.action]
    assert Settings().put_off_min == 30


def test_the_page_s_times_are_the_defaults():
    usual = Settings()
    pauses = rows(section(BUTTON, "## A pause that lasts"))[2:]
    assert [(row[0], row[2]) for row in pauses] == [
        (f"{usual.paused_reminder_s // 60} minutes", "`paused_reminder_s`"),
        (f"every {usual.paused_again_s // 60} minutes from then on", "`paused_again_s`"),
        (f"{usual.paused_limit_s // 60} minutes", "`paused_limit_s`"),
    ]
    page = " ".join(BUTTON.read_text(encoding="utf-8").split())
    assert f"kept down for {usual.hold_ms // 1000} seconds (`hold_ms`)" in page
    assert f"For {usual.debounce_ms} milliseconds after it (`debounce_ms`)" in page
    assert f"GPIO {usual.pin} (`pin`) is number {usual.pin}" in page


def test_a_gesture_is_called_on_the_page_as_in_the_code():
    page = section(BUTTON, "## What a press and a hold do")
    assert all(f"A *{gesture.value}* is" in page for gesture in Gesture)


def test_every_kind_of_cue_stands_there_and_no_other():
    described = code_in(first_cells(section(CUE_SHEET, "## Kinds")))
    assert sorted(described) == sorted(kind.value for kind in CueKind)


def test_the_page_names_the_counts():
    counts = [kind.value for kind in CueKind if kind.is_count]
    sentence = section(CUE_SHEET, "## Kinds").rpartition("\n\n")[2].partition(" are counts")[0]
    assert sorted(code_in([sentence])) == sorted(counts)


def test_every_key_of_a_cue_sheet_stands_there_and_no_other():
    timeline = compile_timeline(a_program(), ENGLISH, Settings(), ten_ms_a_letter)
    dropped = Dropped(0, CueKind.PHASE, "down", Place())
    sheet = cue_sheet(replace(timeline, dropped=(dropped,)))
    keys = [*sheet, *sheet["cues"][0]]
    assert sorted(code_in(first_cells(section(CUE_SHEET, "## As JSON")))) == sorted(keys)
    assert set(sheet["cues"][0]) - set(sheet["dropped"][0]) == {"duration_ms"}
