"""What every command stands on, and the single parts of a kiosk.

What a command does not use it does not import either, so that a short one stays quick.

What the kiosk remembers, opened for a command or for the running kiosk.

The pages, and the desks behind them, in front of a kiosk's parts.

A whole kiosk, put together from its real parts but not started.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from kiosk import __version__
from kiosk.errors import SettingsError, StoreError, StoreTooNewError
from kiosk.session.snapshot import OCCUPIED, Fault
from kiosk.settings.model import Settings
from kiosk.system.clock import SystemClock
from kiosk.system.folders import Folders, find_folders, make_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from kiosk.audio.player import Player
    from kiosk.audio.speaker import Speaker
    from kiosk.clock import Clock, WallClock
    from kiosk.hardware.button import ButtonMonitor
    from kiosk.hardware.light import Light
    from kiosk.hardware.simulation import SimulatedButton
    from kiosk.levels.doses import Dose
    from kiosk.programs.files import ProgramFiles, ProgramLibrary
    from kiosk.schedule.scheduler import Scheduler
    from kiosk.schedule.view import View
    from kiosk.services import Services
    from kiosk.session.controller import Controller
    from kiosk.session.events import Event, Post
    from kiosk.session.service import SessionService
    from kiosk.settings.service import SettingsService
    from kiosk.settings.sources import LayeredSettings
    from kiosk.speech.engine import Pyttsx3Engine, SpeechEngine
    from kiosk.speech.preparer import SessionPreparer
    from kiosk.store.files import StateLock
    from kiosk.store.store import Store
    from kiosk.system.jobs import JobQueue, Jobs
    from web.server.server import PageServer


logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Environment:
    """What every command stands on: where things are, and what was set."""

    folders: Folders
    settings: Settings
    environ: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    forgiving: bool = False
    """Whether a settings file that cannot be used is stood in for by its last good copy."""

    @cached_property
    def source(self) -> LayeredSettings:
        """What the settings are made of: file, environment and options, read once."""
        from kiosk.settings.sources import LayeredSettings

        return LayeredSettings.read(
            self.folders.state, self.environ, self.options, forgiving=self.forgiving
        )

    def with_kept(self, kept: Mapping[str, str]) -> Environment:
        """The same with the settings that were changed in the running kiosk, which go before those
        of the file, and after those of the environment and the options. One that cannot be used
        (any more) is passed over: the kiosk has to start.
        """
        from kiosk.settings.sources import usable

        return replace(self, settings=self.source.load(usable(self.source, kept)))


def make_environment(
    state_dir: str | None,
    environ: Mapping[str, str],
    options: Mapping[str, object],
    *,
    forgiving: bool = False,
) -> Environment:
    """The folders (made where missing) and the settings. Raises SettingsError.

    Who is `forgiving` starts on the last good copy of a settings file that cannot be used.
    """
    folders = find_folders(state_dir, environ)
    make_folders(folders)
    base = Environment(folders, Settings(), environ, options, forgiving)
    return replace(base, settings=base.source.load({}))


def make_library(folders: Folders) -> ProgramLibrary:
    """The shipped programs and those in the state directory."""
    from kiosk.programs.files import ProgramLibrary, shipped_folder

    return ProgramLibrary([shipped_folder(), folders.programs])


def make_engine() -> Pyttsx3Engine:
    """The speech engine; nothing of it runs until something is to be said."""
    from kiosk.speech.engine import Pyttsx3Engine

    return Pyttsx3Engine()


def make_preparer(base: Environment, engine: SpeechEngine | None = None) -> SessionPreparer:
    """Programs, speech and wording. Raises WordingError where there is none for the language."""
    from kiosk.locale.catalogues import load_wording
    from kiosk.speech.cache import ClipCache
    from kiosk.speech.preparer import SessionPreparer
    from kiosk.speech.source import ClipSource

    wording = load_wording(base.settings.language)
    speech = ClipSource(engine or make_engine(), ClipCache(base.folders.clips))
    return SessionPreparer(make_library(base.folders), speech, wording, base.settings)


def make_speaker(
    settings: Settings, clock: Clock, *, must_sound: bool = False
) -> tuple[Speaker, str | None]:
    """The speaker the settings ask for, and what there is to say where it is a silent one.

    With `must_sound`, a card that is not there is lost, and only who has chosen silence
    has it: sessions that nobody hears would count as done.
    """
    from kiosk.audio.sound_card import SoundCard
    from kiosk.audio.speaker import NONE, open_speaker

    if must_sound and settings.audio_device.casefold() != NONE:
        return SoundCard(settings.audio_device, clock=clock), None
    return open_speaker(settings.audio_device, clock)


def make_other_speaker(device: str, clock: Clock) -> tuple[Speaker, bool]:
    """The speaker for a device that was chosen while the kiosk runs, where only the player's thread
    may ask which cards there are; and whether it is silent against anybody's wish.
    """
    from kiosk.audio.sound_card import SoundCard
    from kiosk.audio.speaker import NONE, SilentSpeaker, cards_that_play
    from kiosk.hardware.board import is_raspberry_pi

    wanted = device.casefold() != NONE
    if wanted and (device or cards_that_play() or is_raspberry_pi()):
        return SoundCard(device, clock=clock), False
    return SilentSpeaker(clock), wanted


@dataclass(frozen=True)
class OpenData:
    """What the kiosk remembers, and the time it goes by."""

    base: Environment
    """What it was opened with, and with the settings that it keeps laid over those."""

    store: Store
    zone: ZoneInfo
    clock: WallClock
    recovered: str | None
    """What was lost, where the data was damaged; `None` where all is well."""

    lock: StateLock | None = None
    """What keeps a second kiosk off the same folders."""

    def close(self) -> None:
        """Let go of the data and of the lock."""
        self.store.close()
        if self.lock is not None:
            self.lock.release()


def open_data(
    base: Environment, lock: StateLock | None = None, wall: WallClock | None = None
) -> OpenData:
    """Open what the kiosk remembers; the running kiosk hands in its lock, and may hand in what time
    it goes by.

    Raises StoreError where it cannot be opened, SettingsError for a time zone there is not.
    """
    from kiosk.hardware.board import is_raspberry_pi
    from kiosk.store.opening import open_store
    from kiosk.system.clock import SystemWallClock
    from kiosk.system.time_zone import zone_of

    zone = zone_of(base.settings.time_zone)
    clock = wall or SystemWallClock(raspberry_pi=is_raspberry_pi())
    opened = open_store(base.folders.state, clock.utc(), lock)
    base = base.with_kept(opened.store.settings.stored())
    try:
        zone = zone_of(base.settings.time_zone)
    except SettingsError as error:
        logger.warning("The kept time zone is passed over. %s", error)
    return OpenData(base, opened.store, zone, clock, opened.recovered, lock)


def open_data_of_kiosk(base: Environment, wall: WallClock | None = None) -> OpenData | None:
    """As `open_data`, for the one kiosk that runs on these folders; it stays theirs to its end.

    A kiosk without memory is better than none: where the disk does not let it remember, there is
    `None`, and the log says why.

    Raises StoreError where another kiosk runs there, or where a newer one has kept the data.
    """
    from kiosk.store.files import StateLock
    from kiosk.store.restore import take_pending

    state = base.folders.state
    try:
        lock = StateLock.take_if_free(state)
        if lock is not None:
            take_pending(state, lock, wall.utc() if wall else datetime.now(UTC))
            memory = open_data(base, lock, wall)
            if memory.recovered is not None:
                logger.error("%s", memory.recovered)
            return memory
    except StoreTooNewError:
        raise
    except StoreError as error:
        told = "Nothing that is done will be remembered, and there are no pages. %s"
        logger.error(told, error)  # noqa: TRY400 - a sentence, not a trace
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


@dataclass(frozen=True)
class KioskParts:
    """The parts of the kiosk that the pages show or change."""

    base: Environment
    source: LayeredSettings
    """What the settings are made of."""

    memory: OpenData
    clock: Clock
    engine: Pyttsx3Engine
    preparer: SessionPreparer
    controller: Controller
    jobs: Jobs
    session: SessionService
    scheduler: Scheduler
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


def make_pages(house: KioskParts, tell_code: Callable[[str], None]) -> Pages | None:
    """The pages on the port that is set; `None`, and the log says why, where it cannot be had."""
    from kiosk.auth.secret_key import secret_key
    from kiosk.locale.catalogues import load_wording
    from kiosk.system.network import addresses_of_pages, own_name, own_names, pages_answer
    from web.app import make_app
    from web.context import PagesConfig
    from web.guard.uploads import uploads_by
    from web.server.server import PageServer

    settings = house.base.settings
    try:
        face = make_services(house, tell_code)
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


def make_services(house: KioskParts, tell_code: Callable[[str], None]) -> Services:
    """Every room's desk; the door's bell is the kiosk's button.

    Raises StoreError where what is kept cannot be read.
    """
    from kiosk.auth.service import AuthService
    from kiosk.history.service import HistoryService
    from kiosk.levels.service import LevelService
    from kiosk.programs.files import ProgramFiles, shipped_folder
    from kiosk.programs.service import ProgramService
    from kiosk.schedule.service import ScheduleService
    from kiosk.services import Services
    from kiosk.session.announcer import prepare_default
    from kiosk.store.restore import BackupFiles
    from kiosk.store.service import BackupService

    store, wall, folders = house.memory.store, house.memory.clock, house.base.folders
    shelf = ProgramFiles(shipped_folder(), folders.programs)
    settings = _make_settings_keeper(house, shelf)

    def settings_now() -> Settings:
        return settings.view().settings

    door = AuthService(store, wall, house.clock, tell_code)
    house.controller.attend(door)
    look = _looking(house, shelf, settings_now)
    default = partial(prepare_default, house.preparer, house.controller.post)
    make_ready = partial(house.jobs.submit, default)
    return Services(
        session=house.session,
        schedule=ScheduleService(look),
        history=HistoryService(look),
        levels=LevelService(
            look, lambda program: settings.change({"default_program": program}), make_ready
        ),
        programs=ProgramService(
            shelf, store, wall, settings_now, house.preparer.preview, make_ready
        ),
        settings=settings,
        auth=door,
        backups=BackupService(
            BackupFiles(folders.state, store, wall), house.session.snapshot, house.restart
        ),
    )


def _make_settings_keeper(house: KioskParts, shelf: ProgramFiles) -> SettingsService:
    from kiosk.settings.choices import SettingChoices
    from kiosk.settings.service import SettingsService

    return SettingsService(
        house.source,
        house.memory.store,
        house.memory.clock,
        shelf,
        SettingChoices(house.engine.voices),
        house.preparer,
        _applying(house),
    )


def _applying(house: KioskParts) -> Callable[[Settings], None]:
    """Has the running kiosk go by other settings."""
    from kiosk.schedule.notes import RulesChanged
    from kiosk.schedule.rules import rules_of
    from kiosk.session.events import TroubleFound

    last = house.base.settings

    def apply(settings: Settings) -> None:
        nonlocal last
        before, last = last, settings
        house.session.change_settings(settings)
        house.scheduler.tell(RulesChanged(rules_of(settings), zone_now(house, settings)))
        if settings.audio_device != before.audio_device:
            speaker, silent = make_other_speaker(settings.audio_device, house.clock)
            house.controller.player.change_speaker(speaker)
            house.controller.post(TroubleFound(Fault.NO_SPEAKER, here=silent))

    return apply


def _looking(
    house: KioskParts, shelf: ProgramFiles, settings_now: Callable[[], Settings]
) -> Callable[[], View]:
    from kiosk.schedule.view import View

    def look() -> View:
        settings, wall = settings_now(), house.memory.clock
        return View(
            store=house.memory.store,
            programs=shelf,
            zone=zone_now(house, settings),
            now=wall.utc(),
            trusted=wall.trusted(),
            settings=settings,
            under_way=lambda: house.session.snapshot().state in OCCUPIED,
        )

    return look


def zone_now(house: KioskParts, settings: Settings) -> ZoneInfo:
    """The time zone of `settings`; the one from the start where that is none."""
    from kiosk.system.time_zone import zone_of

    try:
        return zone_of(settings.time_zone)
    except SettingsError:
        return house.memory.zone


def make_scheduler(settings: Settings, memory: OpenData, jobs: JobQueue, post: Post) -> Scheduler:
    """Who keeps the diary and minds the plan."""
    from kiosk.schedule.rules import rules_of
    from kiosk.schedule.scheduler import Scheduler

    rules = rules_of(settings)

    def nightly(now: datetime) -> None:
        jobs.submit(partial(make_backup, memory.store, now))

    return Scheduler(memory.store, memory.clock, memory.zone, rules, post, nightly)


@dataclass(frozen=True)
class Pins:
    """What is connected to the pins."""

    button: ButtonMonitor
    light: Light | None
    simulated_button: SimulatedButton | None
    """What stands for a finger where the pins are simulated."""

    close: Callable[[], None]


def make_pins(
    settings: Settings, clock: Clock, post: Callable[[Event], None], folder: Path, *, simulate: bool
) -> Pins:
    """The button, whose edges are posted, and the light, if one is set.

    `folder` is for the pin library's pipe. A pin that cannot be used is told in the log and, where
    it is the button's, posted; it is tried again now and then.
    """
    from kiosk.hardware.button import ButtonMonitor
    from kiosk.hardware.gpio import Board, GpioButton, GpioLight, LightInTime, pin_factory
    from kiosk.hardware.simulation import SimulatedButton

    board = Board(partial(pin_factory, simulate, folder))
    button = ButtonMonitor(
        lambda on_edge: GpioButton(settings.pin, on_edge, clock, board.factory()), clock, post
    )
    button.look()
    led_pin = settings.led_pin
    light = (
        None if led_pin is None else LightInTime(lambda: GpioLight(led_pin, board.factory()), clock)
    )

    def close() -> None:
        button.close()
        if light is not None:
            light.close()

    finger = SimulatedButton(settings.pin, clock, board.factory()) if simulate else None
    return Pins(button, light, finger, close)


@dataclass
class Restart:
    """Ends the kiosk and starts it anew, once somebody has said how."""

    act: Callable[[], None] = field(default=lambda: None)

    def __call__(self) -> None:
        """Have it restarted soon; returns at once. Any thread."""
        self.act()


@dataclass(frozen=True)
class Devices:
    """What a kiosk lives in: how time passes, what time of day it is, and what is heard of it."""

    clock: Clock
    wall: WallClock
    speaker: Speaker


@dataclass(frozen=True)
class Kiosk:
    """All parts of a kiosk that waits for its button, put together but not started."""

    clock: Clock
    preparer: SessionPreparer
    jobs: JobQueue
    controller: Controller
    session: SessionService
    """The session from afar, for whoever shows or steers it."""

    pins: Pins
    scheduler: Scheduler | None
    memory: OpenData | None
    """`None`, as the scheduler then is, where nothing can be remembered."""

    pages: Pages | None
    """`None` where nothing can be remembered, or their port is taken."""

    restart: Restart


def make_kiosk(
    base: Environment,
    *,
    simulate: bool,
    tell_code: Callable[[str], None] = lambda _code: None,
    surroundings: Devices | None = None,
) -> Kiosk:
    """A whole kiosk; with `simulate`, or where this is no Raspberry Pi, on simulated pins.

    `tell_code` is told each code that lets a caregiver in, beside its being spoken. Its
    `surroundings` are this machine's, unless others are given.

    Raises WordingError for a language without wording, StoreError where
    another kiosk runs on the same folders or a newer one did.
    """
    from kiosk.audio.player import Player
    from kiosk.audio.speaker import NONE
    from kiosk.hardware.board import is_raspberry_pi
    from kiosk.session.controller import Controller
    from kiosk.session.events import TroubleFound
    from kiosk.session.service import SessionService
    from kiosk.settings.last_good import LastGoodPrograms, keep_copies
    from kiosk.system.jobs import JobQueue
    from kiosk.system.malloc import give_memory_back

    give_memory_back()
    clock = surroundings.clock if surroundings else SystemClock()
    memory = open_data_of_kiosk(base, surroundings.wall if surroundings else None)
    source = base.source
    for problem in source.passed_over:
        logger.error("The settings of the last good start are used. %s", problem)
    if memory is not None:
        base = memory.base
    settings = base.settings
    engine = make_engine()
    preparer = make_preparer(base, engine)
    if memory is not None:
        preparer.doses = doses_of(memory.store)
    simulate = simulate or not is_raspberry_pi()
    # On a kiosk's own board silence is a fault; on a desk it may be all there is.
    speaker, silent_because = (
        (surroundings.speaker, None)
        if surroundings
        else make_speaker(settings, clock, must_sound=not simulate)
    )
    missing = not simulate and settings.audio_device.casefold() != NONE
    if silent_because is not None:
        logger.warning("%s", silent_because)

    def make_player(post: Callable[[Event], None]) -> Player:
        return Player(
            *(speaker, clock, post),
            volume=settings.volume,
            lead_in=settings.lead_in_ms,
            missing=missing,
        )

    jobs = JobQueue()
    trouble = frozenset({Fault.NO_SPEAKER}) if silent_because else frozenset[Fault]()
    if memory is None:
        trouble |= {Fault.STORE}
    if missing:
        trouble |= {Fault.SPEAKER_LOST}  # until it has been found, a moment from now
    if source.passed_over:
        trouble |= {Fault.SETTINGS}
    controller = Controller(settings, clock, preparer, jobs, make_player, trouble)
    preparer.programs = LastGoodPrograms(
        base.folders, lambda: controller.post(TroubleFound(Fault.NO_PROGRAM))
    )
    pins = make_pins(settings, clock, controller.post, base.folders.state, simulate=simulate)
    remote = SessionService(controller.post, controller.feed, clock)
    restart = Restart()
    scheduler = pages = None
    if memory is not None:
        scheduler = make_scheduler(settings, memory, jobs, controller.post)
        controller.report_to(scheduler.tell)
        house = KioskParts(
            *(base, source, memory, clock, engine, preparer),
            *(controller, jobs, remote, scheduler, restart),
        )
        pages = make_pages(house, tell_code)
    # Whoever carries this out has started well.
    jobs.submit(partial(keep_copies, base.folders, base.environ, base.options))
    return Kiosk(
        *(clock, preparer, jobs, controller, remote, pins),
        *(scheduler, memory, pages, restart),
    )
