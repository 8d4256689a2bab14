"""Whatever comes over the network: every address of the pages holds against all of it.

The addresses are those there are, so a new page is held to this from its first day.
"""

import pytest

from kiosk.auth.service import AuthService
from kiosk.errors import StoreError
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.schedule.past import NOON
from tests.web.full import DEFAULT
from tests.web.guard_kit import (
    CHANGING,
    FOR_CAREGIVERS,
    FOR_ONLOOKERS,
    READING,
    ROUTES,
    GuardKit,
    body_of,
    private_words,
)
from tests.web.kit import Browser, path_of, real_auth, real_settings
from web.context import Access


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
        (session,) = kit.api.auth.sessions()
        kit.api.auth.sign_out_device(session.id)
    before = kit.api.all_that_can_change()
    for route in FOR_CAREGIVERS:
        response = kit.send(route, **kit.form(route))
        if route.method == "GET":
            assert response.status_code == 302, route
            assert path_of(response).startswith("/sign-in?next="), route
        else:
            assert response.status_code == 401, route
        assert private_words(route, response) == [], route
    assert kit.api.all_that_can_change() == before


def test_what_scripts_ask_for_signed_out_is_refused_without_being_led_elsewhere(kit):
    for route in FOR_CAREGIVERS:
        response = kit.send(route, headers={"Accept": "application/json"})
        assert response.status_code == 401, route
        assert response.mimetype == "application/json", route


def test_onlookers_see_nothing_where_only_caregivers_may(tmp_path):
    settings = real_settings(now_seen_by="caregivers")
    kit = GuardKit(tmp_path, settings=settings)

    for route in FOR_ONLOOKERS:
        response = kit.send(route)
        assert response.status_code == 302, route
        assert path_of(response).startswith("/sign-in"), route


def test_before_set_up_there_is_nothing_but_set_up(tmp_path):
    kit = GuardKit(tmp_path / "state", set_up=False)
    kit.browser.get("/setup")
    token = kit.browser.csrf()
    before = kit.api.all_that_can_change()
    for route in (*FOR_CAREGIVERS, *FOR_ONLOOKERS):
        response = kit.send(route, **kit.form(route, token))
        if route.method == "GET":
            assert (response.status_code, path_of(response)) == (302, "/setup"), route
        else:
            assert response.status_code == 403, route
        assert private_words(route, response) == [], route
    for path in ("/calendar/calendar-token.ics", "/calendar/.ics"):
        assert kit.client.get(path).status_code == 404
    assert kit.api.all_that_can_change() == before


def test_once_set_up_its_address_is_gone(kit):
    set_up = [route for route in ROUTES if route.path.startswith("/setup")]
    assert len(set_up) == 5
    for signed_in in (False, True):
        if signed_in:
            kit.browser.sign_in()
        for route in set_up:
            assert kit.send(route, **kit.form(route)).status_code == 404, route


# what


def test_nothing_is_changed_without_the_token_of_a_form(kit):
    kit.browser.sign_in()
    before = kit.api.all_that_can_change()
    for route in CHANGING:
        for data in ({}, {"csrf_token": ""}, {"csrf_token": "made up"}):
            assert kit.send(route, data=data).status_code == 400, route
    assert kit.api.all_that_can_change() == before


def test_the_form_token_of_another_browser_changes_nothing(kit):
    stranger = Browser(kit.api)
    stranger.get("/sign-in")
    theirs = stranger.csrf()
    kit.browser.sign_in()
    for route in CHANGING:
        assert kit.send(route, data={"csrf_token": theirs}).status_code == 400, route


def test_looking_never_changes_anything(kit):
    kit.browser.sign_in()
    before = kit.api.all_that_can_change()
    for route in READING:
        for method in ("GET", "HEAD", "OPTIONS"):
            path = f"{route.path}?do=save&change=1&paused=no&sure=yes&program={DEFAULT}"
            response = kit.client.open(path, method=method, buffered=False)
            assert response.status_code < 500, (method, path)
            response.close()
    assert kit.api.all_that_can_change() == before


def test_every_page_answers_who_is_signed_in(kit):
    kit.browser.sign_in()
    led_on = {"/sign-in": "/", "/welcome": "/welcome/speaker"}
    gone = {"/setup", "/setup/state"}
    for route in READING:
        response = kit.send(route)
        if route.path in led_on:
            assert path_of(response) == led_on[route.path]
        else:
            assert response.status_code == (404 if route.path in gone else 200), route


def test_a_way_of_asking_that_a_page_does_not_know_is_refused(kit):
    kit.browser.sign_in()
    addresses = kit.browser.app.url_map.bind("localhost")
    before = kit.api.all_that_can_change()
    for path in {route.path for route in ROUTES}:
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - {
            *addresses.allowed_methods(path)
        }:
            response = kit.client.open(path, method=method, data={"csrf_token": kit.token()})
            assert response.status_code == 405, (method, path)
            assert {*response.allow} == {*addresses.allowed_methods(path)}, (method, path)
    assert kit.api.all_that_can_change() == before


# when parts fail


@pytest.fixture
def knowing_kit(tmp_path):
    """A kiosk that knows its caregivers, as they are kept elsewhere, but gets at nothing else."""
    return GuardKit(tmp_path / "state", auth=real_auth())


class Unreadable(AuthService):
    """Auth sessions that cannot be read."""

    def session_of(self, _token):
        raise StoreError("The memory card cannot be read.")


def test_where_nobody_can_be_known_every_page_says_so(tmp_path):
    store = MemoryStore()
    real_auth(store)
    kit = GuardKit(tmp_path / "state", auth=Unreadable(store, FakeWallClock(NOON), FakeClock()))
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
    kit.api.store.disk.broken = StoreError(f"There is no room left on the disk for {path}.")
    stranger = kit.client.get("/", headers={"Accept": accept})
    shown = stranger.get_data(as_text=True)
    assert stranger.status_code == 503
    assert path not in shown
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
    kit.api.store.disk.broken = StoreError("The memory card cannot be read.")
    for route in ROUTES:
        kit.browser.sign_in()  # one of them signs out
        response = kit.send(route, **kit.form(route, token))
        assert response.status_code == 503 or response.status_code < 500, route
        if response.status_code == 503:
            assert "The memory card cannot be read." in body_of(response), route
