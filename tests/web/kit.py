"""The pages before a kiosk that a test can look into, and a browser that fills in forms."""

import re
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from kiosk.auth.service import AuthService
from kiosk.locale.catalogues import load_wording
from kiosk.session.service import Feed
from kiosk.session.snapshot import Snapshot, State
from kiosk.settings.service import SettingsService
from kiosk.settings.sources import LayeredSettings
from tests.auth.kit import AuthKit
from tests.fakes.store import MemoryStore
from tests.schedule.past import NOON, Past
from web.app import make_app
from web.context import PagesConfig

WORDING = load_wording("en", pages=True)

PASSPHRASE = "a calm walk by the sea"  # noqa: S105

IDLE = Snapshot(seq=0, as_of=0.0, state=State.IDLE)


@dataclass
class FakeRemote:
    """Shows what a test publishes, and keeps what is wished for."""

    feed: Feed = field(default_factory=lambda: Feed(IDLE))
    wishes: list[str] = field(default_factory=list)

    def snapshot(self):
        return self.feed.newest

    def subscribe(self):
        return self.feed.subscribe()

    def show(self, **changes: Any) -> None:
        """Publish the present snapshot with changes."""
        self.feed.publish(replace(self.feed.newest, seq=self.feed.newest.seq + 1, **changes))

    def start(self, program=None):
        self.wishes.append(f"start {program}" if program else "start")

    def command(self, cause):
        self.wishes.append(cause.value)

    def test_sound(self):
        self.wishes.append("test_sound")


def real_auth(store: MemoryStore | None = None, *, set_up: bool = True) -> AuthService:
    """The service, set up with `PASSPHRASE` and the calendar of `calendar-token` or not at all."""
    kit = AuthKit(PASSPHRASE if set_up else None, NOON, store)
    if set_up:
        kit.store.auth.set_secret("calendar", "calendar-token")
    return kit.auth


def real_settings(**changes: str) -> SettingsService:
    """The service on a store in memory, with these settings changed."""
    service = SettingsService(LayeredSettings((), ()), MemoryStore(), lambda: NOON)
    if changes:
        service.change(changes)
    return service


@dataclass
class FakeApi:
    """The kiosk's face; a test puts into each room what it needs there: the real desk over a store
    in memory (`tests.fakes.store`), or a stand-in.
    """

    session: Any = field(default_factory=FakeRemote)
    snapshots: Any = field(default_factory=lambda: Past().snapshots)
    schedule: Any = None
    levels: Any = None
    programs: Any = None
    settings: Any = field(default_factory=real_settings)
    choices: Any = None
    auth: Any = field(default_factory=real_auth)
    backups: Any = None


class KeptTemplates(BytecodeCache):
    """Templates compiled once for all apps of the tests; that is most of an app's first answer."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = KeptTemplates()


class Browser:
    """Looks at pages and fills in their forms, without JavaScript."""

    def __init__(self, api: FakeApi, **config: Any) -> None:
        self.app = make_app(api, WORDING, PagesConfig(b"a secret for tests only", **config))
        self.app.jinja_env.bytecode_cache = TEMPLATES
        self.client = self.app.test_client()
        self.api = api
        self.page = ""
        """The last page's HTML."""

    def get(self, path: str, **options: Any) -> TestResponse:
        options.setdefault("headers", {}).setdefault("Accept", "text/html")
        response = self.client.get(path, **options)
        if response.mimetype == "text/html":
            self.page = response.get_data(as_text=True)
        return response

    def read(self, path: str) -> str:
        """The page's HTML; it has to be there."""
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, self.page)
        return self.page

    def post(self, path: str, fields: Any = (), *, follow: bool = True, **options: Any):
        """Send a form with the token of the last page; then see the page that it leads to."""
        data = {"csrf_token": self.csrf(), **dict(fields)}
        response = self.client.post(path, data=data, follow_redirects=follow, **options)
        if response.mimetype == "text/html":
            self.page = response.get_data(as_text=True)
        return response

    def csrf(self) -> str:
        """The token of the last page, or else of the sign-in page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        if found is None:
            self.get("/sign-in")
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert found is not None, self.page
        return found[1]

    def sign_in(self) -> "Browser":
        """Sign in as the caregiver, but not through the page for that."""
        token = self.api.auth.sign_in(PASSPHRASE, "a test", "127.0.0.1")
        with self.client.session_transaction() as session:
            session["token"] = token
        return self

    def text(self) -> str:
        """What the last page shows, without its tags."""
        body = self.page.partition("<main")[2].partition("</main>")[0]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", f"<main{body}")).split())

    def answer(self) -> str:
        """What the last page answered to an action."""
        found = re.search(r'<div class="answer[^>]*>\s*<p>(.*?)</p>', self.page, re.DOTALL)
        return unescape(found[1]) if found else ""


def path_of(response: TestResponse) -> str:
    """Where a redirect leads."""
    parts = urlsplit(response.headers["Location"])
    return parts.path + (f"?{parts.query}" if parts.query else "")
