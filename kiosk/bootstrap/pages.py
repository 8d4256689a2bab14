"""The pages, and the desks behind them, in front of a kiosk's parts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk import __version__
from kiosk.bootstrap.base import Base, make_other_speaker
from kiosk.clock import Clock
from kiosk.errors import SettingsError, StoreError
from kiosk.model.settings import Settings
from kiosk.model.snapshot import OCCUPIED, Trouble

if TYPE_CHECKING:
    from kiosk.adapters.program_files.shelf import FileShelf
    from kiosk.adapters.speech.engine import Pyttsx3Engine
    from kiosk.bootstrap.memory import Memory
    from kiosk.conductor.conductor import Conductor
    from kiosk.conductor.jobs import Jobs
    from kiosk.conductor.remote import Remote
    from kiosk.conductor.secretary.secretary import Secretary
    from kiosk.conductor.sound.studio import Studio
    from kiosk.desk.face import Face
    from kiosk.desk.settings import SettingsKeeper
    from kiosk.desk.view import View
    from kiosk.ports import SettingsSource
    from web.serving.server import PageServer

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class House:
    """The parts of the kiosk that the pages show or change."""

    base: Base
    source: SettingsSource
    """What the settings are made of."""

    memory: Memory
    clock: Clock
    engine: Pyttsx3Engine
    studio: Studio
    conductor: Conductor
    jobs: Jobs
    remote: Remote
    secretary: Secretary
    restart: Callable[[], None]


@dataclass(frozen=True)
class Pages:
    """The pages, ready to be served."""

    server: PageServer
    addresses: tuple[str, ...]
    """Where a browser finds them, best first."""

    renew: Callable[[], PageServer]
    """Makes another server on the same port, once the first is closed. Raises OSError."""

    answer: Callable[[], bool]
    """Asks for a page; whether one came within seconds."""


def make_pages(house: House, tell_code: Callable[[str], None]) -> Pages | None:
    """The pages on the port that is set; `None`, and the log says why, where it cannot be had."""
    from kiosk.adapters.network import addresses_of_pages, own_name, own_names
    from kiosk.adapters.secret_key import secret_key
    from kiosk.adapters.self_check import pages_answer
    from kiosk.adapters.wording_files import load_wording
    from web.app import make_app
    from web.config import PagesConfig
    from web.guard.uploads import uploads_by
    from web.serving.server import PageServer

    settings = house.base.settings
    try:
        face = make_face(house, tell_code)
    except StoreError as error:
        logger.error("There are no pages. %s", error)  # noqa: TRY400 - a sentence, not a trace
        return None
    config = PagesConfig(
        secret_key=secret_key(house.base.folders.state),
        names=own_names(settings.host_names),
        version=__version__,
        host=own_name(),
    )
    app = make_app(face, load_wording(settings.language, pages=True), config)

    def serve(port: int) -> PageServer:
        return PageServer(app, settings.host, port, config.threads, may_upload=uploads_by(app))

    try:
        server = serve(settings.port)
    except OSError as error:
        logger.error(  # noqa: TRY400 - a sentence, not a trace
            "There are no pages: %s port %d cannot be had (%s). Choose another with --port.",
            settings.host,
            settings.port,
            error.strerror or error,
        )
        return None
    port = server.port
    return Pages(
        server,
        addresses_of_pages(settings.host, port),
        renew=lambda: serve(port),
        answer=lambda: pages_answer(settings.host, port),
    )


def make_face(house: House, tell_code: Callable[[str], None]) -> Face:
    """Every room's desk; the door's bell is the kiosk's button.

    Raises StoreError where what is kept cannot be read.
    """
    from kiosk.adapters.program_files.library import shipped_folder
    from kiosk.adapters.program_files.shelf import FileShelf
    from kiosk.adapters.store.pending import StateFolder
    from kiosk.conductor.sound.warm_up import prepare_default
    from kiosk.desk.backups import BackupKeeper
    from kiosk.desk.door.door import KioskDoor
    from kiosk.desk.face import Face
    from kiosk.desk.history import History
    from kiosk.desk.levels import Levels
    from kiosk.desk.plan import Plan
    from kiosk.desk.programs import Programs

    store, wall, folders = house.memory.store, house.memory.clock, house.base.folders
    shelf = FileShelf(shipped_folder(), folders.programs)
    settings = _make_settings_keeper(house, shelf)

    def settings_now() -> Settings:
        return settings.view().settings

    door = KioskDoor(store, wall, house.clock, tell_code)
    house.conductor.attend(door)
    look = _looking(house, shelf, settings_now)
    default = partial(prepare_default, house.studio, house.conductor.post)
    make_ready = partial(house.jobs.submit, default)
    return Face(
        remote=house.remote,
        plan=Plan(look),
        history=History(look),
        levels=Levels(
            look, lambda program: settings.change({"default_program": program}), make_ready
        ),
        programs=Programs(shelf, store, wall, settings_now, house.studio.preview, make_ready),
        settings=settings,
        door=door,
        backups=BackupKeeper(
            StateFolder(folders.state, store, wall), house.remote.snapshot, house.restart
        ),
    )


def _make_settings_keeper(house: House, shelf: FileShelf) -> SettingsKeeper:
    from kiosk.adapters.choices import MachineChoices
    from kiosk.desk.settings import SettingsKeeper

    return SettingsKeeper(
        house.source,
        house.memory.store,
        house.memory.clock,
        shelf,
        MachineChoices(house.engine.voices),
        house.studio,
        _applying(house),
    )


def _applying(house: House) -> Callable[[Settings], None]:
    """Has the running kiosk go by other settings."""
    from kiosk.agenda.rules import rules_of
    from kiosk.conductor.events import TroubleFound
    from kiosk.conductor.secretary.notes import RulesChanged

    last = house.base.settings

    def apply(settings: Settings) -> None:
        nonlocal last
        before, last = last, settings
        house.remote.change_settings(settings)
        house.secretary.tell(RulesChanged(rules_of(settings), zone_now(house, settings)))
        if settings.audio_device != before.audio_device:
            speaker, silent = make_other_speaker(settings.audio_device, house.clock)
            house.conductor.player.change_speaker(speaker)
            house.conductor.post(TroubleFound(Trouble.NO_SPEAKER, here=silent))

    return apply


def _looking(
    house: House, shelf: FileShelf, settings_now: Callable[[], Settings]
) -> Callable[[], View]:
    from kiosk.desk.view import View

    def look() -> View:
        settings, wall = settings_now(), house.memory.clock
        return View(
            store=house.memory.store,
            programs=shelf,
            zone=zone_now(house, settings),
            now=wall.utc(),
            trusted=wall.trusted(),
            settings=settings,
            under_way=lambda: house.remote.snapshot().state in OCCUPIED,
        )

    return look


def zone_now(house: House, settings: Settings) -> ZoneInfo:
    """The time zone of `settings`; the one from the start where that is none."""
    from kiosk.adapters.time_zone import zone_of

    try:
        return zone_of(settings.time_zone)
    except SettingsError:
        return house.memory.zone
