"""What a stranger on the network might try beside the usual; each was found by trying."""

import logging
import stat
import threading
from contextlib import contextmanager
from io import BytesIO

import pytest

from kiosk.cli.run import again
from kiosk.history.audit import Actor
from kiosk.levels.doses import Dose
from kiosk.locale.catalogues import load_wording
from kiosk.locale.wording import Wording
from kiosk.system.folders import find_folders, make_folders
from kiosk.system.network import listen
from tests.service.pages_client import PagesClient
from tests.service.running import a_kiosk
from tests.service.test_pages_of_kiosk import SILENT, address_of, set_up
from tests.web.full import NOON, OWN, FakeBackups, a_full_api
from tests.web.kit import PASSPHRASE, Browser, FakeApi
from tests.web.serving import Client, serving
from web.app import make_app
from web.connections import LARGE, MOST_LARGE
from web.context import PagesConfig
from web.guard import uploads_by
from web.server import LARGEST_REQUEST, PageServer

AWAITS = "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"


def hello(environ, start_response):
    """Tells how much was sent to it."""
    body = str(len(environ["wsgi.input"].read())).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


# a client that waits to be asked for the body


def test_who_waits_to_be_asked_for_the_body_is_asked_for_it():
    with serving(hello) as kit:
        client = kit.client().send(f"{AWAITS}Content-Length: 4\r\n\r\n".encode())
        assert client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.send(b"body").answer() == (200, b"4")


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("Transfer-Encoding: chunked", 501),
        (f"Content-Length: {LARGEST_REQUEST}", 413),
        (f"Content-Length: {10**12}", 413),
    ],
)
def test_what_is_refused_by_its_head_is_not_asked_for_all_the_same(head, code):
    with serving(hello) as kit:
        client = kit.client().send(f"{AWAITS}{head}\r\n\r\n".encode())
        assert client.answer()[0] == code
        assert client.is_closed()


def test_nor_is_an_upload_too_many():
    head = f"{AWAITS}Content-Length: {LARGE + 1}\r\n\r\n".encode()
    with serving(hello) as kit:
        for _ in range(MOST_LARGE):
            taken = kit.client().send(head).until(b"\r\n\r\n")
            assert taken == b"HTTP/1.1 100 Continue\r\n\r\n"
        refused = kit.client("127.0.0.2").send(head)
        assert refused.answer()[0] == 503
        assert refused.is_closed()


# uploads


@pytest.fixture
def guarded():
    """The port of a server that takes uploads with the cookie `known` only."""
    server = PageServer(
        hello, listen("127.0.0.1", 0), 2, may_upload=lambda cookies: cookies == "known"
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.port
    server.close()
    thread.join()


@pytest.mark.parametrize(
    ("cookie", "length", "code"),
    [("", LARGE, 200), ("", LARGE + 1, 401), ("odd", LARGE + 1, 401), ("known", LARGE + 1, 200)],
)
def test_what_strangers_send_is_never_taken_for_an_upload(guarded, cookie, length, code):
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n"
    client = Client(guarded)
    client.send(f"{head}{f'Cookie: {cookie}' if cookie else 'X: y'}\r\n\r\n".encode())
    if code == 200:
        client.send(bytes(length))
    assert client.answer()[0] == code
    client.close()


def test_who_has_signed_in_may_send_an_upload_and_nobody_else(tmp_path):
    browser = Browser(a_full_api(tmp_path))
    may_upload = uploads_by(browser.app)
    browser.get("/sign-in")
    stranger = browser.client.get_cookie("kiosk").value
    browser.post("/sign-in", {"passphrase": PASSPHRASE})
    own = browser.client.get_cookie("kiosk").value

    assert may_upload(f"theme=dark; kiosk={own}")
    for cookies in (
        "",
        "kiosk=",
        f"kiosk={stranger}",
        f"other={own}",
        f"kiosk={own}x",
        "kiosk=\xff",
    ):
        assert not may_upload(cookies), cookies


# the cookie


def test_the_cookie_is_handed_out_at_sign_in_and_not_with_what_may_be_kept(tmp_path):
    """A file may be kept by whoever passes it on; and an answer that comes late would put a cookie
    back that has been changed meanwhile.
    """
    browser = Browser(a_full_api(tmp_path))
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"passphrase": PASSPHRASE}, follow=False)
    assert len(answer.headers.getlist("Set-Cookie")) == 1
    assert browser.read("/settings")

    for path in ("/static/style.css?v=1", "/static/live.js", "/events", "/healthz", "/settings"):
        later = browser.client.get(path)
        assert (later.status_code, later.headers.getlist("Set-Cookie")) == (200, []), path
        later.close()


