"""Signing in and out at the pages, and what to do about a forgotten passphrase."""

import pytest

from tests.auth.kit import AuthKit
from tests.web.kit import PASSPHRASE, Browser, FakeApi, path_of, real_auth

WRONG = "a calm walk in the rain"
NEW = "another calm walk"


class Phone(Browser):
    """A browser that has not signed in, at a kiosk that is set up, with one device signed in."""

    def __init__(self):
        self.kit = AuthKit(passphrase=PASSPHRASE)
        self.auth = self.kit.auth
        self.first = self.kit.sign_in(PASSPHRASE)
        super().__init__(FakeApi(auth=self.auth))

    def type_passphrase(self, passphrase=PASSPHRASE, **fields):
        self.get("/sign-in")
        return self.post("/sign-in", {"passphrase": passphrase, **fields}, follow=False)

    def type_code(self):
        self.get("/forgotten")
        self.post("/forgotten/code", {"code": self.auth.held()})

    def cookie(self):
        with self.client.session_transaction() as session:
            return dict(session)


@pytest.fixture
def phone():
    return Phone()


class TestSigningIn:
    def test_with_the_passphrase_one_comes_to_now(self, phone):
        assert path_of(phone.type_passphrase()) == "/"
        assert phone.auth.session_of(phone.cookie()["token"]).address == "127.0.0.1"

    def test_or_to_where_one_wanted_to_go(self, phone):
        wanted = "/schedule/3?week=2026-W14"
        led_to = path_of(phone.get(wanted))
        assert led_to.startswith("/sign-in?next=")
        phone.get(led_to)
        assert f'name="next" value="{wanted}"' in phone.page
        answered = phone.post("/sign-in", {"passphrase": PASSPHRASE, "next": wanted}, follow=False)
        assert path_of(answered) == wanted

    def test_nothing_of_the_session_before_is_left(self, phone):
        with phone.client.session_transaction() as session:
            session["token"] = "put there by somebody else"  # noqa: S105
            session["grant"] = "put there, too"
        phone.type_passphrase()
        after = phone.cookie()
        assert "grant" not in after
        assert after["token"] != "put there by somebody else"  # noqa: S105

    def test_who_is_in_already_is_led_on(self, phone):
        phone.type_passphrase()
        assert path_of(phone.get("/sign-in?next=/history")) == "/history"

    def test_a_wrong_one_is_told_beside_the_field_and_not_sent_back(self, phone):
        phone.get("/sign-in?next=/history")
        answered = phone.post("/sign-in", {"passphrase": WRONG, "next": "/history"})
        assert answered.status_code == 422
        assert phone.text().count("That is not the passphrase.") == 1
        assert WRONG not in phone.page
        assert 'name="next" value="/history"' in phone.page
        assert phone.cookie().get("token") is None

    def test_too_many_are_told_when_to_come_back(self, phone):
        answered = [phone.type_passphrase(WRONG) for _ in range(6)]
        assert [one.status_code for one in answered] == [422] * 4 + [429] * 2
        assert answered[-1].headers["Retry-After"] == "2"
        assert "Try again in 1 second." in answered[-1].get_data(as_text=True)
        phone.kit.wait(1)
        assert phone.type_passphrase().status_code == 303

    def test_it_needs_the_forms_own_token(self, phone):
        answered = phone.client.post("/sign-in", data={"passphrase": PASSPHRASE})
        assert answered.status_code == 400
        assert len(phone.auth.sessions()) == 1

    @pytest.mark.parametrize("fields", [{}, {"passphrase": ""}, {"passphrase": "x" * 50_000}])
    def test_nothing_or_much_is_simply_wrong(self, phone, fields):
        phone.get("/sign-in")
        assert phone.post("/sign-in", fields).status_code == 422


class TestSigningOut:
    def test_who_signs_out_is_out(self, phone):
        phone.type_passphrase()
        token = phone.cookie()["token"]
        phone.read("/")
        phone.post("/sign-out")
        assert phone.answer() == "You are signed out on this device."
        assert phone.auth.session_of(token) is None
        assert "token" not in phone.cookie()
        assert phone.auth.session_of(phone.first)

    def test_looking_at_the_address_does_nothing(self, phone):
        phone.type_passphrase()
        assert phone.get("/sign-out").status_code == 405
        assert len(phone.auth.sessions()) == 2


class TestAForgottenPassphrase:
    def test_the_button_helps(self, phone):
        phone.get("/sign-in")
        assert 'href="/forgotten"' in phone.page
        phone.read("/forgotten")
        assert "Hold its button down for ten seconds, until it says a code." in phone.text()

        phone.post("/forgotten/code", {"code": phone.auth.held()})
        assert "Choose a new passphrase" in phone.text()

        answered = phone.post("/forgotten/passphrase", {"passphrase": NEW})
        assert answered.request.path == "/"
        assert phone.answer() == "The passphrase is changed, and everybody else is signed out."
        assert phone.auth.session_of(phone.first) is None
        phone.client.delete_cookie("kiosk")
        assert phone.type_passphrase(PASSPHRASE).status_code == 422
        assert phone.type_passphrase(NEW).status_code == 303

    def test_the_page_itself_makes_no_code(self, phone):
        phone.read("/forgotten")
        assert phone.post("/forgotten/code", {"code": "000000"}).status_code == 422
        assert "There is no code that counts now" in phone.text()

    def test_a_passphrase_that_will_not_do(self, phone):
        phone.type_code()
        answered = phone.post("/forgotten/passphrase", {"passphrase": "12345678"})
        assert answered.status_code == 422
        assert "Choose a new passphrase" in phone.text()
        assert phone.auth.session_of(phone.first)

    def test_who_takes_too_long_needs_another_code(self, phone):
        phone.type_code()
        phone.kit.wait(1800)
        phone.post("/forgotten/passphrase", {"passphrase": NEW})
        assert "Hold its button down for ten seconds" in phone.text()
        assert phone.type_passphrase().status_code == 303

    def test_nobody_changes_it_without_a_code(self, phone):
        phone.get("/forgotten")
        answered = phone.post("/forgotten/passphrase", {"passphrase": NEW})
        assert answered.status_code == 422
        assert phone.type_passphrase().status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/forgotten"])
def test_before_set_up_both_lead_there(path):
    assert path_of(Browser(FakeApi(auth=real_auth(set_up=False))).get(path)) == "/setup"
