"""Whatever comes over the network: every address of the pages holds against all of it.

The addresses are those there are, so a new room is held to this from its first day.
"""

import re
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from kiosk.errors import StoreError
from kiosk.model.settings import Settings
from tests.web.full import DEFAULT, OWN, FullApi, a_full_api
from tests.web.kit import PASSPHRASE, WORDING, Browser, FakeDoor, FakeSettingsDesk, path_of
from tests.web.routes import Route, routes_of
from web.app import make_app
from web.config import PagesConfig
from web.guard.access import Access, local_path
from web.guard.headers import HEADERS

PRIVATE = (OWN, DEFAULT, "Two exercises", "bridge", "18:30", "1970", "calendar-token")
"""Words of the household, some of which every page for caregivers shows."""

CONFIG = PagesConfig(b"a secret for tests only", frozenset({"kiosk.home.example"}))

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


class House:
    """A furnished kiosk and what comes in over its network."""

    def __init__(self, state: Path, **rooms: object) -> None:
        self.state = state
        self.api: FullApi = a_full_api(state, **rooms)
        self.browser = Browser(self.api, names=frozenset({"kiosk.home.example"}))
        self.client = self.browser.client

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
        self.browser.get("/" if self.api.door.visitors() else "/sign-in")
        return self.browser.csrf()

    def may_be_sent(self, route: Route) -> dict[str, object]:
        """What else makes it a form of the kiosk's own."""
        return {} if route.method == "GET" else {"data": {"csrf_token": self.token()}}


ROUTES = routes_of(make_app(FullApi(), WORDING, CONFIG))
FOR_CAREGIVERS = [route for route in ROUTES if route.access is Access.CAREGIVERS]
FOR_ONLOOKERS = [route for route in ROUTES if route.access is Access.ONLOOKERS]
CHANGING = [route for route in ROUTES if route.method != "GET"]
READING = [route for route in ROUTES if route.method == "GET"]


@pytest.fixture
def house(tmp_path):
    return House(tmp_path / "state")


def private_words(route: Route, response: TestResponse) -> list[str]:
    """What the answer tells of the household, beside what was asked for."""
    return [word for word in PRIVATE if word in body_of(response) and word not in route.path]


def body_of(response: TestResponse) -> str:
    return "" if response.is_streamed else response.get_data(as_text=True)


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
def test_signed_out_nobody_sees_or_changes_anything(house, cookie):
    if cookie:
        house.browser.sign_in()
        house.api.door.tokens.clear()
    before = house.api.all_that_can_change()
    for route in FOR_CAREGIVERS:
        response = house.send(route, **house.may_be_sent(route))
        if route.method == "GET":
            assert response.status_code == 302, route
            assert path_of(response).startswith("/sign-in?next="), route
        else:
            assert response.status_code == 401, route
        assert private_words(route, response) == [], route
    assert house.api.all_that_can_change() == before


def test_what_scripts_ask_for_signed_out_is_refused_without_being_led_elsewhere(house):
    for route in FOR_CAREGIVERS:
        response = house.send(route, headers={"Accept": "application/json"})
        assert response.status_code == 401, route
        assert response.mimetype == "application/json", route


def test_onlookers_see_nothing_where_only_caregivers_may(tmp_path):
    settings = FakeSettingsDesk(Settings(now_seen_by="caregivers"))
    house = House(tmp_path, settings=settings)

    for route in FOR_ONLOOKERS:
        response = house.send(route)
        assert response.status_code == 302, route
        assert path_of(response).startswith("/sign-in"), route


def test_before_set_up_there_is_nothing_but_set_up(tmp_path):
    house = House(tmp_path / "state", door=FakeDoor(passphrase=None))
    house.browser.get("/setup")
    token = house.browser.csrf()
    before = house.api.all_that_can_change()
    for route in (*FOR_CAREGIVERS, *FOR_ONLOOKERS):
        sent = {} if route.method == "GET" else {"data": {"csrf_token": token}}
        response = house.send(route, **sent)
        if route.method == "GET":
            assert (response.status_code, path_of(response)) == (302, "/setup"), route
        else:
            assert response.status_code == 403, route
        assert private_words(route, response) == [], route
    for path in ("/calendar/calendar-token.ics", "/calendar/.ics"):
        assert house.client.get(path).status_code == 404
    assert house.api.all_that_can_change() == before


