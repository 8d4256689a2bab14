"""What browsers are told to refuse and to keep, and what a session is worth."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.web.guard_kit import ROUTES, GuardKit
from tests.web.kit import PASSPHRASE
from tests.web.routes import Route
from web.context import local_path
from web.guard import HEADERS


@pytest.fixture
def kit(tmp_path):
    return GuardKit(tmp_path / "state")


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


def test_only_scripts_and_styles_of_the_kiosk_itself_may_run(kit):
    policy = kit.client.get("/room").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'"} <= {
        *policy.split("; ")
    }


def test_static_files_are_kept_by_browsers_by_their_version(kit):
    page = kit.browser.read("/room")
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)

    assert len(found) >= 3
    for address in found:
        response = kit.client.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        response.close()


# signing in


def test_a_session_from_before_signing_in_is_worth_nothing_afterwards(kit):
    kit.browser.get("/sign-in")
    planted = kit.client.get_cookie("kiosk").value
    token = kit.browser.csrf()
    kit.browser.post("/sign-in", {"passphrase": PASSPHRASE}, follow=False)
    own = kit.client.get_cookie("kiosk").value

    assert own != planted
    assert kit.browser.read("/settings")
    thief = kit.browser.app.test_client(use_cookies=False)
    assert thief.get("/settings", headers={"Cookie": f"kiosk={planted}"}).status_code == 302
    with kit.client.session_transaction() as session:
        assert set(session) <= {"token", "_permanent", "csrf_token", "_flashes", "_fresh"}
    assert kit.client.post("/now/pause", data={"csrf_token": token}).status_code == 400


def test_after_signing_out_the_old_cookie_opens_nothing(kit):
    kit.browser.sign_in()
    kit.browser.read("/settings")
    kept = kit.client.get_cookie("kiosk").value
    kit.browser.post("/sign-out")

    thief = kit.browser.app.test_client(use_cookies=False)
    answer = thief.get("/settings", headers={"Cookie": f"kiosk={kept}"})
    assert answer.status_code == 302
    assert kit.api.auth.sessions() == ()


def test_a_cookie_that_was_tampered_with_opens_nothing(kit):
    kit.browser.sign_in()
    kit.browser.read("/settings")
    good = kit.client.get_cookie("kiosk").value
    stranger = kit.browser.app.test_client(use_cookies=False)
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
def test_signing_in_leads_nowhere_else(kit, wanted):
    kit.browser.get("/sign-in", query_string={"next": wanted})
    assert 'name="next"' not in kit.browser.page
    came_in = kit.browser.post("/sign-in", {"passphrase": PASSPHRASE, "next": wanted}, follow=False)
    assert (came_in.status_code, came_in.headers["Location"]) == (303, "/")

    again = kit.client.get("/sign-in", query_string={"next": wanted})
    assert (again.status_code, again.headers["Location"]) == (302, "/")


def test_a_path_of_the_kiosk_is_kept_as_it_is():
    assert local_path("/programs/two-exercises?x=//y&z=http://w") is not None
    assert local_path(None) is None
