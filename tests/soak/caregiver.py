"""A caregiver at a browser, over the network: reads pages, sends forms, keeps live pages open."""

import http.client
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from tests.browser.household import PASSPHRASE
from tests.soak.invariants import BrokenRuleError
from tests.web.html_tree import read_html

PATIENCE = 60.0
"""Seconds that an answer may take on a busy machine."""


@dataclass
class Answer:
    """The response to a request."""

    status: int
    body: bytes
    location: str = ""

    @property
    def forms(self) -> dict[str, list[tuple[str, str]]]:
        """The fields that each form of the page would send, by the form's action."""
        found: dict[str, list[tuple[str, str]]] = {}
        for form in read_html(self.body.decode()).all("form"):
            action = form.attributes.get("action", "").partition("#")[0]
            tokens = [one.attributes["value"] for one in form.all("input", name="csrf_token")]
            for name, values in {"csrf_token": tokens, **form.sent()}.items():
                found.setdefault(action, []).extend((name, value) for value in values)
        return found


@dataclass
class Caregiver:
    """One browser, which keeps its cookies when the kiosk is restarted."""

    port: int = 0
    """0 while there are no pages."""

    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        """The page, after signing in if need be."""
        answer = self._request("GET", path)
        if answer.status == 302 and answer.location.startswith("/sign-in"):
            self._sign_in()
            answer = self._request("GET", path)
        return answer

    def send_form(
        self,
        page: str,
        action: str,
        changes: Mapping[str, str | Sequence[str]],
        *,
        if_there: bool = False,
    ) -> Answer:
        """Send the form on `page` that leads to `action`, with `changes` to its values. The form
        has to be there, unless it is sent only `if_there`.
        """
        found = self.get(page)
        if found.status != 200:
            return found
        if not found.forms:
            # A page that anyone may see; but only who has signed in may do anything there.
            self._sign_in()
            found = self.get(page)
        if action not in found.forms:
            if if_there:
                return found
            raise BrokenRuleError(f"{page} has no form for {action}, but for {sorted(found.forms)}")
        fields = [(name, value) for name, value in found.forms[action] if name not in changes]
        for name, value in changes.items():
            values = [value] if isinstance(value, str) else value
            fields += [(name, one) for one in values]
        return self._request("POST", action, urlencode(fields).encode())

    def upload(self, page: str, action: str, file: bytes, changes: Mapping[str, str]) -> Answer:
        """Send the form with a file as its field `backup`."""
        found = self.get(page)
        if found.status != 200:
            return found
        fields = {**dict(found.forms[action]), **changes}
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
            if name != "backup"
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="backup"; filename="kept.kiosk"'
        parts.append(f"{head}\r\n\r\n".encode() + file + f"\r\n--{mark}--\r\n".encode())
        kind = f"multipart/form-data; boundary={mark}"
        return self._request("POST", action, b"".join(parts), kind)

    def _sign_in(self) -> None:
        token = dict(self._request("GET", "/sign-in").forms["/sign-in"])
        fields = {**token, "passphrase": PASSPHRASE}
        self._request("POST", "/sign-in", urlencode(fields).encode())

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "application/x-www-form-urlencoded",
    ) -> Answer:
        if not self.port:
            return Answer(503, b"")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = {"Connection": "close", "Accept": "text/html", "Cookie": cookies}
        try:
            connection.request(method, path, body, head | ({"Content-Type": kind} if body else {}))
            found = connection.getresponse()
            target = urlsplit(found.getheader("Location", ""))
            location = target.path + (f"?{target.query}" if target.query else "")
            answer = Answer(found.status, found.read(), location)
            for line in found.headers.get_all("Set-Cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
        finally:
            connection.close()
        if answer.status >= 500 and answer.status != 503:
            raise BrokenRuleError(f"{method} {path} is answered with {answer.status}")
        return answer


class LivePage:
    """A live page that is open somewhere; takes what was sent when it is asked to."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        self._socket.setblocking(False)

    def take(self) -> None:
        """Take what was sent since."""
        try:
            while self._socket.recv(1 << 16):
                pass
        except (BlockingIOError, ConnectionError):
            pass

    def close(self) -> None:
        self._socket.close()
