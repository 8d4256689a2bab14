"""The real server on the loopback, and clients that write to it byte by byte."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kiosk.system.network import listen
from tests.fakes.clock import FakeClock
from web.server import PageServer

PATIENCE = 20.0
"""Seconds after which a test gives up; nothing takes as long."""


class Client:
    """One connection."""

    def __init__(self, port: int, source: str = "127.0.0.1", takes: int | None = None) -> None:
        """`takes`: bytes that the system takes in for it before it reads."""
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if takes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
        self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self._left = b""

    def send(self, data: bytes) -> "Client":
        self.socket.sendall(data)
        return self

    def ask(self, path: str = "/", head: str = "") -> "Client":
        """Send a request."""
        return self.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())

    def until(self, end: bytes) -> bytes:
        """All up to and with `end`, or up to where the server ends it."""
        while end not in self._left:
            more = self._more()
            if not more:
                break
            self._left += more
        found, there, self._left = self._left.partition(end)
        return found + there

    def answer(self) -> tuple[int, bytes]:
        """The code and the body of the next answer."""
        head = self.until(b"\r\n\r\n")
        assert head, "no answer"
        lengths = [line for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")]
        body = self.take(int(lengths[0].split()[1])) if lengths else b""
        return int(head.split()[1]), body

    def take(self, count: int) -> bytes:
        """So many bytes, or fewer where the server ends it."""
        while len(self._left) < count:
            more = self._more()
            if not more:
                break
            self._left += more
        found, self._left = self._left[:count], self._left[count:]
        return found

    def is_closed(self) -> bool:
        """Wait until the server says something more; whether it ends the connection."""
        return not self._left and not self._more()

    def is_open(self) -> bool:
        """Whether the server has neither ended the connection nor said anything so far."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        finally:
            self.socket.settimeout(PATIENCE)
        return False

    def close(self) -> None:
        self.socket.close()

    def _more(self) -> bytes:
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b""


class ServerKit:
    """A server that runs, its clock and its clients."""

    def __init__(self, app: Any, threads: int, **options: Any) -> None:
        self.clock = FakeClock()
        self.server = PageServer(
            *(app, listen("127.0.0.1", 0), threads, self.clock.now), checks_every=0.01, **options
        )
        self.port = self.server.port
        self.thread = threading.Thread(target=self.server.run, name="pages")
        self.clients: list[Client] = []

    def client(self, source: str = "127.0.0.1", takes: int | None = None) -> Client:
        self.clients.append(Client(self.port, source, takes))
        return self.clients[-1]

    def settle(self, witness: Client | None = None, path: str = "/") -> None:
        """Wait until the server has dealt with all that was sent to it before: whoever asks twice
        is answered in a later round than those who sent something earlier.
        """
        asking = witness or self.client("127.0.0.99")
        for _ in range(3):
            assert asking.ask(path).answer()[0] < 500
        if witness is None:
            asking.close()

    def closes(self, client: Client, after: float) -> bool:
        """Whether the server ends the connection when so many seconds have passed."""
        for _ in range(50):  # a thread may not have noted yet when it was done
            self.clock.advance(after)
            self.settle()
            if not client.is_open():
                return client.is_closed()
        return False

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.server.close()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@contextmanager
def serving(app: Any, threads: int = 4, **options: Any) -> Iterator[ServerKit]:
    """`app` on a port of its own; `options` are those of PageServer."""
    kit = ServerKit(app, threads, **options)
    kit.thread.start()
    try:
        yield kit
    finally:
        kit.close()
