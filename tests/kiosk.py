"""A whole kiosk for tests, and a browser for its pages.

`KioskKit` wires it with the parts of `kiosk.app`: real services over the real store, in memory or
on files. Its clocks jump, its speaker and its voice are fakes, and nothing runs by itself: commands
of the pages wait in the controller's inbox until `settle`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from kiosk.app import (
    Kiosk,
    OpenData,
    doses_of,
    make_environment,
    make_library,
    make_preparer,
    make_scheduler,
    make_services,
    open_data_of_kiosk,
)
from kiosk.audio.player import Player
from kiosk.history.audit import Actor
from kiosk.history.model import Effort
from kiosk.levels.doses import Dose
from kiosk.locale.catalogues import load_wording
from kiosk.schedule.service import checked_entry
from kiosk.session.controller import Controller
from kiosk.session.events import Command, Event, Shutdown, TestSoundWanted
from kiosk.session.service import SessionService
from kiosk.session.snapshot import Snapshot
from kiosk.settings.choices import SettingChoices
from kiosk.settings.model import Settings
from kiosk.settings.service import SettingsService
from kiosk.speech.model import Known
from kiosk.store.restore import PENDING
from kiosk.system.jobs import JobQueue
from tests.auth.kit import AuthKit
from tests.fakes.choices import CARDS, VOICES
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.speech import FakeEngine
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.programs.files import GOOD
from tests.schedule.past import NOON, Past
from tests.web.html_tree import read_html
from web.app import make_app
from web.context import Access, PagesConfig

WORDING = load_wording("en", pages=True)

PASSPHRASE = "a calm walk by the sea"  # noqa: S105
CALENDAR_TOKEN = "calendar-token"  # noqa: S105

DEFAULT = "low-back-start"
OWN = "two-exercises"
"""The household's own program, in a kiosk that is `filled`."""

ENTRY = 1
"""Number of the plan's entry, in a kiosk that is `filled`."""

USUAL = Settings(time_zone="Europe/Oslo")
"""The settings in force where nothing was changed."""

ZONES = ("America/Indiana/Knox", "America/New_York", "Asia/Tokyo", "Europe/Berlin", "Europe/Oslo")


class KitEngine(FakeEngine):
    """A humming engine with the voices of `tests.fakes.choices`."""

    def __init__(self, *, no_engine: str = "") -> None:
        ids = ("", *(voice.id for voice in VOICES))
        super().__init__(no_engine=no_engine, voices=ids, per_character=5)

    def voices(self) -> tuple[Known, ...]:
        """Raises SpeechError where there is no engine."""
        return VOICES if self.identity else ()


