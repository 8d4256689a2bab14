"""The server of the pages dies or hangs: another takes its place, on the same port."""

import threading
from contextlib import contextmanager

import pytest

from kiosk.service.pages import PagesThread
from kiosk.service.watchdog import pages_part
from kiosk.system.network import pages_answer
from tests.fakes.clock import FakeClock
from web.server.server import PageServer

HOST = "127.0.0.1"


class Hung:
    """An application of which no request comes to an end, until it is let go."""

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


@contextmanager
def kept(app, *, answer_within=5.0):
    """A keeper whose thread runs, and the port that its pages are on."""
    server = PageServer(app, HOST, 0, 2)
    port = server.port
    keeper = PagesThread(
        server,
        lambda: PageServer(app, HOST, port, 2),
        lambda: pages_answer(HOST, port, answer_within),
        FakeClock(),
    )
    thread = threading.Thread(target=keeper.run, daemon=True)
    thread.start()
    try:
        yield keeper, port
    finally:
        keeper.close()
        thread.join(10)
        assert not thread.is_alive()


def well(_environ, start_response):
    start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "4")])
    return [b"none"]


def test_pages_that_answer_are_alive_whatever_they_say():
    with kept(well) as (keeper, _):
        part = pages_part(keeper)
        keeper._clock.advance(60)
        part.ask()
        assert part.seen_at() == 1060.0


def test_a_server_that_has_ended_is_followed_by_another_on_the_same_port():
    with kept(well) as (keeper, port):
        assert pages_answer(HOST, port)
        keeper._server.close()
        keeper._thread.join(10)
        keeper._clock.advance(60)
        part = pages_part(keeper)
        part.ask()
        assert part.seen_at() == 1000.0

        assert part.mend()

        part.ask()
        assert part.seen_at() == 1060.0
        assert pages_answer(HOST, port)


def test_a_server_that_is_stuck_is_replaced_while_its_requests_still_hang():
    app = Hung()
    with kept(app, answer_within=0.2) as (keeper, port):
        for _ in range(2):
            threading.Thread(target=pages_answer, args=(HOST, port), daemon=True).start()
            assert app.asked.acquire(timeout=10)
        keeper._clock.advance(60)
        keeper.ask()
        assert keeper.answered_at == 1000.0

        app.hangs = False
        assert keeper.renew()

        assert pages_answer(HOST, port)
        app.let_go.set()


def test_where_the_port_cannot_be_had_the_whole_kiosk_has_to_begin_anew(caplog):
    def taken():
        raise OSError(98, "Address already in use")

    server = PageServer(well, HOST, 0, 2)
    keeper = PagesThread(server, taken, lambda: False, FakeClock())
    thread = threading.Thread(target=keeper.run, daemon=True)
    thread.start()

    assert not keeper.renew()
    assert "cannot be served anew" in caplog.text
    keeper.close()
    thread.join(10)
    assert not thread.is_alive()


def test_after_the_end_nothing_is_asked_and_nothing_made_anew():
    with kept(well) as (keeper, _):
        keeper.close()
        keeper._clock.advance(60)
        keeper.ask()
        assert keeper.answered_at == 1000.0
        assert not keeper.renew()


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "::"])  # noqa: S104
def test_it_knocks_where_the_server_listens(host):
    server = PageServer(well, host, 0, 2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert pages_answer(host, server.port)
    server.close()
    thread.join(10)
    assert not pages_answer(host, server.port, 0.5)
