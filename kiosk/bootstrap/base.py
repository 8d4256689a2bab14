"""What every command stands on, and the single parts of a kiosk.

What a command does not use it does not import either, so that a short one stays quick.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kiosk.adapters.folders import Folders, find_folders, make_folders
from kiosk.clock import Clock
from kiosk.model.settings import Settings

if TYPE_CHECKING:
    from kiosk.adapters.program_files.library import ProgramLibrary
    from kiosk.adapters.settings.layers import LayeredSettings
    from kiosk.adapters.speech.engine import Pyttsx3Engine
    from kiosk.conductor.sound.studio import Studio
    from kiosk.ports import Speaker, SpeechEngine

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Base:
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
        from kiosk.adapters.settings.layers import LayeredSettings

        return LayeredSettings.read(
            self.folders.state, self.environ, self.options, forgiving=self.forgiving
        )

    def with_kept(self, kept: Mapping[str, str]) -> Base:
        """The same with the settings that were changed in the running kiosk, which go before those
        of the file, and after those of the environment and the options. One that cannot be used
        (any more) is passed over: the kiosk has to start.
        """
        from kiosk.desk.kept import usable

        return replace(self, settings=self.source.load(usable(self.source, kept)))


def make_base(
    state_dir: str | None,
    environ: Mapping[str, str],
    options: Mapping[str, object],
    *,
    forgiving: bool = False,
) -> Base:
    """The folders (made where missing) and the settings. Raises SettingsError.

    Who is `forgiving` starts on the last good copy of a settings file that cannot be used.
    """
    folders = find_folders(state_dir, environ)
    make_folders(folders)
    base = Base(folders, Settings(), environ, options, forgiving)
    return replace(base, settings=base.source.load({}))


def make_library(folders: Folders) -> ProgramLibrary:
    """The shipped programs and those in the state directory."""
    from kiosk.adapters.program_files.library import ProgramLibrary, shipped_folder

    return ProgramLibrary([shipped_folder(), folders.programs])


def make_engine() -> Pyttsx3Engine:
    """The speech engine; nothing of it runs until something is to be said."""
    from kiosk.adapters.speech.engine import Pyttsx3Engine

    return Pyttsx3Engine()


def make_studio(base: Base, engine: SpeechEngine | None = None) -> Studio:
    """Programs, speech and wording. Raises WordingError where there is none for the language."""
    from kiosk.adapters.speech.cache import ClipCache
    from kiosk.adapters.speech.source import CachedSpeech
    from kiosk.adapters.wording_files import load_wording
    from kiosk.conductor.sound.studio import Studio

    wording = load_wording(base.settings.language)
    speech = CachedSpeech(engine or make_engine(), ClipCache(base.folders.clips))
    return Studio(make_library(base.folders), speech, wording, base.settings)


def make_speaker(
    settings: Settings, clock: Clock, *, must_sound: bool = False
) -> tuple[Speaker, str | None]:
    """The speaker the settings ask for, and what there is to say where it is a silent one.

    With `must_sound`, a card that is not there is lost, and only who has chosen silence
    has it: sessions that nobody hears would count as done.
    """
    from kiosk.adapters.audio.choose import NONE, open_speaker
    from kiosk.adapters.audio.sound_card import SoundCard

    if must_sound and settings.audio_device.casefold() != NONE:
        return SoundCard(settings.audio_device, clock=clock), None
    return open_speaker(settings.audio_device, clock)


def make_other_speaker(device: str, clock: Clock) -> tuple[Speaker, bool]:
    """The speaker for a device that was chosen while the kiosk runs, where only the player's thread
    may ask which cards there are; and whether it is silent against anybody's wish.
    """
    from kiosk.adapters.audio.cards import cards_that_play
    from kiosk.adapters.audio.choose import NONE
    from kiosk.adapters.audio.silent import SilentSpeaker
    from kiosk.adapters.audio.sound_card import SoundCard
    from kiosk.adapters.board import is_raspberry_pi

    wanted = device.casefold() != NONE
    if wanted and (device or cards_that_play() or is_raspberry_pi()):
        return SoundCard(device, clock=clock), False
    return SilentSpeaker(clock), wanted
