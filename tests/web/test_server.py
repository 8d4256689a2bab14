"""Bad clients are kept in their place by the real server; nobody else notices."""

import gc
import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from kiosk.system.network import listen
from tests.kiosk import KioskKit
from tests.web.serving import serving
from web.connections import (
    BODY_WITHIN,
    HEAD_WITHIN,
    IDLE_FOR,
    LARGE,
    MOST_CONNECTIONS,
    MOST_LARGE,
    MOST_OF_ONE,
    STALLED_FOR,
)
from web.server import (
    AT_ONCE,
    LARGEST_HEAD,
    LARGEST_REQUEST,
    MOST_IN_MEMORY,
    InTurns,
    PageServer,
    step_aside,
)

MEGABYTE = 1024 * 1024
A_BIT = 0.5


class App:
    """Answers in every way that a test needs."""

    def __init__(self):
        self.made = 0
        self.ended = threading.Event()
        self.began = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, environ, start_response):
        return getattr(self, environ["PATH_INFO"].strip("/") or "hello")(environ, start_response)

    def hello(self, environ, start_response):
        """Tells how much was sent to it."""
        sent = len(environ["wsgi.input"].read())
        body = f"hello {sent}".encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def large(self, _environ, start_response):
        """Sixty megabytes, as fast as they are taken."""
        start_response("200 OK", [("Content-Length", str(60 * MEGABYTE))])
        return self._megabytes(60)

    def endless(self, environ, start_response):
        """Goes on until the client has gone."""
        start_response("200 OK", [])
        return self._until_gone(environ["waitress.client_disconnected"])

    def slow(self, _environ, start_response):
        """Takes as long as the test wants."""
        self.began.set()
        assert self.go_on.wait(20)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    def broken(self, _environ, start_response):
        """Ends in the middle."""
        start_response("200 OK", [("Content-Length", "10")])
        return self._breaking()

    def _megabytes(self, count):
        try:
            for _ in range(16 * count):
                self.made += 1
                yield bytes(MEGABYTE // 16)
        finally:
            self.ended.set()

    def _until_gone(self, gone):
        try:
            while not gone():
                yield b"more"
                self.go_on.wait(0.01)
        finally:
            self.ended.set()

    def _breaking(self):
        yield b"some"
        raise RuntimeError("a secret of the household")


@pytest.fixture
def app():
    return App()


@pytest.fixture
def kit(app):
    with serving(app) as made:
        yield made


def a_post(length, body=b""):
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    return head.encode() + body


# a request has to come in


def test_a_head_is_waited_for_only_up_to_a_limit_though_it_drips_in(kit):
    slow = kit.client().send(b"GET / HTTP/1.1\r\n")
    in_time = kit.client().send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    kit.settle()
    for n in range(3):
        kit.clock.advance(HEAD_WITHIN / 3 - A_BIT)
        slow.send(f"X-{n}: drip\r\n".encode())
        kit.settle()
    assert in_time.send(b"\r\n").answer() == (200, b"hello 0")
    kit.clock.advance(3 * A_BIT + A_BIT)

    assert slow.is_closed()
    assert kit.client().ask().answer() == (200, b"hello 0")


def test_each_request_of_a_connection_has_a_time_of_its_own(kit):
    client = kit.client()
    for _ in range(3):
        client.send(b"GET / HTTP/1.1\r\n")
        kit.settle()
        kit.clock.advance(HEAD_WITHIN - A_BIT)
        kit.settle()
        # The end of the one and the beginning of the next come at once.
        client.send(b"Host: localhost\r\n\r\nGET / HTTP/1.1\r\n")
        assert client.answer() == (200, b"hello 0")
        kit.settle()
        kit.clock.advance(HEAD_WITHIN - A_BIT)
        kit.settle()
        assert client.send(b"Host: localhost\r\n\r\n").answer() == (200, b"hello 0")


def test_a_body_that_drips_in_is_waited_for_up_to_a_limit_and_not_where_nothing_more_comes(kit):
    slow, silent = kit.client().send(a_post(100)), kit.client().send(a_post(100, b"a part"))
    kit.settle()
    steps = 5
    assert BODY_WITHIN / steps - A_BIT < IDLE_FOR < BODY_WITHIN
    for _ in range(steps):
        kit.clock.advance(BODY_WITHIN / steps - A_BIT)
        slow.send(b"drip")
        kit.settle()
    assert silent.is_closed()
    assert slow.is_open()
    kit.clock.advance(steps * A_BIT + A_BIT)

    assert slow.is_closed()


def test_a_connection_without_a_request_is_closed_in_the_end(kit):
    silent, kept = kit.client(), kit.client()
    assert kept.ask().answer() == (200, b"hello 0")
    kit.settle()
    kit.clock.advance(IDLE_FOR - A_BIT)
    kit.settle()
    assert kept.ask().answer() == (200, b"hello 0")
    kit.clock.advance(2 * A_BIT)
    assert silent.is_closed()
    assert kept.is_open()

    assert kit.closes(kept, IDLE_FOR + A_BIT)


def test_what_takes_the_kiosk_long_to_answer_is_not_held_against_the_client(kit, app):
    client = kit.client().ask("/slow")
    assert app.began.wait(20)
    kit.clock.advance(10 * (IDLE_FOR + STALLED_FOR))
    kit.settle()
    app.go_on.set()

    assert client.answer() == (200, b"done")


# an answer has to be taken


def test_who_takes_nothing_of_an_answer_is_cut_off_and_its_thread_is_free_again(kit, app):
    stalled = kit.client(takes=4096).ask("/large")
    other = kit.client("127.0.0.2", takes=4096).ask("/endless")
    assert other.until(b"more")
    for _ in range(100):
        if app.ended.is_set():
            break
        kit.clock.advance(STALLED_FOR / 10)
        assert other.until(b"more"), "one who takes what is sent was cut off"
        kit.settle()

    assert app.ended.is_set()
    assert app.made < 16 * 60
    assert len(stalled.take(60 * MEGABYTE)) < 60 * MEGABYTE


def test_who_takes_an_answer_slowly_gets_all_of_it(kit):
    client = kit.client().ask("/large")
    client.until(b"\r\n\r\n")
    for _ in range(5):
        assert len(client.take(12 * MEGABYTE)) == 12 * MEGABYTE
        kit.clock.advance(STALLED_FOR - A_BIT)
        kit.settle()


def test_a_client_that_leaves_in_the_middle_frees_its_thread_and_is_not_logged(kit, app, caplog):
    caplog.set_level(logging.DEBUG)
    client = kit.client().ask("/endless?a-secret")
    client.until(b"more")
    client.close()

    assert app.ended.wait(20)
    kit.settle()
    assert "endless" not in caplog.text


# nobody takes all places


def test_one_address_has_only_so_many_connections_and_others_get_in(kit):
    many = [kit.client() for _ in range(MOST_OF_ONE)]
    one_more = kit.client().ask()
    assert one_more.is_closed()

    assert kit.client("127.0.0.2").ask().answer() == (200, b"hello 0")
    assert many[0].ask().answer() == (200, b"hello 0")
    many[1].close()
    kit.settle()
    assert kit.client().ask().answer() == (200, b"hello 0")


def test_where_all_places_are_taken_whoever_has_most_of_them_makes_room(kit):
    few = [kit.client("127.0.0.2").ask() for _ in range(8)]
    assert {client.answer() for client in few} == {(200, b"hello 0")}
    kit.clock.advance(1)
    many = all_others(kit, len(few))
    kit.settle(few[0])

    news = kit.client("127.0.0.50").ask()
    assert news.answer() == (200, b"hello 0")
    assert many[0].is_closed()
    assert all(client.is_open() for client in (*many[1:], *few, news))


def test_what_awaits_an_answer_makes_no_room_but_is_waited_for(kit, app):
    many = [client.ask("/slow") for client in all_others(kit)]
    until(lambda: sum(bool(one.requests) for one in channels(kit)) == len(many))
    last = kit.client("127.0.0.50").ask("/slow")
    until(lambda: sum(bool(one.requests) for one in channels(kit)) == len(many) + 1)
    waiting = kit.client("127.0.0.51").ask()
    kit.clock.advance(1)
    assert all(client.is_open() for client in (*many, last, waiting))
    assert len(channels(kit)) == len(many) + 1

    app.go_on.set()
    for client in (*many, last):
        assert client.answer() == (200, b"done")
    kit.clock.advance(1)
    assert waiting.answer() == (200, b"hello 0")


def all_others(kit, taken=0):
    """All connections there may be but those that are taken and one, from a few addresses."""
    own = 3  # the port that is listened on, what wakes the server's thread, and the one
    made = [kit.client(f"127.0.1.{n // 40 + 1}") for n in range(MOST_CONNECTIONS - own - taken)]
    until(lambda: len(channels(kit)) == len(made) + taken)
    return made


def channels(kit):
    return list(kit.server._listener.active_channels.values())


def until(seen):
    """Wait for what the server does without a word."""
    deadline = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_a_head_that_is_too_large_is_refused_and_a_body_before_it_comes(kit):
    client = kit.client().ask(head="X-Large: " + "x" * LARGEST_HEAD + "\r\n")
    code, body = client.answer()
    assert (code, client.is_closed()) == (431, True)
    assert b"Traceback" not in body

    assert kit.client().send(a_post(LARGEST_REQUEST)).answer()[0] == 413


def test_only_so_many_uploads_come_in_at_once(kit):
    uploads = [kit.client().send(a_post(LARGE + 1, b"a part")) for _ in range(MOST_LARGE)]
    kit.settle()
    refused = kit.client("127.0.0.2").send(a_post(LARGE + 1))
    assert refused.answer()[0] == 503
    assert kit.client().send(a_post(LARGE, bytes(LARGE))).answer() == (200, b"hello 524288")

    rest = bytes(LARGE + 1 - len(b"a part"))
    assert uploads[0].send(rest).answer() == (200, f"hello {LARGE + 1}".encode())
    assert uploads[0].ask().answer() == (200, b"hello 0")  # so it is done with that one
    another = kit.client("127.0.0.2").send(a_post(LARGE + 1, bytes(LARGE + 1)))
    assert another.answer()[0] == 200


def test_bodies_that_come_in_are_kept_in_files_but_for_small_ones(kit):
    before = files_without_a_name()
    small = kit.client().send(a_post(MOST_IN_MEMORY, bytes(MOST_IN_MEMORY - 1)))
    kit.settle()
    assert files_without_a_name() == before
    sizes = [MOST_IN_MEMORY + 1, LARGE]
    waiting = [kit.client().send(a_post(size, bytes(size - 1))) for size in sizes]
    kit.settle()
    assert files_without_a_name() == before + len(sizes)

    for client, size in zip((small, *waiting), (MOST_IN_MEMORY, *sizes), strict=True):
        assert client.send(b"x").answer() == (200, f"hello {size}".encode())
        assert client.ask().answer() == (200, b"hello 0")  # so it is done with that one
    assert files_without_a_name() == before


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\nHost: localhost\n\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_what_is_no_request_for_the_kiosk_is_refused_and_leaves_no_trace(kit, request_, caplog):
    client = kit.client().send(request_)

    assert client.answer()[0] in (400, 413, 501)
    assert client.is_closed()
    assert caplog.records == []


# a client that waits to be asked for the body


def awaits(head):
    return f"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n{head}\r\n\r\n".encode()


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def test_who_waits_to_be_asked_for_the_body_is_asked_for_it_but_not_for_an_upload_too_many(kit):
    client = kit.client().send(awaits("Content-Length: 4"))
    assert client.until(b"\r\n\r\n") == CONTINUE
    assert client.send(b"body").answer() == (200, b"hello 4")

    head = awaits(f"Content-Length: {LARGE + 1}")
    for _ in range(MOST_LARGE):
        assert kit.client().send(head).until(b"\r\n\r\n") == CONTINUE
    refused = kit.client("127.0.0.2").send(head)
    assert refused.answer()[0] == 503
    assert refused.is_closed()


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("Transfer-Encoding: chunked", 501),
        (f"Content-Length: {LARGEST_REQUEST}", 413),
        (f"Content-Length: {10**12}", 413),
    ],
)
def test_what_is_refused_by_its_head_is_not_asked_for_all_the_same(kit, head, code):
    client = kit.client().send(awaits(head))
    assert client.answer()[0] == code
    assert client.is_closed()


