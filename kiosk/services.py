"""The services of one kiosk, which the pages use."""

from dataclasses import dataclass

from kiosk.auth.service import AuthService
from kiosk.levels.service import LevelService
from kiosk.programs.service import ProgramService
from kiosk.schedule.service import ScheduleService
from kiosk.schedule.snapshot import Snapshots
from kiosk.session.service import SessionService
from kiosk.settings.choices import SettingChoices
from kiosk.settings.service import SettingsService
from kiosk.store.service import BackupService


@dataclass(frozen=True)
class Services:
    """One service for each feature. Every method: any thread."""

    session: SessionService
    snapshots: Snapshots
    schedule: ScheduleService
    levels: LevelService
    programs: ProgramService
    settings: SettingsService
    choices: SettingChoices
    auth: AuthService
    backups: BackupService
