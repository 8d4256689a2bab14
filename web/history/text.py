"""Sessions, progress and changes in the words of the pages."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from flask import current_app

from kiosk.history.adherence import Tally
from kiosk.history.audit import AuditEntry
from kiosk.history.model import Effort, Ending, SessionRecord, Spot
from kiosk.locale.audit import Names, audit_text
from kiosk.schedule.progress import LONGEST_RUN, Progress
from web.charts import Mark
from web.text import ProgramTitles, clock_time, day_in_words, full_date, t, tn

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
"""The labels of settings, as on the page Settings."""


def change_text(entry: AuditEntry, titles: ProgramTitles) -> str:
    """The sentence for a change; programs and exercises by their titles, where the page has read
    their files anyway.
    """
    names = Names(
        lambda program: titles(program) if titles.cached.get(program) else program,
        lambda program, exercise: (
            titles.exercise(program, exercise) if titles.cached.get(program) else exercise
        ),
        lambda name: t(SETTINGS[name]) if name in SETTINGS else None,
    )
    return audit_text(entry, current_app.extensions["wording"], names)


def answer_of_today(progress: Progress, titles: ProgramTitles) -> list[str]:
    """Sentences about today: whether everything was done, then extra and next sessions."""
    day = progress.day
    n, of = len(day.done), len(day.planned)
    if day.all_done:
        sentence = t("history.today.yes", n=n, of=of)
    elif of == 0:
        sentence = t("history.today.nothing")
    elif day.due or day.to_come:
        sentence = t("history.today.not_yet", n=n, of=of)
    else:
        sentence = t("history.today.no", n=n, of=of)
    return [sentence, *_more(progress, titles)]


def _more(progress: Progress, titles: ProgramTitles) -> Iterator[str]:
    day = progress.day
    if day.due:
        first = day.due[0].occurrence
        yield t("history.today.due", title=titles(first.program), time=clock_time(first.due))
    if progress.extra:
        yield tn("history.today.extra", progress.extra)
    if progress.next is not None and not day.due:
        near = day_in_words(progress.next.local_date, today=day.day)
        title, time = titles(progress.next.program), clock_time(progress.next.due)
        yield t("history.today.next", title=title, day=near, time=time)
    if progress.run >= LONGEST_RUN:
        yield t("history.run.year")
    elif progress.run:
        yield tn("history.run", progress.run)


def session_line(
    session: SessionRecord, titles: ProgramTitles, under_way: int | None
) -> dict[str, Any]:
    """A session for the list; one without an end that does not go on was cut off."""
    goes_on = session.ending is None and session.id == under_way
    return {
        "started": session.started,
        "title": titles(session.program),
        "ending": _ending(session, titles, goes_on=goes_on),
        "is_completed": session.ending is Ending.COMPLETED,
        "goes_on": goes_on,
        "is_harder": session.effort is Effort.HARDER,
        "done": sum(exercise.reps for exercise in session.exercises),
        "planned": sum(exercise.planned_reps for exercise in session.exercises),
    }


def _ending(session: SessionRecord, titles: ProgramTitles, *, goes_on: bool) -> str:
    if session.ending is Ending.COMPLETED:
        return t("history.ending.completed")
    place = _place(session, titles.exercise)
    if goes_on:
        return t("history.ending.under_way", place=place)
    if session.ending is Ending.STOPPED:
        return t("history.ending.stopped", place=place)
    return t("history.ending.interrupted", place=place)


def _place(session: SessionRecord, name_of: Callable[[str, str], str]) -> str:
    spot = session.stopped_at
    if spot is None or spot.exercise is None:
        began = any(exercise.reps for exercise in session.exercises)
        return t("history.place.after_last" if began else "history.place.before_first")
    name = name_of(session.program, spot.exercise_id or "")
    exercise = t("history.place.exercise", n=spot.exercise, name=name)
    return t("history.place.at", place=", ".join([exercise, *_within(spot)]))


def _within(spot: Spot) -> Iterator[str]:
    if spot.set is not None and spot.set > 1:
        yield t("history.place.set", n=spot.set)
    if spot.rep is not None:
        yield t("history.place.repetition", n=spot.rep)
    if spot.side in ("left", "right"):
        yield t(f"history.place.{spot.side}")


def day_text(tally: Tally, mark: Mark) -> str:
    """The tally of a day, e.g. `2 of 3 done`."""
    if mark is Mark.EXTRA:
        return tn("history.day.extra", tally.extra)
    if mark is Mark.NOTHING:
        return t("history.day.nothing")
    if mark is Mark.TO_COME:
        return tn("history.day.to_come", tally.planned)
    text = t("history.day.done", n=tally.done, of=tally.planned)
    return f"{text}, {tn('history.day.and_extra', tally.extra)}" if tally.extra else text


def date_text(day: date, today: date) -> str:
    """A day in words, with its year where that is not the present one."""
    if isinstance(day, datetime):
        day = day.date()
    return day_in_words(day) if day.year == today.year else full_date(day)


def short_date(day: date) -> str:
    """E.g. `23 March`."""
    return t("history.date.short", day=day.day, month=t(f"pages.month.{day.month}"))


def month_text(month: date) -> str:
    """E.g. `March 2026`."""
    return t("history.month", month=t(f"pages.month.{month.month}"), year=month.year)
