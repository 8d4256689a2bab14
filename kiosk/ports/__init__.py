"""What the kiosk needs of the outside world, as protocols; `kiosk.adapters` has the real things.

Each protocol has a contract test that the real part and its stand-in both pass.
"""

from kiosk.ports.backups import BackupSpace
from kiosk.ports.door import Doorbell, DoorStore
from kiosk.ports.hardware import Button, Light, Speaker
from kiosk.ports.programs import ProgramShelf, ProgramSource
from kiosk.ports.settings import Choices, SettingsSource
from kiosk.ports.speech import PreparedSpeech, Progress, SpeechEngine, SpeechSource
from kiosk.ports.store import Store
from kiosk.ports.wall_clock import WallClock

__all__ = [
    "BackupSpace",
    "Button",
    "Choices",
    "DoorStore",
    "Doorbell",
    "Light",
    "PreparedSpeech",
    "ProgramShelf",
    "ProgramSource",
    "Progress",
    "SettingsSource",
    "Speaker",
    "SpeechEngine",
    "SpeechSource",
    "Store",
    "WallClock",
]