class KioskKit:
    """A kiosk in the folder `state`; at `NOON`, set up with `PASSPHRASE`, and else empty.

    `on_files` opens the database in that folder, which takes a `close`. `environ` and `options` are
    those of the command, `clips` the folder of the cache, `pages` the fields of PagesConfig.
    """

    def __init__(
        self,
        state: Path,
        *,
        on_files: bool = False,
        store: MemoryStore | None = None,
        set_up: bool = True,
        environ: Mapping[str, str] | None = None,
        options: Mapping[str, object] | None = None,
        engine: KitEngine | None = None,
        clips: Path | None = None,
        **pages: Any,
    ) -> None:
        self.state = state
        (state / "programs").mkdir(parents=True, exist_ok=True)
        if not (state / "kiosk.toml").exists():
            (state / "kiosk.toml").write_text(f'time_zone = "{USUAL.time_zone}"\n')
        variables = {"KIOSK_CACHE_DIR": str(clips or state / "clips"), **(environ or {})}
        self.environment = make_environment(str(state), variables, options or {}, forgiving=True)
        self.clock = FakeClock()
        self.wall = FakeWallClock(NOON, clock=self.clock)
        self.data = self._open(store or MemoryStore(), on_files=on_files)
        self.store, self.settings = self.data.store, self.data.settings
        if set_up and not self.store.auth.secret("passphrase"):
            AuthKit(PASSPHRASE, NOON, self.store)
            self.store.auth.set_secret("calendar", CALENDAR_TOKEN)
        self.restarts = 0
        self.codes: list[str] = []
        """Pairing codes that were shown."""

        self.posted: list[Event] = []
        """Events that the session service posted."""

        self._pages = pages
        self._wire(engine or KitEngine())

    def _open(self, store: MemoryStore, *, on_files: bool) -> OpenData:
        if on_files:
            data = open_data_of_kiosk(self.environment, self.wall)
            assert data is not None
            return data
        settings = SettingsService(self.environment.layers, store, self.wall.utc)
        return OpenData(settings, store, self.wall)

    def _wire(self, engine: KitEngine) -> None:
        """As `make_kiosk` does, without pins and server."""
        settings, clock = self.settings, self.clock
        self.preparer = make_preparer(self.environment, settings, engine)
        self.preparer.doses = doses_of(self.store)
        self.jobs = JobQueue()
        self.controller = Controller(
            *(settings.current, clock, self.preparer, self.jobs),
            lambda post: Player(FakeSpeaker(clock), clock, post, volume=80, lead_in=0),
        )
        self.session = SessionService(self._post, self.controller.feed, clock)
        settings.subscribe(self.controller.change_settings)
        settings.subscribe(self.controller.player.follow_device, ["audio_device"])
        self.scheduler = make_scheduler(self.data, self.jobs, self.controller.post)
        self.controller.report_to(self.scheduler)
        folders = self.environment.folders
        kiosk = Kiosk(
            *(folders, settings, self.data, clock, self.preparer, self.jobs),
            *(self.controller, self.session, None),
            restart=self._restart,
        )
        library = make_library(self.environment.folders)
        choices = SettingChoices(
            library, self.preparer, engine.voices, lambda: CARDS, lambda: ZONES
        )
        made = make_services(kiosk, self.data, engine, self.codes.append)
        self.services = replace(made, choices=choices)

    def _post(self, event: Event) -> None:
        self.posted.append(event)
        self.controller.post(event)

    def _restart(self) -> None:
        self.restarts += 1

    def use(self, **services: Any) -> "KioskKit":
        """Put other services in the place of some, before there is a browser."""
        self.services = replace(self.services, **services)
        return self

    def with_auth_elsewhere(self) -> "KioskKit":
        """With a store of its own for whoever signs in, so that this one may be read or empty."""
        elsewhere = AuthKit(PASSPHRASE, NOON)
        elsewhere.store.auth.set_secret("calendar", CALENDAR_TOKEN)
        return self.use(auth=elsewhere.auth)

    @cached_property
    def browser(self) -> "Browser":
        """A browser, not signed in."""
        return Browser(self.services, **self._pages)

    @cached_property
    def past(self) -> Past:
        """Puts entries, sessions and occurrences into the store."""
        return Past(self.store, self.wall)

    def filled(self) -> "KioskKit":
        """With an own program, an entry of the plan, a fortnight of sessions that went well and a
        changed dose.
        """
        (self.state / "programs" / f"{OWN}.toml").write_text(GOOD)
        texts = {"program": DEFAULT, "days": "daily", "times": "08:00,18:30"}
        texts |= {"starts": "2026-02-02", "weeks": "12"}
        entry = checked_entry(self.services.snapshots.take(), texts)
        assert self.store.plan.add(entry, Actor.PAGE, NOON).id == ENTRY
        for days in range(14, 0, -1):
            ago = timedelta(days=days, hours=4) - timedelta(minutes=6)
            self.past.did(DEFAULT, ago=ago, effort=Effort.USUAL, entry=ENTRY)
        self.store.doses.set(Dose(OWN, "bridge", reps=6), Actor.PAGE, NOON)
        return self

    def show(self, snapshot: Snapshot | None = None, **changes: Any) -> None:
        """Publish `snapshot`, or else the present one, with changes, as of now."""
        seq, now = self.controller.feed.newest.seq + 1, self.clock.now()
        base = snapshot or self.controller.feed.newest
        self.controller.feed.publish(replace(base, **{"seq": seq, "as_of": now, **changes}))

    @property
    def wishes(self) -> list[str]:
        """The commands that the session service was given, in order."""
        found = []
        for event in self.posted:
            match event:
                case Command(cause, program):
                    found.append(f"{cause.value} {program}" if program else cause.value)
                case TestSoundWanted():
                    found.append("test_sound")
        return found

    def all_that_can_change(self) -> object:
        """Differs after any change that a page could make, other than who is signed in."""
        files = sorted((self.state / "programs").rglob("*"))
        auth = self.services.auth
        return (
            self.store.change_count(),
            self.store.settings.stored(),
            self.wishes,
            (self.state / PENDING).exists(),
            (auth.is_set_up(), auth.code_state()),
            [(file, file.read_bytes()) for file in files if file.is_file()],
        )

    def settle(self) -> None:
        """Let the kiosk do all that takes no time, and play a little."""
        for _ in range(5):
            self.controller.pump()
            while self.scheduler.step(0):
                """There may be more to write."""
            self.jobs.close()
            self.jobs.run()
            self.controller.player.step()

    def close(self) -> None:
        self.controller.post(Shutdown())
        self.settle()
        self.preparer.close()
        self.data.close()


