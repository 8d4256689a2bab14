"""Puts the kiosk together: the one place that knows which real part stands behind which port.

Nothing is started here. Vendor packages are imported where they are first needed, so that a short
command stays quick.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.folders import Folders, find_folders, make_folders
from kiosk.adapters.wording_files import load_wording
from kiosk.clock import Clock
from kiosk.conductor.conductor import Conductor
from kiosk.conductor.events import ButtonEdge, Event
from kiosk.conductor.jobs import JobQueue
from kiosk.conductor.player import Player
from kiosk.conductor.remote import Remote
from kiosk.conductor.studio import Studio
from kiosk.model.settings import Settings
from kiosk.model.snapshot import Trouble
from kiosk.ports import Light, Speaker

if TYPE_CHECKING:
    from kiosk.adapters.pins.simulation import SimulatedButton
    from kiosk.adapters.program_files.library import ProgramLibrary

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Base:
    """What every command stands on: where things are, and what was set."""

    folders: Folders
    settings: Settings


def make_base(
    state_dir: str | None, environ: Mapping[str, str], options: Mapping[str, object]
) -> Base:
    """The folders (made where missing) and the settings. Raises SettingsError."""
    from kiosk.adapters.settings_files import load_settings

    folders = find_folders(state_dir, environ)
    make_folders(folders)
    return Base(folders, load_settings(folders.state, environ, options))


def make_library(folders: Folders) -> "ProgramLibrary":
    """The shipped programs and those in the state directory."""
    from kiosk.adapters.program_files.library import ProgramLibrary, shipped_folder

    return ProgramLibrary([shipped_folder(), folders.programs])


def make_studio(base: Base) -> Studio:
    """Programs, speech and wording. Raises WordingError where there is none for the language."""
    from kiosk.adapters.speech.cache import ClipCache
    from kiosk.adapters.speech.engine import Pyttsx3Engine
    from kiosk.adapters.speech.source import CachedSpeech

    wording = load_wording(base.settings.language)
    speech = CachedSpeech(Pyttsx3Engine(), ClipCache(base.folders.clips))
    return Studio(make_library(base.folders), speech, wording, base.settings)


def make_speaker(settings: Settings, clock: Clock) -> tuple[Speaker, str | None]:
    """The speaker the settings ask for, and what there is to say where it is a silent one."""
    from kiosk.adapters.audio.choose import open_speaker

    return open_speaker(settings.audio_device, clock)


@dataclass(frozen=True)
class Pins:
    """What is connected to the pins."""

    light: Light | None
    simulated_button: "SimulatedButton | None"
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
    remote: Remote
    pins: Pins


def make_kiosk(base: Base, *, simulate: bool) -> Kiosk:
    """A whole kiosk; with `simulate`, or where this is no Raspberry Pi, on simulated pins.

    Raises PinError where a pin cannot be used, WordingError for a language without wording.
    """
    from kiosk.adapters.pins.factory import is_raspberry_pi

    settings = base.settings
    clock = SystemClock()
    studio = make_studio(base)
    speaker, silent_because = make_speaker(settings, clock)
    if silent_because is not None:
        logger.warning("%s", silent_because)

    def make_player(post: Callable[[Event], None]) -> Player:
        return Player(speaker, clock, post, volume=settings.volume, lead_in=settings.lead_in_ms)

    jobs = JobQueue()
    trouble = frozenset({Trouble.NO_SPEAKER}) if silent_because else frozenset[Trouble]()
    conductor = Conductor(settings, clock, studio, jobs, make_player, trouble)
    simulate = simulate or not is_raspberry_pi()
    pins = make_pins(settings, clock, conductor.post, base.folders.state, simulate=simulate)
    remote = Remote(conductor.post, conductor.feed, clock)
    return Kiosk(settings, clock, studio, jobs, conductor, remote, pins)