@pytest.mark.parametrize(
    ("cookie", "length", "code"),
    [("", LARGE, 200), ("", LARGE + 1, 401), ("odd", LARGE + 1, 401), ("known", LARGE + 1, 200)],
)
def test_what_strangers_send_is_never_taken_for_an_upload(app, cookie, length, code):
    with serving(app, may_upload=lambda cookies: cookies == "known") as kit:
        head = f"Cookie: {cookie}" if cookie else "X: y"
        client = kit.client().send(a_post(length).replace(b"Host:", head.encode() + b"\r\nHost:"))
        if code == 200:
            client.send(bytes(length))
        assert client.answer()[0] == code


# errors


def test_an_answer_that_breaks_in_the_middle_tells_nothing_and_the_server_goes_on(kit, caplog):
    client = kit.client().ask("/broken")
    code, body = client.answer()

    assert (code, body) == (200, b"some")
    assert kit.client().ask().answer() == (200, b"hello 0")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_page_that_fails_is_a_page_that_says_so(tmp_path, caplog):
    browser = KioskKit(tmp_path).browser

    @browser.app.get("/failing")
    def failing():
        raise RuntimeError("a secret of the household")

    failing.access = None
    browser.sign_in()
    page = browser.get("/failing")

    assert page.status_code == 500
    assert "Something is wrong in the kiosk itself." in browser.text()
    assert "secret" not in browser.page
    assert "Traceback" not in browser.page
    assert "a page failed: GET /failing" in caplog.text


