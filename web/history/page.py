"""All that the page about the history shows, gathered for its template."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import current_app

from kiosk.history.adherence import CourseShare
from kiosk.history.audit import AuditEntry
from kiosk.history.model import Effort, SessionRecord
from kiosk.history.service import HistoryService
from kiosk.schedule.model import PlanEntry
from kiosk.schedule.progress import Progress
from web.charts import bars, calendar
from web.context import kiosk
from web.forms import FieldProblems
from web.history.days import DAY, month_of, next_month, picture_days
from web.history.steps import step_of
from web.history.text import (
    Titles,
    change_told,
    date_told,
    day_told,
    head_of,
    month_told,
    session_line,
    short_date,
)
from web.text import clock_time, day_in_words, t


def titles() -> Titles:
    """What programs are called, for one page."""
    return Titles(kiosk().programs, current_app.extensions["wording"].language)


def whole_page(month: date | None) -> dict[str, Any]:
    """What the template is filled with; `month` is the one whose sessions are listed."""
    desk, names = kiosk().history.once(), titles()
    today = desk.today()
    # The most days come first: what is told of fewer of them is not read again.
    pictures = _pictures(desk, today)
    levels, unusable = kiosk().levels.in_use()
    names.know(level.program for level in levels)
    standing = desk.standing()
    first, _ = picture_days(today)
    return {
        "today": today,
        "clock_trusted": kiosk().schedule.clock_trusted(),
        "head": head_of(standing, names),
        "standing": standing,
        "titles": names,
        "courses": [_course(entry, share, names) for entry, share in standing.courses],
        "steps": [step for level in levels if (step := step_of(level, names))],
        "unusable": unusable,
        **pictures,
        **_sessions(desk, names, month or month_of(today), today),
        **_told(desk, first, names),
        "is_empty": _is_empty(desk, standing),
        "typed": {"from": first.isoformat(), "to": today.isoformat()},
        "problems": FieldProblems(),
        "day_told": day_told,
        "date_told": date_told,
        "short_date": short_date,
    }


def _course(entry: PlanEntry, share: CourseShare, names: Titles) -> dict[str, Any]:
    days = timedelta(weeks=entry.weeks or 0) - DAY
    return {
        "title": names(entry.program),
        "times": ", ".join(map(clock_time, entry.times)),
        "until": day_in_words(entry.starts + days),
        "share": share,
    }


def _pictures(desk: HistoryService, today: date) -> dict[str, Any]:
    first, last = picture_days(today)
    days = desk.days(first, last)
    harder = Counter(_mondays_of_harder(desk.sessions(first, last)))
    return {"calendar": calendar(days, today), "bars": bars(days, harder)}


def _mondays_of_harder(sessions: Iterable[SessionRecord]) -> Iterable[date]:
    for session in sessions:
        if session.effort is Effort.HARDER:
            yield session.local_date - session.local_date.weekday() * DAY


def _sessions(desk: HistoryService, names: Titles, month: date, today: date) -> dict[str, Any]:
    following = next_month(month)
    before = desk.sessions(last=month - DAY, newest=1)
    under_way = desk.under_way()
    newest_first = reversed(desk.sessions(month, following - DAY))
    by_day = groupby(newest_first, key=lambda session: session.local_date)
    return {
        "month": month_told(month),
        "session_days": [
            (day, [session_line(session, names, under_way) for session in of_day])
            for day, of_day in by_day
        ],
        "earlier": _month_link(before[0].local_date) if before else None,
        "later": _month_link(following) if following <= today else None,
    }


def _month_link(day: date) -> Mapping[str, str]:
    return {"month": f"{day:%Y-%m}", "told": month_told(day)}


def _told(desk: HistoryService, recent: date, names: Titles) -> dict[str, Any]:
    notices = desk.notices()
    return {
        "notices": [n for n in notices if n.at.date() >= recent],
        "old_notices": [n for n in notices if n.at.date() < recent],
        "changes": [_change(line, names) for line in desk.changes()],
    }


def _change(line: AuditEntry, names: Titles) -> dict[str, Any]:
    who = t(f"history.actor.{line.actor.value}")
    return {"at": line.at, "who": who, "what": change_told(line, names)}


def _is_empty(desk: HistoryService, standing: Progress) -> bool:
    """Whether nothing was ever planned or done."""
    return not (standing.day.planned or standing.next or desk.sessions(newest=1))
