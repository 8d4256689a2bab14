"""What plan and history are looked at with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.agenda.occurrences import local_day
from kiosk.agenda.rules import Rules, rules_of
from kiosk.model.settings import Settings

if TYPE_CHECKING:  # importing it takes a while, and commands should be quick
    from kiosk.ports import ProgramSource, Store


@dataclass(frozen=True)
class View:
    """What plan and history are looked at with, as of one moment. Any thread."""

    store: "Store"
    programs: "ProgramSource"
    zone: ZoneInfo
    now: datetime
    """The moment (UTC)."""

    trusted: bool
    """Whether the clock that tells it can be believed."""

    settings: Settings
    """Those that the kiosk goes by."""

    under_way: Callable[[], bool]
    """Whether the session that has no end yet is really going on: the one of a kiosk that was cut
    off has none either, until that kiosk starts again.
    """

    @property
    def today(self) -> date:
        """The day it is in the kiosk's time zone."""
        return local_day(self.now, self.zone)

    @property
    def rules(self) -> Rules:
        """How reminders are given."""
        return rules_of(self.settings)
