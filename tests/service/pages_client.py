"""A browser of few words, for the pages of a real kiosk: cookies, forms, no scripts."""

import http.client
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

PATIENCE = 60.0
"""Seconds that an answer may take on a busy machine."""

BOUNDARY = "a-line-between-parts"


class Reply(NamedTuple):
    """What the kiosk answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class PagesClient:
    """One browser; a connection for each request."""

    def __init__(self, address: str) -> None:
        self.place = urlsplit(address).netloc
        self.cookie = ""
        self._csrf = ""

    def get(self, path: str) -> Reply:
        return self._ask("GET", path, None, "")

    def post(self, path: str, **fields: str | Sequence[str]) -> Reply:
        """Send a form with the token of the last page."""
        body = urlencode({"csrf_token": self._csrf, **fields}, doseq=True)
        return self._ask("POST", path, body.encode(), "application/x-www-form-urlencoded")

    def upload(self, path: str, name: str, content: bytes, **fields: str) -> Reply:
        """Send a form with a file called `name` in its field of that name."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in {"csrf_token": self._csrf, **fields}.items()
        ]
        disposition = f'Content-Disposition: form-data; name="{name}"; filename="f"'
        head = f"--{BOUNDARY}\r\n{disposition}\r\n\r\n"
        body = "".join(parts).encode() + head.encode() + content + f"\r\n--{BOUNDARY}--".encode()
        return self._ask("POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> Reply:
        headers = {"Accept": "text/html", "Connection": "close", "Cookie": self.cookie}
        if kind:
            headers["Content-Type"] = kind
        connection = http.client.HTTPConnection(self.place, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            reply = Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()
        if "Set-Cookie" in reply.headers:
            self.cookie = reply.headers["Set-Cookie"].partition(";")[0]
        found = re.search(rb'name="csrf_token" value="([^"]+)"', reply.body)
        self._csrf = found[1].decode() if found else self._csrf
        return reply
