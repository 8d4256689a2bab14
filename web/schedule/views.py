"""The page Schedule: a week, the rows of the plan, and the buttons of each row."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from kiosk.errors import ConflictError, PlanError
from kiosk.schedule.model import WALK, PlanEntry
from kiosk.schedule.occurrences import state_of
from kiosk.schedule.snapshot import PAST, ListedOccurrence, ScheduleSnapshot
from web.context import kiosk
from web.forms import Outcome, answer, error_sentence, problem_text
from web.schedule.edit import back, done, pages, read_version
from web.schedule.text import (
    advice,
    coming_in_words,
    course_in_words,
    days_and_times,
    entry_in_words,
)
from web.text import ProgramTitles, monday_of, t

A_WEEK = timedelta(weeks=1)

FIRST, LAST = date(2000, 1, 3), date(2099, 12, 21)
"""The Mondays of the first and the last week that the page shows."""


@pages.get("")
def show() -> str:
    """The week, then every entry of the plan."""
    with kiosk().snapshots.reading() as snapshot:
        titles = ProgramTitles(snapshot.programs)
        week = week_of(request.args.get("week", ""), snapshot, titles)
        entries = [entry_row(entry, snapshot, titles) for entry in snapshot.plan]
    return render_template(
        "schedule/schedule.html",
        week=week,
        entries=entries,
        today=snapshot.today,
        clock_trusted=snapshot.trusted,
    )


@pages.post("/<int:number>/pause")
def pause(number: int) -> Response:
    """Pause an entry, or resume it."""
    snapshot, paused = kiosk().snapshots.take(), request.form.get("paused") != "no"
    before = snapshot.entry(number)
    if before.paused == paused:
        return back()
    changed = replace(before, paused=paused, version=read_version(request.form))
    try:
        saved = kiosk().schedule.change(changed, before)
    except ConflictError:
        return _not_done()
    phrase = "schedule.answer_paused" if paused else "schedule.answer_taken_up"
    title = ProgramTitles(snapshot.programs)(before.program)
    return done(saved, t(phrase, program=title))


@pages.post("/<int:number>/remove")
def remove(number: int) -> Response:
    """Remove an entry, and answer with a button that undoes it."""
    try:
        saved = kiosk().schedule.remove(number, read_version(request.form))
    except ConflictError:
        return _not_done()
    titles = ProgramTitles(kiosk().snapshots.take().programs)
    return done(saved, t("schedule.answer_removed", program=titles(saved.entry.program)))


@pages.post("/undo")
def undo() -> Response:
    """Undo a change."""
    try:
        entry = kiosk().schedule.undo(request.form.get("change", ""))
    except ConflictError as error:
        answer(error_sentence(error), Outcome.NOT_DONE)
        return back()
    except PlanError as error:
        answer(problem_text(error.problems[0]), Outcome.NOT_DONE)
        return back()
    if entry is None:
        answer(t("schedule.answer_undone_added"))
    else:
        titles = ProgramTitles(kiosk().snapshots.take().programs)
        answer(t("schedule.answer_undone", entry=entry_in_words(entry, titles)))
    return back()


def _not_done() -> Response:
    answer(t("schedule.answer_too_late"), Outcome.NOT_DONE)
    return back()


def week_of(wanted: str, snapshot: ScheduleSnapshot, titles: ProgramTitles) -> dict[str, Any]:
    """The week with the day `wanted`, in ISO 8601; this week where that is no day it can show.

    `days` has each date with its occurrences and their titles; `before` and `after` are the Mondays
    next to it, `None` beyond those that the page shows; `has_past` says whether it has occurrences
    that nobody was asked to do.
    """
    monday = monday_of(_read_day(wanted) or snapshot.today)
    days: dict[date, list[tuple[ListedOccurrence, str]]] = {
        monday + timedelta(days=n): [] for n in range(7)
    }
    listed = snapshot.occurrences_between(monday, monday + timedelta(days=6))
    for one in listed:
        days[one.occurrence.local_date].append((one, titles(one.occurrence.program)))
    return {
        "days": days,
        "first": monday,
        "last": monday + timedelta(days=6),
        "before": monday - A_WEEK if monday > FIRST else None,
        "after": monday + A_WEEK if monday < LAST else None,
        "is_this": monday == monday_of(snapshot.today),
        "has_past": any(one.state == PAST for one in listed),
    }


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST <= day < LAST + A_WEEK else None


def entry_row(
    entry: PlanEntry, snapshot: ScheduleSnapshot, titles: ProgramTitles
) -> dict[str, Any]:
    """The row of an entry of the plan; `usable` says whether its program can be used."""
    today = snapshot.today
    return {
        "entry": entry,
        "title": titles(entry.program),
        "usable": entry.program == WALK or titles.program(entry.program) is not None,
        "when": days_and_times(entry),
        "course": course_in_words(entry, today),
        "state": state_of(entry, today).replace(" ", "_"),
        "next": "".join(coming_in_words(snapshot.next_times(entry, 1), today)),
        "advice": advice(entry, snapshot, titles),
    }