# the beginning and the end


def test_a_port_that_is_taken_or_a_host_that_is_none_is_an_error_and_leaves_nothing_open(kit):
    gc.collect()
    before = handles()
    with pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", kit.port)
    with pytest.raises(OSError, match=r"not known|resolution"):
        listen("no host.invalid", 0)
    assert handles() == before


def test_when_it_ends_every_thread_and_handle_is_let_go(app):
    gc.collect()
    before = (threading.active_count(), handles())
    with serving(app) as kit:
        kit.client(takes=4096).ask("/large")
        live = kit.client()
        live.ask("/endless").until(b"more")
        kit.client().send(b"GET / HT")
        kit.client().send(a_post(LARGE + 1, bytes(LARGE)))
        kit.settle()
        assert threading.active_count() > before[0]

    gc.collect()
    assert (threading.active_count(), handles()) == before
    assert live.is_closed() if live.socket.fileno() >= 0 else True


def test_it_may_be_closed_before_it_runs_and_once_more_when_all_is_over(app):
    before = handles()
    server = PageServer(app, listen("127.0.0.1", 0), 2)
    server.close()
    server.run()
    # What wakes the server's thread is gone; its number now belongs to other files.
    others = [os.pipe() for _ in range(4)]
    server.close()

    try:
        for reading, _ in others:
            os.set_blocking(reading, False)
            with pytest.raises(BlockingIOError):
                os.read(reading, 1)
    finally:
        for pair in others:
            for end in pair:
                os.close(end)
    assert handles() == before


