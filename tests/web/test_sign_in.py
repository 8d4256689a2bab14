"""Signing in and out at the pages, and what to do about a forgotten passphrase."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from kiosk.auth.service import AuthService
from tests.auth.kit import move_in
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.web.kit import PASSPHRASE, Browser, FakeApi, FakeSettingsDesk, path_of

WRONG = "a calm walk in the rain"
NEW = "another calm walk"


class SettingsToLookAt(FakeSettingsDesk):
    """As much as the page Now asks for."""

    def programs(self):
        return ()


class House:
    """A kiosk that is set up, and a browser nobody has signed in with."""

    def __init__(self):
        self.clock = FakeClock()
        wall = FakeWallClock(datetime(2026, 3, 27, 11, tzinfo=UTC), clock=self.clock)
        self.door = AuthService(MemoryStore(), wall, self.clock)
        self.first = move_in(self.door, PASSPHRASE)
        self.api = FakeApi(auth=self.door, settings=SettingsToLookAt())
        self.browser = Browser(self.api)

    def sign_in(self, passphrase=PASSPHRASE, **fields):
        self.browser.get("/sign-in")
        return self.browser.post("/sign-in", {"passphrase": passphrase, **fields}, follow=False)


@pytest.fixture
def house():
    return House()


@pytest.fixture
def browser(house):
    return house.browser


def cookie_of(browser):
    with browser.client.session_transaction() as session:
        return dict(session)


class TestSigningIn:
    def test_with_the_passphrase_one_comes_to_now(self, house, browser):
        assert path_of(house.sign_in()) == "/"
        assert house.door.visitor(cookie_of(browser)["token"]).address == "127.0.0.1"

    def test_or_to_where_one_wanted_to_go(self, browser):
        wanted = "/schedule/3?week=2026-W14"
        led_to = path_of(browser.get(wanted))
        assert led_to.startswith("/sign-in?next=")
        browser.get(led_to)
        assert f'name="next" value="{wanted}"' in browser.page
        answered = browser.post(
            "/sign-in", {"passphrase": PASSPHRASE, "next": wanted}, follow=False
        )
        assert path_of(answered) == wanted

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://example.org/",
            "//example.org/",
            "/\\example.org/",
            "\\\\example.org",
            "javascript:alert(1)",
            "schedule",
            "/\n/example.org",
            "/\t//example.org",
            "",
        ],
    )
    def test_but_never_to_another_site(self, house, browser, elsewhere):
        browser.get(f"/sign-in?next={quote(elsewhere)}")
        assert 'name="next"' not in browser.page
        answered = house.sign_in(next=elsewhere)
        assert answered.headers["Location"] == "/"

    def test_nothing_of_the_session_before_is_left(self, house, browser):
        with browser.client.session_transaction() as session:
            session["token"] = "put there by somebody else"  # noqa: S105
            session["grant"] = "put there, too"
        house.sign_in()
        after = cookie_of(browser)
        assert "grant" not in after
        assert after["token"] != "put there by somebody else"  # noqa: S105

    def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(self, house):
        (cookie,) = house.sign_in().headers.getlist("Set-Cookie")
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie

    def test_who_is_in_already_is_led_on(self, house, browser):
        house.sign_in()
        assert path_of(browser.get("/sign-in?next=/history")) == "/history"

    def test_a_wrong_one_is_told_beside_the_field_and_not_sent_back(self, browser):
        browser.get("/sign-in?next=/history")
        answered = browser.post("/sign-in", {"passphrase": WRONG, "next": "/history"})
        assert answered.status_code == 422
        assert browser.text().count("That is not the passphrase.") == 1
        assert WRONG not in browser.page
        assert 'name="next" value="/history"' in browser.page
        assert cookie_of(browser).get("token") is None

    def test_too_many_are_told_when_to_come_back(self, house):
        answered = [house.sign_in(WRONG) for _ in range(6)]
        assert [one.status_code for one in answered] == [422] * 4 + [429] * 2
        assert answered[-1].headers["Retry-After"] == "2"
        assert "Try again in 1 second." in answered[-1].get_data(as_text=True)
        house.clock.advance(1)
        assert house.sign_in().status_code == 303

    def test_it_needs_the_forms_own_token(self, house, browser):
        answered = browser.client.post("/sign-in", data={"passphrase": PASSPHRASE})
        assert answered.status_code == 400
        assert len(house.door.visitors()) == 1

    @pytest.mark.parametrize("fields", [{}, {"passphrase": ""}, {"passphrase": "x" * 50_000}])
    def test_nothing_or_much_is_simply_wrong(self, browser, fields):
        browser.get("/sign-in")
        assert browser.post("/sign-in", fields).status_code == 422


class TestSigningOut:
    def test_who_signs_out_is_out(self, house, browser):
        house.sign_in()
        token = cookie_of(browser)["token"]
        browser.read("/")
        browser.post("/sign-out")
        assert browser.answer() == "You are signed out on this device."
        assert house.door.visitor(token) is None
        assert "token" not in cookie_of(browser)
        assert house.door.visitor(house.first)

    def test_looking_at_the_address_does_nothing(self, house, browser):
        house.sign_in()
        assert browser.get("/sign-out").status_code == 405
        assert len(house.door.visitors()) == 2


class TestAForgottenPassphrase:
    def test_the_button_helps(self, house, browser):
        browser.get("/sign-in")
        assert 'href="/forgotten"' in browser.page
        browser.read("/forgotten")
        assert "Hold its button down for ten seconds, until it says a code." in browser.text()

        browser.post("/forgotten/code", {"code": house.door.held()})
        assert "Choose a new passphrase" in browser.text()

        answered = browser.post("/forgotten/passphrase", {"passphrase": NEW})
        assert answered.request.path == "/"
        assert browser.answer() == "The passphrase is changed, and everybody else is signed out."
        assert house.door.visitor(house.first) is None
        browser.client.delete_cookie("kiosk")
        assert house.sign_in(PASSPHRASE).status_code == 422
        assert house.sign_in(NEW).status_code == 303

    def test_the_page_itself_makes_no_code(self, browser):
        browser.read("/forgotten")
        assert browser.post("/forgotten/code", {"code": "000000"}).status_code == 422
        assert "There is no code that counts now" in browser.text()

    def test_a_passphrase_that_will_not_do(self, house, browser):
        browser.get("/forgotten")
        browser.post("/forgotten/code", {"code": house.door.held()})
        answered = browser.post("/forgotten/passphrase", {"passphrase": "12345678"})
        assert answered.status_code == 422
        assert "Choose a new passphrase" in browser.text()
        assert house.door.visitor(house.first)

    def test_who_takes_too_long_needs_another_code(self, house, browser):
        browser.get("/forgotten")
        browser.post("/forgotten/code", {"code": house.door.held()})
        house.clock.advance(1800)
        browser.post("/forgotten/passphrase", {"passphrase": NEW})
        assert "Hold its button down for ten seconds" in browser.text()
        assert house.sign_in().status_code == 303

    def test_nobody_changes_it_without_a_code(self, house, browser):
        browser.get("/forgotten")
        answered = browser.post("/forgotten/passphrase", {"passphrase": NEW})
        assert answered.status_code == 422
        assert house.sign_in().status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/forgotten"])
def test_before_set_up_both_lead_there(path):
    kiosk = FakeApi()
    kiosk.auth.passphrase = None
    assert path_of(Browser(kiosk).get(path)) == "/setup"
