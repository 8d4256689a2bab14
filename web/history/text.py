"""Sessions, progress, changes and proposed steps in the words of the pages."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from flask import current_app

from kiosk.history.adherence import Tally
from kiosk.history.audit import AuditEntry
from kiosk.history.model import Effort, Ending, SessionRecord, Spot
from kiosk.levels.doses import Dose
from kiosk.levels.proposals import Kind, Proposal, Reason
from kiosk.levels.service import Level
from kiosk.locale.audit import Names, audit_text
from kiosk.programs.model import Bounds, Exercise
from kiosk.schedule.progress import LONGEST_RUN, Progress
from web.charts import Mark
from web.text import ProgramTitles, clock_time, day_in_words, full_date, seconds_text, t, tn

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
    ending = "under_way" if goes_on else session.ending or Ending.INTERRUPTED
    return t(f"history.ending.{ending}", place=place)


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


# --- steps to another level, as cards that a caregiver decides on


def step_card(level: Level, proposal: Proposal, titles: ProgramTitles) -> dict[str, Any]:
    """The variables of a card for the step that is proposed."""
    return {
        "program": proposal.program,
        "seen": fingerprint(proposal),
        "heading": t(f"history.step.{proposal.kind.value}", title=titles(proposal.program)),
        "why": _why(proposal, titles),
        "what": list(_changed_doses(level, proposal, titles)),
        "advice": _advice(proposal, titles),
        "can_accept": proposal.kind is not Kind.NOTHING_EASIER,
    }


def fingerprint(proposal: Proposal) -> str:
    """A fingerprint of `proposal`, short enough for a form."""
    return hashlib.sha256(repr(proposal).encode()).hexdigest()[:16]


def _why(proposal: Proposal, titles: ProgramTitles) -> str:
    match proposal.reason:
        case Reason.WENT_WELL:
            return tn("history.step.went_well", proposal.sessions)
        case Reason.HARDER:
            return tn("history.step.harder", proposal.sessions)
        case Reason.STOPPED:
            name = titles.exercise(proposal.program, proposal.exercise or "")
            return tn("history.step.stopped", proposal.sessions, name=name)


def _changed_doses(level: Level, proposal: Proposal, titles: ProgramTitles) -> Iterator[str]:
    if proposal.to_program is not None:
        old, new = titles(proposal.program), titles(proposal.to_program)
        yield t("history.step.program", old=old, new=new)
    for dose in proposal.doses:
        in_file = next(e for e in level.program.exercises if e.id == dose.exercise_id)
        now = next(e for e in level.dosed.exercises if e.id == dose.exercise_id)
        changes = ", ".join(_changes(now, in_file, dose))
        yield t("history.step.dose", name=titles.name_of(now), changes=changes)


def _changes(now: Exercise, in_file: Exercise, dose: Dose) -> Iterator[str]:
    sets = in_file.sets if dose.sets is None else dose.sets
    reps = in_file.reps if dose.reps is None else dose.reps
    hold = _hold(in_file) if dose.hold is None else dose.hold
    if sets != now.sets:
        yield tn("history.step.sets", sets, before=now.sets)
    if reps != now.reps:
        yield tn("history.step.repetitions", reps, before=now.reps)
    if hold != _hold(now):
        yield t("history.step.hold", before=seconds_text(_hold(now)), after=seconds_text(hold))


def _hold(exercise: Exercise) -> int:
    return next((phase.duration for phase in exercise.holds), 0)


def _advice(proposal: Proposal, titles: ProgramTitles) -> str:
    if proposal.kind is Kind.NOTHING_EASIER:
        return t("history.step.nothing_easier")
    new = titles.program(proposal.to_program) if proposal.to_program is not None else None
    if new is None:
        return t("history.step.from_next_session")
    often = _span("history.step.days_a_week", new.frequency.days_per_week)
    times = _span("history.step.times_a_day", new.frequency.times_per_day)
    return t("history.step.meant_for", title=titles(new.id), often=often, times=times)


def _span(key: str, bounds: Bounds) -> str:
    """E.g. `2 to 3 days a week`."""
    if bounds.low == bounds.high:
        return tn(key, bounds.high)
    return tn(f"{key}.span", bounds.high, low=bounds.low)
