"""Every room's desk behind the kiosk's one face."""

from dataclasses import dataclass

from kiosk.api import (
    BackupDesk,
    Door,
    HistoryDesk,
    LevelDesk,
    PlanDesk,
    ProgramDesk,
    Remote,
    SettingsDesk,
)


@dataclass(frozen=True)
class Face:
    """Implements `kiosk.api.KioskApi`."""

    remote: Remote
    plan: PlanDesk
    history: HistoryDesk
    levels: LevelDesk
    programs: ProgramDesk
    settings: SettingsDesk
    door: Door
    backups: BackupDesk
