"""The values that this machine offers for a setting: voices, sound cards, time zones, programs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Lock
from zoneinfo import available_timezones

from kiosk.audio.export import TimelineSound
from kiosk.audio.speaker import cards_that_play
from kiosk.errors import (
    Problem,
    ProgramFileError,
    SettingsError,
    SpeechError,
    UnknownProgramError,
)
from kiosk.programs.files import ProgramSource
from kiosk.settings.model import limits_of
from kiosk.settings.service import SOURCE, Check
from kiosk.speech.model import Known, Voice, base_of, choose_voice
from kiosk.speech.preparer import SessionPreparer
from kiosk.system.time_zone import zone_of

REGIONS = frozenset(
    {
        *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic"),
        *("Australia", "Europe", "Indian", "Pacific"),
    }
)
"""First parts of the names of zones that people live in; the others are older names for them, or
offsets from UTC that count backwards."""


class SettingChoices:
    """The choices, for the kiosk's language; voices and zones are listed once. Any thread."""

    def __init__(
        self,
        programs: ProgramSource,
        preparer: SessionPreparer,
        all_voices: Callable[[], Sequence[Known]],
        devices: Callable[[], tuple[str, ...]] = cards_that_play,
        all_zones: Callable[[], Iterable[str]] = available_timezones,
    ) -> None:
        """`all_voices` asks the speech engine, which is slow and may raise SpeechError."""
        self.devices = devices
        """Names of the sound cards that can play now."""

        self._programs = programs
        self._preparer = preparer
        self._language = preparer.wording.language
        self._all_voices = all_voices
        self._all_zones = all_zones
        self._lock = Lock()
        self._known: tuple[Known, ...] = ()
        self._zones: tuple[str, ...] = ()

    def voices(self) -> tuple[Known, ...]:
        """The voices for the kiosk's language, by name. Raises SpeechError."""
        base = base_of(self._language)
        with self._lock:
            found = [voice for voice in self._voices() if base_of(voice.language) == base]
        return tuple(sorted(found, key=lambda one: one.name))

    def zones(self) -> tuple[str, ...]:
        """Names of the time zones that people live in, sorted, and UTC."""
        with self._lock:
            if not self._zones:
                lived_in = (z for z in self._all_zones() if z.partition("/")[0] in REGIONS)
                self._zones = (*sorted(lived_in), "UTC")
            return self._zones

    def programs(self) -> tuple[tuple[str, str], ...]:
        """Id and title of each usable program, in the order of their ids."""
        found = []
        for id_ in self._programs.ids():
            with suppress(ProgramFileError, UnknownProgramError):
                found.append((id_, self._programs.load(id_).title(self._language)))
        return tuple(found)

    def sample(self, voice: str, rate: int) -> TimelineSound:
        """A sentence in that voice, at `rate` words a minute. Raises SettingsError, SpeechError."""
        limits = limits_of("rate")
        if limits and not limits.low <= rate <= limits.high:
            values = {"low": limits.low, "high": limits.high, "rate": rate}
            raise SettingsError([Problem(SOURCE, "rate", "setting.rate-outside", values)])
        text = self._preparer.wording.say("sound.test")
        segment = self._preparer.sample(text, Voice(self._language, voice, rate))
        return TimelineSound(segment.timeline, segment.bank)

    @property
    def checks(self) -> Mapping[str, Check]:
        """The checks of the settings that can name something this machine does not have."""
        names = ("time_zone", "voice", "default_program")
        return {name: partial(self.problems, name) for name in names}

    def problems(self, name: str, text: str) -> Iterator[Problem]:
        """The problems of a setting's `text`, whose form is right."""
        try:
            if name == "time_zone":
                zone_of(text)
            elif name == "voice" and text:
                self._check_voice(Voice(self._language, text, 0))
            elif name == "default_program":
                self._programs.load(text)
        except ProgramFileError:
            yield Problem(SOURCE, name, "setting.program-unusable")
        except SettingsError as error:
            yield from error.problems
        except UnknownProgramError as error:
            yield Problem(SOURCE, name, error.code, error.values)
        except SpeechError as error:
            yield Problem.plain(SOURCE, name, str(error))

    def _check_voice(self, voice: Voice) -> None:
        """Raises SpeechError, naming near ones, where there is no such voice."""
        with self._lock:
            try:
                choose_voice(voice, self._voices())
            except SpeechError:
                # It may have been installed since the list was made.
                self._known = ()
                choose_voice(voice, self._voices())

    def _voices(self) -> tuple[Known, ...]:
        if not self._known:
            self._known = tuple(self._all_voices())
        return self._known
