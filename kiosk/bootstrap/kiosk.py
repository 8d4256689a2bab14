"""A whole kiosk, put together from its real parts but not started."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.adapters.clock import SystemClock
from kiosk.bootstrap.base import Base, make_engine, make_speaker, make_studio
from kiosk.bootstrap.memory import Memory, doses_of, make_backup, open_memory_of_kiosk
from kiosk.bootstrap.pages import House, Pages, make_pages
from kiosk.clock import Clock
from kiosk.model.settings import Settings
from kiosk.model.snapshot import Trouble

if TYPE_CHECKING:
    from kiosk.adapters.pins.simulation import SimulatedButton
    from kiosk.conductor.button.button_keeper import ButtonKeeper
    from kiosk.conductor.conductor import Conductor
    from kiosk.conductor.events import Event, Post
    from kiosk.conductor.jobs import JobQueue
    from kiosk.conductor.remote import Remote
    from kiosk.conductor.secretary.secretary import Secretary
    from kiosk.conductor.sound.player import Player
    from kiosk.conductor.sound.studio import Studio
    from kiosk.ports import Light, Speaker, WallClock

logger = logging.getLogger(__name__)


def make_secretary(settings: Settings, memory: Memory, jobs: JobQueue, post: Post) -> Secretary:
    """Who keeps the diary and minds the plan."""
    from kiosk.agenda.rules import rules_of
    from kiosk.conductor.secretary.secretary import Secretary

    rules = rules_of(settings)

    def nightly(now: datetime) -> None:
        jobs.submit(partial(make_backup, memory.store, now))

    return Secretary(memory.store, memory.clock, memory.zone, rules, post, nightly)


@dataclass(frozen=True)
class Pins:
    """What is connected to the pins."""

    button: ButtonKeeper
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
    from kiosk.adapters.pins.button import GpioButton
    from kiosk.adapters.pins.factory import Board, pin_factory
    from kiosk.adapters.pins.light import GpioLight, LightInTime
    from kiosk.adapters.pins.simulation import SimulatedButton
    from kiosk.conductor.button.button_keeper import ButtonKeeper

    board = Board(partial(pin_factory, simulate, folder))
    button = ButtonKeeper(
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
class Surroundings:
    """What a kiosk lives in: how time passes, what time of day it is, and what is heard of it."""

    clock: Clock
    wall: WallClock
    speaker: Speaker


@dataclass(frozen=True)
class Kiosk:
    """All parts of a kiosk that waits for its button, put together but not started."""

    clock: Clock
    studio: Studio
    jobs: JobQueue
    conductor: Conductor
    remote: Remote
    """The session from afar, for whoever shows or steers it."""

    pins: Pins
    secretary: Secretary | None
    memory: Memory | None
    """`None`, as the secretary then is, where nothing can be remembered."""

    pages: Pages | None
    """`None` where nothing can be remembered, or their port is taken."""

    restart: Restart


def make_kiosk(
    base: Base,
    *,
    simulate: bool,
    tell_code: Callable[[str], None] = lambda _code: None,
    surroundings: Surroundings | None = None,
) -> Kiosk:
    """A whole kiosk; with `simulate`, or where this is no Raspberry Pi, on simulated pins.

    `tell_code` is told each code that lets a caregiver in, beside its being spoken. Its
    `surroundings` are this machine's, unless others are given.

    Raises WordingError for a language without wording, StoreError where
    another kiosk runs on the same folders or a newer one did.
    """
    from kiosk.adapters.allocator import give_memory_back
    from kiosk.adapters.audio.choose import NONE
    from kiosk.adapters.board import is_raspberry_pi
    from kiosk.adapters.last_good import LastGoodPrograms, keep_copies
    from kiosk.conductor.conductor import Conductor
    from kiosk.conductor.events import TroubleFound
    from kiosk.conductor.jobs import JobQueue
    from kiosk.conductor.remote import Remote
    from kiosk.conductor.sound.player import Player

    give_memory_back()
    clock = surroundings.clock if surroundings else SystemClock()
    memory = open_memory_of_kiosk(base, surroundings.wall if surroundings else None)
    source = base.source
    for problem in source.passed_over:
        logger.error("The settings of the last good start are used. %s", problem)
    if memory is not None:
        base = memory.base
    settings = base.settings
    engine = make_engine()
    studio = make_studio(base, engine)
    if memory is not None:
        studio.doses = doses_of(memory.store)
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
    trouble = frozenset({Trouble.NO_SPEAKER}) if silent_because else frozenset[Trouble]()
    if memory is None:
        trouble |= {Trouble.STORE}
    if missing:
        trouble |= {Trouble.SPEAKER_LOST}  # until it has been found, a moment from now
    if source.passed_over:
        trouble |= {Trouble.SETTINGS}
    conductor = Conductor(settings, clock, studio, jobs, make_player, trouble)
    studio.programs = LastGoodPrograms(
        base.folders, lambda: conductor.post(TroubleFound(Trouble.NO_PROGRAM))
    )
    pins = make_pins(settings, clock, conductor.post, base.folders.state, simulate=simulate)
    remote = Remote(conductor.post, conductor.feed, clock)
    restart = Restart()
    secretary = pages = None
    if memory is not None:
        secretary = make_secretary(settings, memory, jobs, conductor.post)
        conductor.report_to(secretary.tell)
        house = House(
            *(base, source, memory, clock, engine, studio),
            *(conductor, jobs, remote, secretary, restart),
        )
        pages = make_pages(house, tell_code)
    # Whoever carries this out has started well.
    jobs.submit(partial(keep_copies, base.folders, base.environ, base.options))
    return Kiosk(
        *(clock, studio, jobs, conductor, remote, pins),
        *(secretary, memory, pages, restart),
    )
