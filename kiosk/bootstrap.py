"""Puts the kiosk together: the one place that knows which real part stands behind which port.

Nothing is started here. What a command does not use it does not import either, so that a short one
stays quick.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.folders import Folders, find_folders, make_folders
from kiosk.clock import Clock
from kiosk.errors import SettingsError, StoreError, StoreTooNewError
from kiosk.model.settings import Settings
from kiosk.model.snapshot import Trouble

if TYPE_CHECKING:
    from kiosk.adapters.pins.simulation import SimulatedButton
    from kiosk.adapters.program_files.library import ProgramLibrary
    from kiosk.adapters.store.files import StateLock
    from kiosk.adapters.store.sqlite_store import SqliteStore
    from kiosk.api import KioskApi
    from kiosk.conductor.conductor import Conductor
    from kiosk.conductor.events import Event, Post
    from kiosk.conductor.jobs import JobQueue
    from kiosk.conductor.player import Player
    from kiosk.conductor.secretary import Secretary
    from kiosk.conductor.studio import Studio
    from kiosk.model.history import Dose
    from kiosk.ports import Light, Speaker, Store, WallClock

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Base:
    """What every command stands on: where things are, and what was set."""

    folders: Folders
    settings: Settings
    environ: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)

    def with_kept(self, kept: Mapping[str, str]) -> Base:
        """The same with the settings that were changed in the running kiosk, which go before those
        of the file, and after those of the environment and the options. One that cannot be used
        (any more) is passed over: the kiosk has to start.
        """
        from kiosk.adapters.settings_files import load_settings

        def load(some: Mapping[str, str]) -> Settings:
            return load_settings(self.folders.state, self.environ, self.options, some)

        try:
            return replace(self, settings=load(kept))
        except SettingsError:
            pass
        good: dict[str, str] = {}
        settings = self.settings
        for name, value in kept.items():
            try:
                settings = load({**good, name: value})
            except SettingsError as error:
                logger.warning("A kept setting is passed over. %s", error)
            else:
                good[name] = value
        return replace(self, settings=settings)


def make_base(
    state_dir: str | None, environ: Mapping[str, str], options: Mapping[str, object]
) -> Base:
    """The folders (made where missing) and the settings. Raises SettingsError."""
    from kiosk.adapters.settings_files import load_settings

    folders = find_folders(state_dir, environ)
    make_folders(folders)
    return Base(folders, load_settings(folders.state, environ, options), environ, options)


def make_library(folders: Folders) -> ProgramLibrary:
    """The shipped programs and those in the state directory."""
    from kiosk.adapters.program_files.library import ProgramLibrary, shipped_folder

    return ProgramLibrary([shipped_folder(), folders.programs])


def make_studio(base: Base) -> Studio:
    """Programs, speech and wording. Raises WordingError where there is none for the language."""
    from kiosk.adapters.speech.cache import ClipCache
    from kiosk.adapters.speech.engine import Pyttsx3Engine
    from kiosk.adapters.speech.source import CachedSpeech
    from kiosk.adapters.wording_files import load_wording
    from kiosk.conductor.studio import Studio

    wording = load_wording(base.settings.language)
    speech = CachedSpeech(Pyttsx3Engine(), ClipCache(base.folders.clips))
    return Studio(make_library(base.folders), speech, wording, base.settings)


def make_speaker(settings: Settings, clock: Clock) -> tuple[Speaker, str | None]:
    """The speaker the settings ask for, and what there is to say where it is a silent one."""
    from kiosk.adapters.audio.choose import open_speaker

    return open_speaker(settings.audio_device, clock)


@dataclass(frozen=True)
class Memory:
    """What the kiosk remembers, and the time it goes by."""

    store: SqliteStore
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


def open_memory(base: Base, lock: StateLock | None = None) -> Memory:
    """Open what the kiosk remembers; the running kiosk hands in its lock.

    Raises StoreError where it cannot be opened, SettingsError for a time zone there is not.
    """
    from kiosk.adapters.pins.factory import is_raspberry_pi
    from kiosk.adapters.store.opening import open_store
    from kiosk.adapters.time_zone import zone_of
    from kiosk.adapters.wall_clock import SystemWallClock

    zone = zone_of(base.settings.time_zone)
    clock = SystemWallClock(raspberry_pi=is_raspberry_pi())
    opened = open_store(base.folders.state, clock.utc(), lock)
    try:
        kept = base.with_kept(opened.store.kept_settings()).settings.time_zone
        zone = zone_of(kept)
    except SettingsError as error:
        logger.warning("The kept time zone is passed over. %s", error)
    return Memory(opened.store, zone, clock, opened.recovered, lock)


def open_memory_of_kiosk(base: Base) -> Memory | None:
    """As `open_memory`, for the one kiosk that runs on these folders; it stays theirs to its end.

    A kiosk without memory is better than none: where the disk does not let it remember, there is
    `None`, and the log says why.

    Raises StoreError where another kiosk runs there, or where a newer one has kept the data.
    """
    from kiosk.adapters.store.files import StateLock

    state = base.folders.state
    try:
        lock = StateLock.take_if_free(state)
        if lock is not None:
            memory = open_memory(base, lock)
            if memory.recovered is not None:
                logger.error("%s", memory.recovered)
            return memory
    except StoreTooNewError:
        raise
    except StoreError as error:
        logger.error("Nothing that is done will be remembered. %s", error)  # noqa: TRY400
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
            return store.doses(program)
        except StoreError as error:
            logger.warning("Changed doses are not known. %s", error)
            return ()

    return doses


def make_backup(store: SqliteStore, now: datetime) -> None:
    """Make the day's backup if it is due; where that fails, the log says so."""
    try:
        store.backup_if_due(now)
    except StoreError as error:
        logger.warning("There is no backup of today. %s", error)


