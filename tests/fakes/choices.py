"""The few voices, sound cards and time zones that a test's machine offers."""

from kiosk.speech.model import Known

VOICES = (
    Known("gmw/en", "English (Great Britain)", "en"),
    Known("gmw/en-us", "English (America)", "en-us"),
    Known("gmw/de", "German", "de"),
)
CARDS = ("USB Audio Device", "vc4-hdmi-0")
ZONES = ("America/New_York", "Europe/Berlin", "Europe/Oslo")
