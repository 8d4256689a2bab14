"""The lines that changes leave in the audit, for whoever asks later who changed what."""

from kiosk.model.history import Dose
from kiosk.model.plan import PlanEntry, Weekday


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


def setting_kept(name: str, value: str | None) -> str:
    """A line for a setting that was changed or taken back."""
    return f"Setting {name}: {value!r}." if value is not None else f"Setting {name}: taken back."


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
