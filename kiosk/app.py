"""The composition root: how a kiosk is put together from its parts.

It reads from top to bottom: the environment (folders and layers of settings), the data (settings in
force, database, time of day), the parts of a kiosk that runs, its services, and the pages in front
of them. Nothing is started here; `kiosk.service.service` does that. Commands use the upper part,
and functions import what they need themselves, so that a short command stays quick.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from kiosk import __version__
from kiosk.errors import StoreError, StoreTooNewError
from kiosk.settings.service import SettingsService
from kiosk.settings.sources import LayeredSettings
from kiosk.system.folders import Folders, find_folders, make_folders
from kiosk.system.time_zone import zone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from flask import Flask

    from kiosk.audio.speaker import Speaker
    from kiosk.clock import Clock, WallClock
    from kiosk.hardware.button import ButtonMonitor
    from kiosk.hardware.light import Light
    from kiosk.hardware.simulation import SimulatedButton
    from kiosk.history.audit import AuditEntry
    from kiosk.levels.doses import Dose
    from kiosk.programs.files import ProgramLibrary
    from kiosk.schedule.scheduler import Scheduler
    from kiosk.services import Services
    from kiosk.session.controller import Controller
    from kiosk.session.events import Event, Post
    from kiosk.session.service import SessionService
    from kiosk.settings.model import Settings
    from kiosk.speech.engine import Pyttsx3Engine, SpeechEngine
    from kiosk.speech.preparer import SessionPreparer
    from kiosk.store.files import StateLock
    from kiosk.store.store import Store
    from kiosk.system.jobs import JobQueue
    from web.server import PageServer

logger = logging.getLogger(__name__)


# --- environment ---------------------------------------------------------------------------------


@dataclass(eq=False)
class Environment:
    """Folders and layers of settings, which every command starts from."""

    folders: Folders
    layers: LayeredSettings

    @cached_property
    def settings(self) -> Settings:
        """The settings without those that are stored. Raises SettingsError."""
        return self.layers.load({})


def make_environment(
    state_dir: str | None,
    environ: Mapping[str, str],
    options: Mapping[str, object],
    *,
    forgiving: bool = False,
) -> Environment:
    """The folders, made where they are missing, and the layers. Raises SettingsError.

    With `forgiving`, a settings file that cannot be used gives way to its last good copy.
    """
    folders = find_folders(state_dir, environ)
    make_folders(folders)
    layers = LayeredSettings.read(folders.state, environ, options, forgiving=forgiving)
    environment = Environment(folders, layers)
    _ = environment.settings  # raises what is wrong with them
    return environment


def make_library(folders: Folders) -> ProgramLibrary:
    """The shipped programs and those in the state directory."""
    from kiosk.programs.files import ProgramLibrary, shipped_folder

    return ProgramLibrary([shipped_folder(), folders.programs])


def make_engine() -> Pyttsx3Engine:
    """The speech engine; its child process starts with the first text."""
    from kiosk.speech.engine import Pyttsx3Engine

    return Pyttsx3Engine()


def make_preparer(
    environment: Environment,
    settings: SettingsService | None = None,
    engine: SpeechEngine | None = None,
) -> SessionPreparer:
    """What prepares sessions, by the `settings` in force or else by those of the environment.

    Raises WordingError where there is no wording for the language.
    """
    from kiosk.locale.catalogues import load_wording
    from kiosk.speech.cache import ClipCache
    from kiosk.speech.preparer import SessionPreparer
    from kiosk.speech.source import ClipSource

    in_force = settings or SettingsService(environment.layers)
    wording = load_wording(in_force.current.language)
    speech = ClipSource(engine or make_engine(), ClipCache(environment.folders.clips))
    library = make_library(environment.folders)
    return SessionPreparer(library, speech, wording, lambda: in_force.current)


# --- data ----------------------------------------------------------------------------------------


@dataclass(eq=False)
class OpenData:
    """The opened database, the settings in force, and the time of day."""

    settings: SettingsService
    store: Store
    clock: WallClock
    recovered: AuditEntry | None = None
    """The entry of the audit log about the loss, where the data was damaged."""

    lock: StateLock | None = None
    """The running kiosk's lock, which keeps a second one off the same folders."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in force."""
        return zone_of(self.settings.current.time_zone)

    def close(self) -> None:
        """Close the database and release the lock."""
        self.store.close()
        if self.lock is not None:
            self.lock.release()


