"""Whatever is typed into a form, or sent in its place, is answered by a page and never breaks one.

The forms are those that the pages show, so a new one is tried from its first day.
"""

import io
import re
import shutil
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

import web
from kiosk.api.door import CodeState
from kiosk.errors import StoreError
from kiosk.model.settings import setting_names
from tests.web.full import DEFAULT, OWN, a_full_api
from tests.web.html_tree import Element, read_html
from tests.web.kit import PASSPHRASE, Browser, FakeDoor
from tests.web.routes import routes_of

LARGEST_ANSWER = 2_000_000
"""Bytes; a page that shows again all that was typed may be large, but not without a limit."""

TRIED = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ODD = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "00",
    "1.5",
    "1,5",
    "1e309",
    "NaN",
    "-inf",
    "9" * 30,
    "9" * 5000,
    "0x10",
    "½",
    "٣",
    "\uff11\uff12",
    "١٢:٣٠",
    "08:00",
    "24:00",
    "08:00:00",
    "2026-03-28",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "-2026-01-01",
    "2026-W13-1",
    "true",
    "null",
    "None",
    "[]",
    "{}",
    '{"form": "volume", "texts": {"volume": ["1"]}, "v": 1}',
    '{"form": ["x"], "texts": [], "v": {}}',
    '{"form": "nowhere", "texts": {}, "v": ""}',
    "[" * 5000,
    "\x00",
    "a\x00b",
    "\r\nX-Bad: yes",
    "\u202etxt",
    "\u2028",
    "😀" * 100,
    "x" * 20_000,
    "<script>alert(1)</script>",
    "\"' onmouseover=alert(1) x='",
    "{{ 7 * 7 }}",
    "{n} {0} {name.__class__}",
    "%s%n%(x)s",
    "../../etc/passwd",
    "..",
    "walk",
    DEFAULT,
    OWN,
    PASSPHRASE,
    "123456",
    "Europe/Oslo",
    "../Europe/Oslo",
    "/etc/localtime",
    "save",
    "preview",
)

BYTES = (b"\xff\xfe", b"\xed\xa0\x80", b"caf\xe9", b"\x00\xff")
"""What is no text."""

FILES = (
    b"",
    b"schema = 1",
    b"all that is kept",
    b"\x00" * 1000,
    b"\xff\xfe\x00",
    b"[" * 20_000,
    b"a." * 3000 + b"a = 1",
    "x = '😀'\n".encode() * 500,
)

NAMES = ("kiosk.db", "", "../../x.toml", "\x00", "x" * 300, "ü.toml")

texts = st.sampled_from(ODD) | st.text(max_size=40)
values = texts.map(str.encode) | st.sampled_from(BYTES)


@dataclass(frozen=True, slots=True)
class Field:
    """Something in a form that is sent with it."""

    name: str
    kind: str
    offered: tuple[str, ...]
    """What a person could send without typing."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page."""

    action: str
    fields: tuple[Field, ...]

    @property
    def takes_files(self) -> bool:
        return any(field.kind == "file" for field in self.fields)


class House:
    """A kiosk that can be put back to how it was, and a browser with a token for its forms."""

    def __init__(self, state: Path, door: FakeDoor | None = None) -> None:
        self.api = a_full_api(state, **({"door": door} if door else {}))
        self.browser = Browser(self.api)
        self.client = self.browser.client
        if door is None:
            self.browser.sign_in()
        self.browser.get("/" if door is None else "/setup")
        self.token = self.browser.csrf()
        with self.client.session_transaction() as session:
            session["grant"] = "grant"
            self.session = dict(session)
        self._kept = [(part, state_of(part)) for part in (self.api.store, self.api.door)]
        self._programs = state / "programs"
        self._own = (self._programs / f"{OWN}.toml").read_text()
        self.forms = self._forms()

    def put_back(self) -> None:
        """Undo all that was done to it."""
        for part, kept in self._kept:
            vars(part).update({name: copy(value) for name, value in kept.items()})
        shutil.rmtree(self._programs)
        self._programs.mkdir()
        (self._programs / f"{OWN}.toml").write_text(self._own)
        self.api.remote.wishes.clear()
        with self.client.session_transaction() as session:
            session.clear()
            session.update(self.session)

    def send(self, form: Form, sent: list[tuple[str, bytes]], files=()) -> TestResponse:
        """Send the form with its token and `sent`; through a script's eyes where it says so."""
        pairs = [("csrf_token", self.token.encode()), *sent]
        if form.takes_files or files:
            body, kind = multipart(pairs, files)
        else:
            body = "&".join(f"{quote_plus(n)}={quote_plus(v)}" for n, v in pairs).encode()
            kind = "application/x-www-form-urlencoded"
        return self.client.post(form.action, data=body, content_type=kind)

    def _forms(self) -> list[Form]:
        found: dict[str, Form] = {}
        for route in routes_of(self.browser.app):
            if route.method != "GET" or route.endpoint in ("static", "now.events"):
                continue
            response = self.browser.get(route.path, buffered=True)
            if response.mimetype == "text/html" and response.status_code == 200:
                for form in read_html(response.text).all("form"):
                    if form.attributes.get("method") == "post":
                        action = urlsplit(form.attributes.get("action") or route.path).path
                        found.setdefault(action, Form(action, tuple(fields_of(form))))
        return list(found.values())


