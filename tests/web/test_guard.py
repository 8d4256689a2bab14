"""Whatever comes over the network: every address of the pages holds against all of it.

The addresses are those there are, so a new page is held to this from its first day.
"""

import logging
import re

import pytest
from werkzeug.test import TestResponse

from kiosk.auth.service import AuthService
from kiosk.errors import StoreError
from kiosk.locale.wording import Wording
from tests.kiosk import (
    CALENDAR_TOKEN,
    DEFAULT,
    OWN,
    PASSPHRASE,
    WORDING,
    Browser,
    KioskKit,
    Route,
    path_of,
    routes_of,
)
from web.app import make_app
from web.context import Access, PagesConfig
from web.guard import HEADERS, uploads_by

PRIVATE = (OWN, DEFAULT, "Two exercises", "bridge", "18:30", CALENDAR_TOKEN)
"""Words of the household, some of which every page for caregivers shows."""

CONFIG = PagesConfig(b"a secret for tests only", frozenset({"kiosk.home.example"}))

APP = make_app(None, WORDING, CONFIG)
ROUTES = routes_of(APP)
FOR_CAREGIVERS = [route for route in ROUTES if route.access is Access.CAREGIVERS]
FOR_ONLOOKERS = [route for route in ROUTES if route.access is Access.ONLOOKERS]
CHANGING = [route for route in ROUTES if route.method != "GET"]
READING = [route for route in ROUTES if route.method == "GET"]


MUCH = 3_000_000
"""Bytes that no form takes, nor a program."""

FOREIGN = (
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "deeper.kiosk.local",
    "kiosk.local.evil.example",
    "other.home.example",
    "local",
    ".local",
    "evil.example:8080",
    "evil.example@127.0.0.1",
    "127.0.0.1@evil.example",
    "127.0.0.1, evil.example",
    "localhost evil.example",
    "[::1].evil.example",
    "[::1",
    "",
    "x" * 300 + ".local",
)

OWN_NAMES = (
    "localhost",
    "LOCALHOST:8080",
    "127.0.0.1",
    "192.168.1.20:8080",
    "[::1]",
    "[FE80::1]:8080",
    "kiosk.local",
    "Kiosk.Local.",
    "my-kiosk_2.local:8080",
    "kiosk.home.example",
    "KIOSK.home.example.:8080",
)