def open_data(
    environment: Environment, lock: StateLock | None = None, wall: WallClock | None = None
) -> OpenData:
    """Open the database; the running kiosk hands in its `lock`, tests a `wall` clock.

    Raises StoreError where it cannot be opened, SettingsError for a time zone there is not.
    """
    from kiosk.hardware.board import is_raspberry_pi
    from kiosk.store.opening import open_store
    from kiosk.system.clock import SystemWallClock

    zone_of(environment.settings.time_zone)
    clock = wall or SystemWallClock(raspberry_pi=is_raspberry_pi())
    opened = open_store(environment.folders.state, clock.utc(), lock)
    settings = SettingsService(environment.layers, opened.store, clock.utc)
    return OpenData(settings, opened.store, clock, opened.recovered, lock)


def open_data_of_kiosk(environment: Environment, wall: WallClock | None = None) -> OpenData | None:
    """As `open_data`, for the one kiosk that runs on these folders; the lock is held to its end.

    `None`, and the log says why, where the disk does not allow it: a kiosk that remembers nothing
    is better than none.

    Raises StoreError where another kiosk runs there, or where a newer one wrote the data.
    """
    from kiosk.store.files import StateLock
    from kiosk.store.restore import restore_pending

    state = environment.folders.state
    try:
        lock = StateLock.take_if_free(state)
        if lock is not None:
            restore_pending(state, lock, wall.utc() if wall else datetime.now(UTC))
            data = open_data(environment, lock, wall)
            if data.recovered is not None:
                from kiosk.locale.audit import audit_text
                from kiosk.locale.catalogues import english

                logger.error("%s", audit_text(data.recovered, english()))
            return data
    except StoreTooNewError:
        raise
    except StoreError as error:
        message = "Nothing that is done will be remembered, and there are no pages. %s"
        logger.error(message, error)  # noqa: TRY400 - a sentence, not a trace
        return None
    raise StoreError(
        f"Another kiosk is running on {state}. Stop it first, or choose another state directory"
        " with --state-dir."
    )


def doses_of(store: Store) -> Callable[[str], Sequence[Dose]]:
    """The caregivers' changes to a program's doses; none where the store cannot be read, for a
    session of the usual dose is better than none.
    """

    def doses(program: str) -> Sequence[Dose]:
        try:
            return store.doses.of(program)
        except StoreError as error:
            logger.warning("Changed doses are not known. %s", error)
            return ()

    return doses


def make_backup(store: Store, now: datetime) -> None:
    """Make the day's backup if it is due; where that fails, the log says so."""
    try:
        store.backup_if_due(now)
    except StoreError as error:
        logger.warning("There is no backup of today. %s", error)


# --- parts ---------------------------------------------------------------------------------------


class Devices(NamedTuple):
    """The clocks and the speaker of a kiosk; a test hands in its own."""

    clock: Clock
    wall: WallClock
    speaker: Speaker


class Pins(NamedTuple):
    """The devices on the pins."""

    button: ButtonMonitor
    light: Light | None
    simulated_button: SimulatedButton | None
    """Presses the button, where the pins are simulated."""

    close: Callable[[], None]


@dataclass(eq=False)
class Kiosk:
    """All parts of a kiosk, put together but not started."""

    folders: Folders
    settings: SettingsService
    data: OpenData | None
    """`None` where nothing can be remembered; there is then no scheduler, and there are no pages.
    """

    clock: Clock
    preparer: SessionPreparer
    jobs: JobQueue
    controller: Controller
    session: SessionService
    pins: Pins
    scheduler: Scheduler | None = None
    services: Services | None = None
    pages: Pages | None = None
    """`None` also where their port is taken."""

    restart: Callable[[], None] = lambda: None
    """End the kiosk soon, and start it anew; set by what runs it. Returns at once, any thread."""


class Pages(NamedTuple):
    """The pages, whose port is open: who connects is answered once they are served."""

    addresses: tuple[str, ...]
    """Where a browser finds them, best first."""

    serve: Callable[[], PageServer]
    """Makes a server on the port, another once the one before is closed; the first time it loads
    the pages, which takes as long as all else of a start. Raises KioskError, OSError.
    """

    answer: Callable[[], bool]
    """Asks for a page; whether one came within seconds."""