def state_of(part: object) -> dict[str, object]:
    return {name: copy(value) for name, value in vars(part).items() if name != "_lock"}


def fields_of(form: Element) -> list[Field]:
    by_name: dict[str, Field] = {}
    for element in form.all():
        name = element.attributes.get("name")
        if name and name != "csrf_token":
            options = [option.attributes.get("value", "") for option in element.all("option")]
            offered = tuple(options or [element.attributes.get("value", "")])
            kind = element.attributes.get("type", element.tag)
            before = by_name.get(name, Field(name, kind, ()))
            by_name[name] = Field(name, kind, (*before.offered, *offered))
    return list(by_name.values())


def multipart(pairs, files) -> tuple[bytes, str]:
    """A body with files; names and contents as they are."""
    out = io.BytesIO()
    for name, value in pairs:
        out.write(b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n' % name.encode())
        out.write(value + b"\r\n")
    for name, filename, content in files:
        head = f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"'
        out.write(head.encode() + b"\r\nContent-Type: application/toml\r\n\r\n" + content + b"\r\n")
    out.write(b"--edge--\r\n")
    return out.getvalue(), "multipart/form-data; boundary=edge"


@st.composite
def filled_in(draw, form: Form):
    """What is sent of the form's fields: most as they stand there, some odd, missing, or twice;
    and now and then one that the form does not have.
    """
    sent: list[tuple[str, bytes]] = []
    files = []
    for field in form.fields:
        if field.kind == "file":
            if draw(st.booleans()):
                content = draw(st.sampled_from(FILES) | st.binary(max_size=100))
                files.append((field.name, draw(st.sampled_from(NAMES)), content))
            continue
        as_it_stands = st.sampled_from(field.offered).map(str.encode)
        times = draw(st.sampled_from((1, 1, 1, 1, 0, 2)))
        value = st.one_of(as_it_stands, as_it_stands, values)
        sent += [(field.name, draw(value)) for _ in range(times)]
    if draw(st.booleans()):
        names = st.sampled_from(
            (*setting_names(), "x", "exercise.0.name", "e999999.p5.do", "change")
        )
        sent.append((draw(names | st.text(max_size=10)), draw(values)))
    if draw(st.integers(0, 9)) == 0:
        files.append((draw(st.sampled_from([f.name for f in form.fields] or ["x"])), "x", b"x"))
    return sent, files


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
    door = FakeDoor(passphrase=None, state=CodeState.SAID)
    return House(tmp_path_factory.mktemp("state"), door)


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
    "settings.keys.send_out": Form("/settings/sign-out", (Field("visitor", "hidden", ("v0", "")),)),
    "sign_in.come_in": Form(
        "/sign-in",
        (Field("passphrase", "password", (PASSPHRASE,)), Field("next", "hidden", ("/room",))),
    ),
    "setup.take_passphrase": Form(
        "/setup/passphrase",
        (Field("passphrase", "password", (PASSPHRASE,)), Field("again", "password", (PASSPHRASE,))),
    ),
    "setup.take_code": Form("/setup/code", (Field("code", "text", ("123456",)),)),
    "setup.await_press": Form("/setup/press", ()),
    "sign_in.take_code": Form("/forgotten/code", (Field("code", "text", ("123456",)),)),
    "sign_in.take_passphrase": Form(
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
        house.api.store.broken = StoreError("The memory card is full.")
        as_they_stand = [(f.name, f.offered[0].encode()) for f in form.fields if f.kind != "file"]
        response = house.send(form, as_they_stand)
        assert response.status_code == 503 or response.status_code < 500, form.action
        if response.status_code == 503:
            assert "The memory card is full." in response.text, form.action
    house.put_back()
