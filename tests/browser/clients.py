"""Many clients at the pages at once: viewers of the live stream, clients that behave badly, and
devices that sign in or try one passphrase after the other.
"""

import http.client
import json
import re
import selectors
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count, cycle, islice
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.web.serving import PATIENCE, Client

LEAVES_IN_THE_MIDDLE = struct.pack("ii", 1, 0)
"""To linger for no time: the connection is broken off, not ended."""

EVENT = re.compile(rb"event: state\ndata: (.*)\n")


@dataclass(frozen=True)
class Seen:
    """One event as a viewer got it."""

    at: float
    """Seconds of this machine's monotonic clock."""

    shot: dict[str, Any]


@dataclass
class Viewer:
    """A page that looks on live: what came in, and when."""

    socket: socket.socket
    came: list[tuple[float, bytes]] = field(default_factory=list)
    ended: bool = False

    @property
    def status(self) -> int:
        """The code of the answer; 0 while there is none."""
        head = b"".join(data for _, data in self.came[:2])
        return int(head.split()[1]) if head.count(b" ") > 1 else 0

    def seen(self) -> list[Seen]:
        """Every event so far."""
        text, ends, times = b"", [], []
        for at, data in self.came:
            text += data
            ends.append(len(text))
            times.append(at)
        found = []
        for event in EVENT.finditer(text):
            arrived = next(at for end, at in zip(ends, times, strict=True) if end >= event.end())
            found.append(Seen(arrived, json.loads(event[1])))
        return found


def ask_for(address: str, path: str, source: str, takes: int | None = None) -> socket.socket:
    """A connection on which `path` has been asked for; `takes` bytes are taken in unread."""
    return Client(urlsplit(address).port or 0, source, takes).ask(path).socket


def connected(address: str, source: str) -> socket.socket:
    """A connection on which nothing has been asked for."""
    return Client(urlsplit(address).port or 0, source).socket


def request_for(address: str, path: str) -> bytes:
    """What is sent to ask for `path`."""
    return f"GET {path} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n\r\n".encode()


@contextmanager
def viewers(address: str, number: int, source: str = "127.0.0.1") -> Iterator[list[Viewer]]:
    """So many look on at `/events`; one thread takes down all that comes in to any of them."""
    with ExitStack() as connections, selectors.DefaultSelector() as ears:
        present = []
        for _ in range(number):
            viewer = Viewer(connections.enter_context(ask_for(address, "/events", source)))
            viewer.socket.setblocking(False)
            ears.register(viewer.socket, selectors.EVENT_READ, viewer)
            present.append(viewer)
        with over_and_over(lambda: _take_down(ears)):
            yield present


def _take_down(ears: selectors.BaseSelector) -> None:
    for key, _ in ears.select(timeout=0.05):
        data = key.data.socket.recv(65536)
        key.data.came.append((time.monotonic(), data))
        if not data:
            key.data.ended = True
            ears.unregister(key.fileobj)


@contextmanager
def clients_that_never_read(address: str, number: int, source: str) -> Iterator[None]:
    """So many ask for pages and for the live stream, and take nothing of the answer."""
    paths = cycle(("/events", "/", "/static/style.css"))
    with ExitStack() as connections:
        for _ in range(number):
            connections.enter_context(ask_for(address, next(paths), source, takes=2048))
        yield


@contextmanager
def clients_that_drip(address: str, number: int, source: str) -> Iterator[None]:
    """So many send their requests letter by letter, and never come to an end; who is cut off comes
    again.
    """
    letters = cycle(b"GET / HTTP/1.1\r\nX-" + b"a" * 1000)
    dripping: list[socket.socket] = []

    def drip() -> None:
        letter = bytes([next(letters)])
        for one in list(dripping):
            try:
                one.sendall(letter)
            except OSError:
                one.close()
                dripping.remove(one)
        while len(dripping) < number:
            dripping.append(connected(address, source))

    try:
        with over_and_over(drip, every=0.2):
            yield
    finally:
        for one in dripping:
            one.close()


