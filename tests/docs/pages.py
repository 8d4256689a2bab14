"""The pages that people read, and what stands in them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "README.md"
DOCS = tuple(sorted((ROOT / "docs").rglob("*.md")))
PAGES = (
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *DOCS,
)


def name(page: Path) -> str:
    """The page as a test calls it."""
    return str(page.relative_to(ROOT))


each_page = pytest.mark.parametrize("page", PAGES, ids=name)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The page without its blocks of code, which hold no links and no headings."""
    return re.sub(r"^```.*?^```$", "", text(page), flags=re.DOTALL | re.MULTILINE)


def code_blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text(page), flags=re.DOTALL | re.MULTILINE)


def section(page: Path, heading: str) -> str:
    """What stands under `heading`, up to the next heading of the same level or a higher one."""
    level = len(heading) - len(heading.lstrip("#"))
    _, found, rest = text(page).partition(f"\n{heading}\n")
    assert found, f"{name(page)} has no heading {heading!r}"
    return re.split(rf"^#{{1,{level}}} ", rest, flags=re.MULTILINE)[0]


def rows(markdown: str) -> list[list[str]]:
    """The cells of every row of the tables in `markdown`, without their heads."""
    tables = re.findall(
        r"^\|.*\|\n\|[-: |]+\|\n((?:\|.*\|\n)*)", markdown + "\n", flags=re.MULTILINE
    )
    lines = "".join(tables).splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def first_cells(markdown: str) -> list[str]:
    """The first cell of every row of the tables in `markdown`, without their heads."""
    return [row[0] for row in rows(markdown)]


def code_in(cells: list[str]) -> list[str]:
    """Everything in backticks in `cells`."""
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def links(page: Path) -> list[str]:
    """Where the page's links and pictures lead."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [*found, *re.findall(r'<(?:img|a) [^>]*?(?:src|href)="([^"]+)"', prose(page))]


def relative_links(page: Path) -> list[tuple[Path, str]]:
    """The links to other files: the file, and the heading in it (empty for none)."""
    inside = [link for link in links(page) if not re.match(r"[a-z]+:", link)]
    parts = (link.partition("#") for link in inside)
    return [
        ((page.parent / path).resolve() if path else page, heading) for path, _, heading in parts
    ]


def anchors(page: Path) -> set[str]:
    """The names by which the page's headings are linked to."""
    headings = re.findall(r"^#+ (.*)$", prose(page), flags=re.MULTILINE)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}