def test_once_set_up_its_address_is_gone(house):
    for route in ROUTES:
        if route.path.startswith("/setup"):
            for browser in (house.browser, house.browser.sign_in()):
                assert browser is house.browser
                response = house.send(route, **house.may_be_sent(route))
                assert response.status_code == 404, route


# what


def test_nothing_is_changed_without_the_token_of_a_form(house):
    house.browser.sign_in()
    before = house.api.all_that_can_change()
    for route in CHANGING:
        for data in ({}, {"csrf_token": ""}, {"csrf_token": "made up"}):
            assert house.send(route, data=data).status_code == 400, route
    assert house.api.all_that_can_change() == before


def test_the_token_of_another_visitor_opens_nothing(house):
    stranger = Browser(house.api)
    stranger.get("/sign-in")
    theirs = stranger.csrf()
    house.browser.sign_in()
    for route in CHANGING:
        assert house.send(route, data={"csrf_token": theirs}).status_code == 400, route


def test_looking_never_changes_anything(house):
    house.browser.sign_in()
    before = house.api.all_that_can_change()
    for route in READING:
        for method in ("GET", "HEAD", "OPTIONS"):
            path = f"{route.path}?do=save&change=1&paused=no&sure=yes&program={DEFAULT}"
            response = house.client.open(path, method=method, buffered=False)
            assert response.status_code < 500, (method, path)
            response.close()
    assert house.api.all_that_can_change() == before


def test_every_page_answers_who_is_signed_in(house):
    house.browser.sign_in()
    led_on = {"/sign-in": "/", "/welcome": "/welcome/speaker"}
    gone = {"/setup", "/setup/state"}
    for route in READING:
        response = house.send(route)
        if route.path in led_on:
            assert path_of(response) == led_on[route.path]
        else:
            assert response.status_code == (404 if route.path in gone else 200), route


def test_a_way_of_asking_that_a_page_does_not_know_is_refused(house):
    house.browser.sign_in()
    addresses = house.browser.app.url_map.bind("localhost")
    before = house.api.all_that_can_change()
    for path in {route.path for route in ROUTES}:
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - {
            *addresses.allowed_methods(path)
        }:
            response = house.client.open(path, method=method, data={"csrf_token": house.token()})
            assert response.status_code == 405, (method, path)
    assert house.api.all_that_can_change() == before


# from where


@pytest.mark.parametrize("host", FOREIGN)
def test_under_a_foreign_name_there_is_nothing(house, host):
    house.browser.sign_in()
    before = house.api.all_that_can_change()
    token = house.token()
    for route in ROUTES:
        sent = {} if route.method == "GET" else {"data": {"csrf_token": token}}
        response = house.send(route, headers={"Host": host}, **sent)
        assert response.status_code == 421, route
        assert private_words(route, response) == [], route
    nowhere = house.client.get("/nowhere", headers={"Host": host})
    assert (nowhere.status_code, nowhere.mimetype) == (421, "text/plain")
    assert "The kiosk does not go by this name." in nowhere.text
    assert house.api.all_that_can_change() == before


