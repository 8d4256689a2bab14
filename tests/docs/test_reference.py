"""Commands, states, button, cue sheets and history: the reference pages have them as the code."""

import argparse
import json
import re
from dataclasses import replace

import pytest

from kiosk.cli.cues import cue_sheet
from kiosk.cli.history import record_session
from kiosk.cli.main import make_parser
from kiosk.cli.terminal import state_line
from kiosk.history.audit import Actor
from kiosk.history.model import Ending, ExerciseDone, Spot
from kiosk.history.service import AUDIT_COLUMNS, COLUMNS
from kiosk.programs.model import PhaseName
from kiosk.schedule.model import OccurrenceState
from kiosk.schedule.snapshot import PAST
from kiosk.session.gestures import Gesture
from kiosk.session.snapshot import Fault, Snapshot, State
from kiosk.session.transitions import Action, Input, step
from kiosk.settings.model import Settings
from kiosk.settings.sources import OTHER_VARIABLES
from kiosk.timeline.script import compile_timeline
from kiosk.timeline.timeline import CueKind, Dropped, Place, Stage
from tests.builders import ENGLISH, a_program, ten_ms_a_letter
from tests.cli.kit import OSLO
from tests.docs.pages import ROOT, code_in, first_cells, rows, section, text

REFERENCE = ROOT / "docs" / "reference"
COMMANDS = REFERENCE / "commands.md"
STATES = REFERENCE / "states-and-light.md"
BUTTON = REFERENCE / "button.md"
CUE_SHEET = REFERENCE / "cue-sheet.md"
HISTORY = REFERENCE / "history.md"
FAULTS = ROOT / "docs" / "how-to" / "find-a-fault.md"


@pytest.mark.parametrize(
    ("page", "heading", "named"),
    [
        (STATES, "## Faults", Fault),
        (HISTORY, "## Occurrences", [*OccurrenceState, PAST]),
        (HISTORY, "## As CSV", COLUMNS),
        (HISTORY, "## Who changed what", AUDIT_COLUMNS),
    ],
)
def test_a_table_names_all_in_order(page, heading, named):
    assert code_in(first_cells(section(page, heading))) == [str(one) for one in named]


@pytest.mark.parametrize(
    ("page", "heading", "named"),
    [
        (FAULTS, "## The light blinks fast", Fault),
        (CUE_SHEET, "## Kinds", CueKind),
        (COMMANDS, "## Environment", OTHER_VARIABLES),
    ],
)
def test_a_table_names_all_and_no_other(page, heading, named):
    assert sorted(code_in(first_cells(section(page, heading)))) == sorted(map(str, named))


# --- commands ------------------------------------------------------------------------------------


def parsers_below(parser):
    """The parsers of what may follow, by name."""
    found = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(found[0].choices) if found else {}


def commands():
    """The parser of every command, by the command's name."""
    return parsers_below(make_parser())


def actions():
    """The parser of every action that a command has, as `plan add`."""
    return {
        f"{command} {action}": parser
        for command, of_command in commands().items()
        for action, parser in parsers_below(of_command).items()
    }


def usages(parser):
    """What may follow the command: `FILE`, `--json`, `--rate WPM`, `-o FILE.wav`…"""
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        if not action.option_strings:
            yield action.metavar
        for option in action.option_strings:
            yield f"{option} {action.metavar}" if action.metavar else option


def test_every_command_has_a_section_and_no_other_has():
    headings = re.findall(r"^## `kiosk (.+)`$", text(COMMANDS), re.MULTILINE)
    assert headings == list(commands())


def test_every_action_has_a_section_within_that_of_its_command():
    for command in commands():
        headings = re.findall(
            r"^### `kiosk (.+)`$", section(COMMANDS, f"## `kiosk {command}`"), re.MULTILINE
        )
        assert headings == [name for name in actions() if name.split()[0] == command]


def test_the_overview_names_every_command():
    overview = text(COMMANDS).partition("\n## ")[0]
    assert code_in(first_cells(overview)) == [f"kiosk {name}" for name in commands()]


