"""A caregiver at a browser, over the network: reads pages, sends forms, keeps live pages open."""

import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from tests.kiosk import PASSPHRASE
from tests.service.pages_client import PATIENCE, PagesClient, Reply
from tests.soak.invariants import BrokenRuleError
from tests.web.html_tree import Element, read_html


class Caregiver(PagesClient):
    """One browser, which keeps its cookie when the kiosk is restarted, and signs in if need be."""

    port = 0
    """0 while there are no pages."""

    def __init__(self) -> None:
        super().__init__("")

    def get(self, path: str) -> Reply:
        reply = super().get(path)
        to = urlsplit(reply.headers.get("Location", "")).path
        return self._get_signed_in(path) if to.startswith("/sign-in") else reply

    def send_form(
        self, page: str, action: str, *, if_there: bool = False, **changes: str | Sequence[str]
    ) -> None:
        """Send the form on `page` that leads to `action`, with `changes` to its values. The form
        has to be there, unless it is sent only `if_there`.
        """
        found = self.get(page)
        if found.status != 200:
            return
        # A page that anyone may see has forms only for who has signed in.
        forms = _forms(found) or _forms(self._get_signed_in(page))
        if action in forms:
            self.post(action, **{**forms[action].sent(), **changes})
        elif not if_there:
            raise BrokenRuleError(f"{page} has no form for {action}, but for {sorted(forms)}")

    def _get_signed_in(self, path: str) -> Reply:
        super().get("/sign-in")
        self.post("/sign-in", passphrase=PASSPHRASE)
        return super().get(path)

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> Reply:
        if not self.port:
            return Reply(503, {}, b"")
        self.place = f"127.0.0.1:{self.port}"
        reply = super()._ask(method, path, body, kind)
        if reply.status >= 500 and reply.status != 503:
            raise BrokenRuleError(f"{method} {path} is answered with {reply.status}")
        return reply


def _forms(page: Reply) -> dict[str, Element]:
    """The page's forms by their actions."""
    forms = read_html(page.text).all("form")
    return {form.attributes.get("action", "").partition("#")[0]: form for form in forms}


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