ELSEWHERE = (
    {"Origin": "http://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:9999"},
    {"Origin": "http://localhost@evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
)

CLAIMS = {
    "X-Forwarded-For": "10.9.8.7",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "9999",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=10.9.8.7;host=evil.example;proto=https",
    "X-Real-Ip": "10.9.8.7",
    "X-Original-Url": "/settings",
    "X-Rewrite-Url": "/settings",
    "X-Http-Method-Override": "DELETE",
}

CLIMBS = (
    "..",
    "../secret",
    "../../secret",
    "..%2fsecret",
    "..%2f..%2fsecret",
    "%2e%2e/secret",
    "%2e%2e%2fsecret",
    "..%5csecret",
    "....//secret",
    "/secret",
    "%2fsecret",
    "//etc/passwd",
    "%00",
    "secret%00",
    f"{OWN}%00.toml",
    "%c0%ae%c0%ae/secret",
    "%ff",
    "%ed%a0%80",
    "x" * 3000,
    "%0d%0aX-Bad:%20yes",
    "<script>alert(1)</script>",
    "%7b%7b7*7%7d%7d",
)


class GuardKit(KioskKit):
    """A kiosk with data in every service, and requests for its pages."""

    def __init__(self, state, **options):
        super().__init__(state, names=CONFIG.names, **options)
        self.filled()

    @property
    def client(self):
        return self.browser.client

    def send(self, route: Route, path: str = "", **options: object) -> TestResponse:
        """Ask for it as a browser would; what streams is not waited for."""
        headers = {"Accept": "text/html", **options.pop("headers", {})}
        response = self.client.open(
            path or route.path, method=route.method, headers=headers, **options
        )
        if response.mimetype != "text/event-stream":
            response.get_data()
        response.close()
        return response

    def token(self) -> str:
        """A token that forms may be sent with."""
        self.browser.get("/" if self.services.auth.sessions() else "/sign-in")
        return self.browser.csrf()

    def form(self, route: Route, token: str | None = None) -> dict[str, object]:
        """What makes a request for it a form of the kiosk's own: a token, the present one if none
        is given.
        """
        return {} if route.method == "GET" else {"data": {"csrf_token": token or self.token()}}


def private_words(route: Route, response: TestResponse) -> list[str]:
    """What the answer tells of the household, beside what was asked for."""
    return [word for word in PRIVATE if word in body_of(response) and word not in route.path]


def body_of(response: TestResponse) -> str:
    return "" if response.is_streamed else response.get_data(as_text=True)


@pytest.fixture
def kit(tmp_path):
    return GuardKit(tmp_path / "state")


# who


def test_only_these_are_open_to_others_than_caregivers():
    assert {str(route) for route in FOR_ONLOOKERS} == {"GET /", "GET /room", "GET /events"}
    assert {str(route) for route in ROUTES if route.access is Access.ANYONE} == {
        "GET /static/style.css",
        "GET /healthz",
        "GET /calendar/calendar-token.ics",
        "GET /setup",
        "GET /setup/state",
        "POST /setup/press",
        "POST /setup/code",
        "POST /setup/passphrase",
        "GET /sign-in",
        "POST /sign-in",
        "POST /sign-out",
        "GET /forgotten",
        "POST /forgotten/code",
        "POST /forgotten/passphrase",
    }


@pytest.mark.parametrize("cookie", [False, True], ids=["no cookie", "an old cookie"])
def test_signed_out_nobody_sees_or_changes_anything(kit, cookie):
    if cookie:
        kit.browser.sign_in()
        (session,) = kit.services.auth.sessions()
        kit.services.auth.sign_out_device(session.id)
    before = kit.all_that_can_change()
    for route in FOR_CAREGIVERS:
        response = kit.send(route, **kit.form(route))
        if route.method == "GET":
            assert response.status_code == 302, route
            assert path_of(response).startswith("/sign-in?next="), route
        else:
            assert response.status_code == 401, route
        assert private_words(route, response) == [], route
        of_a_script = kit.send(route, headers={"Accept": "application/json"})
        assert (of_a_script.status_code, of_a_script.mimetype) == (401, "application/json"), route
    assert kit.all_that_can_change() == before


def test_before_set_up_there_is_nothing_but_set_up(tmp_path):
    kit = GuardKit(tmp_path / "state", set_up=False)
    kit.browser.get("/setup")
    token = kit.browser.csrf()
    before = kit.all_that_can_change()
    for route in (*FOR_CAREGIVERS, *FOR_ONLOOKERS):
        response = kit.send(route, **kit.form(route, token))
        if route.method == "GET":
            assert (response.status_code, path_of(response)) == (302, "/setup"), route
        else:
            assert response.status_code == 403, route
        assert private_words(route, response) == [], route
    for path in ("/sign-in", "/forgotten"):
        assert path_of(kit.client.get(path)) == "/setup"
    for path in ("/calendar/calendar-token.ics", "/calendar/.ics"):
        assert kit.client.get(path).status_code == 404
    assert kit.all_that_can_change() == before


@pytest.mark.parametrize("signed_in", [False, True])
def test_once_set_up_its_address_is_gone(kit, signed_in):
    if signed_in:
        kit.browser.sign_in()
    set_up = [route for route in ROUTES if route.path.startswith("/setup")]
    assert len(set_up) == 5
    for route in set_up:
        assert kit.send(route, **kit.form(route)).status_code == 404, route


# what


def test_nothing_is_changed_without_the_token_of_a_form_of_this_browser(kit):
    stranger = Browser(kit.services)
    stranger.get("/sign-in")
    kit.browser.sign_in()
    before = kit.all_that_can_change()
    for route in CHANGING:
        for data in ({}, *({"csrf_token": token} for token in ("", "made up", stranger.csrf()))):
            assert kit.send(route, data=data).status_code == 400, route
    assert kit.all_that_can_change() == before


def test_every_page_answers_who_is_signed_in_and_looking_never_changes_anything(kit):
    kit.browser.sign_in()
    led_on = {"/sign-in": "/", "/welcome": "/welcome/speaker"}
    gone = {"/setup", "/setup/state"}
    before = kit.all_that_can_change()
    for route in READING:
        response = kit.send(route)
        if route.path in led_on:
            assert path_of(response) == led_on[route.path]
        else:
            assert response.status_code == (404 if route.path in gone else 200), route
        for method in ("GET", "HEAD", "OPTIONS"):
            path = f"{route.path}?do=save&change=1&paused=no&sure=yes&program={DEFAULT}"
            response = kit.client.open(path, method=method, buffered=False)
            assert response.status_code < 500, (method, path)
            response.close()
    assert kit.all_that_can_change() == before


def test_a_way_of_asking_that_a_page_does_not_know_is_refused(kit):
    kit.browser.sign_in()
    addresses = kit.browser.app.url_map.bind("localhost")
    before = kit.all_that_can_change()
    for path in {route.path for route in ROUTES}:
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - {
            *addresses.allowed_methods(path)
        }:
            response = kit.client.open(path, method=method, data={"csrf_token": kit.token()})
            assert response.status_code == 405, (method, path)
            assert {*response.allow} == {*addresses.allowed_methods(path)}, (method, path)
    assert kit.all_that_can_change() == before


# when parts fail


@pytest.fixture
def knowing_kit(tmp_path):
    """A kiosk that knows its caregivers, as they are kept elsewhere, but gets at nothing else."""
    return GuardKit(tmp_path / "state").with_auth_elsewhere()


class Unreadable(AuthService):
    """Auth sessions that cannot be read."""

    def session_of(self, _token):
        raise StoreError("The memory card cannot be read.")


def test_where_nobody_can_be_known_every_page_says_so(tmp_path):
    kit = GuardKit(tmp_path / "state")
    kit.use(auth=Unreadable(kit.store, kit.wall, kit.clock))
    kit.browser.sign_in()
    for route in READING:
        response = kit.send(route)
        if route.access is Access.ANYONE and response.status_code in (200, 404):
            continue
        assert response.status_code == 503, route
        assert response.mimetype == "text/html", route
        assert "The kiosk cannot get at what it remembers" in body_of(response), route
        assert "The memory card" not in body_of(response), route


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_strangers_are_not_told_where_the_kiosk_keeps_its_data(knowing_kit, caplog, accept):
    kit = knowing_kit
    path = "/home/anna/.local/state/kiosk/kiosk.db"
    kit.store.disk.broken = StoreError(f"There is no room left on the disk for {path}.")
    stranger = kit.client.get("/", headers={"Accept": accept})
    shown = stranger.get_data(as_text=True)
    assert stranger.status_code == 503
    assert path not in shown
    assert "The kiosk cannot get at what it remembers right now" in shown
    assert "Its log says more." in shown
    assert f"no room left on the disk for {path}" in caplog.text

    kit.browser.sign_in()
    caregiver = kit.client.get("/", headers={"Accept": accept})
    assert caregiver.status_code == 503
    assert path in caregiver.get_data(as_text=True)


def test_where_nothing_can_be_remembered_every_page_says_so(knowing_kit):
    kit = knowing_kit
    kit.browser.sign_in()
    token = kit.token()
    kit.store.disk.broken = StoreError("The memory card cannot be read.")
    failed = set()
    for route in ROUTES:
        kit.browser.sign_in()  # one of them signs out
        response = kit.send(route, **kit.form(route, token))
        assert response.status_code == 503 or response.status_code < 500, route
        if response.status_code == 503:
            failed.add(route.path)
            assert "The memory card cannot be read." in body_of(response), route
    assert "/history" in failed


# from where


@pytest.mark.parametrize("host", FOREIGN)
def test_under_a_foreign_name_there_is_nothing(kit, host):
    kit.browser.sign_in()
    before = kit.all_that_can_change()
    token = kit.token()
    for route in ROUTES:
        response = kit.send(route, headers={"Host": host}, **kit.form(route, token))
        assert response.status_code == 421, route
        assert private_words(route, response) == [], route
    nowhere = kit.client.get("/nowhere", headers={"Host": host})
    assert (nowhere.status_code, nowhere.mimetype) == (421, "text/plain")
    assert "The kiosk does not go by this name." in nowhere.text
    assert kit.all_that_can_change() == before


@pytest.mark.parametrize("host", OWN_NAMES)
def test_by_its_own_names_the_kiosk_answers(kit, host):
    assert kit.client.get("/room", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("claim", ELSEWHERE, ids=str)
def test_what_another_site_has_a_browser_send_is_refused(kit, claim):
    kit.browser.sign_in()
    before = kit.all_that_can_change()
    token = kit.token()
    for route in CHANGING:
        response = kit.send(route, headers=claim, data={"csrf_token": token})
        assert response.status_code == 403, route
    assert kit.all_that_can_change() == before


@pytest.mark.parametrize(
    ("host", "claim"),
    [
        ("localhost", {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}),
        ("kiosk.local:8080", {"Origin": "http://kiosk.local:8080"}),
        ("kiosk.local:80", {"Origin": "http://kiosk.local"}),
        ("KIOSK.local:8080", {"Origin": "http://kiosk.local:8080"}),
        ("[::1]:8080", {"Origin": "http://[::1]:8080"}),
        ("localhost", {"Sec-Fetch-Site": "none"}),
        ("localhost", {}),
    ],
)
def test_the_kiosks_own_forms_are_taken(kit, host, claim):
    kit.browser.sign_in()
    token = kit.token()
    # By that name the browser has a cookie of its own.
    cookie = kit.client.get_cookie("kiosk")
    answer = kit.browser.app.test_client(use_cookies=False).post(
        "/now/pause",
        data={"csrf_token": token},
        headers={"Host": host, "Cookie": f"kiosk={cookie.value}", **claim},
    )

    assert answer.status_code == 303
    assert kit.wishes == ["pause"]


def test_what_a_proxy_claims_counts_for_nothing(kit):
    assert kit.client.get("/room", headers=CLAIMS).data == kit.client.get("/room").data
    claim = {"X-Forwarded-Host": "localhost", "Forwarded": "host=localhost"}
    foreign = kit.client.get("/room", headers={"Host": "evil.example", **claim})
    assert foreign.status_code == 421
    signed_out = kit.client.get("/settings", headers=CLAIMS)
    assert path_of(signed_out) == "/sign-in?next=/settings"
    assert signed_out.headers["Location"].startswith("/")

    fields = {"csrf_token": kit.token(), "passphrase": PASSPHRASE}
    assert kit.client.post("/sign-in", data=fields, headers=CLAIMS).status_code == 303
    assert [session.address for session in kit.services.auth.sessions()] == ["127.0.0.1"]


# how


def test_no_address_leads_out_of_its_folder(kit):
    (kit.state / "secret").write_text("the secret outside")
    (kit.state / "secret.toml").write_text("the secret outside")
    (kit.state / "programs" / "secret").mkdir()
    kit.browser.sign_in()
    token = kit.token()
    before = kit.all_that_can_change()
    for route in ROUTES:
        if not route.has_text_blanks:
            continue
        for value in CLIMBS:
            path = route.with_each_blank(value)
            response = kit.send(route, path, **kit.form(route, token))
            assert response.status_code in (200, 303, 308, 400, 404, 405, 422), (path, response)
            assert "the secret outside" not in body_of(response), path
            assert "root:" not in body_of(response), path
            assert "X-Bad" not in response.headers, path
            if response.status_code == 200:
                # Another page than was meant, where the address climbed to it; or an empty form.
                assert "<script>alert" not in body_of(response), path
            if response.status_code == 308:
                assert response.headers["Location"].startswith(("/", "http://localhost/")), path
    assert kit.all_that_can_change() == before


def test_what_is_too_large_is_refused(kit):
    kit.browser.sign_in()
    token = kit.token()
    before = kit.all_that_can_change()
    views = kit.browser.app.view_functions
    for route in CHANGING:
        if most_of(views[route.endpoint]) > MUCH:
            continue  # sending that much takes long; another test says it is refused
        data = {"csrf_token": token, "much": "x" * MUCH}
        response = kit.send(route, data=data)
        assert response.status_code == 413, route
        assert "too large" in body_of(response), route
    assert kit.all_that_can_change() == before


def most_of(view) -> int:
    """How many bytes more than a form it takes; 0 where it takes none."""
    limits = getattr(view, "upload_limits", None)
    return limits[0] if limits else 0


def test_only_these_take_more_than_a_form_and_each_up_to_a_limit(kit):
    views = APP.view_functions
    uploads = {r.path: most_of(views[r.endpoint]) for r in CHANGING}
    assert {path: most for path, most in uploads.items() if most} == {
        "/programs/new/form": 1_500_000,
        "/programs/import": 1_500_000,
        "/programs/check": 1_500_000,
        "/programs/two-exercises/edit": 1_500_000,
        "/settings/restore": 52_000_000,
    }

    kit.browser.sign_in()
    response = kit.client.post(
        "/settings/restore",
        headers={"Content-Length": "60000000", "Content-Type": "multipart/form-data; boundary=x"},
        environ_overrides={"CONTENT_LENGTH": "60000000"},
    )
    assert response.status_code == 413


def test_who_has_signed_in_may_send_an_upload_and_nobody_else(kit):
    browser = kit.browser
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


# every answer


def test_every_answer_tells_the_browser_what_to_refuse(kit):
    def look_at(route: Route, response: TestResponse) -> None:
        for name, value in HEADERS.items():
            assert response.headers[name] == value, (route, name)
        static = route.endpoint == "static" and response.status_code == 200
        kept = response.headers["Cache-Control"]
        assert kept == ("no-cache" if static else "no-store"), route
        for cookie in response.headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie, route
            assert "SameSite=Strict" in cookie, route
            assert "Path=/" in cookie, route
            assert "Domain" not in cookie, route

    for signed_in in (False, True):
        if signed_in:
            kit.browser.sign_in()
        for route in ROUTES:
            look_at(route, kit.send(route))
            look_at(route, kit.send(route, **kit.form(route)))
            look_at(route, kit.send(route, headers={"Host": "evil.example"}))
            if signed_in:
                continue
            look_at(route, kit.send(route, headers={"Accept": "application/json"}))


def test_only_scripts_and_styles_of_the_kiosk_itself_may_run_and_browsers_keep_them(kit):
    policy = kit.browser.get("/room").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'"} <= {
        *policy.split("; ")
    }

    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', kit.browser.page)
    assert len(found) >= 3
    for address in found:
        response = kit.client.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        response.close()


# signing in


def test_a_session_from_before_signing_in_is_worth_nothing_afterwards(kit):
    kit.browser.get("/sign-in")
    token = kit.browser.csrf()
    with kit.client.session_transaction() as session:
        session |= {"token": "put there by somebody else", "grant": "put there, too"}
    planted = kit.client.get_cookie("kiosk").value
    kit.browser.post("/sign-in", {"passphrase": PASSPHRASE}, follow=False)
    own = kit.client.get_cookie("kiosk").value

    assert own != planted
    assert kit.browser.read("/settings")
    assert is_led_away(kit, planted)
    with kit.client.session_transaction() as session:
        assert set(session) <= {"token", "_permanent", "csrf_token", "_flashes", "_fresh"}
        assert session["token"] != "put there by somebody else"  # noqa: S105
    assert kit.client.post("/now/pause", data={"csrf_token": token}).status_code == 400


def is_led_away(kit, cookie: str) -> bool:
    """Whether another browser with that cookie is led away from a caregiver's page."""
    thief = kit.browser.app.test_client(use_cookies=False)
    return thief.get("/settings", headers={"Cookie": f"kiosk={cookie}"}).status_code == 302


def test_a_cookie_that_was_tampered_with_or_is_signed_out_opens_nothing(kit):
    kit.browser.sign_in()
    kit.browser.read("/settings")
    good = kit.client.get_cookie("kiosk").value
    assert not is_led_away(kit, good)
    for bad in (good[:-1], good[1:], "." + good, good.split(".")[0], "x", "", good.upper()):
        assert is_led_away(kit, bad), bad

    kit.browser.post("/sign-out")
    assert is_led_away(kit, good)
    assert kit.services.auth.sessions() == ()


ELSEWHERE_NEXT = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nX-Bad: yes",
    "http://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "evil.example",
    " /schedule",
    "/%0a/../..//evil.example\u2028",
    "",
)


