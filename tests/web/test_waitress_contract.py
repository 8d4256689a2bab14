"""What `web/server` relies on in waitress beyond its documentation, one fact a test.

A test that fails here after waitress was updated says which fact does not hold any more. Read that
place in waitress's new source, mend `web/connections.py` or `server.py`, and then the fact.
"""

import ast
import inspect
import logging
import socket
import threading
from importlib.metadata import version
from pathlib import Path

import pytest
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher
from waitress.utilities import Error

from web import connections, server

WHERE = f"waitress {version('waitress')}: see web/connections.py and server.py. "

SIGNATURES = {
    HTTPChannel: {
        "__init__": "(self, server, sock, addr, adj, map=None)",
        "recv": "(self, buffer_size)",
        "send": "(self, data, do_close=True)",
        "write_soon": "(self, data)",
        "handle_close": "(self)",
        "cancel": "(self)",
    },
    HTTPRequestParser: {
        "__init__": "(self, adj)",
        "received": "(self, data)",
        "parse_header": "(self, header_plus)",
        "close": "(self)",
    },
    TcpWSGIServer: {
        "__init__": (
            "(self, application, map=None, _start=True, _sock=None, dispatcher=None, adj=None,"
            " sockinfo=None, bind_socket=True, **kw)"
        ),
        "handle_accept": "(self)",
        "pull_trigger": "(self)",
        "close": "(self)",
    },
    ThreadedTaskDispatcher: {
        "__init__": "(self)",
        "set_thread_count": "(self, count)",
        "shutdown": "(self, cancel_pending=True, timeout=5)",
    },
    Error: {"__init__": "(self, body)"},
    wasyncore: {"loop": "(timeout=30.0, use_poll=False, map=None, count=None)"},
}

OVERRIDDEN = {
    connections.Connection: {*SIGNATURES[HTTPChannel], "logger", "parser_class"},
    connections.Request: {*SIGNATURES[HTTPRequestParser], "completed"} - {"close"},
    connections.Listener: {*SIGNATURES[TcpWSGIServer], "channel_class"},
}


# what is called and overridden


@pytest.mark.parametrize(
    ("owner", "name", "signature"),
    [(owner, name, text) for owner, found in SIGNATURES.items() for name, text in found.items()],
)
def test_what_is_called_or_overridden_takes_the_same_arguments(owner, name, signature):
    found = str(inspect.signature(getattr(owner, name)))
    assert found == signature, f"{WHERE}{owner.__name__}.{name} takes other arguments."


@pytest.mark.parametrize("ours", OVERRIDDEN)
def test_what_is_overridden_stands_here_and_no_other_name_clashes(ours):
    class Plain(ours.__base__):
        pass

    plain = {"Connection": plain_channel, "Request": plain_parser, "Listener": plain_server}
    theirs = {*dir(Plain), *plain[ours.__name__]()}
    used = {name for name in (*vars(ours), *attributes_set_by(ours)) if not is_python_s(name)}
    clash = f"{WHERE}{ours.__name__} and its base both use one of these names."
    assert (used & theirs) - {"server"} <= OVERRIDDEN[ours], clash


def test_nothing_with_an_underscore_is_used_but_the_argument_for_a_bound_socket():
    theirs = {n for plain in (plain_channel, plain_parser, plain_server) for n in plain()}
    theirs |= {n for owner in SIGNATURES for n in dir(owner)}
    private = {name for name in theirs if name.startswith("_") and not name.startswith("__")}
    assert {"_map", "_flush_some"} <= private
    for module in (connections, server):
        tree = ast.parse(Path(module.__file__).read_text())
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert used & private == set(), f"{WHERE}These are private to waitress."


# a channel


class StubServer:
    """As much of a server as a channel needs."""

    def __init__(self):
        self.adj = Adjustments()
        self.active_channels = {}
        self.tasks = []

    def add_task(self, channel):
        self.tasks.append(channel)

    def pull_trigger(self):
        pass


class Recorder(HTTPChannel):
    """Notes what passes through the methods that `Connection` overrides."""

    def __init__(self, *args, **options):
        self.calls = []
        super().__init__(*args, **options)

    def parser_class(self, adj):
        self.calls.append(("parser_class", adj is self.adj))
        return HTTPRequestParser(adj)

    def recv(self, size):
        data = super().recv(size)
        self.calls.append(("recv", data))
        return data

    def send(self, data, do_close=True):
        sent = super().send(data, do_close=do_close)
        self.calls.append(("send", sent))
        return sent