@contextmanager
def clients_that_sit(
    address: str, number: int, sources: Sequence[str]
) -> Iterator[Callable[[], int]]:
    """So many connections, shared out over `sources`, on which nothing is ever asked for; who is
    cut off comes again a second later.

    Gives how often somebody was cut off.
    """
    cut_off = 0
    with selectors.DefaultSelector() as ends, ExitStack() as stack:

        def sit(source: str) -> None:
            ends.register(connected(address, source), selectors.EVENT_READ, source)

        def come_again() -> None:
            nonlocal cut_off
            for key, _ in ends.select(timeout=0):
                ends.unregister(key.fileobj)
                key.fileobj.close()
                cut_off += 1
                sit(key.data)

        def leave() -> None:
            for key in list(ends.get_map().values()):
                key.fileobj.close()

        stack.callback(leave)
        for source in islice(cycle(sources), number):
            sit(source)
        with over_and_over(come_again, every=1.0):
            yield lambda: cut_off


@contextmanager
def clients_that_die(address: str, source: str, every: float = 0.03) -> Iterator[Callable[[], int]]:
    """One after the other asks for something, takes a little of it or nothing, and breaks off.

    Gives how many there have been.
    """
    asks = cycle(("/events", "/", "/room", "/static/style.css", "/no-such-page"))
    died = count()
    so_far = 0

    def die() -> None:
        nonlocal so_far
        so_far = next(died) + 1
        with ask_for(address, next(asks), source) as dying:
            if so_far % 2:
                dying.recv(100)
            dying.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LEAVES_IN_THE_MIDDLE)

    with over_and_over(die, every=every):
        yield lambda: so_far


@contextmanager
def flood(address: str, path: str, number: int, source: str) -> Iterator[Callable[[], int]]:
    """So many connections, each of which asks for `path` again as soon as it has been answered.

    They are in a process of their own, not to keep the threads of this one waiting. What is given
    ends the flood, and says how many answers there have been.
    """
    with _process_of_its_own("ask_over_and_over", address, path, number, source) as end:
        yield lambda: int(end())


def ask_over_and_over(address: str, path: str, number: str, source: str) -> int:
    """What `flood` does, until standard input ends; how many answers there have been."""
    answers = 0
    request = request_for(address, path)
    with ExitStack() as connections, selectors.DefaultSelector() as waiting:
        for _ in range(int(number)):
            one = connections.enter_context(ask_for(address, path, source))
            waiting.register(one, selectors.EVENT_READ, bytearray())
        waiting.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.data is None:
                    return answers
                key.data.extend(key.fileobj.recv(1 << 17))
                if is_whole(bytes(key.data)):
                    answers += 1
                    key.data.clear()
                    key.fileobj.sendall(request)


def is_whole(answer: bytes) -> bool:
    """Whether all of an answer is there."""
    head, gap, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    return bool(gap and length and len(body) >= int(length[1]))


@contextmanager
def over_and_over(act: Callable[[], None], every: float = 0.0) -> Iterator[None]:
    """Do it over and over in a thread, and raise at the end what it failed with."""
    over = threading.Event()
    failed: list[BaseException] = []

    def go_on() -> None:
        try:
            while not over.is_set():
                act()
                over.wait(every)
        except (OSError, AssertionError) as error:
            failed.append(error)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(PATIENCE)
    if failed:
        raise failed[0]


# --- signing in -----------------------------------------------------------------------------------

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
    with closing(Caller(address, source)) as caller:
        return caller.tries(passphrase)


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
    with _process_of_its_own("guess_over_and_over", address, number) as end:
        yield lambda: Guesses(**json.loads(end()))


def guess_over_and_over(address: str, number: str) -> str:
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

    sources = [f"{NETWORK}{n + 1}" for n in range(int(number))]
    threads = [threading.Thread(target=guess, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join(PATIENCE)
    return json.dumps(asdict(found))


@contextmanager
def _process_of_its_own(action: str, *arguments: object) -> Iterator[Callable[[], str]]:
    """Run a function of this module in another process, as one that yields to all others.

    Yields a call that ends it, by the end of its standard input, and returns what it printed.
    """
    python = ["nice", "-n", "10", sys.executable, "-m", "tests.browser.clients"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*python, action, *map(str, arguments)], text=True, **pipes) as process:
        try:
            yield lambda: process.communicate(timeout=PATIENCE)[0]
        finally:
            process.kill()


if __name__ == "__main__":
    print(globals()[sys.argv[1]](*sys.argv[2:]))  # noqa: T201
