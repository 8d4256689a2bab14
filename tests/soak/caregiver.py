"""A caregiver at a browser, over the network: reads pages, fills in forms, looks on live."""

import http.client
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

from tests.browser.household import PASSPHRASE
from tests.soak.invariants import BrokenRuleError

PATIENCE = 60.0
"""Seconds that an answer may take on a busy machine."""

Fields = list[tuple[str, str]]


@dataclass
class Answer:
    """What came of a request."""

    status: int
    body: bytes
    goes_to: str = ""

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


@dataclass
class Caregiver:
    """One browser, which keeps its cookies when the kiosk is restarted."""

    port: int = 0
    """0 while there are no pages."""

    cookies: dict[str, str] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    """Of the answers since they were last taken."""

    def get(self, path: str) -> Answer:
        """The page, after signing in if need be."""
        answer = self._ask("GET", path)
        if answer.status == 302 and answer.goes_to.startswith("/sign-in"):
            self._sign_in()
            answer = self._ask("GET", path)
        return answer

    def fill_in(
        self,
        page: str,
        action: str,
        changes: Mapping[str, str | Sequence[str]],
        *,
        if_there: bool = False,
    ) -> Answer:
        """Send the form on `page` that leads to `action`, with `changes` to what stands in it. It
        has to be there, unless it is wanted only `if_there`.
        """
        found = self.get(page)
        if found.status != 200:
            return found
        forms = Forms.in_page(found.text)
        if not forms:
            # A page that onlookers see, too; but only who has signed in may do anything there.
            self._sign_in()
            found = self.get(page)
            forms = Forms.in_page(found.text)
        if action not in forms:
            if if_there:
                return found
            raise BrokenRuleError(f"{page} has no form for {action}, but for {sorted(forms)}")
        fields = [(name, value) for name, value in forms[action] if name not in changes]
        for name, value in changes.items():
            values = [value] if isinstance(value, str) else value
            fields += [(name, one) for one in values]
        return self._ask("POST", action, urlencode(fields).encode())

    def hand_in(self, page: str, action: str, file: bytes, changes: Mapping[str, str]) -> Answer:
        """Send the form with a file as its field `backup`."""
        found = self.get(page)
        if found.status != 200:
            return found
        fields = {**dict(Forms.in_page(found.text)[action]), **changes}
        fields.pop("backup", None)
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="backup"; filename="kept.kiosk"'
        parts.append(f"{head}\r\n\r\n".encode() + file + f"\r\n--{mark}--\r\n".encode())
        kind = f"multipart/form-data; boundary={mark}"
        return self._ask("POST", action, b"".join(parts), kind)

    def _sign_in(self) -> None:
        token = dict(Forms.in_page(self._ask("GET", "/sign-in").text)["/sign-in"])
        self._ask("POST", "/sign-in", urlencode({**token, "passphrase": PASSPHRASE}).encode())

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "application/x-www-form-urlencoded",
    ) -> Answer:
        if not self.port:
            return Answer(503, b"")
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = {"Connection": "close", "Accept": "text/html", "Cookie": cookies}
        try:
            asking.request(method, path, body, head | ({"Content-Type": kind} if body else {}))
            found = asking.getresponse()
            answer = Answer(found.status, found.read(), _path(found.getheader("Location", "")))
            self._keep_cookies(found.headers.get_all("Set-Cookie", []))
        finally:
            asking.close()
        if answer.status >= 500 and answer.status != 503:
            raise BrokenRuleError(f"{method} {path} is answered with {answer.status}")
        self.statuses.append(answer.status)
        return answer

    def _keep_cookies(self, lines: Sequence[str]) -> None:
        for line in lines:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class Forms(HTMLParser):
    """The forms of a page: what each would send, by where it is sent to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Fields] = {}
        self._fields: Fields | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._text = ""

    @classmethod
    def in_page(cls, page: str) -> dict[str, Fields]:
        forms = cls()
        forms.feed(page)
        forms.close()
        return forms.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        there = {name: value or "" for name, value in attrs}
        name = there.get("name", "")
        if tag == "form":
            action = there.get("action", "").partition("#")[0]
            self._fields = self.found.setdefault(action, [])
        elif self._fields is None:
            return
        elif tag == "input" and name and self._is_sent(there):
            self._fields.append((name, there.get("value", "")))
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select is not None:
            self._options.append((there.get("value", ""), "selected" in there))
        elif tag == "textarea":
            self._area, self._text = name, ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if self._fields is None:
            return
        if tag == "select" and self._select is not None and self._options:
            chosen = [value for value, is_chosen in self._options if is_chosen]
            self._fields.append((self._select, (chosen or [self._options[0][0]])[0]))
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self._fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "form":
            self._fields = None

    @staticmethod
    def _is_sent(there: Mapping[str, str]) -> bool:
        kind = there.get("type", "text")
        if kind in ("checkbox", "radio"):
            return "checked" in there
        return kind not in ("submit", "button", "file", "image", "reset")


class Onlooker:
    """A live page that is open somewhere; takes what comes when it is asked to."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        self._socket.setblocking(False)
        self.bytes = 0
        self.ended = False

    def take(self) -> int:
        """Take what has come in; how many bytes."""
        taken = 0
        try:
            while not self.ended:
                data = self._socket.recv(1 << 16)
                self.ended = not data
                taken += len(data)
        except BlockingIOError:
            pass
        except ConnectionError:
            self.ended = True
        self.bytes += taken
        return taken

    def close(self) -> None:
        self._socket.close()
