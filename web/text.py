"""The words of the pages, from the same catalogues as the voice's, and the titles of programs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from flask import Flask, current_app

from kiosk.errors import ProgramFileError, UnknownProgramError
from kiosk.locale.wording import Wording
from kiosk.programs.model import Bounds, Exercise, Frequency, Program
from kiosk.schedule.model import WALK, Weekday

if TYPE_CHECKING:
    from kiosk.programs.files import ProgramSource


def add_texts(app: Flask, wording: Wording) -> None:
    """Give the templates their words."""
    app.extensions["wording"] = wording
    helpers = (t, tn, day_name, day_in_words, clock_time, duration, frequency_in_words)
    app.jinja_env.globals.update({helper.__name__: helper for helper in helpers})
    app.jinja_env.globals["language"] = wording.language.replace("_", "-")


@dataclass
class ProgramTitles:
    """The titles of programs and exercises, for one request: each file is read at most once."""

    source: "ProgramSource"
    cached: dict[str, Program | None] = field(default_factory=dict)
    """The programs read so far, by id; `None` for one that cannot be used."""

    def __call__(self, program: str) -> str:
        """The title of a program, or of the walk; the id of one that cannot be used."""
        if program == WALK:
            return t("pages.walk")
        found = self.program(program)
        return found.title(wording_of_pages().language) if found else program

    def exercise(self, program: str, exercise: str) -> str:
        """The name of an exercise; its id where the program does not have it any more."""
        found = self.program(program)
        own = [e for e in found.exercises if e.id == exercise] if found else []
        return self.name_of(own[0]) if own else exercise

    def name_of(self, exercise: Exercise) -> str:
        """The name of an exercise."""
        return exercise.name(wording_of_pages().language)

    def program(self, program: str) -> Program | None:
        """The program of that id; `None` where it cannot be used."""
        if program not in self.cached:
            try:
                self.cached[program] = self.source.load(program)
            except (ProgramFileError, UnknownProgramError):
                self.cached[program] = None
        return self.cached[program]

    def usable(self) -> Iterator[Program]:
        """Every program that can be used, in the order of their ids."""
        for id_ in self.source.ids():
            if (program := self.program(id_)) is not None:
                yield program


def t(key: str, **values: object) -> str:
    """The phrase `key` with `values` filled in; plain text, for the template to escape."""
    return wording_of_pages().say(key, **{name: str(value) for name, value in values.items()})


def tn(key: str, n: int, **values: object) -> str:
    """The phrase `key` in the form for `n`; `{n}` becomes its digits."""
    return wording_of_pages().count(key, n, **{name: str(value) for name, value in values.items()})


def day_name(day: date | int, *, short: bool = False) -> str:
    """The day of the week, of a date or by number from Monday, 0."""
    weekday = Weekday(day if isinstance(day, int) else day.weekday())
    return t(f"pages.day.{weekday.name.lower()}{'.short' if short else ''}")


def day_in_words(day: date, *, today: date | None = None) -> str:
    """E.g. `Monday, 5 October`; with `today`, near days by their own names."""
    if isinstance(day, datetime):
        day = day.date()
    if today is not None and abs((day - today).days) <= 1:
        return t(("pages.today", "pages.tomorrow", "pages.yesterday")[(day - today).days])
    month = t(f"pages.month.{day.month}")
    return t("pages.date", weekday=day_name(day), day=day.day, month=month, year=day.year)


def full_date(day: date) -> str:
    """E.g. `Monday, 5 October 2026`."""
    return t("schedule.full_date", day=day_in_words(day), year=day.year)


def monday_of(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def clock_time(at: datetime | time) -> str:
    """E.g. `08:30`."""
    return f"{at:%H:%M}"


def duration(millis: int) -> str:
    """E.g. `5:47`."""
    minutes, seconds = divmod(round(millis / 1000), 60)
    return f"{minutes}:{seconds:02}"


def seconds_text(millis: int) -> str:
    """Milliseconds as a number of seconds, e.g. `2.5`."""
    return f"{millis / 1000:g}"


def span(bounds: Bounds, unit: int = 1, *, short: bool = False) -> str:
    """E.g. `3 to 5`, `short` with a dash, or `3` where both ends are the same."""
    low, high = (f"{end / unit:g}" for end in (bounds.low, bounds.high))
    key = "schedule.span" if short else "programs.span"
    return low if low == high else t(key, low=low, high=high)


def times_a_day(times: Bounds, *, short: bool = False) -> str:
    """E.g. `1 time a day`; `short` as in `span`."""
    return tn("programs.times_a_day", times.high, span=span(times, short=short))


def days_a_week(days: Bounds, *, short: bool = False) -> str:
    """E.g. `2 to 3 days a week`; `short` as in `span`."""
    return tn("programs.days_a_week", days.high, span=span(days, short=short))


def frequency_in_words(frequency: Frequency, *, short: bool = False) -> str:
    """E.g. `2 to 3 times a day, 7 days a week`; `short` as in `span`."""
    times = times_a_day(frequency.times_per_day, short=short)
    return t("programs.often", times=times, days=days_a_week(frequency.days_per_week, short=short))


def wording_of_pages() -> Wording:
    """The wording that the pages of the running app are in."""
    wording: Wording = current_app.extensions["wording"]
    return wording
