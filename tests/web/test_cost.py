"""What a request of the pages costs: transactions, and files on its way."""

import gzip
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import kiosk
import web
from kiosk.app import open_data
from kiosk.history.audit import Actor
from kiosk.schedule.service import checked_entry
from kiosk.session.snapshot import Fault, State
from tests.browser.household import PASSPHRASE as THEIR_PASSPHRASE
from tests.browser.household import live_in, set_up, store_of
from tests.kiosk import NOON, OWN, Browser, KioskKit, routes_of
from tests.web.html_tree import Element, read_html
from tests.web.test_live import HOLDING

FOLDERS = tuple(f"{Path(package.__file__).parent}{os.sep}" for package in (kiosk, web))


MOST_FILES = 22
"""On the way of a changed entry."""

MOST_FILES_OF_SETTING = 18
"""On the way of a changed setting: those of the request, and those that then have more to do than
while nothing happens.
"""


@dataclass
class Cost:
    """Of one request."""

    transactions: list[list[str]] = field(default_factory=list)
    """The statements of each."""

    files: set[str] = field(default_factory=set)
    """Files of `kiosk` and `web` of which a function ran."""

    def of_settings(self) -> int:
        """How many of the transactions read or write settings."""
        return sum(any(" setting" in one for one in found) for found in self.transactions)


