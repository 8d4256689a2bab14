"""Every file, module, class and function that the pages name is there.

What counts as a name of code, in prose and tables (blocks of code are left out):

- a path: it ends in a slash or in `.py`, or has a slash and begins with a folder of the repository,
  of `kiosk/` or of `web/`. On pages for users a folder of the installed system may be meant as well
  (`programs/mine.toml`, `systemd/system/…`); there only `kiosk/`, `web/` and the like count.
- a dotted name that begins with a package: `kiosk.session.gestures`, `kiosk.cli.main.main`.
- on pages about the code, further: `Class`, `Class.member`, `function()`, `Class.method()`,
  `name_with_underscore` and `CONSTANT_NAME`. A word without capitals, underscore or parentheses is
  none, except in "`name` in `file.py`", where any name has to be defined in that file.

A path may be written from the repository's root, from `kiosk/` or from `web/`. A bare `file.py` has
to be in a folder that the page names.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, each_page, first_cells, prose, section, text

GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"

PACKAGES = ("kiosk", "web", "programs", "tests", "tools")
BASES = (ROOT, ROOT / "kiosk", ROOT / "web")

OTHERS = frozenset({"PrivateIPC", "PrivateUsers", "quick_check", "pt_BR"})
"""Names on pages about the code that are not the repository's own."""

NOT_MODULES = re.compile(r"\.(toml|db|po|lock|local|timer|avahi|conf|service|sock|log)\b")
"""Ends of names that begin like a package and are files: `kiosk.toml`, `kiosk.service`."""


def spans(text: str) -> list[str]:
    """Everything in backticks in `text`."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def is_about_code(page: Path) -> bool:
    """Whether the page speaks of the code, not of the kiosk's use."""
    return page.name in ("CONTRIBUTING.md", "glossary.md") or page.parent.name in (
        "explanation",
        "adr",
    )


# --- the repository's names ----------------------------------------------------------------------


@cache
def defined_in(file: Path) -> frozenset[str]:
    """What the module defines, dotted where it is in a class; the members' bare names, too."""
    found: set[str] = set()

    def add(nodes: list[ast.stmt], prefix: str) -> None:
        for node in nodes:
            for name in names_of(node):
                found.update({f"{prefix}{name}", name})
            if isinstance(node, ast.ClassDef):
                add(node.body, f"{node.name}.")
                for method in ast.walk(node):
                    if isinstance(method, ast.Attribute) and isinstance(method.ctx, ast.Store):
                        found.update({f"{node.name}.{method.attr}", method.attr})

    add(ast.parse(file.read_text(encoding="utf-8")).body, "")
    return frozenset(found)


