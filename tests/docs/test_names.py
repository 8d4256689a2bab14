"""Every file, module, class and function that the pages name is there."""

import re

import pytest

from tests.docs.names import is_about_code, spans, without_blocks, wrong_names
from tests.docs.pages import PAGES, ROOT, first_cells, name, section, text

GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"

each_page = pytest.mark.parametrize("page", PAGES, ids=name)


@each_page
def test_every_name_of_code_on_the_page_is_one_that_the_code_has(page):
    assert wrong_names(without_blocks(page), about_code=is_about_code(page)) == []


@pytest.mark.parametrize(
    "right",
    [
        "`kiosk/session/controller.py`",
        "`session/transitions.py`",
        "`history/views.py`",
        "`tests/docs/`",
        "all of `kiosk/store`, such as `opening.py`",
        "`kiosk.session.gestures`",
        "`kiosk.cli.main.main`",
        "`Controller`",
        "`Controller.post`",
        "`Controller.post(event)`",
        "`Fault.SPEAKER_LOST`",
        "`Database.writing`, which it inherits the rest of",
        "`state_at(t)`",
        "`Scheduler.check` and `Scheduler.run` in `schedule/scheduler.py`",
        "`advance` in `schedule/due.py`",
        "`hold_ms`",
        "`PrivateUsers`",
        "`kiosk.toml`, `kiosk.service`, `done`",
        "`kiosk/desk` is now `kiosk/schedule`. The pages ask `kiosk/desk`.",
    ],
)
def test_a_name_that_is_there_is_right(right):
    assert wrong_names(right, about_code=True) == []


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("`kiosk/session/conductor.py`", "kiosk/session/conductor.py"),
        ("`session/conductor.py`", "session/conductor.py"),
        ("`kiosk/desk`", "kiosk/desk"),
        ("`desk/`", "desk/"),
        ("all of `kiosk/store`, such as `gestures.py`", "gestures.py"),
        ("all of `kiosk/store`, such as `errors.py`", "errors.py"),
        ("`kiosk.session.conductor`", "kiosk.session.conductor"),
        ("`kiosk.session.controller.Conductor`", "kiosk.session.controller.Conductor"),
        ("`Conductor`", "Conductor"),
        ("`Controller.conduct`", "Controller.conduct"),
        ("`Fault.STOLEN`", "Fault.STOLEN"),
        ("`conduct()`", "conduct()"),
        ("`conduct_loudly`", "conduct_loudly"),
        ("`LOUDEST_OF_ALL`", "LOUDEST_OF_ALL"),
        ("`advance` in `schedule/ledger.py`", "advance in schedule/ledger.py"),
        ("`Rules` and `advance` in `schedule/due.py`", "Rules in schedule/due.py"),
        ("`kiosk/desk` is now `kiosk/studio`", "kiosk/studio"),
    ],
)
def test_a_name_that_is_not_there_is_found(page, wrong):
    assert wrong_names(page, about_code=True) == [wrong]


def test_a_page_for_users_may_call_things_as_it_likes_but_paths():
    page = "`KIOSK_ROOM`, `programs/mine.toml`, `Environment`, `kiosk/desk`"
    assert wrong_names(page, about_code=False) == ["kiosk/desk"]


def test_the_glossary_is_in_order_and_has_each_term_once():
    terms = first_cells(text(GLOSSARY))
    assert terms == sorted(set(terms), key=str.casefold)


def test_the_glossary_places_each_term_in_a_file():
    rows = [line for line in text(GLOSSARY).splitlines() if line.startswith("| ")][1:]
    assert rows
    assert [row for row in rows if not re.search(r"`[\w/]+\.py`", row.split(" | ")[2])] == []


def test_the_architecture_lists_every_folder_of_the_code():
    page = section(ROOT / "docs" / "explanation" / "architecture.md", "## By feature")
    listed = set(spans("\n".join(first_cells(page))))
    folders = {
        f"{file.parent.name}/"
        for package in ("kiosk", "web")
        for file in (ROOT / package).glob("*/__init__.py")
    }
    assert listed == folders | {"templates/", "static/"}


@each_page
def test_a_page_that_describes_a_whole_folder_lists_every_module_of_it(page):
    for folder in re.findall(r"All of it is in `(kiosk/\w+)`", text(page)):
        modules = {file.name for file in (ROOT / folder).glob("*.py")} - {"__init__.py"}
        listed = spans("\n".join(first_cells(text(page))))
        assert modules == {one for one in listed if re.fullmatch(r"\w+\.py", one)}
