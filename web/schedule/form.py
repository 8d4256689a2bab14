"""The form of a plan entry: its fields as they were typed, and what is wrong with them."""

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

FEWEST_TIMES = 3
"""Fields for a time of day that the form has at least."""

NO_VERSION = -1
"""A version that no entry ever has: a form with it overwrites nothing."""

_CAN_BE_EMPTY = ("weeks",)


@dataclass(frozen=True)
class EntryForm:
    """The texts in the fields of the form."""

    program: str
    days: tuple[str, ...]
    """`mon` to `sun`."""

    times: tuple[str, ...]
    """One for each field, empty ones included."""

    starts: str
    weeks: str
    version: int = NO_VERSION
    """Version of the entry that the page showed; the store compares it with its own."""

    @classmethod
    def new(cls, program: str, today: date | None) -> "EntryForm":
        """The form for a new entry; `today` is `None` where the clock is not set."""
        days = _names(EVERY_DAY)
        return cls(program, days, _padded(()), today.isoformat() if today else "", "")

    @classmethod
    def of(cls, entry: PlanEntry) -> "EntryForm":
        """The form filled with an entry."""
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
        """The form as the browser sent it."""
        return cls(
            program=form.get("program", "").strip(),
            days=tuple(form.getlist("days")),
            times=_padded(time.strip() for time in form.getlist("times")),
            starts=form.get("starts", "").strip(),
            weeks=form.get("weeks", "").strip(),
            version=read_version(form),
        )

    @property
    def full(self) -> bool:
        """Whether there can be no further field for a time."""
        return len(self.times) >= MOST_TIMES

    def with_another_time(self) -> "EntryForm":
        """The same with one more field for a time, unless it is full."""
        return self if self.full else replace(self, times=(*self.times, ""))

    def texts(self, before: PlanEntry | None) -> dict[str, str]:
        """The texts by the names that `kiosk.schedule.checks` reads.

        The program is not among them where it stays that of `before`: its file may be broken by
        now, and the entry can be changed all the same.
        """
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


def read_version(form: "MultiDict[str, str]") -> int:
    """The version that a form was sent with; `NO_VERSION` where that is no number."""
    version = form.get("version", "")
    return int(version) if re.fullmatch("[0-9]{1,9}", version) else NO_VERSION


def problems_of(error: PlanError, typed: EntryForm) -> FieldProblems:
    """The problems by field; for one left empty a plain sentence in place of the checks' own."""
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
    given = tuple(times)
    return given + ("",) * (FEWEST_TIMES - len(given))