def names_of(node: ast.stmt) -> Iterator[str]:
    """The names that the statement defines."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


@cache
def bases_of() -> dict[str, frozenset[str]]:
    """For each class of the repository the names of those it is derived from."""
    return {
        node.name: frozenset(base.id for base in node.bases if isinstance(base, ast.Name))
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }


@cache
def python_files() -> tuple[Path, ...]:
    return tuple(sorted(file for name in PACKAGES for file in (ROOT / name).rglob("*.py")))


@cache
def defined() -> frozenset[str]:
    """What any module defines."""
    return frozenset().union(*(defined_in(file) for file in python_files()))


@cache
def other_names() -> frozenset[str]:
    """The names of all parameters, the keys of the catalogues, and the tables of the database."""
    found = {
        node.arg
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.arg)
    }
    for catalogue in (ROOT / "kiosk" / "locale" / "en").rglob("*.po"):
        found |= set(re.findall(r'^msgid "(\w+)"', catalogue.read_text("utf-8"), re.MULTILINE))
    migrations = (ROOT / "kiosk" / "store" / "migrations.py").read_text("utf-8")
    return frozenset(found) | set(re.findall(r"CREATE TABLE (\w+)", migrations))


def is_defined(name: str, where: frozenset[str]) -> bool:
    """Whether `name` is among those of `where`, or inherited by a class that is."""
    if name in where:
        return True
    owner, _, member = name.rpartition(".")
    return owner in where and any(
        is_defined(f"{base}.{member}", defined()) for base in bases_of().get(owner, ())
    )


# --- what the pages name -------------------------------------------------------------------------


def paths_of(span: str) -> Iterator[Path]:
    """Where the path `span` may be, relative to the bases; up to a part that stands for many."""
    if re.fullmatch(r"\S+", span):
        plain = re.sub(r"(^|/)[A-Z]{2,}(/.*)?$", "", span)
        yield from (base / plain for base in BASES)


def is_path(span: str, *, about_code: bool) -> bool:
    if not re.fullmatch(r"\.?[\w\-]+(/[\w.\-]+)*/?(\.\w+)?", span):
        return False
    if span.endswith(".py"):
        return True
    first, slash, _ = span.partition("/")
    if not about_code:
        return bool(slash) and first in ("docs", "installer", "kiosk", "tests", "tools", "web")
    return span.endswith("/") or (bool(slash) and any((base / first).is_dir() for base in BASES))


def is_module(span: str) -> bool:
    return bool(re.fullmatch(r"(kiosk|web|tests)(\.\w+)+", span)) and not NOT_MODULES.search(span)


def symbol_of(span: str) -> str | None:
    """The class, function or constant that `span` names; `None` where it names none."""
    called = re.fullmatch(r"([A-Za-z_][\w.]*)\([^()]*\)", span)
    name = called[1] if called else span
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[a-z_]\w*|\.[A-Z_]+)?", name) or name in OTHERS:
        return None
    is_class = bool(re.fullmatch(r"[A-Z]\w*[a-z]\w*(\.\w+)?", name))
    return name if called or is_class or ("_" in name.strip("_") and "." not in name) else None


def is_known(symbol: str | None) -> bool:
    """Whether the repository has `symbol` anywhere."""
    return symbol is None or is_defined(symbol, defined()) or symbol in other_names()


def module_exists(name: str) -> bool:
    """Whether `name` is a module, or something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            there: object = import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            if not hasattr(there, part):
                return False
            there = getattr(there, part)
        return True
    return False


def folders_named(text: str) -> set[Path]:
    """The folders that are named in `text`, and those of the files that are."""
    found: set[Path] = set()
    for span in spans(text):
        for path in paths_of(span):
            if path.is_dir():
                found.add(path)
            elif path.is_file() and "/" in span:
                found.add(path.parent)
    return found


def since(text: str) -> frozenset[str]:
    """The names that a decision gives as those of its time: "`old` is now `new`"."""
    return frozenset(
        name
        for sentence in re.findall(r"((?:`[^`]+`(?:, | and )?)+) (?:is|are) now ", text)
        for name in spans(sentence)
    )


def wrong_names(text: str, *, about_code: bool) -> list[str]:
    """The names in `text` (Markdown without blocks of code) that the repository does not have."""
    gone, folders = since(text), folders_named(text)
    wrong: list[str] = []
    for span in spans(text):
        if span in gone:
            continue
        if is_path(span, about_code=about_code):
            places = paths_of(span) if "/" in span else (folder / span for folder in folders)
            if not any(place.exists() for place in places):
                wrong.append(span)
        elif is_module(span):
            if not module_exists(span):
                wrong.append(span)
        elif about_code and not is_known(symbol_of(span)):
            wrong.append(span)
    return wrong + list(in_wrong_files(text)) if about_code else wrong


def in_wrong_files(text: str) -> Iterator[str]:
    """The names that `text` places in files that do not define them."""
    placed = re.findall(r"((?:`[^`]+`(?:,\s|\sand\s)?)+)\sin\s+`([\w/]+\.py)`", text)
    for names, file in placed:
        files = [path for path in paths_of(file) if path.is_file()]
        for name in spans(names) if files else []:
            bare = name.partition("(")[0]
            if "/" not in bare and not any(is_defined(bare, defined_in(path)) for path in files):
                yield f"{name} in {file}"


def without_blocks(page: Path) -> str:
    """The page without blocks of code, those in lists and those that are indented included."""
    plain = re.sub(r"^ *```.*?^ *```$", "", prose(page), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"^    .*$", "", plain, flags=re.MULTILINE)


# --- the tests ------------------------------------------------------------------------------------


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