@pytest.mark.parametrize("host", OWN_NAMES)
def test_by_its_own_names_the_kiosk_answers(house, host):
    assert house.client.get("/room", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("claim", ELSEWHERE, ids=str)
def test_what_another_site_has_a_browser_send_is_refused(house, claim):
    house.browser.sign_in()
    before = house.api.all_that_can_change()
    token = house.token()
    for route in CHANGING:
        response = house.send(route, headers=claim, data={"csrf_token": token})
        assert response.status_code == 403, route
    assert house.api.all_that_can_change() == before


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
def test_the_kiosks_own_forms_are_taken(house, host, claim):
    house.browser.sign_in()
    token = house.token()
    # By that name the browser has a cookie of its own.
    cookie = house.client.get_cookie("kiosk")
    answer = house.browser.app.test_client(use_cookies=False).post(
        "/now/pause",
        data={"csrf_token": token},
        headers={"Host": host, "Cookie": f"kiosk={cookie.value}", **claim},
    )

    assert answer.status_code == 303
    assert house.api.remote.wishes == ["pause"]


def test_what_a_proxy_claims_counts_for_nothing(house):
    assert house.client.get("/room", headers=CLAIMS).data == house.client.get("/room").data
    claim = {"X-Forwarded-Host": "localhost", "Forwarded": "host=localhost"}
    foreign = house.client.get("/room", headers={"Host": "evil.example", **claim})
    assert foreign.status_code == 421
    signed_out = house.client.get("/settings", headers=CLAIMS)
    assert path_of(signed_out) == "/sign-in?next=/settings"
    assert signed_out.headers["Location"].startswith("/")

    fields = {"csrf_token": house.token(), "passphrase": PASSPHRASE}
    assert house.client.post("/sign-in", data=fields, headers=CLAIMS).status_code == 303
    assert [visitor.address for visitor in house.api.door.visitors()] == ["127.0.0.1"]


# how


def test_no_address_leads_out_of_its_folder(house):
    (house.state / "secret").write_text("the secret outside")
    (house.state / "secret.toml").write_text("the secret outside")
    (house.state / "programs" / "secret").mkdir()
    house.browser.sign_in()
    token = house.token()
    before = house.api.all_that_can_change()
    for route in ROUTES:
        if not route.has_text_blanks:
            continue
        for value in CLIMBS:
            sent = {} if route.method == "GET" else {"data": {"csrf_token": token}}
            path = route.with_each_blank(value)
            response = house.send(route, path, **sent)
            assert response.status_code in (200, 303, 308, 400, 404, 405, 422), (path, response)
            assert "the secret outside" not in body_of(response), path
            assert "root:" not in body_of(response), path
            assert "X-Bad" not in response.headers, path
            if response.status_code == 200:
                # Another page than was meant, where the address climbed to it; or an empty form.
                assert "<script>alert" not in body_of(response), path
            if response.status_code == 308:
                assert response.headers["Location"].startswith(("/", "http://localhost/")), path
    assert house.api.all_that_can_change() == before


def test_what_is_too_large_is_refused(house):
    house.browser.sign_in()
    token = house.token()
    before = house.api.all_that_can_change()
    views = house.browser.app.view_functions
    for route in CHANGING:
        if getattr(views[route.endpoint], "largest_upload", 0) > MUCH:
            continue  # sending that much takes long; another test says it is refused
        data = {"csrf_token": token, "much": "x" * MUCH}
        response = house.send(route, data=data)
        assert response.status_code == 413, route
        assert "too large" in body_of(response), route
    assert house.api.all_that_can_change() == before


def test_only_these_take_more_than_a_form():
    views = make_app(FullApi(), WORDING, CONFIG).view_functions
    uploads = {r.path: getattr(views[r.endpoint], "largest_upload", None) for r in CHANGING}

    assert {path for path, largest in uploads.items() if largest} == {"/settings/restore"}


def test_an_upload_beyond_its_limit_is_refused_by_what_it_says_of_itself(house):
    house.browser.sign_in()
    response = house.client.post(
        "/settings/restore",
        headers={"Content-Length": "60000000", "Content-Type": "multipart/form-data; boundary=x"},
        environ_overrides={"CONTENT_LENGTH": "60000000"},
    )

    assert response.status_code == 413


# every answer


def test_every_answer_tells_the_browser_what_to_refuse(house):
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
            house.browser.sign_in()
        for route in ROUTES:
            look_at(route, house.send(route))
            look_at(route, house.send(route, **house.may_be_sent(route)))
            look_at(route, house.send(route, headers={"Host": "evil.example"}))
            if signed_in:
                continue
            look_at(route, house.send(route, headers={"Accept": "application/json"}))


def test_only_scripts_and_styles_of_the_kiosk_itself_may_run(house):
    policy = house.client.get("/room").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'"} <= {
        *policy.split("; ")
    }


