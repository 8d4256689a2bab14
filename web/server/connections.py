"""The connections of the server of the pages: waitress's own, with the limits it leaves open.

A request has to arrive whole within a time, an answer has to be taken, and nobody holds all
connections. Waitress's own time limit goes by the time of day, which leaps on a board without a
battery, and never closes a connection whose client takes nothing; these do neither.
"""

import logging
import math
import threading
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.server import TcpWSGIServer
from waitress.utilities import Error

logger = logging.getLogger(__name__)


HEAD_WITHIN = 15.0
"""Seconds in which the head of a request has to be there, from its first byte on."""

BODY_WITHIN = 120.0
"""Seconds in which all of it has to be: a backup comes in slowly over a bad wireless link."""

IDLE_FOR = 30.0
"""Seconds for which a connection is kept without a request, or without more of one."""

STALLED_FOR = 30.0
"""Seconds for which an answer may lie there without the client taking any of it."""

MOST_OF_ONE = 48
"""Connections from one address; a telephone takes six."""

LARGE = 512 * 1024
"""Bytes from which on a request is taken for an upload."""

MOST_LARGE = 2
"""Uploads that come in at once, whoever sends them: the disk is small."""


class ErrorsOnly(logging.LoggerAdapter[logging.Logger]):
    """Lets through what is an error. Waitress also tells of each client that leaves, with the path
    it had asked for, which may be a secret, and of each request that waits; in a flood, many do.
    """

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - as the logging module has it
        """Whether to write it down."""
        return level >= logging.ERROR and self.logger.isEnabledFor(level)


class Connection(HTTPChannel):  # type: ignore[misc]
    """One client's connection."""

    server: "Listener"
    logger = ErrorsOnly(logger)

    def __init__(self, server: "Listener", *args: Any, **options: Any) -> None:  # noqa: ANN401
        self.quiet_since = self.began_at = server.now()
        super().__init__(server, *args, **options)

    def parser_class(self, adj: Any) -> "Request":  # noqa: ANN401
        """The next request."""
        return Request(adj, self.server.objection_to)

    def received(self, data: bytes) -> bool:
        """Note when a request began to come in."""
        before = self.request
        taken: bool = super().received(data)
        self.quiet_since = self.server.now()
        if self.request is not before:
            self.began_at = self.quiet_since
        return taken

    def write_soon(self, data: Any) -> int:  # noqa: ANN401
        """Note from when on there is something to take: it may have taken long to make."""
        if not self.total_outbufs_len:
            self.quiet_since = self.server.now()
        return int(super().write_soon(data))

    def _flush_some(self, do_close: bool = True) -> bool:
        sent: bool = super()._flush_some(do_close=do_close)
        if sent:
            self.quiet_since = self.server.now()
        return sent

    def handle_close(self) -> None:
        """Let go of the connection, and of the file of a body that came in only in part."""
        if self.request is not None:
            self.request.close()
        super().handle_close()

    def cancel(self) -> None:
        """Give up what was asked for and not begun."""
        for request in self.requests:
            request.close()
        super().cancel()

    @property
    def holds_large(self) -> bool:
        """Whether an upload comes in, or is being looked at."""
        requests = (self.request, *self.requests)
        return any(one is not None and one.content_length > LARGE for one in requests)

    def is_in_the_way(self, now: float) -> bool:
        """Whether the client has let the kiosk wait for too long."""
        coming = self.request
        if coming is not None:
            allowed = BODY_WITHIN if coming.headers_finished else HEAD_WITHIN
            if now - self.began_at > allowed:
                return True
        if self.total_outbufs_len:
            return now - self.quiet_since > STALLED_FOR
        return not self.requests and now - self.quiet_since > IDLE_FOR


