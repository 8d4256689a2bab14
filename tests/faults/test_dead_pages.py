"""The server of the pages dies or hangs: another takes its place, on the same port."""

import threading
from contextlib import contextmanager, nullcontext
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from kiosk.app import Pages
from kiosk.errors import WordingError
from kiosk.service.pages import PagesThread
from kiosk.service.watchdog import pages_check
from kiosk.system.network import addresses_of_pages, listen, pages_answer
from tests.fakes.clock import FakeClock
from web.server import PageServer

HOST = "127.0.0.1"


class Hung:
    """An app of which no request comes to an end, until it is let go."""

    def __init__(self):
        self.asked = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.hangs = True

    def __call__(self, _environ, start_response):
        self.asked.release()
        if self.hangs:
            self.let_go.wait(30)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
        return [b"well"]


def well(_environ, start_response):
    start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "4")])
    return [b"none"]


def pages_of(app, answer_within=5.0):
    opened = [listen(HOST, 0)]
    port = opened[0].getsockname()[1]

    def serve():
        return PageServer(app, opened.pop() if opened else listen(HOST, port), 2)

    return Pages(
        addresses_of_pages(HOST, port), serve, lambda: pages_answer(HOST, port, answer_within)
    )


def port_of(pages):
    return urlsplit(pages.addresses[0]).port


@contextmanager
def running(pages, load=None):
    """A `PagesThread` a minute after its first server stood, or could not; or before `load`."""
    clock = FakeClock()
    loading = threading.Event()

    def serve():
        loading.set()
        assert load is None or load.wait(10)
        return pages.serve()

    pages_thread = PagesThread(pages._replace(serve=serve), clock)
    thread = threading.Thread(target=pages_thread.run, daemon=True)
    thread.start()
    assert loading.wait(10)
    with nullcontext() if load else pages_thread._lock:
        clock.advance(60)
    try:
        yield pages_thread
    finally:
        pages_thread.close()
        thread.join(10)
        assert not thread.is_alive()


def test_while_the_pages_load_a_browser_waits_for_them_and_the_watchdog_does_not():
    pages, load = pages_of(well), threading.Event()
    early = HTTPConnection(HOST, port_of(pages), timeout=10)
    early.request("GET", "/", headers={"Connection": "close"})
    with running(pages, load) as pages_thread:
        pages_thread.request_page()
        assert pages_thread.answered_at == 1060.0
        watchdogs = threading.Thread(target=pages_thread.replace_server, daemon=True)
        watchdogs.start()
        watchdogs.join(5)
        assert not watchdogs.is_alive()

        pages_thread._clock.advance(60)
        load.set()
        assert early.getresponse().read() == b"none"
        assert pages_thread.answered_at == 1120.0
    early.close()


@pytest.mark.parametrize("error", [WordingError("There is no wording."), OSError(5, "Broken")])
def test_pages_that_cannot_be_loaded_are_done_without(caplog, error):
    def serve():
        raise error

    with running(Pages((), serve, answer=lambda: False)) as pages_thread:
        reason = str(error).rstrip(".")
        assert f"There are no pages ({reason}). The button works without them." in caplog.text
        pages_thread.request_page()
        assert pages_thread.answered_at == 1060.0


def test_pages_that_answer_are_alive_whatever_they_say():
    with running(pages_of(well)) as pages_thread:
        check = pages_check(pages_thread)
        check.request()
        assert check.responded_at() == 1060.0


def test_a_server_that_has_ended_is_followed_by_another_on_the_same_port():
    pages = pages_of(well)
    with running(pages) as pages_thread:
        assert pages.answer()
        pages_thread._close_server()
        pages_thread._thread.join(10)
        check = pages_check(pages_thread)
        check.request()
        assert check.responded_at() == 1000.0

        assert check.restart()

        assert check.responded_at() == 1060.0
        assert pages.answer()


def test_a_server_that_is_stuck_is_replaced_while_its_requests_still_hang():
    app = Hung()
    pages = pages_of(app, answer_within=0.2)
    with running(pages) as pages_thread:
        for _ in range(2):
            threading.Thread(target=pages.answer, daemon=True).start()
            assert app.asked.acquire(timeout=10)
        pages_thread.request_page()
        assert pages_thread.answered_at == 1000.0

        app.hangs = False
        assert pages_thread.replace_server()

        assert pages_answer(HOST, port_of(pages))
        app.let_go.set()


def test_where_the_port_cannot_be_had_the_whole_kiosk_has_to_begin_anew(caplog):
    def taken():
        raise OSError(98, "Address already in use")

    pages = pages_of(well)
    servers = iter([pages.serve, taken])

    def serve():
        return next(servers)()

    with running(pages._replace(serve=serve)) as pages_thread:
        assert pages.answer()
        assert not pages_thread.replace_server()
    assert "cannot be served anew" in caplog.text


def test_after_the_end_nothing_is_asked_and_nothing_made_anew():
    with running(pages_of(well)) as pages_thread:
        pages_thread.close()
        pages_thread.request_page()
        assert pages_thread.answered_at == 1000.0
        assert not pages_thread.replace_server()


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "::"])  # noqa: S104
def test_it_knocks_where_the_server_listens(host):
    server = PageServer(well, listen(host, 0), 2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert pages_answer(host, server.port)
    server.close()
    thread.join(10)
    assert not pages_answer(host, server.port, 0.5)
