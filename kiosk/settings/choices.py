"""What there is on this machine to choose from, for who changes the settings."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from zoneinfo import available_timezones

from kiosk.audio.speaker import cards_that_play
from kiosk.errors import SpeechError
from kiosk.speech.model import Voice
from kiosk.speech.voices import Known, choose_voice, plain
from kiosk.system.time_zone import zone_of

REGIONS = frozenset(
    {
        *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic"),
        *("Australia", "Europe", "Indian", "Pacific"),
    }
)
"""What the names of zones begin with that people live in; the others are older names for them, or
offsets from UTC that count backwards."""


class SettingChoices:
    """Implements `kiosk.ports.Choices`. Any thread.

    The lists of voices and of zones are made once, when they are first asked for.
    """

    def __init__(
        self,
        all_voices: Callable[[], Sequence[Known]],
        sound: Path = Path("/proc/asound"),
    ) -> None:
        """`all_voices` asks the speech engine, which is slow and may raise SpeechError."""
        self._all_voices = all_voices
        self._sound = sound
        self._lock = Lock()
        self._known: tuple[Known, ...] = ()
        self._zones: tuple[str, ...] = ()

    def voices(self, language: str) -> tuple[tuple[str, str], ...]:
        """Id and name of each voice for `language`, by name. Raises SpeechError."""
        base = _base(language)
        with self._lock:
            found = [voice for voice in self._voices() if _base(voice.language) == base]
        return tuple((voice.id, voice.name) for voice in sorted(found, key=lambda one: one.name))

    def check_voice(self, voice: Voice) -> None:
        """See that there is such a voice; one may have been installed since the list was made.

        Raises SpeechError, naming near ones.
        """
        with self._lock:
            try:
                choose_voice(voice, self._voices())
            except SpeechError:
                self._known = ()
                choose_voice(voice, self._voices())

    def devices(self) -> tuple[str, ...]:
        """Names of the sound cards that can play now."""
        return cards_that_play(self._sound)

    def zones(self) -> tuple[str, ...]:
        """Names of the time zones that people live in, sorted, and UTC."""
        with self._lock:
            if not self._zones:
                lived_in = (z for z in available_timezones() if z.partition("/")[0] in REGIONS)
                self._zones = (*sorted(lived_in), "UTC")
            return self._zones

    def check_zone(self, name: str) -> None:
        """See that there is a time zone of that name. Raises SettingsError."""
        zone_of(name)

    def _voices(self) -> tuple[Known, ...]:
        if not self._known:
            self._known = tuple(self._all_voices())
        return self._known


def _base(language: str) -> str:
    return plain(language).partition("-")[0]
