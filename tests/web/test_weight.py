"""Every page is light, stands on its own files alone, and leaves scripts and looks to those."""

import gzip
import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from kiosk.session.snapshot import Fault, State
from tests.kiosk import OWN, Browser, KioskKit, routes_of
from tests.web.html_tree import Element, read_html
from tests.web.test_live import HOLDING

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
