"""Links lead somewhere, every page can be found, and every example is one that works."""

import re
import shlex
from itertools import pairwise, takewhile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from gpiozero import pi_info

from kiosk.cli.main import make_parser
from kiosk.settings.model import Settings
from tests.docs.pages import (
    DOCS,
    INDEX,
    PAGES,
    ROOT,
    anchors,
    code_blocks,
    each_page,
    links,
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


# Drawings: readable on a telephone, described, and connecting the pins that they name


PICTURES = tuple(sorted((ROOT / "docs" / "images").glob("*.svg")))
SVG = "{http://www.w3.org/2000/svg}"
TELEPHONE = 360
"""How wide a small telephone is, in the pixels that letters are measured by."""

each_picture = pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)


def drawn(picture: Path) -> ET.Element:
    return ET.fromstring(text(picture))  # noqa: S314 - our own


def size(picture: Path) -> tuple[float, float]:
    _, _, width, height = map(float, drawn(picture).attrib["viewBox"].split())
    return width, height


def written(picture: Path) -> list[str]:
    """Every text in the picture, in the order of the file."""
    return ["".join(element.itertext()).strip() for element in drawn(picture).iter(f"{SVG}text")]


@each_picture
def test_a_picture_has_a_title_and_is_described_for_those_who_do_not_see_it(picture):
    root = drawn(picture)
    ids = root.attrib["aria-labelledby"].split()
    texts = {element.attrib.get("id"): element.text for element in root.iter()}
    assert root.attrib["role"] == "img"
    assert [bool((texts[one] or "").strip()) for one in ids] == [True, True]


@each_picture
def test_its_letters_are_large_enough_on_a_telephone(picture):
    width, _ = size(picture)
    sizes = re.findall(r"font(?:-size)?: (\d+)px", text(picture))
    assert sizes
    assert min(map(int, sizes)) * TELEPHONE / width >= 10


@each_picture
def test_it_brings_a_paper_of_its_own_for_light_and_dark_pages(picture):
    width, height = size(picture)
    paper = drawn(picture).findall(f"{SVG}rect")[0].attrib
    assert float(paper["width"]) >= width - 4
    assert float(paper["height"]) >= height - 4
    assert re.fullmatch("#[0-9a-f]{6}", paper["fill"])


def test_every_picture_is_on_a_page():
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    assert [name(picture) for picture in PICTURES if picture not in shown] == []


@each_page
def test_a_page_s_pictures_are_described_there_too(page):
    tags = re.findall(r"<img [^>]*>", text(page))
    assert [tag for tag in tags if not re.search(r'alt="[^"]{20,}"', tag)] == []


HEADER = pi_info("902120").headers["J8"].pins
"""What each pin of the header is, by its number; the same on every board."""


def meaning(pin: int) -> str:
    """What the header has on that pin, as the pages call it."""
    called = HEADER[pin].name
    plain = {"GND": "ground", "5V": "5 V", "3V3": "3.3 V"}
    return plain.get(called, re.sub(r"^GPIO(\d+)$", r"GPIO \1", called))


def pins_named_in(picture: Path) -> list[tuple[int, str]]:
    """Each pin that the picture names beside a wire, and what it says the pin is."""
    words = written(picture)
    named = [(what, pin) for what, pin in pairwise(words) if pin.startswith("pin ")]
    return [(int(pin.removeprefix("pin ")), what) for what, pin in named]


BUTTON_AND_LIGHT = {9: "ground", 11: f"GPIO {Settings().pin}", 14: "ground", 15: "GPIO 22"}


@pytest.mark.parametrize(
    ("picture", "wires"),
    [
        ("wiring", BUTTON_AND_LIGHT),
        ("illuminated-button", BUTTON_AND_LIGHT),
        ("lamp-with-transistor", {2: "5 V", 15: "GPIO 22", 20: "ground"}),
    ],
)
def test_a_wire_ends_at_a_pin_that_is_what_the_picture_says(picture, wires):
    named = pins_named_in(ROOT / "docs" / "images" / f"{picture}.svg")
    assert dict(named) == wires
    assert {pin: meaning(pin) for pin in wires} == wires


def test_a_pin_that_a_page_names_is_what_it_says_it_is():
    pages = "\n".join(text(page) for page in (ROOT / "README.md", *DOCS))
    found = re.findall(r"pin\s(\d+)\s\((GPIO\s\d+|ground)\)", pages)
    named = re.findall(r"(GPIO\s\d+|ground)\s\(pin\s(\d+)\)", pages)
    found += [(pin, what) for what, pin in named]
    assert len(found) > 10
    assert [pair for pair in found if meaning(int(pair[0])) != " ".join(pair[1].split())] == []


def test_the_ground_pins_that_can_be_chosen_from_are_all_of_them():
    page = text(ROOT / "docs" / "how-to" / "wire-the-button.md")
    listed = re.search(r"any ground pin: ([\d,\s]+ or \d+)\.", page)
    assert listed is not None
    numbers = {int(number) for number in re.findall(r"\d+", listed[1])}
    assert numbers == {pin for pin in HEADER if meaning(pin) == "ground"}