def test_static_files_are_kept_by_browsers_by_their_version(house):
    page = house.browser.read("/room")
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)

    assert len(found) >= 3
    for address in found:
        response = house.client.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        response.close()


# signing in


def test_a_session_from_before_signing_in_is_worth_nothing_afterwards(house):
    house.browser.get("/sign-in")
    planted = house.client.get_cookie("kiosk").value
    token = house.browser.csrf()
    house.browser.post("/sign-in", {"passphrase": PASSPHRASE}, follow=False)
    own = house.client.get_cookie("kiosk").value

    assert own != planted
    assert house.browser.read("/settings")
    thief = house.browser.app.test_client(use_cookies=False)
    assert thief.get("/settings", headers={"Cookie": f"kiosk={planted}"}).status_code == 302
    with house.client.session_transaction() as session:
        assert set(session) <= {"token", "_permanent", "csrf_token", "_flashes", "_fresh"}
    assert house.client.post("/now/pause", data={"csrf_token": token}).status_code == 400


def test_after_signing_out_the_old_cookie_opens_nothing(house):
    house.browser.sign_in()
    house.browser.read("/settings")
    kept = house.client.get_cookie("kiosk").value
    house.browser.post("/sign-out")

    thief = house.browser.app.test_client(use_cookies=False)
    answer = thief.get("/settings", headers={"Cookie": f"kiosk={kept}"})
    assert answer.status_code == 302
    assert house.api.door.visitors() == ()


def test_a_cookie_that_was_tampered_with_opens_nothing(house):
    house.browser.sign_in()
    house.browser.read("/settings")
    good = house.client.get_cookie("kiosk").value
    stranger = house.browser.app.test_client(use_cookies=False)
    for bad in (good[:-1], good[1:], "." + good, good.split(".")[0], "x", "", good.upper()):
        answer = stranger.get("/settings", headers={"Cookie": f"kiosk={bad}"})
        assert answer.status_code == 302, bad


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
def test_signing_in_leads_nowhere_else(house, wanted):
    house.browser.get("/sign-in", query_string={"next": wanted})
    came_in = house.browser.post(
        "/sign-in", {"passphrase": PASSPHRASE, "next": wanted}, follow=False
    )
    assert (came_in.status_code, came_in.headers["Location"]) == (303, "/")

    again = house.client.get("/sign-in", query_string={"next": wanted})
    assert (again.status_code, again.headers["Location"]) == (302, "/")


def test_signing_in_leads_back_to_the_page_that_was_wanted(house):
    signed_out = house.browser.get("/schedule?week=2026-03-23")
    house.browser.get(signed_out.headers["Location"])
    wanted = re.search(r'name="next" value="([^"]*)"', house.browser.page)[1]
    came_in = house.browser.post(
        "/sign-in", {"passphrase": PASSPHRASE, "next": wanted}, follow=False
    )

    assert came_in.headers["Location"] == "/schedule?week=2026-03-23"


def test_a_path_of_the_kiosk_is_kept_as_it_is():
    assert local_path("/programs/two-exercises?x=//y&z=http://w") is not None
    assert local_path(None) is None


# when parts fail


class Forgetful(FakeDoor):
    """A door that cannot read who has come in."""

    def visitor(self, _token):
        raise StoreError("The memory card cannot be read.")


def test_where_nobody_can_be_known_every_page_says_so(tmp_path):
    house = House(tmp_path / "state", door=Forgetful())
    house.browser.sign_in()
    for route in READING:
        response = house.send(route)
        if route.access is Access.ANYONE and response.status_code in (200, 404):
            continue
        assert response.status_code == 503, route
        assert response.mimetype == "text/html", route
        assert "The memory card cannot be read." in body_of(response), route


def test_where_nothing_can_be_remembered_every_page_says_so(house):
    house.browser.sign_in()
    token = house.token()
    house.api.store.broken = StoreError("The memory card cannot be read.")
    for route in ROUTES:
        sent = {} if route.method == "GET" else {"data": {"csrf_token": token}}
        response = house.send(route, **sent)
        assert response.status_code == 503 or response.status_code < 500, route
        if response.status_code == 503:
            assert "The memory card cannot be read." in body_of(response), route
