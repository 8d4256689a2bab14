"""What the settings are made of, and what there is to choose from."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from kiosk.model.settings import Settings
from kiosk.model.voice import Voice


class SettingsSource(Protocol):
    """What the settings are made of. Any thread."""

    def load(self, kept: Mapping[str, str]) -> Settings:
        """The settings with those `kept` in the running kiosk, by name, as text.

        Raises SettingsError with every problem there is.
        """
        ...

    def fixed(self) -> Mapping[str, str]:
        """The settings that go before the kept ones, and by what they are given: the name of an
        option or of an environment variable.
        """
        ...


class Choices(Protocol):
    """What there is on this machine to choose from. Any thread; slow the first time."""

    def voices(self, language: str) -> Sequence[tuple[str, str]]:
        """Id and name of each voice for `language`. Raises SpeechError where there is no engine."""
        ...

    def check_voice(self, voice: Voice) -> None:
        """See that there is such a voice. Raises SpeechError, naming near ones."""
        ...

    def devices(self) -> Sequence[str]:
        """Names of the sound cards that can play, by which `audio_device` finds them. Leaves alone
        whatever is playing.
        """
        ...

    def zones(self) -> Sequence[str]:
        """Names of the time zones that people live in, sorted."""
        ...

    def check_zone(self, name: str) -> None:
        """See that there is a time zone of that name. Raises SettingsError."""
        ...