@contextmanager
def measured(connection: sqlite3.Connection) -> Iterator[Cost]:
    cost = Cost()
    begun = False

    def trace(statement: str) -> None:
        nonlocal begun
        word = statement.split(maxsplit=1)[0].upper()
        if word == "BEGIN" or (not begun and word in ("SELECT", "INSERT", "UPDATE", "DELETE")):
            cost.transactions.append([])
        if cost.transactions:
            cost.transactions[-1].append(statement)
        begun = word == "BEGIN" or (begun and word not in ("COMMIT", "ROLLBACK"))

    def profile(frame, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(FOLDERS):
            cost.files.add(frame.f_code.co_filename)

    connection.set_trace_callback(trace)
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield cost
    finally:
        sys.setprofile(before)
        connection.set_trace_callback(None)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Iterator[KioskKit]:
    """The whole kiosk of a household with six weeks of data and four entries, signed in."""
    yield from started(tmp_path_factory.mktemp("lived"), lambda store: live_in(store, NOON))


@pytest.fixture(scope="module")
def new(tmp_path_factory) -> Iterator[KioskKit]:
    """One with an entry and no session yet."""
    for made in started(tmp_path_factory.mktemp("new"), lambda _store: None):
        texts = {"program": "low-back-start", "times": "08:00,18:30"}
        made.services.schedule.add(checked_entry(made.services.snapshots.take(), texts))
        yield made


def started(folder: Path, furnish: Callable[..., None]) -> Iterator[KioskKit]:
    state = folder / "state"
    (state / "programs").mkdir(parents=True)
    with store_of(state) as store:
        set_up(store)
        furnish(store)
    made = KioskKit(state, on_files=True, set_up=False, clips=folder / "clips")
    token = made.services.auth.sign_in(THEIR_PASSPHRASE, "a test", "127.0.0.1")
    with made.browser.client.session_transaction() as session:
        session["token"] = token
    made.browser.read("/")
    yield made
    made.close()


def database_of(whole: KioskKit) -> sqlite3.Connection:
    return whole.store._database._connection


@pytest.mark.parametrize(("path", "most"), [("/schedule", 5), ("/history", 6)])
@pytest.mark.parametrize("which", ["lived_in", "new"])
def test_a_page_is_read_in_few_transactions(request, which: str, path: str, most: int):
    whole: KioskKit = request.getfixturevalue(which)

    with measured(database_of(whole)) as cost:
        whole.browser.read(path)

    assert len(cost.transactions) <= most, cost.transactions


@pytest.mark.parametrize("which", ["lived_in", "new"])
def test_an_entry_is_changed_in_few_transactions_and_files(request, which: str):
    whole: KioskKit = request.getfixturevalue(which)
    whole.browser.read("/schedule/1")
    token = whole.browser.csrf()
    (before, *_) = whole.services.snapshots.take().plan
    fields = {
        "csrf_token": token,
        "version": before.version,
        "do": "save",
        "program": before.program,
        "starts": before.starts.isoformat(),
        "days": [day.name.lower() for day in before.days],
        "times": "09:10",
    }

    with measured(database_of(whole)) as cost:
        response = whole.browser.client.post("/schedule/1", data=fields)

    assert response.status_code == 303
    (after, *_) = whole.services.snapshots.take().plan
    assert (after.times, after.version) == ((time(9, 10),), before.version + 1)
    assert len(cost.transactions) <= 4, cost.transactions
    assert len(cost.files) <= MOST_FILES, "\n".join(sorted(cost.files))


PATHS = ("/schedule", "/history", "/settings", "/programs", "/")


@pytest.mark.parametrize("path", PATHS)
def test_a_request_reads_settings_only_where_another_process_has_changed_something(new, path: str):
    for _ in range(2):  # the first one stores when the browser was seen, the second notices that
        new.browser.read(path)
    with measured(database_of(new)) as cost:
        new.browser.read(path)
    assert cost.transactions
    assert cost.of_settings() == 0

    rate = str(120 + PATHS.index(path))
    other = open_data(new.environment)
    other.store.settings.set({"rate": rate}, Actor.COMMAND, NOON)
    other.close()
    with measured(database_of(new)) as cost:
        new.browser.read(path)
    assert cost.of_settings() == 1
    assert str(new.settings.current.rate) == rate


def test_a_volume_reaches_the_running_kiosk_by_few_files_and_the_scheduler_reads_nothing(lived_in):
    lived_in.settle()
    with measured(database_of(lived_in)) as idle:
        lived_in.settle()
    lived_in.browser.read("/settings")
    fields = {"csrf_token": lived_in.browser.csrf(), "volume": "31"}
    fields["version"] = lived_in.settings.view().version

    with measured(database_of(lived_in)) as request:
        response = lived_in.browser.client.post("/settings/volume", data=fields)
    lived_in.settings.change({"now_seen_by": "caregivers"})
    with measured(database_of(lived_in)) as applying:
        lived_in.settle()

    assert response.status_code == 303
    assert lived_in.settings.current.volume == lived_in.controller.player.volume == 31
    assert (len(request.transactions), request.of_settings()) == (2, 1), request.transactions
    assert applying.transactions == []
    files = request.files | (applying.files - idle.files)
    assert len(files) <= MOST_FILES_OF_SETTING, "\n".join(sorted(files))


@pytest.mark.parametrize("texts", [{"grace_min": "30"}, {"time_zone": "Asia/Tokyo"}])
def test_other_rules_of_reminders_or_another_zone_are_gone_by_at_once(new, texts):
    new.settle()
    before = new.scheduler._stepped_at
    new.wall.advance(timedelta(seconds=1))
    new.settings.change(texts)
    new.settle()
    assert new.scheduler._stepped_at > before


# Every page is light, stands on its own files alone, and leaves scripts and styles to those


MOST = 60_000
"""Bytes of a page with all that it loads at once, as they go over the network."""

LOADED = {"script": "src", "link": "href", "img": "src"}
"""What a browser fetches with a page, and where its address stands."""


def pages_of(browser: Browser) -> Iterator[tuple[str, str]]:
    """Every page that can be had by its address alone, and what it is."""
    for route in routes_of(browser.app):
        if route.method == "GET" and route.endpoint not in ("static", "now.events"):
            response = browser.get(route.path)
            if response.mimetype == "text/html" and response.status_code != 302:
                yield route.path, response.get_data(as_text=True)
            response.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, tuple[Browser, str, Element]]:
    """All pages there are, by what they show."""
    found: dict[str, tuple[Browser, str, Element]] = {}

    def visit(who: str, browser: Browser, *more: str) -> None:
        for path, page in pages_of(browser):
            found[f"{path} {who}"] = (browser, page, read_html(page))
        for path in more:
            browser.get(path)
            found[f"{path} {who}"] = (browser, browser.page, read_html(browser.page))

    kiosk = KioskKit(tmp_path_factory.mktemp("state")).filled()
    visit("signed out", kiosk.browser, "/nowhere")
    caregivers = kiosk.browser.sign_in()
    visit("signed in", caregivers, "/nowhere", "/schedule?week=2026-03-23")
    kiosk.show(HOLDING, program=OWN, faults=frozenset(Fault))
    visit("in a session", caregivers)
    kiosk.show(state=State.PAUSED)
    visit("paused", caregivers)
    new = KioskKit(tmp_path_factory.mktemp("new"), set_up=False)
    visit("before set-up", new.browser, "/setup?step=code")
    new.services.auth.held()
    visit("code said", new.browser)
    return found


