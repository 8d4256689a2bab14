"""The lines that changes leave in the audit, for whoever asks later who changed what: how they are
written and, where the pages tell them in other words, how they are read.
"""

import ast
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.levels.doses import Dose
from kiosk.schedule.model import PlanEntry, Weekday


class Actor(StrEnum):
    """Who changed something."""

    BUTTON = "button"
    PAGE = "page"
    COMMAND = "command"
    KIOSK = "kiosk"
    """The kiosk by itself, by a rule."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A change, for whoever asks later."""

    at: datetime
    actor: Actor
    what: str
    """One line a person can read."""


_DOSE = re.compile(r"Dose of ([a-z0-9-]+) in ([a-z0-9-]+): .*", re.DOTALL)
_SETTING = re.compile(r"Setting (\w+): (?:taken back|(?P<value>'.*'|\".*\"))\.", re.DOTALL)


def entry_added(entry: PlanEntry) -> str:
    """A line for a new entry of the plan."""
    return f"Plan: added entry {entry.id}, {_described(entry)}."


def entry_changed(before: PlanEntry, after: PlanEntry) -> str:
    """A line for a changed entry of the plan."""
    return f"Plan: changed entry {after.id} from {_described(before)} to {_described(after)}."


def entry_removed(entry: PlanEntry) -> str:
    """A line for an entry taken out of the plan."""
    return f"Plan: removed entry {entry.id}, {_described(entry)}."


def entry_put_back(entry: PlanEntry) -> str:
    """A line for an entry that was taken out of the plan and is in it again."""
    return f"Plan: put entry {entry.id} back, {_described(entry)}."


def dose_set(dose: Dose) -> str:
    """A line for a changed dose, or for one that was taken back."""
    values = [
        f"{dose.sets} sets" if dose.sets is not None else "",
        f"{dose.reps} repetitions" if dose.reps is not None else "",
        f"holds of {dose.hold / 1000:g} s" if dose.hold is not None else "",
    ]
    given = ", ".join(value for value in values if value)
    return f"Dose of {dose.exercise_id} in {dose.program}: {given or 'as in the program file'}."


def dose_of(line: str) -> tuple[str, str] | None:
    """The exercise and the program of a line by `dose_set`; `None` where it is another line."""
    match = _DOSE.fullmatch(line)
    return (match[1], match[2]) if match else None


def setting_kept(name: str, value: str | None) -> str:
    """A line for a setting that was changed or taken back."""
    return f"Setting {name}: {value!r}." if value is not None else f"Setting {name}: taken back."


def setting_of(line: str) -> tuple[str, str | None] | None:
    """The name and the value of a line by `setting_kept`, the value `None` where it was taken back;
    `None` where it is another line.
    """
    match = _SETTING.fullmatch(line)
    if match is None or match["value"] is None:
        return (match[1], None) if match else None
    try:
        return match[1], str(ast.literal_eval(match["value"]))
    except (SyntaxError, ValueError):
        return None


def is_unchanged(dose: Dose) -> bool:
    """Whether `dose` leaves everything as the program file has it."""
    return dose.sets is None and dose.reps is None and dose.hold is None


def _described(entry: PlanEntry) -> str:
    days = ", ".join(day.name.capitalize() for day in sorted(entry.days))
    if entry.days == frozenset(Weekday):
        days = "every day"
    times = ", ".join(f"{time:%H:%M}" for time in entry.times)
    weeks = f" for {entry.weeks} weeks" if entry.weeks is not None else ""
    paused = ", paused" if entry.paused else ""
    return f"{entry.program} ({days} at {times}, from {entry.starts}{weeks}{paused})"
