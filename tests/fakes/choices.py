"""A machine that offers just what a test gives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.errors import Problem, SettingsError, SpeechError

ENGLISH_VOICES = {"gmw/en": "English (Great Britain)", "gmw/en-us": "English (America)"}


@dataclass
class FakeChoices:
    """Set `no_engine` to what there is to say where there is no speech engine."""

    all_voices: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: {"en": ENGLISH_VOICES, "de": {"gmw/de": "German"}}
    )
    cards: tuple[str, ...] = ("USB Audio Device", "vc4-hdmi-0")
    all_zones: tuple[str, ...] = ("America/New_York", "Europe/Berlin", "Europe/Oslo", "UTC")
    no_engine: str = ""

    def voices(self, language):
        if self.no_engine:
            raise SpeechError(self.no_engine)
        found = self.all_voices.get(language, {})
        return sorted(found.items(), key=lambda voice: voice[1])

    def check_voice(self, voice):
        if voice.name not in dict(self.voices(voice.language)):
            near = ", ".join(dict(self.voices(voice.language)))
            raise SpeechError(f"There is no voice {voice.name!r}. Near ones: {near}.")

    def devices(self):
        return self.cards

    def zones(self):
        return self.all_zones

    def check_zone(self, name):
        if name and name not in self.all_zones:
            message = f"There is no time zone {name!r}."
            raise SettingsError([Problem.plain("time_zone", "", message)])