def make_secretary(settings: Settings, memory: Memory, jobs: JobQueue, post: Post) -> Secretary:
    """Who keeps the diary and minds the plan."""
    from kiosk.agenda.rules import rules_of
    from kiosk.conductor.secretary import Secretary

    rules = rules_of(settings)

    def nightly(now: datetime) -> None:
        jobs.submit(partial(make_backup, memory.store, now))

    return Secretary(memory.store, memory.clock, memory.zone, rules, post, nightly)


@dataclass(frozen=True)
class Pins:
    """What is connected to the pins."""

    light: Light | None
    simulated_button: SimulatedButton | None
    """What stands for a finger where the pins are simulated."""

    close: Callable[[], None]


def make_pins(
    settings: Settings, clock: Clock, post: Callable[[Event], None], folder: Path, *, simulate: bool
) -> Pins:
    """The button, whose edges are posted, and the light, if one is set.

    `folder` is for the pin library's pipe. Raises PinError where a pin cannot be used.
    """
    from kiosk.adapters.pins.button import GpioButton
    from kiosk.adapters.pins.factory import pin_factory
    from kiosk.adapters.pins.light import GpioLight
    from kiosk.adapters.pins.simulation import SimulatedButton
    from kiosk.conductor.events import ButtonEdge

    factory = pin_factory(simulate, folder)
    button = GpioButton(settings.pin, lambda down, at: post(ButtonEdge(down, at)), clock, factory)
    light = None if settings.led_pin is None else GpioLight(settings.led_pin, factory)

    def close() -> None:
        button.close()
        if light is not None:
            light.close()

    finger = SimulatedButton(settings.pin, clock, factory) if simulate else None
    return Pins(light, finger, close)


@dataclass(frozen=True)
class Kiosk:
    """All parts of a kiosk that waits for its button, put together but not started."""

    settings: Settings
    clock: Clock
    studio: Studio
    jobs: JobQueue
    conductor: Conductor
    api: KioskApi
    """The kiosk's face, for whoever shows or steers it."""

    pins: Pins
    secretary: Secretary | None
    memory: Memory | None
    """`None`, as the secretary then is, where nothing can be remembered."""


def make_kiosk(base: Base, *, simulate: bool) -> Kiosk:
    """A whole kiosk; with `simulate`, or where this is no Raspberry Pi, on simulated pins.

    Raises PinError where a pin cannot be used, WordingError for a language without wording,
    StoreError where another kiosk runs on the same folders or a newer one did.
    """
    from kiosk.adapters.pins.factory import is_raspberry_pi
    from kiosk.conductor.conductor import Conductor
    from kiosk.conductor.jobs import JobQueue
    from kiosk.conductor.player import Player
    from kiosk.conductor.remote import Remote

    clock = SystemClock()
    memory = open_memory_of_kiosk(base)
    if memory is not None:
        base = base.with_kept(memory.store.kept_settings())
    settings = base.settings
    studio = make_studio(base)
    if memory is not None:
        studio.doses = doses_of(memory.store)
    speaker, silent_because = make_speaker(settings, clock)
    if silent_because is not None:
        logger.warning("%s", silent_because)

    def make_player(post: Callable[[Event], None]) -> Player:
        return Player(speaker, clock, post, volume=settings.volume, lead_in=settings.lead_in_ms)

    jobs = JobQueue()
    trouble = frozenset({Trouble.NO_SPEAKER}) if silent_because else frozenset[Trouble]()
    if memory is None:
        trouble |= {Trouble.STORE}
    conductor = Conductor(settings, clock, studio, jobs, make_player, trouble)
    simulate = simulate or not is_raspberry_pi()
    pins = make_pins(settings, clock, conductor.post, base.folders.state, simulate=simulate)
    remote = Remote(conductor.post, conductor.feed, clock)
    secretary = None
    if memory is not None:
        secretary = make_secretary(settings, memory, jobs, conductor.post)
        conductor.report_to(secretary.tell)
    return Kiosk(settings, clock, studio, jobs, conductor, remote, pins, secretary, memory)
