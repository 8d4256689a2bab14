"""The kiosk's only face for pages and other programs, as protocols: one for each room of the house.

Every method may be called from any thread. What is asked for by a person and cannot be done raises
one of `kiosk.errors`, whose text is a sentence for that person.
"""

from typing import Protocol

from kiosk.api.backups import BackupDesk
from kiosk.api.door import Door
from kiosk.api.history import HistoryDesk
from kiosk.api.levels import LevelDesk
from kiosk.api.plan import PlanDesk
from kiosk.api.programs import ProgramDesk
from kiosk.api.remote import Remote
from kiosk.api.settings import SettingsDesk

__all__ = [
    "BackupDesk",
    "Door",
    "HistoryDesk",
    "KioskApi",
    "LevelDesk",
    "PlanDesk",
    "ProgramDesk",
    "Remote",
    "SettingsDesk",
]


class KioskApi(Protocol):
    """The whole of it."""

    @property
    def remote(self) -> Remote:
        """The session: looking on, and steering it."""
        ...

    @property
    def plan(self) -> PlanDesk:
        """What is to be done when."""
        ...

    @property
    def history(self) -> HistoryDesk:
        """What was done."""
        ...

    @property
    def levels(self) -> LevelDesk:
        """Doses, and steps to other levels."""
        ...

    @property
    def programs(self) -> ProgramDesk:
        """The exercise programs."""
        ...

    @property
    def settings(self) -> SettingsDesk:
        """What can be set."""
        ...

    @property
    def door(self) -> Door:
        """Who may do all this."""
        ...

    @property
    def backups(self) -> BackupDesk:
        """All that is kept, in one file."""
        ...
