"""Those who want to be let in: the owner, and others who try one passphrase after the other."""

import http.client
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from urllib.parse import urlencode, urlsplit

PATIENCE = 20.0
"""Seconds after which a wait is given up; nothing takes as long."""

NETWORK = "127.0.9."
"""Of those who guess; each has an address of their own in it."""


@dataclass(frozen=True)
class Tried:
    """What came of trying a passphrase."""

    status: int
    retry_after: str | None
    seconds: float


class Caller:
    """Somebody at a browser who is asked for the passphrase; on one connection, from `source`."""

    def __init__(self, address: str, source: str) -> None:
        there = urlsplit(address).netloc
        self._connection = http.client.HTTPConnection(
            there, timeout=PATIENCE, source_address=(source, 0)
        )
        self._cookie = ""
        _, page = self._ask("GET", {})
        found = re.search(rb'name="csrf_token" value="([^"]+)"', page)
        assert found is not None, page
        self._token = found[1].decode()

    def tries(self, passphrase: str) -> Tried:
        """Send the form."""
        began = time.monotonic()
        answer, _ = self._ask("POST", {"csrf_token": self._token, "passphrase": passphrase})
        took = time.monotonic() - began
        return Tried(answer.status, answer.getheader("Retry-After"), took)

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def _ask(self, method: str, fields: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
        head = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self._cookie}
        self._connection.request(method, "/sign-in", urlencode(fields), head)
        answer = self._connection.getresponse()
        cookie = answer.getheader("Set-Cookie")
        if cookie is not None:
            self._cookie = cookie.partition(";")[0]
        return answer, answer.read()


def sign_in(address: str, source: str, passphrase: str) -> Tried:
    """Come, try once and leave."""
    caller = Caller(address, source)
    try:
        return caller.tries(passphrase)
    finally:
        caller.close()


@dataclass
class Guesses:
    """What came of many tries."""

    statuses: dict[str, int] = field(default_factory=dict)
    """How many answers had that code."""

    waits: int = 0
    """How many were told how long to wait."""

    slowest: float = 0.0
    """Seconds."""

    cut_off: int = 0
    """How often a connection was ended before its answer was there."""

    def add(self, tried: Tried) -> None:
        """Count one more."""
        status = str(tried.status)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.waits += tried.retry_after is not None
        self.slowest = max(self.slowest, tried.seconds)


@contextmanager
def guessers(address: str, number: int) -> Iterator[Callable[[], Guesses]]:
    """So many try wrong passphrases, each from an address of their own, and the next one as soon as
    they have been answered.

    They are in a process of their own, not to keep the threads of this one waiting. What is given
    ends it, and says what has come of it.
    """
    python = ["nice", "-n", "10", sys.executable]
    command = [*python, "-m", "tests.browser.at_the_door", address, str(number)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        try:
            yield lambda: Guesses(**json.loads(process.communicate(timeout=PATIENCE)[0]))
        finally:
            process.kill()


def guess_until_told(address: str, number: int) -> Guesses:
    """What `guessers` do, until standard input ends."""
    found, turn, over = Guesses(), threading.Lock(), threading.Event()

    def guess(source: str) -> None:
        caller = None
        for passphrase in count():
            if over.is_set():
                break
            try:
                caller = caller or Caller(address, source)
                tried = caller.tries(f"a guess, number {passphrase}")
            except (OSError, http.client.HTTPException):
                caller = None
                with turn:
                    found.cut_off += 1
                continue
            with turn:
                found.add(tried)
        if caller is not None:
            caller.close()

    sources = [f"{NETWORK}{n + 1}" for n in range(number)]
    threads = [threading.Thread(target=guess, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join(PATIENCE)
    return found


if __name__ == "__main__":
    print(json.dumps(asdict(guess_until_told(sys.argv[1], int(sys.argv[2])))))  # noqa: T201
