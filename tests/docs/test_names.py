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
from pathlib import Path
from pkgutil import resolve_name

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
def python_files() -> dict[Path, ast.Module]:
    """Every module of the repository."""
    files = sorted(file for name in PACKAGES for file in (ROOT / name).rglob("*.py"))
    return {file: ast.parse(text(file)) for file in files}


@cache
def defined_in(file: Path) -> frozenset[str]:
    """What the module defines, dotted where it is in a class; the members' bare names, too."""
    found: set[str] = set()
    for node in python_files()[file].body:
        found.update(names_of(node))
        if isinstance(node, ast.ClassDef):
            members = {name for inner in node.body for name in names_of(inner)}
            members |= {
                inner.attr
                for inner in ast.walk(node)
                if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
            }
            found |= members | {f"{node.name}.{member}" for member in members}
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
def defined() -> frozenset[str]:
    """What any module defines."""
    return frozenset().union(*map(defined_in, python_files()))


@cache
def bases_and_parameters() -> tuple[dict[str, list[ast.expr]], set[str]]:
    """For each class what it is derived from; and the names of all parameters."""
    nodes = [node for module in python_files().values() for node in ast.walk(module)]
    classes = {node.name: node.bases for node in nodes if isinstance(node, ast.ClassDef)}
    return classes, {node.arg for node in nodes if isinstance(node, ast.arg)}


@cache
def keys_and_tables() -> set[str]:
    """The keys of the catalogues, and the tables of the database."""
    catalogues = "".join(map(text, (ROOT / "kiosk" / "locale" / "en").rglob("*.po")))
    migrations = text(ROOT / "kiosk" / "store" / "migrations.py")
    keys = re.findall(r'^msgid "(\w+)"', catalogues, re.MULTILINE)
    return {*keys, *re.findall(r"CREATE TABLE (\w+)", migrations)}


def is_defined(name: str, where: frozenset[str]) -> bool:
    """Whether `name` is among those of `where`, or inherited by a class that is."""
    if name in where:
        return True
    owner, _, member = name.rpartition(".")
    bases = bases_and_parameters()[0].get(owner, ()) if owner in where else ()
    return any(
        is_defined(f"{base.id}.{member}", defined()) for base in bases if isinstance(base, ast.Name)
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
    if symbol is None or is_defined(symbol, defined()):
        return True
    return symbol in bases_and_parameters()[1] or symbol in keys_and_tables()


def module_exists(name: str) -> bool:
    """Whether `name` is a module, or something in one."""
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


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


GENERATED = (".cache", ".venv", "dist")  # folders that the Makefile makes and removes


def wrong_names(text: str, *, about_code: bool) -> list[str]:
    """The names in `text` (Markdown without blocks of code) that the repository does not have."""
    gone, folders = since(text), folders_named(text)
    wrong: list[str] = []
    for span in spans(text):
        if span in gone or span.partition("/")[0] in GENERATED:
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
