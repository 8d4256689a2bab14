"""Entries of the audit log as sentences, by the catalogue `audit.po`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kiosk.history.audit import AuditEntry, Change, Values
from kiosk.locale.wording import Wording


@dataclass(frozen=True)
class Names:
    """The names of programs, exercises and settings in a sentence; by default their ids."""

    program: Callable[[str], str] = lambda program: program
    exercise: Callable[[str, str], str] = lambda _program, exercise: exercise
    """For the ids of a program and an exercise."""

    setting: Callable[[str], str | None] = lambda _name: None
    """The label of a setting; `None` where it has none."""


def audit_text(entry: AuditEntry, wording: Wording, names: Names | None = None) -> str:
    """The sentence for `entry`. Raises WordingError where the catalogue lacks a phrase."""
    return _Sentence(entry, wording, names or Names()).text()


class _Sentence:
    def __init__(self, entry: AuditEntry, wording: Wording, names: Names) -> None:
        self._entry = entry
        self._say = wording.say
        self._count = wording.count
        self._names = names
        self._values: dict[str, Any] = {**(entry.before or {}), **(entry.after or {})}

    def text(self) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a kind
        entry, values, key = self._entry, self._values, f"audit.{self._entry.kind.value}"
        match entry.kind:
            case Change.PLAN_CHANGED:
                before, after = self._plan_entry(entry.before), self._plan_entry(entry.after)
                return self._say(key, id=entry.subject, before=before, after=after)
            case Change.PLAN_ADDED | Change.PLAN_REMOVED | Change.PLAN_RESTORED:
                described = self._plan_entry(entry.after or entry.before)
                return self._say(key, id=entry.subject, entry=described)
            case Change.DOSE_SET | Change.DOSE_RESET:
                return self._dose(key)
            case Change.SETTING_SET | Change.SETTING_RESET:
                return self._setting(key)
            case Change.LEVEL_ACCEPTED | Change.LEVEL_DECLINED:
                program = self._names.program(entry.subject)
                step = self._say(f"audit.step.{values['step']}", program=program)
                return self._say(key, step=step, session=str(values.get("session", "")))
            case Change.PROGRAM_SAVED | Change.PROGRAM_REMOVED:
                return self._say(key, program=self._names.program(entry.subject))
            case Change.BACKUP_RESTORED:
                return self._restored(key)
            case Change.BACKUP_SETTINGS_UNUSABLE:
                setting = entry.subject or self._say("audit.backup.all-settings")
                return self._say(key, setting=setting, **values)
            case Change.BACKUP_SETTINGS_OF_MACHINE:
                settings = ", ".join(f"{name} = {text}" for name, text in values.items())
                return self._say(key, settings=settings)
            case Change.DATA_LOST if "text" not in values:
                return self._loss(key)
            case Change.TEXT | Change.DATA_LOST:
                return str(values.get("text", ""))
            case Change.PASSPHRASE_CHOSEN:
                key = f"{key}.{values['way']}"
            case Change.WRONG_PASSPHRASES if values["signed_in"]:
                key = f"{key}.signed-in"
        return self._say(key, **values)

    def _plan_entry(self, values: Values | None) -> str:
        entry: dict[str, Any] = dict(values or {})
        days = [self._say(f"pages.day.{day}.short") for day in entry["days"]]
        all_days = len(days) == 7
        weeks, paused = entry["weeks"], entry["paused"]
        return self._say(
            "audit.entry",
            program=self._names.program(entry["program"]),
            days=self._say("audit.entry.every-day") if all_days else ", ".join(days),
            times=", ".join(entry["times"]),
            starts=entry["starts"],
            weeks=self._count("audit.entry.weeks", weeks) if weeks is not None else "",
            paused=self._say("audit.entry.paused") if paused else "",
        )

    def _dose(self, key: str) -> str:
        program, _, exercise = self._entry.subject.partition("/")
        return self._say(
            key,
            exercise=self._names.exercise(program, exercise),
            program=self._names.program(program),
            values=", ".join(self._dose_values(dict(self._entry.after or {}))),
        )

    def _dose_values(self, values: dict[str, Any]) -> Iterator[str]:
        if values.get("sets") is not None:
            yield self._count("audit.dose.sets", values["sets"])
        if values.get("reps") is not None:
            yield self._count("audit.dose.repetitions", values["reps"])
        if values.get("hold_ms") is not None:
            yield self._say("audit.dose.hold", seconds=f"{values['hold_ms'] / 1000:g}")

    def _setting(self, key: str) -> str:
        name = self._entry.subject
        label = self._names.setting(name)
        value = str((self._entry.after or {}).get("value", ""))
        if label is None:
            return self._say(key, name=name, value=repr(value))
        return self._say(f"{key}.labelled", name=label, value=self._names.program(value))

    def _restored(self, key: str) -> str:
        *others, last = self._values["replaced"] or [""]
        if not last:
            return self._say(key, **self._values)
        listed = self._say("audit.and", first=", ".join(others), last=last) if others else last
        return self._say(f"{key}.replaced", backup=self._values["backup"], replaced=listed)

    def _loss(self, key: str) -> str:
        values = self._values
        missing = values.get("missing")
        cause = self._say(
            f"{key}.missing" if missing else f"{key}.damaged",
            cause=missing or values.get("fault") or "",
        )
        backup, stored_as = values.get("backup"), values.get("stored_as")
        beside = self._say(f"{key}.stored", name=stored_as) if stored_as else ""
        if backup is None:
            return self._say(f"{key}.no-backup", cause=cause, beside=beside)
        return self._say(f"{key}.backup", cause=cause, backup=backup, beside=beside)
