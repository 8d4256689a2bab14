"""The server's connections: waitress's own, with the limits that it leaves open.

Theory of operation. Waitress's own thread (here: the one that calls `PageServer.run`) does all I/O.
A `Listener` accepts sockets and makes a `Connection` of each; that feeds what it receives into a
`Request`. A whole request is put into the connection's queue and given to the dispatcher, one of
whose threads runs the app and writes the answer into the connection's buffer; the I/O thread sends
it. Waitress bounds sizes. What it leaves open, and this module adds:

- *Time*. The head of a request has to be there 15 s after its first byte, all of it after 120 s;
  without a request, or without more of one, a connection is closed after 30 s; so is one whose
  client takes nothing of its answer for 30 s, which would hold a thread. Waitress has one time
  limit, which goes by the time of day (it leaps on a board without a battery) and never closes a
  connection that waits for its client.
- *Shares*. One address has at most 48 connections. Where all places are taken, the address with
  most of them loses the one that was quiet longest, so that a few devices that ask for nothing
  keep nobody out; never one on which an answer is awaited.
- *Uploads*. More than 512 KB are received only from browsers that have signed in, two at a time,
  and refused by the head alone: the disk is small. A chunked body, which does not say its size, is
  refused. What came in of a body is closed with its connection.
- *The end*. A thread may still wake the I/O thread after the pipe for that was closed, when its
  number belongs to another file; that is prevented by a lock.

None of this can be had through waitress's documented settings. It relies on the classes below and
on those of their attributes that `tests/web/test_waitress_contract.py` lists and tests one by one:
whoever raises waitress's version sees there what has changed.
"""

import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error

HEAD_WITHIN = 15.0
BODY_WITHIN = 120.0
"""Seconds from a request's first byte on; a backup comes in slowly over a bad wireless link."""

IDLE_FOR = 30.0
"""Seconds for which a connection stays open without a request, or without more of one."""

STALLED_FOR = 30.0  # seconds for which a client may take nothing of its answer

MOST_CONNECTIONS = 160
"""Sockets in all, with the one that listens and the pipe that wakes the I/O thread."""

MOST_OF_ONE = 48  # connections from one address; a telephone takes six
LARGE = 512 * 1024  # bytes from which on a request is an upload
MOST_LARGE = 2  # uploads that are received or worked on at once, whoever sends them

# Errors only: waitress also logs each client that leaves, with the path it had asked for, which may
# be a secret.
_connection_logger = logging.getLogger(f"{__name__}.connection")
_connection_logger.setLevel(logging.ERROR)


