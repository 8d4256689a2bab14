"""The words of the pages: all in the catalogues, one for each room, and none there for nothing."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import polib
import pytest
from jinja2 import Environment, nodes

from kiosk.history.audit import Actor, Change
from kiosk.levels.proposals import Kind
from kiosk.programs.model import PhaseName, Position, Side
from kiosk.schedule.checks import FIELDS
from kiosk.session.snapshot import Fault, State
from kiosk.timeline.timeline import Stage
from tests.kiosk import WORDING
from web.app import make_app
from web.context import PagesConfig
from web.errors import KNOWN
from web.now.text import PARTS
from web.now.views import WISHES

WEB = Path(str(files("web")))
CATALOGUES = Path(str(files("kiosk"))) / "locale" / "en" / "LC_MESSAGES"

PAGES = {
    path.stem: polib.pofile(path.read_text())
    for path in sorted(CATALOGUES.glob("*.po"))
    if path.stem not in ("kiosk", "problems")
}

PHRASES = {entry.msgid: entry for file in PAGES.values() for entry in file}

PREFIXES = {"page_settings": {"settings"}, "setup": {"setup", "welcome", "sign_in"}}
"""With what the ids of a file begin where that is not its name."""

AN_ID = re.compile(rf"(?:{'|'.join(sorted({key.split('.')[0] for key in PHRASES}))})(?:\.[\w-]+)+")
A_FILE = re.compile(r".*\.(?:js|css|html|po|svg|wav|csv|toml|ics|db)")

MAY_BE_LEFT_OUT = {"pages.date": {"year"}}
"""What English leaves out and another language may write."""

WORDS = {"t", "tn"}
"""What gives a template or a page its words."""


def of(prefix: str, names: object) -> set[str]:
    return {f"{prefix}.{name}" for name in names}  # type: ignore[attr-defined]


SEVERAL = {
    Change.SETTING_SET: {"", ".labelled"},
    Change.SETTING_RESET: {"", ".labelled"},
    Change.PASSPHRASE_CHOSEN: {".first", ".code", ".changed"},
    Change.WRONG_PASSPHRASES: {"", ".signed-in"},
    Change.BACKUP_RESTORED: {"", ".replaced"},
    Change.DATA_LOST: {".missing", ".damaged", ".stored", ".no-backup", ".backup"},
    Change.TEXT: set(),
}
"""With what the ids of its phrases end, for a kind of change that has not exactly one."""

AUDIT_PHRASES = {
    *(f"{kind}{end}" for kind in Change for end in SEVERAL.get(kind, {""})),
    *("entry", "entry.every-day", "entry.weeks", "entry.paused", "step.up", "step.back"),
    *("dose.sets", "dose.repetitions", "dose.hold", "and", "backup.all-settings"),
}
"""Ids of the catalogue of the audit log: those of each kind of change, and parts of sentences."""

FAMILIES = {
    *of("now.state", State),
    *of("now.phase", {*PhaseName, *Stage} - {Stage.WORK}),
    *of("now.side", ("left", "right")),
    *of("now.trouble", Fault),
    *of("now.part", PARTS),
    *of("now.wish", (*WISHES, "start")),
    *of("pages.day", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
    *(f"pages.day.{day}.short" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
    *of("pages.month", range(1, 13)),
    *of("pages.error", KNOWN),
    *of("pages.nav", ("now", "schedule", "history", "programs", "settings")),
    *of("programs.side", (side.value for side in Side)),
    *of("programs.phase", (phase.value for phase in PhaseName)),
    *of("programs.position", (position.name.lower() for position in Position)),
    *of("history.step", (kind.value for kind in Kind)),
    *of("history.actor", (actor.value for actor in Actor)),
    *of("audit", AUDIT_PHRASES),
}
"""Phrases whose ids are put together from a list of names."""


class Used:
    """The ids that the pages ask for."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, frozenset[str]]] = []
        """Where, which, and what it is filled with."""

        self.named: set[str] = set()
        self.begun: set[str] = set()
        """How ids that are put together begin."""

        for path in sorted(WEB.rglob("*.py")):
            self._read_python(path)
        for path in sorted((WEB / "templates").rglob("*.html")):
            self._read_template(path)

    def _read_python(self, path: Path) -> None:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._note(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                self._note_begun(str(node.values[0].value))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in WORDS:
                blanks = frozenset(word.arg or "*" for word in node.keywords)
                many = getattr(node.func, "id", "") == "tn"
                for key in _constants(node.args[0]):
                    self.calls.append((path.name, key, blanks | ({"n"} if many else set())))

    def _read_template(self, path: Path) -> None:
        tree = Environment().parse(path.read_text())  # noqa: S701 - nothing is rendered
        for const in tree.find_all(nodes.Const):
            if isinstance(const.value, str):
                self._note(const.value)
        for joined in tree.find_all(nodes.Concat):
            if isinstance(joined.nodes[0], nodes.Const):
                self._note_begun(str(joined.nodes[0].value))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in WORDS:
                key = call.args[0]
                if isinstance(key, nodes.Const):
                    blanks = {word.key for word in call.kwargs}
                    blanks |= {"n"} if call.node.name == "tn" else set()
                    self.calls.append((path.name, key.value, frozenset(blanks)))

    def _note(self, text: str) -> None:
        if AN_ID.fullmatch(text) and not A_FILE.fullmatch(text):
            self.named.add(text)

    def _note_begun(self, text: str) -> None:
        if text.endswith(".") and AN_ID.fullmatch(f"{text}x"):
            self.begun.add(text)


def _constants(node: ast.expr) -> Iterator[str]:
    """What a choice between texts may come to."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


@pytest.fixture(scope="module")
def used() -> Used:
    return Used()


@pytest.fixture(scope="module")
def endpoints() -> set[str]:
    """Names of views, which look like ids."""
    app = make_app(None, WORDING, PagesConfig(b"x"))
    return {*app.view_functions, *app.blueprints}


def test_every_id_that_the_pages_ask_for_has_its_words(used, endpoints):
    asked_for = {key for _, key, _ in used.calls} | (used.named - endpoints) | FAMILIES

    assert sorted(asked_for - PHRASES.keys()) == []


def test_every_phrase_is_asked_for(used):
    asked_for = used.named | FAMILIES
    spare = sorted(PHRASES.keys() - asked_for)

    # What is put together from names that only its room knows is asked for by how it begins.
    assert [key for key in spare if not key.startswith(tuple(used.begun))] == []


def test_what_is_put_together_has_words_to_be_put_together_to(used):
    for begun in used.begun:
        assert [key for key in PHRASES if key.startswith(begun)], begun


def test_no_id_is_in_two_files_or_twice_in_one():
    everywhere = Counter(entry.msgid for file in PAGES.values() for entry in file)
    for name in ("kiosk", "problems"):
        file = polib.pofile((CATALOGUES / f"{name}.po").read_text())
        everywhere.update(entry.msgid for entry in file if not entry.msgctxt)

    assert [key for key, times in everywhere.items() if times > 1] == []


@pytest.mark.parametrize("name", PAGES)
def test_each_file_keeps_to_its_room(name):
    allowed = PREFIXES.get(name, {name})

    assert {entry.msgid.split(".")[0] for entry in PAGES[name]} <= allowed


@pytest.mark.parametrize("name", PAGES)
def test_every_phrase_is_written(name):
    for entry in PAGES[name]:
        texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        assert all(text.strip() for text in texts), entry.msgid
        assert "fuzzy" not in entry.flags, entry.msgid
    assert PAGES[name].metadata["Content-Type"] == "text/plain; charset=UTF-8"
    assert PAGES[name].metadata["Language"] == "en"


def test_what_is_counted_is_written_for_one_and_for_many(used):
    for where, key, blanks in used.calls:
        entry = PHRASES[key]
        assert not ("n" not in blanks and entry.msgid_plural), (where, key)


def test_every_blank_is_filled_and_nothing_is_filled_in_vain(used):
    for where, key, filled in used.calls:
        if "*" in filled:
            continue
        entry = PHRASES[key]
        texts = [entry.msgstr, *entry.msgstr_plural.values()]
        blanks = {blank for text in texts for blank in re.findall(r"{(\w*)}", text)}
        assert blanks <= filled, (where, key)
        assert filled - {"n"} - MAY_BE_LEFT_OUT.get(key, set()) <= blanks, (where, key)


def test_each_field_of_the_plan_that_may_be_missing_says_so():
    there = {key.rpartition(".")[2] for key in PHRASES if key.startswith("schedule.missing.")}

    assert there <= {*FIELDS}


def test_a_page_in_words_has_no_markup(used):
    for key, entry in PHRASES.items():
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            assert not re.search(r"<\w|&\w+;|https?://", text), key
    assert len(used.calls) > 100
