"""What was changed, told as the pages call things.

The kiosk keeps a line for each change, with the names that settings and program files go by.
"""

import re

from kiosk.model.history import AuditEntry
from web.pages.history.titles import Titles
from web.texts import t

_SETTING = re.compile(r"Setting (\w+): '(.*)'\.")
_SETTING_TAKEN_BACK = re.compile(r"Setting (\w+): taken back\.")
_ID = re.compile(r"(?<![\w-])[a-z0-9]+(?:-[a-z0-9]+)+(?![\w-])")
_DOSE = re.compile(r"Dose of ([a-z0-9-]+) in ([a-z0-9-]+): ")

SETTINGS = {
    "volume": "settings.volume",
    "audio_device": "settings.device",
    "lead_in_ms": "settings.lead_in",
    "voice": "settings.voice",
    "rate": "settings.rate",
    "quiet_from": "settings.quiet.from",
    "quiet_to": "settings.quiet.to",
    "time_zone": "settings.zone",
    "default_program": "settings.program",
    "now_seen_by": "settings.onlookers",
}
"""What the page Settings calls each of them."""


def change_told(line: AuditEntry, names: Titles) -> str:
    """The line in the words of the pages; programs by their titles, where those are known."""
    told = line.what
    if (match := _SETTING.fullmatch(told)) and match[1] in SETTINGS:
        told = t("history.changes.setting", name=t(SETTINGS[match[1]]), value=match[2])
    elif (match := _SETTING_TAKEN_BACK.fullmatch(told)) and match[1] in SETTINGS:
        told = t("history.changes.setting_back", name=t(SETTINGS[match[1]]))
    elif (match := _DOSE.match(told)) and names.known.get(match[2]):
        exercise = names.exercise(match[2], match[1])
        told = told[: match.start(1)] + exercise + told[match.end(1) :]
    return _ID.sub(lambda found: _title(found[0], names), told)


def _title(word: str, names: Titles) -> str:
    return names(word) if names.known.get(word) else word