# errors


class LackingWording(Wording):
    """The usual words, but for one of them."""

    def __init__(self, lacking):
        whole = load_wording("en", pages=True)
        super().__init__("en", whole._translations)
        self._lacking = lacking

    def say(self, key, **values):
        if key == self._lacking:
            raise self._missing(key)
        return super().say(key, **values)


def test_a_page_that_lacks_a_word_is_the_kiosks_fault_and_the_log_has_which(caplog):
    app = make_app(FakeApi(), LackingWording("setup.forgotten.go"), PagesConfig(b"a secret"))
    answer = app.test_client().get("/forgotten", headers={"Accept": "text/html"})

    assert answer.status_code == 500
    assert "setup.forgotten.go" not in answer.get_data(as_text=True)
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "setup.forgotten.go" in str(record.exc_info[1])


def test_forms_without_their_token_do_not_fill_the_log(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        stranger = PagesClient(address_of(kiosk))
        assert stranger.post("/setup/press").status == 400
        kiosk.type("")
        kiosk.wait_for("preparing, by press")
    assert "token" not in kiosk.log


# two caregivers


def test_doses_that_somebody_else_has_changed_meanwhile_are_not_taken_back(tmp_path):
    api = a_full_api(tmp_path)
    browser = Browser(api).sign_in()
    browser.read(f"/programs/{OWN}")
    seen = {"version": api.levels.of(OWN).version}
    assert f'value="{seen["version"]}"' in browser.page.partition("/doses/reset")[2]
    api.store.doses.set(Dose(OWN, "bridge", reps=5), Actor.COMMAND, NOON)

    refused = browser.post(f"/programs/{OWN}/doses/reset", seen)
    assert refused.status_code == 409
    assert "Somebody else has changed these doses meanwhile" in browser.text()
    assert [dose.reps for dose in api.store.doses.of(OWN)] == [5]

    looked_again = {"version": api.levels.of(OWN).version}
    assert browser.post(f"/programs/{OWN}/doses/reset", looked_again).status_code == 200
    assert api.store.doses.of(OWN) == ()


# what takes the disk long


class Turn:
    """Stands for the turn that a request has among the others."""

    def __init__(self):
        self.ended = False

    def end(self):
        self.ended = True


class SlowBackups(FakeBackups):
    """Notes whether the others were let go before it began."""

    def __init__(self, turn):
        super().__init__()
        self._turn = turn
        self.others_waited = []

    @contextmanager
    def make(self):
        self.others_waited.append(not self._turn.ended)
        with super().make() as made:
            yield made

    def restore(self, upload, name):
        self.others_waited.append(not self._turn.ended)
        super().restore(upload, name)


def test_a_backup_taken_or_looked_over_keeps_no_other_page_waiting(tmp_path):
    turn = Turn()
    backups = SlowBackups(turn)
    browser = Browser(a_full_api(tmp_path, backups=backups)).sign_in()
    browser.read("/settings")
    its_turn = {"environ_overrides": {"kiosk.turn": turn}}

    with browser.client.get("/settings/backup", **its_turn) as answer:
        taken = answer.get_data()
    turn.ended = False
    form = {"passphrase": PASSPHRASE, "sure": "yes", "backup": (BytesIO(taken), "kiosk.db")}
    assert browser.post("/settings/restore", form, **its_turn).status_code == 200
    assert backups.others_waited == [False, False]


# the state directory


def test_other_users_of_the_machine_see_nothing_of_what_is_kept(tmp_path):
    folders = find_folders(str(tmp_path / "state"), {})
    make_folders(folders)

    assert stat.S_IMODE(folders.state.stat().st_mode) == 0o700


# starting again


def test_a_kiosk_that_is_ended_while_it_is_about_to_start_again_ends(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        caregiver = PagesClient(address_of(kiosk))
        set_up(kiosk, caregiver)
        backup = caregiver.get("/settings/backup").body
        caregiver.get("/settings")
        sent = {"passphrase": PASSPHRASE, "sure": "yes"}
        assert caregiver.upload("/settings/restore", "backup", backup, **sent).status == 200
        assert kiosk.end()[0] == 0


def test_the_kiosk_starts_again_as_it_was_started():
    """With `-m` a file in the folder that it was started from could take the place of its own."""
    begun_by = ["python", "-P", "/opt/kiosk/bin/kiosk", "run", "--port", "8090"]
    assert again("/opt/kiosk/bin/python", begun_by) == [
        *("/opt/kiosk/bin/python", "-P", "/opt/kiosk/bin/kiosk", "run", "--port", "8090"),
    ]
