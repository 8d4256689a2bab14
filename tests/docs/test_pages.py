"""Links lead somewhere, every page can be found, and every example is one that works."""

import re
import shlex
from itertools import takewhile

import pytest

from kiosk.cli.main import make_parser
from tests.docs.pages import (
    DOCS,
    INDEX,
    PAGES,
    ROOT,
    anchors,
    code_blocks,
    each_page,
    name,
    relative_links,
    text,
)


@each_page
def test_every_link_leads_to_a_file_and_a_heading_that_is_there(page):
    for target, heading in relative_links(page):
        assert target.exists(), f"{name(page)} links to {target}"
        if heading:
            assert heading in anchors(target), f"{name(page)} links to {name(target)}#{heading}"


def linked_from(page):
    return {target for target, _ in relative_links(page)}


def test_the_index_names_every_page_and_that_of_decisions_every_decision():
    decisions = ROOT / "docs" / "adr"
    pages = {page for page in DOCS if page.parent != decisions} - {INDEX}
    assert pages | {decisions / "README.md"} <= linked_from(INDEX)
    assert set(decisions.glob("[0-9]*.md")) == linked_from(decisions / "README.md") & set(DOCS)


def test_the_readme_leads_to_the_index():
    assert INDEX in linked_from(ROOT / "README.md")


@each_page
def test_no_page_names_a_folder_of_the_machine_it_was_written_on(page):
    assert re.findall(r"(?<![\w.~-])/(?:work|tmp|root)\b.*", text(page)) == []


def arguments_of_kiosk(line):
    """What the command line `line` hands to `kiosk`; `None` where it calls something else."""
    words = shlex.split(line, comments=True)
    calls = [index for index in range(len(words)) if is_call(words[: index + 1])]
    if not calls:
        return None
    return list(takewhile(lambda word: word not in ("<", ">", "|"), words[calls[0] + 1 :]))


def is_call(words):
    """Whether the last of `words` is `kiosk` as a command, and not somebody's argument."""
    *before, last = words
    own = takewhile(lambda word: word != "|", reversed(before))
    return (last == "kiosk" or last.endswith("/bin/kiosk")) and all(
        word == "sudo" or re.match(r"[A-Z_]+=", word) for word in own
    )


def examples():
    """The arguments of every call of `kiosk` on any page."""
    lines = [
        (page, line)
        for page in PAGES
        for block in code_blocks(page, "sh")
        for line in block.splitlines()
    ]
    calls = [(page, arguments_of_kiosk(line)) for page, line in lines]
    return [
        pytest.param(arguments, id=f"{name(page)}: {shlex.join(arguments)}")
        for page, arguments in calls
        if arguments is not None
    ]


@pytest.mark.parametrize("arguments", examples())
def test_every_example_is_a_command_line_that_kiosk_takes(arguments):
    assert callable(make_parser().parse_args(arguments).run)


@each_page
def test_every_make_example_is_of_a_target_that_is_there(page):
    targets = set(re.findall(r"^([a-z-]+):.*## ", text(ROOT / "Makefile"), re.MULTILINE))
    for block in code_blocks(page, "sh"):
        for line in re.findall(r"^make\b(.*)$", block, re.MULTILINE):
            words = shlex.split(line, comments=True)
            assert {word for word in words if "=" not in word} <= targets, line
