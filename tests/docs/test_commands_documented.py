"""Every command with every option of it stands on the reference page, and no other."""

import argparse
import re

import pytest

from kiosk.cli.main import make_parser
from kiosk.settings.sources import OTHER_VARIABLES
from tests.docs.pages import ROOT, code_in, first_cells, section, text

PAGE = ROOT / "docs" / "reference" / "commands.md"


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
    headings = re.findall(r"^## `kiosk (.+)`$", text(PAGE), re.MULTILINE)
    assert headings == list(commands())


def test_every_action_has_a_section_within_that_of_its_command():
    for command in commands():
        headings = re.findall(
            r"^### `kiosk (.+)`$", section(PAGE, f"## `kiosk {command}`"), re.MULTILINE
        )
        assert headings == [name for name in actions() if name.split()[0] == command]


def test_the_overview_names_every_command():
    overview = text(PAGE).partition("\n## ")[0]
    assert code_in(first_cells(overview)) == [f"kiosk {name}" for name in commands()]


@pytest.mark.parametrize("command", commands())
def test_a_command_s_section_has_all_its_arguments_and_options_and_no_other(command):
    own = section(PAGE, f"## `kiosk {command}`").partition("\n### ")[0]
    assert sorted(code_in(first_cells(own))) == sorted(usages(commands()[command]))


@pytest.mark.parametrize("action", actions())
def test_so_has_an_action_s(action):
    described = code_in(first_cells(section(PAGE, f"### `kiosk {action}`")))
    assert sorted(described) == sorted(usages(actions()[action]))


def test_the_options_of_the_whole_command_are_described():
    overall = [o for a in make_parser()._actions for o in a.option_strings if o.startswith("--")]
    assert overall == ["--help", "--version"]
    overview = text(PAGE).partition("\n## ")[0]
    assert all(f"`kiosk {option}`" in overview for option in overall)


def test_every_exit_code_is_described():
    assert first_cells(section(PAGE, "## Exit codes")) == ["0", "1", "2", "130"]


def test_every_variable_that_is_no_setting_is_described():
    described = code_in(first_cells(section(PAGE, "## Environment")))
    assert sorted(described) == sorted(OTHER_VARIABLES)


def test_every_make_target_is_described_and_no_other():
    targets = re.findall(r"^([a-z0-9-]+):.*## ", text(ROOT / "Makefile"), re.MULTILINE)
    described = code_in(first_cells(section(PAGE, "## `make` targets")))
    assert described == ["make", *(f"make {target}" for target in targets)]