def make_kiosk(
    environment: Environment,
    *,
    simulate: bool,
    show_code: Callable[[str], None] = lambda _code: None,
    devices: Devices | None = None,
) -> Kiosk:
    """A whole kiosk; with `simulate`, or where this is no Raspberry Pi, on simulated pins.

    `show_code` is called with each pairing code, which is also spoken. The `devices` are this
    machine's, unless others are given.

    Raises WordingError for a language without wording, StoreError where another kiosk runs on the
    same folders or a newer one did.
    """
    from kiosk.audio.player import Player
    from kiosk.audio.speaker import NONE, open_speaker
    from kiosk.hardware.board import give_memory_back, is_raspberry_pi
    from kiosk.locale.problems import line
    from kiosk.session.controller import Controller
    from kiosk.session.events import FaultChanged
    from kiosk.session.service import SessionService
    from kiosk.session.snapshot import Fault
    from kiosk.settings.last_good import LastGoodPrograms, keep_copies
    from kiosk.system.clock import SystemClock
    from kiosk.system.jobs import JobQueue

    give_memory_back()
    folders, layers = environment.folders, environment.layers
    clock = devices.clock if devices else SystemClock()
    data = open_data_of_kiosk(environment, devices.wall if devices else None)
    for problem in layers.passed_over:
        logger.error("The settings of the last good start are used. %s", line(problem))
    settings = data.settings if data else SettingsService(layers)
    now = settings.current

    simulate = simulate or not is_raspberry_pi()
    # On a kiosk's own board silence is a fault; on a desk it may be all there is.
    speaker, silent_because = (
        (devices.speaker, None)
        if devices
        else open_speaker(now.audio_device, clock, must_sound=not simulate)
    )
    # Lost until it has been found, a moment from now.
    is_missing = not simulate and now.audio_device.casefold() != NONE
    if silent_because is not None:
        logger.warning("%s", silent_because)
    found = {
        Fault.NO_SPEAKER: silent_because is not None,
        Fault.STORE: data is None,
        Fault.SPEAKER_LOST: is_missing,
        Fault.SETTINGS: bool(layers.passed_over),
    }

    def make_player(post: Callable[[Event], None]) -> Player:
        return Player(
            *(speaker, clock, post),
            volume=now.volume,
            lead_in=now.lead_in_ms,
            missing=is_missing,
        )

    engine = make_engine()
    preparer = make_preparer(environment, settings, engine)
    jobs = JobQueue()
    faults = frozenset(fault for fault, is_there in found.items() if is_there)
    controller = Controller(now, clock, preparer, jobs, make_player, faults)
    preparer.programs = LastGoodPrograms(
        folders, lambda: controller.post(FaultChanged(Fault.NO_PROGRAM))
    )
    session = SessionService(controller.post, controller.feed, clock)
    pins = make_pins(now, clock, controller.post, folders.state, simulate=simulate)
    settings.subscribe(controller.change_settings)
    settings.subscribe(controller.player.follow_device, ["audio_device"])
    kiosk = Kiosk(
        *(folders, settings, data, clock, preparer, jobs),
        *(controller, session, pins),
    )
    if data is not None:
        preparer.doses = doses_of(data.store)
        kiosk.scheduler = make_scheduler(data, jobs, controller.post)
        controller.report_to(kiosk.scheduler)
        try:
            kiosk.services = make_services(kiosk, data, engine, show_code)
        except StoreError as error:
            logger.error("There are no pages. %s", error)  # noqa: TRY400 - a sentence, not a trace
        else:
            kiosk.pages = make_pages(kiosk.services, now, folders.state)
    # When this job is carried out, the kiosk has started well.
    jobs.submit(partial(keep_copies, folders, layers.above))
    return kiosk


def make_pins(
    settings: Settings, clock: Clock, post: Callable[[Event], None], folder: Path, *, simulate: bool
) -> Pins:
    """The button, whose edges are posted, and the light, if one is set.

    `folder` is for the pin library's pipe. A pin that cannot be used is mentioned in the log and,
    where it is the button's, posted; it is tried again now and then.
    """
    from kiosk.hardware.button import ButtonMonitor
    from kiosk.hardware.gpio import GpioButton, GpioLight, LazyFactory, pin_factory
    from kiosk.hardware.light import ReopeningLight
    from kiosk.hardware.simulation import SimulatedButton

    factory = LazyFactory(partial(pin_factory, simulate, folder))
    button = ButtonMonitor(
        lambda on_edge: GpioButton(settings.pin, on_edge, clock, factory.get()), clock, post
    )
    button.check()
    led_pin = settings.led_pin
    light = (
        None
        if led_pin is None
        else ReopeningLight(lambda: GpioLight(led_pin, factory.get()), clock)
    )

    def close() -> None:
        button.close()
        if light is not None:
            light.close()

    finger = SimulatedButton(settings.pin, clock, factory.get()) if simulate else None
    return Pins(button, light, finger, close)


