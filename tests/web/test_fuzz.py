"""Whatever is typed into a form, or sent in its place, is answered by a page and never breaks one.

The forms are those that the pages show, so a new one is tried from its first day.
"""

import re
import shutil
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

import web
from kiosk.auth.service import AuthService
from kiosk.errors import StoreError
from kiosk.store.restore import PENDING
from tests.auth.kit import Dice
from tests.kiosk import PASSPHRASE, routes_of
from tests.web.fuzz_kit import Field, Form, FormsKit, filled_in, values
from tests.web.html_tree import read_html

LARGEST_ANSWER = 2_000_000
"""Bytes; a page that shows again all that was typed may be large, but not without a limit."""

TRIED = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def is_fine(response: TestResponse, what: object) -> None:
    """An answer that a person can do something with."""
    assert response.status_code < 500, (what, response.status_code, response.text[-2000:])
    assert len(response.data) < LARGEST_ANSWER, what
    assert "X-Bad" not in response.headers, what
    if response.status_code in (204, 302, 303):
        assert response.headers.get("Location", "/").startswith("/"), what
        return
    assert response.mimetype in ("text/html", "application/json"), (what, response.mimetype)
    if response.mimetype == "text/html" and response.status_code != 308:
        page = read_html(response.text)
        for script in page.all("script"):
            assert script.text == "", what
        for element in page.all():
            assert not [name for name in element.attributes if name.startswith("on")], what


class FuzzKit(FormsKit):
    """A kiosk that can be put back to how it was; every pairing code is 123456."""

    def __init__(self, state: Path, *, set_up: bool) -> None:
        super().__init__(state, set_up=set_up)
        if set_up:
            self.filled()
            self.services.auth.sign_in(PASSPHRASE, "another", "192.168.1.23")
            self.browser.sign_in()
        self.read_forms("/" if set_up else "/setup")
        self._content = self.store.disk.content()
        self._programs = {file: file.read_bytes() for file in (state / "programs").iterdir()}

    def put_back(self) -> None:
        """Undo all that was done to it; a code was said, and where it is set up, entered."""
        self.store.disk.full = None
        self.store.disk.put_back(self._content)
        auth, codes = self.services.auth, Dice(code=123456)
        # As after a power cut: what was only in memory is gone.
        vars(auth).update(
            vars(AuthService(self.store, self.wall, self.clock, self.codes.append, codes))
        )
        shutil.rmtree(self.state / "programs")
        (self.state / "programs").mkdir()
        for file, content in self._programs.items():
            file.write_bytes(content)
        (self.state / PENDING).unlink(missing_ok=True)
        code = auth.held()
        with self.client.session_transaction() as session:
            session.clear()
            session.update(self.cookie)
            if auth.is_set_up():
                session["grant"] = auth.enter_code(code, "127.0.0.1")


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    return FuzzKit(tmp_path_factory.mktemp("state"), set_up=True)


@pytest.fixture(scope="module")
def new_kit(tmp_path_factory):
    return FuzzKit(tmp_path_factory.mktemp("state"), set_up=False)


def test_every_address_that_takes_a_form_is_tried_or_has_none(kit, new_kit):
    tried = {form.action for form in (*kit.forms, *new_kit.forms)}
    addresses = kit.browser.app.url_map.bind("localhost")
    endpoints = {addresses.match(action, method="POST")[0] for action in tried}
    there = {route.endpoint for route in routes_of(kit.browser.app) if route.method == "POST"}

    # These are sent by scripts, or by forms that show only after something was done.
    assert there - endpoints <= SENT_OTHERWISE.keys()


SENT_OTHERWISE = {
    "schedule.undo": Form("/schedule/undo", (Field("change", "hidden", ("", "x")),)),
    "settings.undo": Form("/settings/undo", (Field("change", "hidden", ("", "{}")),)),
    "programs.check": Form("/programs/check", ()),
    "settings.sign_out_device": Form(
        "/settings/sign-out", (Field("visitor", "hidden", ("v0", "")),)
    ),
    "sign_in.sign_in": Form(
        "/sign-in",
        (Field("passphrase", "password", (PASSPHRASE,)), Field("next", "hidden", ("/room",))),
    ),
    "setup.choose_passphrase": Form(
        "/setup/passphrase",
        (Field("passphrase", "password", (PASSPHRASE,)), Field("again", "password", (PASSPHRASE,))),
    ),
    "setup.enter_code": Form("/setup/code", (Field("code", "text", ("123456",)),)),
    "setup.await_press": Form("/setup/press", ()),
    "sign_in.enter_code": Form("/forgotten/code", (Field("code", "text", ("123456",)),)),
    "sign_in.choose_passphrase": Form(
        "/forgotten/passphrase", (Field("passphrase", "password", (PASSPHRASE,)),)
    ),
}
"""Forms that no page shows by its address alone."""


