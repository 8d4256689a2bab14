"""The page History: today, the weeks, the sessions, proposed steps, changes; and a download."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from kiosk.errors import ConflictError
from kiosk.history.adherence import CourseShare
from kiosk.history.audit import AuditEntry
from kiosk.history.model import Effort
from kiosk.history.service import (
    changes,
    day_tallies,
    last_session,
    losses,
    session_under_way,
    sessions_csv,
    sessions_of_days,
)
from kiosk.levels.proposals import Proposal
from kiosk.schedule.model import PlanEntry
from kiosk.schedule.occurrences import DAY, last_day
from kiosk.schedule.progress import progress_of
from kiosk.schedule.snapshot import ScheduleSnapshot
from web.charts import bars, calendar
from web.context import kiosk
from web.forms import FieldProblems, Outcome, answer, problem_line
from web.history.text import (
    answer_of_today,
    change_text,
    date_text,
    day_text,
    fingerprint,
    month_text,
    session_line,
    short_date,
    step_card,
)
from web.text import ProgramTitles, clock_time, day_in_words, monday_of, t

pages = Blueprint("history", __name__, url_prefix="/history")

WEEKS = 12  # how many weeks the pictures show
MOST_DAYS = 366  # how many days a download has at most, so that ten years are never read at once

FIRST_YEAR, LAST_YEAR = 2000, 2100


@pages.get("")
def show() -> str:
    """The page, with the sessions of the month that is asked for."""
    wanted = request.args.get("month")
    month = None if wanted is None else _read_day(f"{wanted}-01")
    if wanted is not None and month is None:
        abort(404)
    return render_template("history/history.html", **whole_page(month))


@pages.get("/sessions.csv")
def sessions() -> Response | tuple[str, int]:
    """The sessions of some days, for a spreadsheet."""
    snapshot = kiosk().snapshots.take()
    today = snapshot.today
    first, last, problems = read_days(picture_days(today)[0], today)
    if problems:
        typed = {name: request.args.get(name, "") for name in ("from", "to")}
        page = whole_page() | {"typed": typed, "problems": problems}
        return render_template("history/history.html", **page), 422
    name = f"sessions-{first}-to-{last}.csv"
    response = Response(sessions_csv(snapshot, first, last), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@pages.post("/<any(accept,decline):decision>")
def decide(decision: str) -> Response:
    """Accept or decline a proposed step."""
    levels, accepts = kiosk().levels, decision == "accept"
    try:
        proposal = _proposal_of_form()
        (levels.accept if accepts else levels.decline)(proposal.program, proposal)
    except ConflictError:
        answer(t("history.step.conflict"), Outcome.NOT_DONE)
    else:
        answer(_accepted(proposal) if accepts else t("history.step.declined"))
    return redirect(url_for("history.show"), 303)


def _proposal_of_form() -> Proposal:
    """The proposal of the form. Raises ConflictError where it is not proposed any more."""
    program = request.form.get("program", "")
    proposal = kiosk().levels.of(program).proposal
    if proposal is None or fingerprint(proposal) != request.form.get("seen"):
        raise ConflictError("level.step-gone", program=program)
    return proposal


def _accepted(proposal: Proposal) -> str:
    title = ProgramTitles(kiosk().snapshots.take().programs)
    if proposal.to_program is None:
        return t("history.step.accepted", title=title(proposal.program))
    text = t("history.step.changed", old=title(proposal.program), new=title(proposal.to_program))
    if kiosk().settings.current.default_program != proposal.program:
        return text
    return f"{text} {t('history.step.button_stays', old=title(proposal.program))}"


# --- the content of the page


def picture_days(today: date) -> tuple[date, date]:
    """The first and the last day of the pictures: whole weeks, this one last."""
    monday = monday_of(today)
    return monday - 7 * (WEEKS - 1) * DAY, monday + 6 * DAY


def read_days(first: date, last: date) -> tuple[date, date, FieldProblems]:
    """The days that `from` and `to` name, `first` and `last` where they are not given, and the
    problems of both.
    """
    problems = FieldProblems()
    days = {"from": first, "to": last}
    for name, usual in days.items():
        if text := request.args.get(name, "").strip():
            day = _read_day(text)
            if day is None:
                problems.add(name, t("history.download.no_day"))
            days[name] = day or usual
    first, last = days.values()
    if not problems and last < first:
        problems.add("to", t("history.download.turned"))
    if not problems and (last - first).days >= MOST_DAYS:
        problems.add("to", t("history.download.long"))
    return first, last, problems


def _read_day(text: str) -> date | None:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def whole_page(month: date | None = None) -> dict[str, Any]:
    """The variables of the template. `month` is the first day of the one whose sessions are listed;
    this month where it is not given.
    """
    with kiosk().snapshots.reading() as snapshot:
        return _content(snapshot, month or snapshot.today.replace(day=1))


def _content(snapshot: ScheduleSnapshot, month: date) -> dict[str, Any]:
    today, titles = snapshot.today, ProgramTitles(snapshot.programs)
    # The most days come first: those of fewer are then not read again.
    pictures = _pictures(snapshot)
    levels, unusable = kiosk().levels.in_use(snapshot)
    titles.cached.update((level.program.id, level.program) for level in levels)
    progress = progress_of(snapshot)
    first, _ = picture_days(today)
    return {
        "today": today,
        "clock_trusted": snapshot.trusted,
        "answer": answer_of_today(progress, titles),
        "planned": progress.day.planned,
        "titles": titles,
        "courses": [_course(entry, share, titles) for entry, share in progress.courses],
        "steps": [step_card(one, one.proposal, titles) for one in levels if one.proposal],
        "unusable": [problem_line(problem, source=True) for problem in unusable],
        **pictures,
        **_sessions(snapshot, titles, month),
        **_audit(snapshot, first, titles),
        # Whether nothing was ever planned or done.
        "is_empty": not (progress.day.planned or progress.next or last_session(snapshot)),
        "typed": {"from": first.isoformat(), "to": today.isoformat()},
        "problems": FieldProblems(),
        "day_text": day_text,
        "date_text": date_text,
        "short_date": short_date,
    }


def _course(entry: PlanEntry, share: CourseShare, titles: ProgramTitles) -> dict[str, Any]:
    return {
        "title": titles(entry.program),
        "times": ", ".join(map(clock_time, entry.times)),
        "until": day_in_words(last_day(entry) or entry.starts),
        "share": share,
    }


def _pictures(snapshot: ScheduleSnapshot) -> dict[str, Any]:
    first, last = picture_days(snapshot.today)
    days = day_tallies(snapshot, first, last)
    sessions = snapshot.sessions(first, last)
    harder = Counter(monday_of(s.local_date) for s in sessions if s.effort is Effort.HARDER)
    return {"calendar": calendar(days, snapshot.today), "bars": bars(days, harder)}


def _sessions(snapshot: ScheduleSnapshot, titles: ProgramTitles, month: date) -> dict[str, Any]:
    following = (month.replace(day=28) + 4 * DAY).replace(day=1)
    before = last_session(snapshot, month - DAY)
    under_way = session_under_way(snapshot)
    newest_first = reversed(sessions_of_days(snapshot, month, following - DAY))
    by_day = groupby(newest_first, key=lambda session: session.local_date)
    return {
        "month": month_text(month),
        "session_days": [
            (day, [session_line(session, titles, under_way) for session in of_day])
            for day, of_day in by_day
        ],
        "earlier": _month_link(before.local_date) if before else None,
        "later": _month_link(following) if following <= snapshot.today else None,
    }


def _month_link(day: date) -> Mapping[str, str]:
    return {"month": f"{day:%Y-%m}", "text": month_text(day)}


def _audit(snapshot: ScheduleSnapshot, recent: date, titles: ProgramTitles) -> dict[str, Any]:
    lost = losses(snapshot)
    return {
        "losses": [_change(loss, titles) for loss in lost if loss.at.date() >= recent],
        "old_losses": [_change(loss, titles) for loss in lost if loss.at.date() < recent],
        "changes": [_change(line, titles) for line in changes(snapshot)],
    }


def _change(line: AuditEntry, titles: ProgramTitles) -> dict[str, Any]:
    who = t(f"history.actor.{line.actor.value}")
    return {"at": line.at, "who": who, "what": change_text(line, titles)}