def make_scheduler(data: OpenData, jobs: JobQueue, post: Post) -> Scheduler:
    """The scheduler; it follows the settings in force."""
    from kiosk.schedule.occurrences import RULE_SETTINGS, rules_of
    from kiosk.schedule.scheduler import Scheduler

    def nightly(now: datetime) -> None:
        jobs.submit(partial(make_backup, data.store, now))

    settings = data.settings
    scheduler = Scheduler(
        *(data.store, data.clock, data.zone, rules_of(settings.current)), post, nightly
    )
    settings.subscribe(
        lambda now: scheduler.change_rules(rules_of(now), zone_of(now.time_zone)),
        [*RULE_SETTINGS, "time_zone"],
    )
    return scheduler


# --- services and pages --------------------------------------------------------------------------


def make_services(
    kiosk: Kiosk, data: OpenData, engine: Pyttsx3Engine, show_code: Callable[[str], None]
) -> Services:
    """The services that the pages use. Raises StoreError where the store cannot be read."""
    from kiosk.auth.service import AuthService
    from kiosk.levels.service import LevelService
    from kiosk.programs.files import ProgramFiles, shipped_folder
    from kiosk.programs.service import ProgramService
    from kiosk.schedule.service import ScheduleService
    from kiosk.schedule.snapshot import Snapshots
    from kiosk.services import Services
    from kiosk.session.announcer import prepare_default
    from kiosk.session.snapshot import OCCUPIED
    from kiosk.settings.choices import SettingChoices
    from kiosk.store.service import BackupService

    store, wall, settings, session = data.store, data.clock, kiosk.settings, kiosk.session
    files = ProgramFiles(shipped_folder(), kiosk.folders.programs)
    choices = SettingChoices(files, kiosk.preparer, engine.voices)
    settings.add_checks(choices.checks)
    auth = AuthService(store, wall, kiosk.clock, show_code)
    kiosk.controller.use_pairing_codes(auth.pressed, auth.held)

    def in_force() -> Settings:
        return settings.current

    snapshots = Snapshots(
        *(store, files, wall, settings),
        zone=lambda now: zone_of(now.time_zone),
        under_way=lambda: session.snapshot().state in OCCUPIED,
    )
    prepare = partial(prepare_default, kiosk.preparer, kiosk.controller.post)
    prepare_soon = partial(kiosk.jobs.submit, prepare)
    return Services(
        session=session,
        snapshots=snapshots,
        schedule=ScheduleService(store, wall.utc),
        levels=LevelService(
            snapshots.take,
            lambda program: settings.change({"default_program": program}),
            prepare_soon,
        ),
        programs=ProgramService(
            *(files, store, wall, in_force, kiosk.preparer.preview), prepare_soon
        ),
        settings=settings,
        choices=choices,
        auth=auth,
        backups=BackupService(
            *(kiosk.folders.state, store, wall, session.snapshot),
            lambda: kiosk.restart(),  # noqa: PLW0108 - set when it is run
        ),
    )


def make_pages(services: Services, settings: Settings, state: Path) -> Pages | None:
    """The pages on the port that is set; `None`, and the log says why, where it cannot be had."""
    from kiosk.auth.passphrase import secret_key
    from kiosk.system.network import addresses_of_pages, listen, own_name, own_names, pages_answer

    host, key = settings.host, secret_key(state)
    try:
        listening = listen(host, settings.port)
    except OSError as error:
        logger.error(  # noqa: TRY400 - a sentence, not a trace
            "There are no pages: %s port %d cannot be had (%s). Choose another with --port.",
            host,
            settings.port,
            error.strerror or error,
        )
        return None
    port: int = listening.getsockname()[1]
    opened = [listening]

    @cache
    def load() -> Flask:
        from kiosk.locale.catalogues import load_wording
        from web.app import make_app
        from web.context import PagesConfig

        names = own_names(settings.host_names)
        config = PagesConfig(secret_key=key, names=names, version=__version__, host=own_name())
        return make_app(services, load_wording(settings.language, pages=True), config)

    def serve() -> PageServer:
        from web.guard import uploads_by
        from web.server import PageServer

        on = opened.pop() if opened else listen(host, port)
        try:
            app = load()
        except BaseException:
            on.close()  # nobody waits for an answer that never comes
            raise
        threads = app.extensions["pages"].threads
        return PageServer(app, on, threads, may_upload=uploads_by(app))

    return Pages(addresses_of_pages(host, port), serve, answer=lambda: pages_answer(host, port))