class Request(HTTPRequestParser):  # type: ignore[misc]
    """One request as it comes in; refused by its head where it would cost too much."""

    completed: bool = False

    def __init__(self, adj: Any, objection_to: Callable[["Request"], Error | None]) -> None:  # noqa: ANN401
        super().__init__(adj)
        self._objection_to = objection_to

    def received(self, data: bytes) -> int:
        """Take more of it; how many bytes of `data` belonged to it."""
        known = self.headers_finished
        taken: int = super().received(data)
        news = self.headers_finished and not known and not self.completed
        if news and self.content_length > LARGE:
            self.error = self._objection_to(self)
            self.completed = self.error is not None
        if self.error is not None:
            # Waitress would say "continue" to what it has just refused, and take all of it in.
            self.expect_continue = False
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Understand its head. Raises what waitress answers to."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # an address or a length that is none
            raise ParsingError("This is no request.") from error
        if self.chunked:
            # No browser sends a form so, and small pieces of it would cost much work.
            raise TransferEncodingNotImplemented("Tell how long the request is.")


class Busy(Error):  # type: ignore[misc]  # noqa: N818 - not to be raised
    """The kiosk cannot take this in now."""

    code = 503
    reason = "Service Unavailable"


class NotForStrangers(Error):  # type: ignore[misc]  # noqa: N818 - not to be raised
    """The kiosk takes this in only for who has signed in."""

    code = 401
    reason = "Unauthorized"


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """Takes connections; all but `pull_trigger` by the server's own thread."""

    channel_class = Connection
    next_channel_cleanup = math.inf
    """Never: `look_after` does it."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        now: Callable[[], float],
        may_upload: Callable[[str], bool],
        **options: Any,  # noqa: ANN401
    ) -> None:
        self.now = now
        self._may_upload = may_upload
        self._bell = threading.Lock()
        self._let_go = False
        super().__init__(*args, **options)

    def has_room(self) -> bool:
        """Whether no more uploads are under way than may be, the one that asks among them."""
        under_way: int = sum(c.holds_large for c in self.active_channels.values())
        return under_way <= MOST_LARGE

    def objection_to(self, upload: Request) -> Error | None:
        """Why a large request is not taken in, if it is not."""
        if not self._may_upload(upload.headers.get("COOKIE", "")):
            return NotForStrangers("Sign in first.")
        if not self.has_room():
            return Busy("Other uploads are under way. Try again in a few minutes.")
        return None

    def look_after(self) -> None:
        """Close the connections that are in the way."""
        now = self.now()
        for channel in list(self.active_channels.values()):
            if channel.is_in_the_way(now):
                # Not by `will_close`, which waits until the client takes something.
                channel.handle_close()
        self._make_room()

    def handle_accept(self) -> None:
        """Take a connection, unless its address has too many of them. Another one may have to make
        room for the next.
        """
        before = set(self.active_channels)
        super().handle_accept()
        new = set(self.active_channels) - before
        shares = self._shares()
        for number in new:
            channel = self.active_channels[number]
            if shares[channel.addr[0]] > MOST_OF_ONE:
                channel.handle_close()
        self._make_room(but=new)

    def _make_room(self, but: Collection[int] = ()) -> None:
        """Where all places are taken, close a connection of whoever has most of them, so that a few
        devices that only sit there keep nobody out; never one on which an answer is awaited.
        """
        if len(self._map) < self.adj.connection_limit:
            return
        shares = self._shares()
        quiet = (c for n, c in self.active_channels.items() if n not in but and not c.requests)
        one = max(quiet, key=lambda c: (shares[c.addr[0]], -c.quiet_since), default=None)
        if one is not None:
            one.handle_close()

    def _shares(self) -> Counter[str]:
        """How many connections each address has."""
        return Counter(channel.addr[0] for channel in self.active_channels.values())

    def pull_trigger(self) -> None:
        """Wake the server's thread. Any thread, also when all is over."""
        with self._bell:
            # After that its number may belong to another file, and this would be written to it.
            if not self._let_go:
                super().pull_trigger()

    def close_connections(self) -> None:
        """Take no more, and close all there are; who still writes to one is told."""
        wasyncore.dispatcher.close(self)
        for channel in list(self.active_channels.values()):
            channel.handle_close()

    def close(self) -> None:
        """Let go of the rest."""
        with self._bell:
            self._let_go = True
            super().close()
