"""The audit log: who changed what, when, as values. Sentences are made of them when they are shown
(`kiosk.locale.audit`), so that no layer ever reads a value out of a sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from kiosk.levels.doses import Dose
from kiosk.schedule.model import PlanEntry

Values: TypeAlias = Mapping[str, object]
"""Named values that JSON can hold: texts, numbers, booleans, `None`, and lists of them."""


class Actor(StrEnum):
    """The origin of a change."""

    BUTTON = "button"
    PAGE = "page"
    COMMAND = "command"
    KIOSK = "kiosk"  # the kiosk by itself, by a rule


class Change(StrEnum):
    """The kind of a change. Each says what its entries have for a subject, and their values."""

    PLAN_ADDED = "plan.added"  # id of the plan entry; after: `entry_values`
    PLAN_CHANGED = "plan.changed"  # id of the plan entry; before and after: `entry_values`
    PLAN_REMOVED = "plan.removed"  # id of the plan entry; before: `entry_values`

    PLAN_RESTORED = "plan.restored"
    """Id of a removed plan entry that is in the plan again; after: `entry_values`."""

    DOSE_SET = "dose.set"
    """`program/exercise`; before (`None` for the program file's) and after: `dose_values`."""

    DOSE_RESET = "dose.reset"
    """`program/exercise`, which is done as in the program file again; before: `dose_values`."""

    SETTING_SET = "setting.set"
    """Name of the setting; before (`None` where none was stored) and after: `value`, a text."""

    SETTING_RESET = "setting.reset"
    """Name of the setting, which is not stored any more; before: `value`."""

    LEVEL_ACCEPTED = "level.accepted"
    """Id of the program; after: `step` (`up` or `back`), `to_program` (id of the next, if any)."""

    LEVEL_DECLINED = "level.declined"
    """Id of the program; after: `step` and `session`, the id of the latest session by then."""

    PROGRAM_SAVED = "program.saved"  # id of the program
    PROGRAM_REMOVED = "program.removed"  # id of the program

    PASSPHRASE_CHOSEN = "passphrase.chosen"  # noqa: S105 - the kind of a change
    """After: `way` (`first`, `code`, `changed`) and the `address` of the browser."""

    SIGNED_IN = "device.signed-in"  # after: the `address` of the browser
    SIGNED_OUT = "device.signed-out"  # before: the `address` from which it had signed in
    DEVICE_REMOVED = "device.removed"  # a caregiver has signed another device out

    WRONG_PASSPHRASES = "passphrase.wrong"
    """After: the `address` of the last of many tries, and whether it was `signed_in`."""

    CALENDAR_RENEWED = "calendar.renewed"

    BACKUP_RESTORED = "backup.restored"
    """After: `backup`, its file name, and `replaced`, the names of the data before it now."""

    BACKUP_SETTINGS_UNUSABLE = "backup.settings-unusable"
    """Name of the setting, or empty for the file; after: `problem`, `stored_as` (its name now)."""

    BACKUP_SETTINGS_OF_MACHINE = "backup.settings-of-machine"
    """After: the settings by name, as text, that depend on the machine they were made on."""

    DATA_LOST = "data.lost"
    """After: `missing` (a file name) or `fault`, `backup` (the moment of the one that took its
    place, or `None`), `stored_as` (the name of the damaged file, or `None`).
    """

    TEXT = "text"  # after: `text`, a sentence of an older version that could not be read


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change: who, when, what kind, of which subject, from what to what."""

    at: datetime
    actor: Actor
    kind: Change
    subject: str = ""
    """Id or name of what was changed; empty where there is only one."""

    before: Values | None = field(default=None, hash=False)
    after: Values | None = field(default=None, hash=False)


def entry_values(entry: PlanEntry) -> Values:
    """The values of a plan entry, without its id, `since` and version."""
    return {
        "program": entry.program,
        "days": [day.name.lower() for day in sorted(entry.days)],
        "times": [f"{time:%H:%M}" for time in entry.times],
        "starts": entry.starts.isoformat(),
        "weeks": entry.weeks,
        "paused": entry.paused,
    }


def dose_values(dose: Dose) -> Values:
    """The values of a changed dose: `sets`, `reps`, `hold_ms`; `None` as in the program file."""
    return {"sets": dose.sets, "reps": dose.reps, "hold_ms": dose.hold}
