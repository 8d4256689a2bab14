"""Every room's desk behind the kiosk's one face."""

from dataclasses import dataclass

from kiosk.auth.service import AuthService
from kiosk.history.service import HistoryService
from kiosk.levels.service import LevelService
from kiosk.programs.service import ProgramService
from kiosk.schedule.service import ScheduleService
from kiosk.session.service import SessionService
from kiosk.settings.service import SettingsService
from kiosk.store.service import BackupService


@dataclass(frozen=True)
class Services:
    """Implements `kiosk.api.KioskApi`."""

    remote: SessionService
    plan: ScheduleService
    history: HistoryService
    levels: LevelService
    programs: ProgramService
    settings: SettingsService
    door: AuthService
    backups: BackupService