class CachedTemplates(BytecodeCache):
    """Templates compiled once for all apps of the tests; that is most of an app's first answer."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CachedTemplates()


class Browser:
    """Reads pages and fills in their forms, without JavaScript."""

    def __init__(self, services: Any, **config: Any) -> None:
        self.app = make_app(services, WORDING, PagesConfig(b"a secret for tests only", **config))
        self.app.jinja_env.bytecode_cache = TEMPLATES
        self.client = self.app.test_client()
        self.services = services
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

    def press(self, action: str, **options: Any) -> TestResponse:
        """Press the button of the last page that posts to `action`, with what its form holds."""
        forms = read_html(self.page).all("form", method="post")
        form = next(form for form in forms if form.attributes.get("action", action) == action)
        return self.post(action, form.sent(), **options)

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
        token = self.services.auth.sign_in(PASSPHRASE, "a test", "127.0.0.1")
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


# --- addresses -----------------------------------------------------------------------------------


BLANK = re.compile(r"<(?:(?P<kind>[^<>]*):)?(?P<name>\w+)>")

SAMPLES = {
    "filename": "style.css",
    "number": str(ENTRY),
    "program": OWN,
    "token": CALENDAR_TOKEN,
    "wish": "pause",
}
"""What to put where a rule has a blank of that name."""


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the pages, with something real in its blanks, and one method."""

    method: str
    path: str
    endpoint: str
    access: Access
    blanks: tuple[tuple[str, str], ...] = ()
    """The parts of the rule, each with the name of the blank after it; empty after the last."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def has_text_blanks(self) -> bool:
        return any(name for _, name in self.blanks)

    def with_each_blank(self, value: str) -> str:
        """The address with `value` in all of its blanks."""
        return "".join(part + (value if name else "") for part, name in self.blanks)


def routes_of(app: Flask) -> list[Route]:
    """All of them, in the order in which they were added."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        access = getattr(view, "access", Access.CAREGIVERS)
        if rule.endpoint == "static":
            access = Access.ANYONE
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = BLANK.sub(_sample, rule.rule)
            found.append(Route(method, path, rule.endpoint, access, _parts(rule.rule)))
    return found


def _sample(blank: re.Match[str]) -> str:
    kind = blank["kind"] or ""
    if kind.startswith("any("):
        return kind.removeprefix("any(").split(",")[0].rstrip(")")
    return SAMPLES[blank["name"]]


def _parts(rule: str) -> tuple[tuple[str, str], ...]:
    parts = []
    at = 0
    for blank in BLANK.finditer(rule):
        if blank["kind"] in (None, "path", "string"):
            parts.append((rule[at : blank.start()], blank["name"]))
            at = blank.end()
    return (*parts, (rule[at:], "")) if parts else ()
