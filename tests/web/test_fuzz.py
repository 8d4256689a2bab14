"""Whatever is typed into a form, or sent in its place, is answered by a page and never breaks one.

The forms are those that the pages show, so a new one is tried from its first day.
"""

import re
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

import web
from kiosk.errors import StoreError
from tests.web.fuzz_kit import Field, Form, House, filled_in, values
from tests.web.html_tree import read_html
from tests.web.kit import PASSPHRASE
from tests.web.routes import routes_of

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


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return House(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def new_house(tmp_path_factory):
    return House(tmp_path_factory.mktemp("state"), set_up=False)


def test_every_address_that_takes_a_form_is_tried_or_has_none(house, new_house):
    tried = {form.action for form in (*house.forms, *new_house.forms)}
    addresses = house.browser.app.url_map.bind("localhost")
    endpoints = {addresses.match(action, method="POST")[0] for action in tried}
    there = {route.endpoint for route in routes_of(house.browser.app) if route.method == "POST"}

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
def test_whatever_a_caregiver_sends_is_answered(house, data):
    house.put_back()
    form = data.draw(st.sampled_from([*house.forms, *SENT_OTHERWISE.values()]))
    sent, files = data.draw(filled_in(form))
    response = house.send(form, sent, files)

    is_fine(response, form.action)
    if response.status_code == 303:
        shown = house.browser.get(response.headers["Location"], buffered=True)
        is_fine(shown, (form.action, response.headers["Location"]))


@given(data=st.data())
@settings(TRIED, max_examples=40)
def test_whatever_is_sent_before_set_up_is_answered(new_house, data):
    new_house.put_back()
    form = data.draw(st.sampled_from([*new_house.forms, *SENT_OTHERWISE.values()]))
    sent, files = data.draw(filled_in(form))

    is_fine(new_house.send(form, sent, files), form.action)


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
def test_whatever_an_address_is_asked_with_is_answered(house, data):
    house.put_back()
    readable = [r for r in routes_of(house.browser.app) if r.method == "GET"]
    route = data.draw(st.sampled_from([r for r in readable if r.endpoint != "now.events"]))
    asked = data.draw(st.lists(st.tuples(st.sampled_from(ASKED), values), max_size=3))
    query = "&".join(f"{name}={quote_plus(value)}" for name, value in asked)
    headers = data.draw(st.sampled_from(HEADERS))
    response = house.client.get(f"{route.path}?{query}"[:8000], headers=headers, buffered=True)

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
def test_what_is_no_form_at_all_is_refused(house, kind, body):
    house.put_back()
    for form in house.forms:
        response = house.client.post(form.action, data=body, content_type=kind)
        assert response.status_code in (400, 413), (form.action, response.status_code)
        assert response.mimetype == "text/html", form.action


def test_very_many_fields_are_refused_or_answered(house):
    house.put_back()
    many = [(f"x{n}", b"1") for n in range(6000)]
    for form in house.forms:
        is_fine(house.send(form, many), form.action)


def test_where_nothing_can_be_kept_every_form_says_so(house):
    for form in house.forms:
        house.put_back()
        house.api.store.disk.full = StoreError("The memory card is full.")
        as_they_stand = [(f.name, f.offered[0].encode()) for f in form.fields if f.kind != "file"]
        response = house.send(form, as_they_stand)
        assert response.status_code == 503 or response.status_code < 500, form.action
        if response.status_code == 503:
            # Who has just signed out is a stranger, who is not told why.
            why = "Its log says more." if form.action == "/sign-out" else "The memory card is full."
            assert why in response.text, form.action
    house.put_back()
