"""A first plan, proposed from how often a program is done."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.errors import PlanError
from kiosk.programs.model import Frequency
from kiosk.schedule.model import EVERY_DAY, WALK, Weekday
from web.forms import FieldProblems
from web.text import ProgramTitles, t

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

TIMES_SHOWN = 3
"""How many times of day can be typed in here; the schedule takes more."""

TIMES = {1: ("10:00",), 2: ("09:00", "18:00"), 3: ("09:00", "13:00", "18:00")}
"""Times at which most people are up and have not just eaten, by how many a day."""

DAYS = {
    1: "tue",
    2: "tue fri",
    3: "mon wed fri",
    4: "mon tue thu fri",
    5: "mon tue wed thu fri",
    6: "mon tue wed thu fri sat",
}
"""Days spread over the week, by how many of them."""


@dataclass(frozen=True, slots=True)
class FirstPlan:
    """What stands in the fields."""

    program: str
    days: tuple[str, ...]
    """`mon` to `sun`."""

    times: tuple[str, ...]

    @classmethod
    def proposed(cls, program: str, frequency: Frequency | None) -> "FirstPlan":
        """As often as the program's source says, at the least; a walk each day."""
        a_day = min(frequency.times_per_day.low, TIMES_SHOWN) if frequency else 1
        a_week = frequency.days_per_week.high if frequency else len(EVERY_DAY)
        every = tuple(day.name.lower() for day in Weekday)
        days = tuple(DAYS[a_week].split()) if a_week in DAYS else every
        return cls(program, days, _padded(TIMES[max(1, a_day)]))

    @classmethod
    def read(cls, form: "MultiDict[str, str]") -> "FirstPlan":
        """What came from the browser."""
        times = tuple(time.strip() for time in form.getlist("times")[:20])
        return cls(form.get("program", "").strip(), tuple(form.getlist("days")), _padded(times))

    def texts(self) -> dict[str, str]:
        """What is to be checked; it begins today."""
        times = ",".join(time for time in self.times if time)
        return {"program": self.program, "days": ",".join(self.days), "times": times}

    def problems(self, error: PlanError) -> FieldProblems:
        """What is wrong; a field left empty is told so plainly."""
        missing = {
            "days": t("setup.plan.no_days"),
            "times": t("setup.plan.no_times"),
            "program": t("setup.plan.no_program"),
        }
        empty = {name for name, text in self.texts().items() if not text}
        problems = FieldProblems.of(p for p in error.problems if p.path not in empty)
        for name, sentence in missing.items():
            if name in empty:
                problems.add(name, sentence)
        return problems


def frequency_of(program: str, titles: ProgramTitles) -> Frequency | None:
    """How often its source says that a program is done; `None` for a walk."""
    found = titles.program(program)
    return found.frequency if found else None


def choices(titles: ProgramTitles) -> list[tuple[str, str]]:
    """Id and title of each program that can be planned, and of the walk."""
    return [(id_, titles(id_)) for id_ in (*(one.id for one in titles.usable()), WALK)]


def _padded(times: tuple[str, ...]) -> tuple[str, ...]:
    return times + ("",) * (TIMES_SHOWN - len(times))
