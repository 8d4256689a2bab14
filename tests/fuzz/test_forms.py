"""Whatever is typed into a form, sent in its place or handed in at the pages, a person gets an
answer to read, nothing breaks, and the kiosk starts again afterwards.

The forms are those that the pages show, so a new one is tried from its first day.
"""

import io
import itertools
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

import web
from kiosk.auth.service import AuthService
from kiosk.errors import StoreError
from kiosk.settings.model import setting_names
from kiosk.store.restore import PENDING
from tests.auth.kit import Dice
from tests.fuzz.profile import tried
from tests.fuzz.spoilt import spoilt_backups, spoilt_bytes
from tests.kiosk import DEFAULT, OWN, PASSPHRASE, KioskKit, Route, routes_of
from tests.programs.files import GOOD
from tests.store.kit import MEMORY
from tests.web.html_tree import Element, read_html

LARGEST_ANSWER = 2_000_000
"""Bytes; a page that shows again all that was typed may be large, but not without a limit."""

NOT_ASKED = frozenset({"now.events", "programs.preview", "settings.sample", "static"})
"""What never ends, renders a whole session, or is always the same."""

RESTORE = "/settings/restore"

seconds = st.sampled_from((0.0, 1.0, 90.0, 3600.0, 40 * 86400.0))


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


class FormsKit(KioskKit):
    """A kiosk whose pages' forms are sent as bytes by its browser."""

    forms: list[Form]
    token: str
    cookie: dict[str, object]
    """Of the browser, with that token."""

    def read_forms(self, page: str = "/") -> None:
        """Get a token from `page`, and find the forms of all pages."""
        self.browser.get(page)
        self.token = self.browser.csrf()
        with self.client.session_transaction() as session:
            self.cookie = dict(session)
        self.forms = self._forms()

    @property
    def client(self):
        return self.browser.client

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
    """A page, a file or another address; a refusal says why."""
    assert response.status_code < 500, (what, response.status_code, response.get_data()[-2000:])
    assert "X-Bad" not in response.headers, what
    if response.status_code in (204, 302, 303):
        assert response.headers.get("Location", "/").startswith("/"), what
        return
    if response.mimetype not in ("text/html", "application/json"):
        return
    assert len(response.data) < LARGEST_ANSWER, what
    if response.mimetype == "text/html" and response.status_code != 308:
        page = read_html(response.text)
        for script in page.all("script"):
            assert script.text == "", what
        for element in page.all():
            assert not [name for name in element.attributes if name.startswith("on")], what
        if response.status_code >= 400 and response.status_code != 416:  # which players get
            shown = response.text.partition("<main")[2].partition("</main>")[0]
            message = re.sub(r"<[^>]*>", "", f"<main{shown}").strip()
            assert len(message) > 20, (what, response.status_code)


def is_answered(response: TestResponse, what: object) -> None:
    """An answer to a form: a page, or another address."""
    is_fine(response, what)
    assert response.status_code in (204, 302, 303) or response.mimetype in (
        "text/html",
        "application/json",
    ), (what, response.mimetype)


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
@tried(150)
def test_whatever_a_caregiver_sends_is_answered(kit, data):
    kit.put_back()
    form = data.draw(st.sampled_from([*kit.forms, *SENT_OTHERWISE.values()]))
    sent, files = data.draw(filled_in(form))
    response = kit.send(form, sent, files)

    is_answered(response, form.action)
    if response.status_code == 303:
        shown = kit.browser.get(response.headers["Location"], buffered=True)
        is_answered(shown, (form.action, response.headers["Location"]))


@given(data=st.data())
@tried(40)
def test_whatever_is_sent_before_set_up_is_answered(new_kit, data):
    new_kit.put_back()
    form = data.draw(st.sampled_from([*new_kit.forms, *SENT_OTHERWISE.values()]))
    sent, files = data.draw(filled_in(form))

    is_answered(new_kit.send(form, sent, files), form.action)


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
@tried(80)
def test_whatever_an_address_is_asked_with_is_answered(kit, data):
    kit.put_back()
    readable = [r for r in routes_of(kit.browser.app) if r.method == "GET"]
    route = data.draw(st.sampled_from([r for r in readable if r.endpoint != "now.events"]))
    path = route.path
    if route.has_text_blanks and data.draw(st.booleans()):
        path = route.with_each_blank(quote_plus(data.draw(values))[:300])
    asked = data.draw(st.lists(st.tuples(st.sampled_from(ASKED), values), max_size=4))
    query = "&".join(f"{name}={quote_plus(value)}" for name, value in asked)
    headers = data.draw(st.sampled_from(HEADERS))
    response = kit.client.get(f"{path}?{query}"[:8000], headers=headers, buffered=True)

    is_fine(response, (path, query, headers))


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
        is_answered(kit.send(form, many), form.action)


