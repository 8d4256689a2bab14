"""The drawings can be read on a telephone, are described, and connect the pins that they name."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from gpiozero import pi_info

from kiosk.settings.model import Settings
from tests.docs.pages import DOCS, PAGES, ROOT, each_page, links, name, text

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
    told = {element.attrib.get("id"): element.text for element in root.iter()}
    assert root.attrib["role"] == "img"
    assert [bool((told[one] or "").strip()) for one in ids] == [True, True]


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