def files_without_a_name():
    """How many files are open that no folder holds any more."""
    gc.collect()  # those of other tests that nobody has closed
    found = 0
    for file in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # of the folder itself
            found += str(file.readlink()).endswith(" (deleted)")
    return found


def handles():
    return len(list(Path("/proc/self/fd").iterdir()))


# turns


class Waiting:
    """Counts who is worked on, each until it is let go on."""

    def __init__(self, aside=False):
        self.aside = aside
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)

    def __call__(self, environ, _respond):
        if self.aside:
            step_aside(environ)
        self.begun.release()
        assert self.go_on.acquire(timeout=20)
        return [b"done"]


@pytest.fixture
def threads():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def begun(app):
    """How many have begun that were not counted yet; all of them are there by now."""
    return sum(app.begun.acquire(timeout=0.05) for _ in range(8))


def test_only_so_many_are_worked_on_and_each_that_is_done_lets_the_next_one_in(threads):
    app = Waiting()
    in_turns = InTurns(app)
    answers = [threads.submit(in_turns, {}, None) for _ in range(5)]

    assert begun(app) == AT_ONCE == 2
    app.go_on.release()
    assert begun(app) == 1
    app.go_on.release(4)
    assert [answer.result(20) for answer in answers] == [[b"done"]] * 5


def test_who_steps_aside_holds_nobody_up(threads):
    app = Waiting(aside=True)
    in_turns = InTurns(app)
    answers = [threads.submit(in_turns, {}, None) for _ in range(5)]

    assert begun(app) == 5
    app.go_on.release(5)
    assert [answer.result(20) for answer in answers] == [[b"done"]] * 5
    step_aside({})  # where no turns are taken nobody has to


def test_one_that_fails_lets_the_next_one_in():
    def fails(_environ, _respond):
        raise RuntimeError("on purpose")

    in_turns = InTurns(fails, at_once=1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            in_turns({}, None)
