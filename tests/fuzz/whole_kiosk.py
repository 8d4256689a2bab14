"""A kiosk on files of its own with all of its pages; only its voice hums, and its time stands."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.app import (
    Kiosk,
    doses_of,
    make_environment,
    make_preparer,
    make_scheduler,
    make_services,
    open_data_of_kiosk,
)
from kiosk.audio.player import Player
from kiosk.session.controller import Controller
from kiosk.session.events import Shutdown
from kiosk.session.service import SessionService
from kiosk.speech.model import Known
from kiosk.system.jobs import JobQueue
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.speech import FakeEngine
from tests.fakes.wall_clock import FakeWallClock
from tests.programs.files import GOOD
from tests.web.full import DEFAULT, NOON, OWN, give_it_a_past
from tests.web.fuzz_kit import House
from tests.web.kit import PASSPHRASE, TEMPLATES, WORDING, Browser
from web.app import make_app
from web.context import PagesConfig

SETTINGS = f"""\
default_program = "{DEFAULT}"
time_zone = "Europe/Oslo"
audio_device = "none"
language = "en"
"""

VOICES = (Known("gmw/en", "English", "en"), Known("gmw/de", "German", "de"))


class HummingEngine(FakeEngine):
    """An engine that knows two voices."""

    def __init__(self) -> None:
        super().__init__(per_character=1, voices=("", *(voice.id for voice in VOICES)))

    def voices(self) -> tuple[Known, ...]:
        return VOICES


class WholeKiosk(House):
    """What stands in `state`, which is there, and a browser that is signed in by `session`."""

    def __init__(self, state: Path, clips: Path, session: dict[str, object] | None) -> None:
        self.clock = FakeClock()
        self.wall = FakeWallClock(NOON, clock=self.clock)
        self.restarts = 0
        self.codes: list[str] = []
        self.environment = environment = make_environment(
            str(state), {"KIOSK_CACHE_DIR": str(clips)}, {}, forgiving=True
        )
        data = open_data_of_kiosk(environment, self.wall)
        assert data is not None
        self.data, settings = data, data.settings
        engine = HummingEngine()
        self.preparer = make_preparer(environment, settings, engine)
        self.preparer.doses = doses_of(data.store)
        self.jobs = JobQueue()
        self.controller = Controller(
            settings.current, self.clock, self.preparer, self.jobs, self._make_player
        )
        self.session = SessionService(self.controller.post, self.controller.feed, self.clock)
        settings.subscribe(self.controller.change_settings)
        settings.subscribe(self.controller.player.follow_device, ["audio_device"])
        self.scheduler = make_scheduler(data, self.jobs, self.controller.post)
        self.controller.report_to(self.scheduler)
        kiosk = Kiosk(
            folders=environment.folders,
            settings=settings,
            data=data,
            clock=self.clock,
            preparer=self.preparer,
            jobs=self.jobs,
            controller=self.controller,
            session=self.session,
            pins=None,
            restart=self._restart,
        )
        self.api = make_services(kiosk, data, engine, self.codes.append)
        self._make_browser(session)

    def _make_browser(self, session: dict[str, object] | None) -> None:
        self.browser = Browser.__new__(Browser)
        self.browser.app = make_app(self.api, WORDING, PagesConfig(b"a secret for tests only"))
        self.browser.app.jinja_env.bytecode_cache = TEMPLATES
        self.client = self.browser.client = self.browser.app.test_client()
        self.browser.api = self.api
        self.browser.page = ""
        if session is not None:
            with self.client.session_transaction() as mine:
                mine.update(session)
        self.token = ""

    def come_in(self) -> None:
        """Sign in, and find out what there is to fill in."""
        self.browser.sign_in()
        self.browser.get("/")
        self.token = self.browser.csrf()
        with self.client.session_transaction() as session:
            self.session = dict(session)
        self.forms = self._forms()

    def settle(self) -> None:
        """Let the kiosk do all that takes no time, and play a little."""
        for _ in range(5):
            self.controller.pump()
            while self.scheduler.step(0):
                """There may be more notes."""
            self.jobs.close()
            self.jobs.run()
            self.controller.player.step()

    def close(self) -> None:
        self.controller.post(Shutdown())
        self.settle()
        self.preparer.close()
        self.data.close()

    def _make_player(self, post) -> Player:
        return Player(FakeSpeaker(self.clock), self.clock, post, volume=80, lead_in=0)

    def _restart(self) -> None:
        self.restarts += 1


class Model:
    """A household from which others are copied: with a past, a caregiver and a program of its own.

    Its forms are those of its pages, and its backup is one of all that it keeps.
    """

    def __init__(self, folder: Path) -> None:
        self.state, self.clips = folder / "state", folder / "clips"
        (self.state / "programs").mkdir(parents=True)
        (self.state / "programs" / f"{OWN}.toml").write_text(GOOD)
        (self.state / "kiosk.toml").write_text(SETTINGS)
        kiosk = WholeKiosk(self.state, self.clips, None)
        try:
            give_it_a_past(kiosk.api.snapshots)
            self._choose_passphrase(kiosk)
            kiosk.come_in()
            self.forms, self.session, self.token = kiosk.forms, kiosk.session, kiosk.token
            with kiosk.api.backups.make() as made:
                self.backup = made.read_bytes()
        finally:
            kiosk.close()

    def _choose_passphrase(self, kiosk: WholeKiosk) -> None:
        door = kiosk.api.auth
        door.held()
        grant = door.enter_code(kiosk.codes[0], "127.0.0.1")
        door.choose_passphrase(grant, PASSPHRASE, "set-up", "127.0.0.1")

    @contextmanager
    def furnished(self, folder: Path) -> Iterator[None]:
        """Another household just like it, in `folder`, which is there as long."""
        shutil.copytree(self.state, folder)
        try:
            yield
        finally:
            shutil.rmtree(folder)

    @contextmanager
    def copied(self, folder: Path) -> Iterator[WholeKiosk]:
        """The kiosk of another household just like it, in `folder`, which is there as long."""
        with self.furnished(folder), self.opened(folder) as kiosk:
            yield kiosk

    @contextmanager
    def opened(self, folder: Path) -> Iterator[WholeKiosk]:
        """The kiosk of such a household, started (anew)."""
        kiosk = WholeKiosk(folder, self.clips, self.session)
        kiosk.forms, kiosk.token = self.forms, self.token
        try:
            yield kiosk
        finally:
            kiosk.close()