@pytest.mark.parametrize("wanted", ELSEWHERE_NEXT)
def test_signing_in_leads_nowhere_else(kit, wanted):
    kit.browser.get("/sign-in", query_string={"next": wanted})
    assert 'name="next"' not in kit.browser.page
    came_in = kit.browser.post("/sign-in", {"passphrase": PASSPHRASE, "next": wanted}, follow=False)
    assert (came_in.status_code, came_in.headers["Location"]) == (303, "/")

    again = kit.client.get("/sign-in", query_string={"next": wanted})
    assert (again.status_code, again.headers["Location"]) == (302, "/")


def test_the_cookie_is_handed_out_at_sign_in_and_not_with_what_may_be_kept(kit):
    """A file may be kept by whoever passes it on; and an answer that comes late would put a cookie
    back that has been changed meanwhile.
    """
    browser = kit.browser
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"passphrase": PASSPHRASE}, follow=False)
    assert len(answer.headers.getlist("Set-Cookie")) == 1
    assert browser.read("/settings")

    for path in ("/static/style.css?v=1", "/static/live.js", "/events", "/healthz", "/settings"):
        later = browser.client.get(path)
        assert (later.status_code, later.headers.getlist("Set-Cookie")) == (200, []), path
        later.close()


# a missing phrase


class LackingWording(Wording):
    """The usual words, but for one of them."""

    def __init__(self, lacking):
        super().__init__("en", WORDING._translations)
        self._lacking = lacking

    def say(self, key, **values):
        if key == self._lacking:
            raise self._missing(key)
        return super().say(key, **values)


def test_a_page_that_lacks_a_word_is_the_kiosks_fault_and_the_log_has_which(kit, caplog):
    app = make_app(kit.services, LackingWording("setup.forgotten.go"), CONFIG)
    answer = app.test_client().get("/forgotten", headers={"Accept": "text/html"})

    assert answer.status_code == 500
    assert "setup.forgotten.go" not in answer.get_data(as_text=True)
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "setup.forgotten.go" in str(record.exc_info[1])