@pytest.fixture
def client_and_channel():
    client, end = socket.socketpair()
    channel = Recorder(StubServer(), end, ("192.168.1.20", 4000), Adjustments(), map={})
    yield client, channel
    client.close()
    if channel.socket is not None:
        channel.handle_close()


def test_a_channel_has_a_parser_from_the_first_byte_on_and_then_a_queued_request(
    client_and_channel,
):
    client, channel = client_and_channel
    assert (channel.request, channel.requests) == (None, []), f"{WHERE}A new channel is idle."
    client.sendall(b"GET / HT")
    channel.handle_read()
    calls = [("recv", b"GET / HT"), ("parser_class", True)]
    assert channel.calls == calls, f"{WHERE}A channel reads by `recv`, and calls `parser_class`."
    assert channel.request is not None, f"{WHERE}`request` is the one that is coming in."
    client.sendall(b"TP/1.0\r\n\r\n")
    channel.handle_read()
    assert channel.request is None, f"{WHERE}`request` is gone once it is whole."
    assert [one.path for one in channel.requests] == ["/"], f"{WHERE}`requests` queues it."
    assert channel.server.tasks == [channel], f"{WHERE}The server gets a task."


def test_a_parser_that_refuses_is_queued_and_answered_with_its_error(client_and_channel):
    client, channel = client_and_channel
    refusing = HTTPRequestParser(channel.adj)
    refusing.parse_header(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n")
    refusing.completed, refusing.error = True, connections.Busy("Not now.")
    channel.requests = [refusing]
    assert channel.error_task_class is ErrorTask
    channel.service()
    channel.handle_write()
    answer = client.recv(4096)
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n"), f"{WHERE}`error` is sent."
    assert b"Not now." in answer


def test_a_channel_counts_what_is_not_sent_yet_and_sends_it_by_send(client_and_channel):
    client, channel = client_and_channel
    assert channel.total_outbufs_len == 0
    channel.adj.send_bytes = 100
    channel.write_soon(b"hello")
    assert channel.total_outbufs_len == 5, f"{WHERE}`total_outbufs_len` counts bytes to send."
    channel.handle_write()
    assert channel.calls == [("send", 5)], f"{WHERE}All that is sent goes through `send`."
    assert (channel.total_outbufs_len, client.recv(10)) == (0, b"hello")


def test_a_closed_channel_is_forgotten_and_a_writer_is_told(client_and_channel):
    _, channel = client_and_channel
    assert list(channel.server.active_channels.values()) == [channel]
    assert channel.addr[0] == "192.168.1.20"
    channel.handle_close()
    assert channel.server.active_channels == {}, f"{WHERE}`active_channels` are the open ones."
    with pytest.raises(ClientDisconnected):
        channel.write_soon(b"more")


def test_a_cancelled_channel_drops_its_requests_itself_without_closing_them(client_and_channel):
    _, channel = client_and_channel
    channel.requests = [HTTPRequestParser(channel.adj)]
    channel.cancel()
    assert channel.requests == [], f"{WHERE}`cancel` is called with what was queued, and drops it."


def test_a_channel_logs_by_its_logger(client_and_channel, caplog):
    _, channel = client_and_channel
    channel.logger = logging.getLogger("a logger of the test's own")
    channel.handle_expt()
    assert {record.name for record in caplog.records} == {channel.logger.name}, WHERE


# a parser


def a_parser(head):
    parser = HTTPRequestParser(Adjustments())
    parser.received(head)
    return parser


def test_a_parser_has_a_head_first_and_then_a_body():
    parser = a_parser(b"POST / HTTP/1.1\r\nCookie: a=b\r\n")
    assert (parser.headers_finished, parser.completed) == (False, False), WHERE
    taken = parser.received(b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\nbo")
    assert taken == 43, f"{WHERE}`received` returns what belonged to the head."
    assert (parser.headers_finished, parser.completed) == (True, False), WHERE
    assert parser.content_length == 4, WHERE
    assert parser.headers["COOKIE"] == "a=b", f"{WHERE}`headers` has names in capitals."
    assert (parser.expect_continue, parser.error, parser.chunked) == (True, None, False), WHERE
    parser.received(b"body")
    assert parser.completed, WHERE
    parser.close()


@pytest.mark.parametrize(
    ("error", "code"), [(ParsingError, 400), (TransferEncodingNotImplemented, 501)]
)
def test_a_parser_answers_these_errors_of_parse_header(error, code):
    class Raising(HTTPRequestParser):
        def parse_header(self, header_plus):
            raise error(header_plus.decode())

    parser = Raising(Adjustments())
    parser.received(b"GET / HTTP/1.1\r\n\r\n")
    found = (parser.completed, parser.error.code, parser.error.body.split()[0])
    assert found == (True, code, "GET"), f"{WHERE}`received` calls `parse_header` and catches it."


def test_a_chunked_body_is_known_by_its_head():
    assert a_parser(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").chunked, WHERE


# a server


@pytest.fixture
def running():
    """A plain server made as `Listener` is, and the map of its sockets."""
    listening = socket.create_server(("127.0.0.1", 0))
    sockets = {}
    made = TcpWSGIServer(
        lambda *_: [],
        sockets,
        _sock=listening,
        dispatcher=ThreadedTaskDispatcher(),
        adj=Adjustments(channel_timeout=server.NEVER),
        sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
        bind_socket=False,
    )
    yield made, sockets, listening
    made.close()
    for channel in list(made.active_channels.values()):
        channel.handle_close()


def test_a_server_listens_on_the_socket_it_is_given(running):
    made, sockets, listening = running
    assert int(made.effective_port) == listening.getsockname()[1], WHERE
    assert len(sockets) == 2, f"{WHERE}Two places are its own: the listening socket and a pipe."


def test_a_server_accepts_by_handle_accept_and_makes_a_channel(running):
    made, sockets, listening = running
    made.channel_class = Recorder
    with socket.create_connection(listening.getsockname()):
        made.handle_accept()
        assert [type(one) for one in made.active_channels.values()] == [Recorder], WHERE
        assert len(sockets) == 3, f"{WHERE}A channel puts itself into the map."
        assert made.readable()
        made.adj.connection_limit = 3
        assert not made.readable(), f"{WHERE}The connection limit counts what is in the map."


def test_a_time_limit_of_never_is_never_reached_whatever_the_time_of_day(running):
    made, _, listening = running
    with socket.create_connection(listening.getsockname()):
        made.handle_accept()
        (channel,) = made.active_channels.values()
        channel.last_activity = 0
        made.maintenance(10**11)
        assert not channel.will_close, f"{WHERE}Set `channel_timeout` so that it never closes."


def test_pulling_the_trigger_ends_a_round_of_the_loop(running):
    made, sockets, _ = running
    looping = threading.Thread(
        target=wasyncore.loop, args=(60,), kwargs={"use_poll": True, "map": sockets, "count": 1}
    )
    looping.start()
    made.pull_trigger()
    looping.join(20)
    assert not looping.is_alive(), f"{WHERE}`pull_trigger` wakes the loop, which makes one round."


def test_a_closed_server_leaves_no_socket_and_may_be_closed_again(running):
    made, sockets, listening = running
    made.close()
    assert (sockets, listening.fileno()) == ({}, -1), WHERE
    made.close()


def test_the_dispatcher_ends_its_threads_and_cancels_what_waits():
    dispatcher, cancelled = ThreadedTaskDispatcher(), []

    class Waiting:
        def service(self):
            raise AssertionError

        def cancel(self):
            cancelled.append(self)

    dispatcher.set_thread_count(2)
    assert len(dispatcher.threads) == 2, WHERE
    dispatcher.set_thread_count(0)
    dispatcher.shutdown(timeout=20)
    dispatcher.add_task(Waiting())
    dispatcher.shutdown(timeout=20)
    assert (len(dispatcher.threads), len(cancelled)) == (0, 1), WHERE


def test_the_warnings_of_a_flood_have_a_logger_of_their_own():
    assert ThreadedTaskDispatcher.queue_logger is logging.getLogger("waitress.queue"), WHERE


def is_python_s(name):
    return name.startswith("__") and name != "__init__"


def attributes_set_by(ours):
    """The names that methods of the class set on `self`."""
    tree = ast.parse(inspect.getsource(ours))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    } - {"error", "completed", "expect_continue"}


def plain_channel():
    """The attributes of a channel of waitress's own."""
    client, end = socket.socketpair()
    with client:
        channel = HTTPChannel(StubServer(), end, ("", 0), Adjustments(), map={})
        names = set(vars(channel))
        channel.handle_close()
    return names


def plain_parser():
    return set(vars(a_parser(b"GET / HTTP/1.1\r\n\r\n")))


def plain_server():
    made = TcpWSGIServer(lambda *_: [], {}, adj=Adjustments(host="127.0.0.1", port=0))
    names = set(vars(made))
    made.close()
    return names
