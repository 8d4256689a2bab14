"""What was changed, told as the pages call things.

The kiosk keeps a line for each change, with the names that settings and program files go by.
"""

import re

from kiosk.model.audit_lines import dose_of, setting_of
from kiosk.model.history import AuditEntry
from web.pages.history.titles import Titles
from web.texts import t

_ID = re.compile(r"(?<![\w-])[a-z0-9]+(?:-[a-z0-9]+)+(?![\w-])")

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
    if (setting := setting_of(told)) and setting[0] in SETTINGS:
        told = _setting_told(*setting)
    elif (dose := dose_of(told)) and names.known.get(dose[1]):
        exercise, program = dose
        name = names.exercise(program, exercise)
        told = told.replace(f" {exercise} in {program}:", f" {name} in {program}:", 1)
    return _ID.sub(lambda found: _title(found[0], names), told)


def _setting_told(setting: str, value: str | None) -> str:
    name = t(SETTINGS[setting])
    if value is None:
        return t("history.changes.setting_back", name=name)
    return t("history.changes.setting", name=name, value=value)


def _title(word: str, names: Titles) -> str:
    return names(word) if names.known.get(word) else word
