"""Under which names the kiosk answers, whose forms it takes, and what it makes of odd requests."""

import pytest

from tests.web.full import OWN
from tests.web.guard_kit import APP, CHANGING, ROUTES, GuardKit, body_of, private_words
from tests.web.kit import PASSPHRASE, path_of

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


@pytest.fixture
def kit(tmp_path):
    return GuardKit(tmp_path / "state")


# from where


@pytest.mark.parametrize("host", FOREIGN)
def test_under_a_foreign_name_there_is_nothing(kit, host):
    kit.browser.sign_in()
    before = kit.api.all_that_can_change()
    token = kit.token()
    for route in ROUTES:
        response = kit.send(route, headers={"Host": host}, **kit.form(route, token))
        assert response.status_code == 421, route
        assert private_words(route, response) == [], route
    nowhere = kit.client.get("/nowhere", headers={"Host": host})
    assert (nowhere.status_code, nowhere.mimetype) == (421, "text/plain")
    assert "The kiosk does not go by this name." in nowhere.text
    assert kit.api.all_that_can_change() == before


@pytest.mark.parametrize("host", OWN_NAMES)
def test_by_its_own_names_the_kiosk_answers(kit, host):
    assert kit.client.get("/room", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("claim", ELSEWHERE, ids=str)
def test_what_another_site_has_a_browser_send_is_refused(kit, claim):
    kit.browser.sign_in()
    before = kit.api.all_that_can_change()
    token = kit.token()
    for route in CHANGING:
        response = kit.send(route, headers=claim, data={"csrf_token": token})
        assert response.status_code == 403, route
    assert kit.api.all_that_can_change() == before


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
    assert kit.api.session.wishes == ["pause"]


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
    assert [session.address for session in kit.api.auth.sessions()] == ["127.0.0.1"]


# how


def test_no_address_leads_out_of_its_folder(kit):
    (kit.state / "secret").write_text("the secret outside")
    (kit.state / "secret.toml").write_text("the secret outside")
    (kit.state / "programs" / "secret").mkdir()
    kit.browser.sign_in()
    token = kit.token()
    before = kit.api.all_that_can_change()
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
    assert kit.api.all_that_can_change() == before


def test_what_is_too_large_is_refused(kit):
    kit.browser.sign_in()
    token = kit.token()
    before = kit.api.all_that_can_change()
    views = kit.browser.app.view_functions
    for route in CHANGING:
        if most_of(views[route.endpoint]) > MUCH:
            continue  # sending that much takes long; another test says it is refused
        data = {"csrf_token": token, "much": "x" * MUCH}
        response = kit.send(route, data=data)
        assert response.status_code == 413, route
        assert "too large" in body_of(response), route
    assert kit.api.all_that_can_change() == before


def most_of(view) -> int:
    """How many bytes more than a form it takes; 0 where it takes none."""
    limits = getattr(view, "upload_limits", None)
    return limits.whole if limits else 0


def test_only_these_take_more_than_a_form():
    views = APP.view_functions
    uploads = {r.path: most_of(views[r.endpoint]) for r in CHANGING}

    assert {path: most for path, most in uploads.items() if most} == {
        "/programs/new/form": 1_500_000,
        "/programs/import": 1_500_000,
        "/programs/check": 1_500_000,
        "/programs/two-exercises/edit": 1_500_000,
        "/settings/restore": 52_000_000,
    }


def test_an_upload_beyond_its_limit_is_refused_by_what_it_says_of_itself(kit):
    kit.browser.sign_in()
    response = kit.client.post(
        "/settings/restore",
        headers={"Content-Length": "60000000", "Content-Type": "multipart/form-data; boundary=x"},
        environ_overrides={"CONTENT_LENGTH": "60000000"},
    )

    assert response.status_code == 413