def test_where_nothing_can_be_stored_every_form_says_so(kit):
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


# --- one after another, on files


class Model:
    """A filled kiosk from which others are copied, with the forms of its pages and a backup."""

    def __init__(self, folder: Path) -> None:
        self.state, self.clips = folder / "state", folder / "clips"
        with closing(FormsKit(self.state, on_files=True, clips=self.clips)) as kiosk:
            kiosk.filled()
            kiosk.browser.sign_in()
            kiosk.read_forms()
            self.forms, self.cookie, self.token = kiosk.forms, kiosk.cookie, kiosk.token
            with kiosk.services.backups.make() as made:
                self.backup = made.read_bytes()

    @contextmanager
    def copied(self, folder: Path) -> Iterator[None]:
        """A copy of its files, in `folder`, which is there as long."""
        shutil.copytree(self.state, folder)
        try:
            yield
        finally:
            shutil.rmtree(folder)

    @contextmanager
    def opened(self, folder: Path) -> Iterator[FormsKit]:
        """The kiosk of such a copy, started (anew), with a browser that is signed in."""
        with closing(FormsKit(folder, on_files=True, clips=self.clips)) as kiosk:
            kiosk.forms, kiosk.token = self.forms, self.token
            with kiosk.client.session_transaction() as session:
                session.update(self.cookie)
            yield kiosk


@pytest.fixture(scope="module")
def root():
    """A folder that needs no disk, as each household is copied and thrown away."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def model(root):
    return Model(root / "model")


@pytest.fixture(scope="module")
def folders(root):
    """A new folder's name for each household."""
    return (root / str(number) for number in itertools.count())


def pages_of(kiosk: FormsKit) -> list[Route]:
    """What may be looked at, each for itself."""
    there = routes_of(kiosk.browser.app)
    return [one for one in there if one.method == "GET" and one.endpoint not in NOT_ASKED]


def handed_in(draw, form: Form, sent, files):
    """A program to be taken in is mostly nearly right, as are the words that go with a backup."""
    if form.takes_files and form.action != RESTORE and draw(st.booleans()):
        name = next(field.name for field in form.fields if field.kind == "file")
        files = [(name, "own.toml", draw(spoilt_bytes(GOOD.encode())))]
    return sent, files


@given(data=st.data())
@tried(12)
def test_whatever_is_sent_one_after_another_is_answered(model, folders, data):
    folder = next(folders)
    with model.copied(folder), model.opened(folder) as kiosk:
        every = [*model.forms, *SENT_OTHERWISE.values()]
        for form in data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=6)):
            sent, files = handed_in(data.draw, form, *data.draw(filled_in(form)))
            response = kiosk.send(form, sent, files)
            event(f"{response.status_code // 100}xx")
            is_fine(response, (form.action, sent))
            if response.status_code == 303:
                shown = kiosk.browser.get(response.headers["Location"], buffered=True)
                is_fine(shown, (form.action, response.headers["Location"]))
            kiosk.clock.advance(data.draw(seconds))
            kiosk.settle()
        for route in data.draw(st.lists(st.sampled_from(pages_of(kiosk)), max_size=2)):
            is_fine(kiosk.browser.get(route.path, buffered=True), route)


@given(data=st.data())
@tried(12)
def test_whatever_backup_is_handed_in_the_kiosk_starts_again(model, folders, data):
    folder = next(folders)
    backup = data.draw(spoilt_backups(model.backup))
    right = [("sure", b"yes"), ("passphrase", PASSPHRASE.encode())]
    form = next(form for form in model.forms if form.action == RESTORE)
    with model.copied(folder):
        with model.opened(folder) as kiosk:
            response = kiosk.send(form, right, [("backup", "kept.kiosk", backup)])
            is_fine(response, RESTORE)
            assert bool(kiosk.restarts) is (response.status_code == 200)
        event("taken" if kiosk.restarts else "refused")
        if kiosk.restarts:
            starts_again(model, folder)


def starts_again(model: Model, folder: Path) -> None:
    """With whatever was handed in: all of its pages are there, for who may see them."""
    with model.opened(folder) as kiosk:
        kiosk.settle()
        for route in pages_of(kiosk):
            is_fine(kiosk.browser.get(route.path, buffered=True), route)
