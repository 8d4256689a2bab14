"""What can be set, for whoever sets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from kiosk.api.programs import Sound
from kiosk.model.settings import Settings, Within, limits_of

__all__ = ["SettingsDesk", "SettingsView", "VoiceChoice", "Within", "limits_of"]


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """A voice that can be chosen."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The settings, and what of them can be changed here."""

    settings: Settings
    fixed: Mapping[str, str]
    """Settings that were given with the command or in the environment, and by what (an option's or
    a variable's name): they cannot be changed here."""

    version: str
    """Differs after any change."""


class SettingsDesk(Protocol):
    """Everything raises StoreError where what is kept cannot be read or written."""

    def view(self) -> SettingsView:
        """The settings as they are now."""
        ...

    def change(self, texts: Mapping[str, str], version: str | None = None) -> SettingsView:
        """Keep settings, by name, as text, and go by them from now on.

        Raises SettingsError with every problem there is, each with the setting's name as its path;
        ConflictError where somebody has changed one of them since `version`.
        """
        ...

    def voices(self) -> tuple[VoiceChoice, ...]:
        """The voices for the kiosk's language."""
        ...

    def devices(self) -> tuple[str, ...]:
        """Names of the sound cards there are now."""
        ...

    def zones(self) -> tuple[str, ...]:
        """Names of the time zones."""
        ...

    def programs(self) -> tuple[tuple[str, str], ...]:
        """Id and title of each usable program."""
        ...

    def sample(self, voice: str, rate: int) -> Sound:
        """A sentence in that voice. Raises SettingsError, SpeechError."""
        ...
