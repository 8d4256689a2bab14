"""The forms of all pages, and odd things to fill them in with."""

import io
from dataclasses import dataclass
from urllib.parse import quote_plus, urlsplit

from hypothesis import strategies as st
from werkzeug.test import TestResponse

from kiosk.settings.model import setting_names
from tests.kiosk import DEFAULT, OWN, PASSPHRASE, KioskKit, routes_of
from tests.web.html_tree import Element, read_html

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