@given(data=st.data())
@TRIED
def test_whatever_a_caregiver_sends_is_answered(kit, data):
    kit.put_back()
    form = data.draw(st.sampled_from([*kit.forms, *SENT_OTHERWISE.values()]))
    sent, files = data.draw(filled_in(form))
    response = kit.send(form, sent, files)

    is_fine(response, form.action)
    if response.status_code == 303:
        shown = kit.browser.get(response.headers["Location"], buffered=True)
        is_fine(shown, (form.action, response.headers["Location"]))


@given(data=st.data())
@settings(TRIED, max_examples=40)
def test_whatever_is_sent_before_set_up_is_answered(new_kit, data):
    new_kit.put_back()
    form = data.draw(st.sampled_from([*new_kit.forms, *SENT_OTHERWISE.values()]))
    sent, files = data.draw(filled_in(form))

    is_fine(new_kit.send(form, sent, files), form.action)


ASKED = sorted(
    {
        name
        for file in Path(web.__path__[0]).rglob("*.py")
        for name in re.findall(r'(?:args|values|texts)\.get\(\s*"(\w+)"', file.read_text())
    }
    | {"from", "to", "week", "month", "day"}
)
"""What addresses are asked with."""


@given(data=st.data())
@settings(TRIED, max_examples=80)
def test_whatever_an_address_is_asked_with_is_answered(kit, data):
    kit.put_back()
    readable = [r for r in routes_of(kit.browser.app) if r.method == "GET"]
    route = data.draw(st.sampled_from([r for r in readable if r.endpoint != "now.events"]))
    asked = data.draw(st.lists(st.tuples(st.sampled_from(ASKED), values), max_size=3))
    query = "&".join(f"{name}={quote_plus(value)}" for name, value in asked)
    headers = data.draw(st.sampled_from(HEADERS))
    response = kit.client.get(f"{route.path}?{query}"[:8000], headers=headers, buffered=True)

    assert response.status_code < 500, (route.path, query, headers)
    assert "X-Bad" not in response.headers
    if response.mimetype in ("text/html", "application/json"):
        is_fine(response, (route.path, query))


HEADERS = (
    {},
    {"Accept": "text/html"},
    {"Accept": "application/json"},
    {"Accept": ";;;q=x, */*;q=-1"},
    {"Range": "bytes=0-"},
    {"Range": "bytes=5-2"},
    {"Range": "bytes=-99999999999999999999"},
    {"Range": "bytes=99999999999999999999-"},
    {"Range": "bytes=0-1,5-9"},
    {"Range": "lines=x"},
    {"If-Range": '"x"', "Range": "bytes=0-9"},
    {"If-None-Match": "W/x, *"},
    {"If-Modified-Since": "yesterday"},
    {"Cookie": "kiosk=x; kiosk=y; =; \x7f"},
    {"User-Agent": "<script>alert(1)</script>" * 50},
    {"Accept-Language": "xx;q=abc"},
    {"Content-Length": "abc"},
    {"Content-Type": "multipart/form-data"},
)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: x\r\n\r\n1\r\n--x--"),
        ("multipart/form-data; boundary=" + "x" * 500, b"--x"),
        ("application/json", b'{"csrf_token": 1}'),
        ("application/x-www-form-urlencoded; charset=utf-16", b"%ff=%ff&&==&=x"),
        ("text/plain", b"\x00\xff"),
        ("", b"x"),
    ],
)  # fmt: skip
def test_what_is_no_form_at_all_is_refused(kit, kind, body):
    kit.put_back()
    for form in kit.forms:
        response = kit.client.post(form.action, data=body, content_type=kind)
        assert response.status_code in (400, 413), (form.action, response.status_code)
        assert response.mimetype == "text/html", form.action


def test_very_many_fields_are_refused_or_answered(kit):
    kit.put_back()
    many = [(f"x{n}", b"1") for n in range(6000)]
    for form in kit.forms:
        is_fine(kit.send(form, many), form.action)


def test_where_nothing_can_be_kept_every_form_says_so(kit):
    for form in kit.forms:
        kit.put_back()
        kit.store.disk.full = StoreError("The memory card is full.")
        as_they_stand = [(f.name, f.offered[0].encode()) for f in form.fields if f.kind != "file"]
        response = kit.send(form, as_they_stand)
        assert response.status_code == 503 or response.status_code < 500, form.action
        if response.status_code == 503:
            # Who has just signed out is a stranger, who is not told why.
            why = "Its log says more." if form.action == "/sign-out" else "The memory card is full."
            assert why in response.text, form.action
    kit.put_back()
