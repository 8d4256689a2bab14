"""A kiosk with data in every service, and every address of its pages."""

from pathlib import Path

from werkzeug.test import TestResponse

from tests.web.full import DEFAULT, OWN, FullApi, a_full_api
from tests.web.kit import WORDING, Browser
from tests.web.routes import Route, routes_of
from web.app import make_app
from web.context import Access, PagesConfig

PRIVATE = (OWN, DEFAULT, "Two exercises", "bridge", "18:30", "calendar-token")
"""Words of the household, some of which every page for caregivers shows."""

CONFIG = PagesConfig(b"a secret for tests only", frozenset({"kiosk.home.example"}))


class GuardKit:
    """The pages of such a kiosk, and requests to them."""

    def __init__(self, state: Path, **services: object) -> None:
        self.state = state
        self.api: FullApi = a_full_api(state, **services)
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
        self.browser.get("/" if self.api.auth.sessions() else "/sign-in")
        return self.browser.csrf()

    def form(self, route: Route, token: str | None = None) -> dict[str, object]:
        """What makes a request for it a form of the kiosk's own: a token, the present one if none
        is given.
        """
        return {} if route.method == "GET" else {"data": {"csrf_token": token or self.token()}}


APP = make_app(FullApi(), WORDING, CONFIG)
ROUTES = routes_of(APP)
FOR_CAREGIVERS = [route for route in ROUTES if route.access is Access.CAREGIVERS]
FOR_ONLOOKERS = [route for route in ROUTES if route.access is Access.ONLOOKERS]
CHANGING = [route for route in ROUTES if route.method != "GET"]
READING = [route for route in ROUTES if route.method == "GET"]


def private_words(route: Route, response: TestResponse) -> list[str]:
    """What the answer tells of the household, beside what was asked for."""
    return [word for word in PRIVATE if word in body_of(response) and word not in route.path]


def body_of(response: TestResponse) -> str:
    return "" if response.is_streamed else response.get_data(as_text=True)