def test_every_page_with_all_that_it_loads_is_light_and_loads_only_what_the_kiosk_has(pages):
    assert len(pages) > 30
    assert {"/ signed out", "/room signed out", "/sign-in signed out"} <= set(pages)
    assert {"/schedule signed in", "/history signed in", "/programs signed in"} <= set(pages)
    assert {"/settings signed in", "/setup before set-up", "/setup code said"} <= set(pages)
    heavy = {}
    for name, (browser, page, tree) in pages.items():
        weight = packed(page.encode())
        for address in loaded(tree):
            assert re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{12}", address), (name, address)
            response = browser.client.get(address, buffered=True)
            assert response.status_code == 200, (name, address)
            weight += packed(response.data)
        if weight > MOST:
            heavy[name] = weight
        for element in tree.all():
            for attribute in ("src", "href", "action", "formaction", "data-events", "poster"):
                parts = urlsplit(element.attributes.get(attribute, ""))
                assert (parts.scheme, parts.netloc) == ("", ""), (name, element.attributes)
    assert heavy == {}


def test_nothing_of_looks_or_scripts_stands_in_a_page_and_no_script_holds_it_up(pages):
    for name, (_, _, tree) in pages.items():
        for script in tree.all("script"):
            assert "defer" in script.attributes or script.attributes.get("type") == "module", name
            assert script.attributes.get("src", "").startswith("/static/"), name
            assert script.text == "", name
        for element in tree.all():
            attributes = element.attributes
            assert element.tag not in ("style", "iframe", "object", "embed", "base"), name
            assert "style" not in attributes, (name, element.tag, attributes)
            assert [a for a in attributes if a.startswith("on")] == [], (name, attributes)
            href = attributes.get("href", "").strip().lower()
            assert not href.startswith(("javascript:", "data:")), (name, href)


def test_every_page_is_well_made_and_its_headings_leave_no_step_out(pages):
    for name, (_, page, tree) in pages.items():
        assert page.startswith("<!doctype html>"), name
        assert tree.one("html").attributes["lang"] == "en", name
        assert tree.one("head").one("title").text.endswith("· Exercise kiosk"), name
        assert tree.one("h1").text, name
        assert tree.one("main").attributes["id"] == "main", name
        ids = [e.attributes["id"] for e in tree.all() if "id" in e.attributes]
        assert sorted(ids) == sorted(set(ids)), name
        for element in tree.all():
            for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
                for wanted in element.attributes.get(attribute, "").split():
                    assert wanted in ids, (name, attribute, wanted)

        steps = [int(e.tag[1]) for e in tree.all() if re.fullmatch("h[1-6]", e.tag)]
        for before, step in pairwise([0, *steps]):
            assert step <= before + 1, (name, steps)


def test_every_form_that_changes_something_carries_its_token_and_every_field_has_a_label(pages):
    unnamed = {"hidden", "submit", "button"}
    for name, (_, _, tree) in pages.items():
        for form in tree.all("form"):
            changes = form.attributes.get("method") == "post"
            tokens = [field.attributes["type"] for field in form.all("input", name="csrf_token")]
            assert tokens == ["hidden"] * changes, (name, form.attributes)

        labelled = {e.attributes.get("for") for e in tree.all("label")}
        within = [e for label in tree.all("label") for e in label.all()]
        for element in (e for tag in ("input", "select", "textarea") for e in tree.all(tag)):
            attributes = element.attributes
            named = attributes.get("id") in labelled or "aria-label" in attributes
            named = named or "aria-labelledby" in attributes
            named = named or attributes.get("type") in unnamed
            assert named or any(e is element for e in within), (name, attributes)


def packed(content: bytes) -> int:
    return len(gzip.compress(content, mtime=0))


def loaded(tree: Element) -> set[str]:
    """Addresses of what a browser fetches with the page."""
    found = (e.attributes.get(where) for tag, where in LOADED.items() for e in tree.all(tag))
    return {address for address in found if address}
