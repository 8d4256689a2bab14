"""What browsers are told to refuse and to keep, and what a session is worth."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.web.guard_kit import ROUTES, House
from tests.web.kit import PASSPHRASE
from tests.web.routes import Route
from web.guard.access import local_path
from web.guard.requests import HEADERS


@pytest.fixture
def house(tmp_path):
    return House(tmp_path / "state")


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
    assert house.api.auth.visitors() == ()


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