class Connection(HTTPChannel):  # type: ignore[misc]
    """One client's connection. The I/O thread; `write_soon`: the dispatcher's threads."""

    server: "Listener"
    logger = _connection_logger

    def __init__(self, server: "Listener", *args: Any, **options: Any) -> None:  # noqa: ANN401
        self.quiet_since = server.now()
        super().__init__(server, *args, **options)

    def parser_class(self, adj: Adjustments) -> "Request":
        """A parser for the next request, at its first byte."""
        return Request(adj, self.server)

    def recv(self, size: int) -> bytes:
        """Receive, and note when."""
        data: bytes = super().recv(size)
        if data:
            self.quiet_since = self.server.now()
        return data

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send, and note when the client took something."""
        sent: int = super().send(data, do_close=do_close)
        if sent:
            self.quiet_since = self.server.now()
        return sent

    def write_soon(self, data: Any) -> int:  # noqa: ANN401
        """Buffer a part of the answer, and note since when there is something to take."""
        if not self.total_outbufs_len:
            self.quiet_since = self.server.now()
        return int(super().write_soon(data))

    def handle_close(self) -> None:
        """Close, with the temporary file of a body that came in only in part."""
        if self.request is not None:
            self.request.close()
        super().handle_close()

    def cancel(self) -> None:
        """Drop the queued requests, with the temporary files of their bodies."""
        for request in self.requests:
            request.close()
        super().cancel()

    @property
    def has_upload(self) -> bool:
        """Whether an upload is being received or worked on."""
        requests = (self.request, *self.requests)
        return any(one is not None and one.content_length > LARGE for one in requests)

    def is_overdue(self, now: float) -> bool:
        """Whether the client has exceeded one of the time limits."""
        coming = self.request
        if coming is not None:
            allowed = BODY_WITHIN if coming.headers_finished else HEAD_WITHIN
            if now - coming.began_at > allowed:
                return True
        if self.total_outbufs_len:
            return now - self.quiet_since > STALLED_FOR
        return not self.requests and now - self.quiet_since > IDLE_FOR


class Request(HTTPRequestParser):  # type: ignore[misc]
    """One request as it comes in; refused by its head where it would cost too much."""

    completed: bool = False

    def __init__(self, adj: Adjustments, listener: "Listener") -> None:
        super().__init__(adj)
        self._listener = listener
        self.began_at = listener.now()

    def received(self, data: bytes) -> int:
        """Parse more of it; how many bytes of `data` belonged to it."""
        had_head = self.headers_finished
        taken: int = super().received(data)
        head_is_new = self.headers_finished and not had_head and not self.completed
        if head_is_new and self.content_length > LARGE:
            self.error = self._listener.refusal_of(self)
            self.completed = self.error is not None
        if self.error is not None:
            # Waitress would answer "continue" to what was refused, and receive all of it.
            self.expect_continue = False
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Parse its head. Raises the two errors that waitress answers."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # a malformed address or length
            raise ParsingError("This is no request.") from error
        if self.chunked:
            # No browser sends a form so, and small pieces of it would cost much work.
            raise TransferEncodingNotImplemented("Tell how long the request is.")


class Busy(Error):  # type: ignore[misc]  # noqa: N818 - not to be raised
    """The kiosk cannot receive this now."""

    code = 503
    reason = "Service Unavailable"


class Unauthorized(Error):  # type: ignore[misc]  # noqa: N818 - not to be raised
    """The kiosk receives this only from browsers that have signed in."""

    code = 401
    reason = "Unauthorized"


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """Accepts connections and closes the overdue ones. The I/O thread; `pull_trigger`: any."""

    channel_class = Connection

    def __init__(
        self,
        app: object,
        sockets: dict[int, Any],
        listening: socket.socket,
        dispatcher: ThreadedTaskDispatcher,
        adj: Adjustments,
        now: Callable[[], float],
        may_upload: Callable[[str], bool],
    ) -> None:
        """`sockets` is the map that the I/O thread polls; for `now` and `may_upload` see
        `PageServer`.
        """
        self.now = now
        self._sockets = sockets
        self._may_upload = may_upload
        self._trigger_lock = threading.Lock()
        self._is_closed = False
        super().__init__(
            app,
            sockets,
            _sock=listening,
            dispatcher=dispatcher,
            adj=adj,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
            bind_socket=False,
        )

    def refusal_of(self, upload: Request) -> Error | None:
        """The answer to an upload that is not received; `None` where it is."""
        if not self._may_upload(upload.headers.get("COOKIE", "")):
            return Unauthorized("Sign in first.")
        if sum(one.has_upload for one in self.active_channels.values()) > MOST_LARGE:
            return Busy("Other uploads are under way. Try again in a few minutes.")
        return None

    def close_overdue(self) -> None:
        """Close the connections that exceed a limit."""
        now = self.now()
        for connection in list(self.active_channels.values()):
            if connection.is_overdue(now):
                # Not by `will_close`, which waits until the client takes something.
                connection.handle_close()
        self._make_room()

    def handle_accept(self) -> None:
        """Accept a connection, unless its address has too many; make room for the next."""
        before = set(self.active_channels.values())
        super().handle_accept()
        new = set(self.active_channels.values()) - before
        shares = self._shares()
        for connection in new:
            if shares[connection.addr[0]] > MOST_OF_ONE:
                connection.handle_close()
        self._make_room(new)

    def _make_room(self, new: Collection[Connection] = ()) -> None:
        if len(self._sockets) < MOST_CONNECTIONS:
            return
        shares = self._shares()
        idle = (c for c in self.active_channels.values() if c not in new and not c.requests)
        one = max(idle, key=lambda c: (shares[c.addr[0]], -c.quiet_since), default=None)
        if one is not None:
            one.handle_close()

    def _shares(self) -> Counter[str]:
        """Connections by address."""
        return Counter(connection.addr[0] for connection in self.active_channels.values())

    def pull_trigger(self) -> None:
        """Wake the I/O thread; does nothing after `close`."""
        with self._trigger_lock:
            if not self._is_closed:
                super().pull_trigger()

    def close(self) -> None:
        """Accept no more, and close every connection: a thread that writes to one gets an error."""
        with self._trigger_lock:
            self._is_closed = True
            super().close()
        for connection in list(self.active_channels.values()):
            connection.handle_close()
