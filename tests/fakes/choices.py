"""The choices of a machine that offers a few voices, cards and time zones."""

from kiosk.errors import SpeechError
from kiosk.settings.choices import SettingChoices
from kiosk.speech.model import Known

VOICES = (
    Known("gmw/en", "English (Great Britain)", "en"),
    Known("gmw/en-us", "English (America)", "en-us"),
    Known("gmw/de", "German", "de"),
)
CARDS = ("USB Audio Device", "vc4-hdmi-0")
ZONES = ("America/New_York", "Europe/Berlin", "Europe/Oslo")


def few_choices(programs, preparer, no_engine="") -> SettingChoices:
    """With `no_engine`, the sentence that says so, there is no speech engine."""

    def voices():
        if no_engine:
            raise SpeechError(no_engine)
        return VOICES

    return SettingChoices(programs, preparer, voices, lambda: CARDS, lambda: ZONES)
