"""The form of an entry: what is typed into it, kept as it was typed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from kiosk.errors import PlanError
from kiosk.schedule.checks import MOST_TIMES
from kiosk.schedule.model import EVERY_DAY, PlanEntry, Weekday
from web.forms import FieldProblems
from web.text import t

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

FEWEST_SHOWN = 3
"""How many times of day can be typed in at first."""

NO_VERSION = -1
"""Stands for one that no entry ever had."""

_CAN_BE_EMPTY = ("weeks",)


@dataclass(frozen=True)
class EntryForm:
    """What stands in the fields."""

    program: str
    days: tuple[str, ...]
    """`mon` to `sun`."""

    times: tuple[str, ...]
    """Of every field there is, empty ones included."""

    starts: str
    weeks: str
    version: int = NO_VERSION
    """Of the entry that was looked at."""

    @classmethod
    def new(cls, program: str, today: date | None) -> "EntryForm":
        """The form for a new entry; `today` is `None` where nobody knows it."""
        days = _names(EVERY_DAY)
        return cls(program, days, _padded(()), today.isoformat() if today else "", "")

    @classmethod
    def of(cls, entry: PlanEntry) -> "EntryForm":
        """The form with an entry in it."""
        return cls(
            program=entry.program,
            days=_names(entry.days),
            times=_padded(f"{wall:%H:%M}" for wall in entry.times),
            starts=entry.starts.isoformat(),
            weeks=str(entry.weeks) if entry.weeks else "",
            version=entry.version,
        )

    @classmethod
    def read(cls, form: "MultiDict[str, str]") -> "EntryForm":
        """What came from the browser."""
        version = form.get("version", "")
        return cls(
            program=form.get("program", "").strip(),
            days=tuple(form.getlist("days")),
            times=_padded(time.strip() for time in form.getlist("times")),
            starts=form.get("starts", "").strip(),
            weeks=form.get("weeks", "").strip(),
            version=int(version) if re.fullmatch("[0-9]{1,9}", version) else NO_VERSION,
        )

    @property
    def full(self) -> bool:
        """Whether there is no room for another time."""
        return len(self.times) >= MOST_TIMES

    def with_another_time(self) -> "EntryForm":
        """The same with one more field for a time, where there is room."""
        return self if self.full else replace(self, times=(*self.times, ""))

    def texts(self, before: PlanEntry | None) -> dict[str, str]:
        """What is to be checked. A program that stays is not, as its file may be broken by now."""
        texts = {
            "program": self.program,
            "days": ",".join(self.days),
            "times": ",".join(time for time in self.times if time),
            "starts": self.starts,
            "weeks": self.weeks,
        }
        if before is not None and before.program == self.program:
            del texts["program"]
        return texts


def problems_of(error: PlanError, typed: EntryForm) -> FieldProblems:
    """What is wrong, in the words of a form: a field left empty is told so plainly."""
    texts = typed.texts(None)
    found = FieldProblems()
    empty = {name for name, text in texts.items() if not text and name not in _CAN_BE_EMPTY}
    for name in sorted({problem.path for problem in error.problems} & empty):
        found.add(name, t(f"schedule.missing.{name}"))
    others = FieldProblems.of(p for p in error.problems if p.path not in empty)
    for name, sentence in others:
        found.add(name, sentence)
    return found


def _names(days: Iterable[Weekday]) -> tuple[str, ...]:
    return tuple(day.name.lower() for day in sorted(days))


def _padded(times: Iterable[str]) -> tuple[str, ...]:
    kept = tuple(times)
    return kept + ("",) * (FEWEST_SHOWN - len(kept))