@pytest.mark.parametrize("command", commands())
def test_a_command_s_section_has_all_its_arguments_and_options_and_no_other(command):
    own = section(COMMANDS, f"## `kiosk {command}`").partition("\n### ")[0]
    assert sorted(code_in(first_cells(own))) == sorted(usages(commands()[command]))


@pytest.mark.parametrize("action", actions())
def test_so_has_an_action_s(action):
    described = code_in(first_cells(section(COMMANDS, f"### `kiosk {action}`")))
    assert sorted(described) == sorted(usages(actions()[action]))


def test_the_options_of_the_whole_command_are_described():
    overall = [o for a in make_parser()._actions for o in a.option_strings if o.startswith("--")]
    assert overall == ["--help", "--version"]
    overview = text(COMMANDS).partition("\n## ")[0]
    assert all(f"`kiosk {option}`" in overview for option in overall)


def test_every_exit_code_is_described():
    assert first_cells(section(COMMANDS, "## Exit codes")) == ["0", "1", "2", "130"]


def test_every_make_target_is_described_and_no_other():
    targets = re.findall(r"^([a-z0-9-]+):.*## ", text(ROOT / "Makefile"), re.MULTILINE)
    described = code_in(first_cells(section(COMMANDS, "## `make` targets")))
    assert described == ["make", *(f"make {target}" for target in targets)]


# --- states, the button, cue sheets ---------------------------------------------------------------


def test_every_state_stands_there_with_what_the_screen_says():
    shown = {row[0].strip("`"): row[2] for row in rows(section(STATES, "## States"))}
    said = {s.value: state_line(Snapshot(seq=0, as_of=0.0, state=s)) for s in State}
    assert shown == said


def test_every_phase_and_every_part_of_a_session_stands_there():
    phases = section(STATES, "## Phases")
    assert all(f"`{phase.value}`" in phases.partition("\n|")[0] for phase in PhaseName)
    shown = [stage.value for stage in Stage if stage not in (Stage.WORK, Stage.NOTICE)]
    assert code_in(first_cells(phases)) == shown


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
    table = rows(section(BUTTON, "## What a press and a hold do"))
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
    pauses = rows(section(BUTTON, "## A pause that lasts"))
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


# --- the history ----------------------------------------------------------------------------------


def test_every_ending_stands_there():
    sessions = section(HISTORY, "## Sessions").partition("`kiosk history --json`")[0]
    assert code_in(first_cells(sessions)) == [ending.value for ending in Ending]


def test_every_key_of_a_session_stands_there_and_no_other(kiosk):
    done = ExerciseDone(1, "squat-to-chair", 1, 8, 0, 0, 0, 8)
    kiosk.did(
        ending=Ending.STOPPED, spot=Spot(210_500, 3, "glute-bridge", 1, None, 5), exercises=(done,)
    )
    (session,) = kiosk.store.sessions.between()
    record = record_session(session, OSLO, cut_off=False)

    described = section(HISTORY, "## Sessions").partition("`kiosk history --json`")[2]
    of_session, _, of_exercise = described.partition("`stopped_at` has")
    assert code_in(first_cells(of_session)) == list(record)
    assert code_in(first_cells(of_exercise)) == list(record["exercises"][0])
    assert set(record["stopped_at"]) <= set(code_in([of_exercise.partition(";")[0]]))


def test_every_actor_stands_there():
    what = section(HISTORY, "## Who changed what").rpartition("`actor` |")[2].partition("\n")[0]
    assert code_in([what]) == [actor.value for actor in Actor]


def test_every_key_of_an_occurrence_stands_there(kiosk):
    kiosk("plan", "add", "walk", "--times", "11:00")
    occurrence, *_ = json.loads(kiosk("plan", "occurrences", "--json").out)

    sentence = section(HISTORY, "## Occurrences").partition("Each has")[2].partition(". ")[0]
    assert code_in([sentence]) == list(occurrence)
