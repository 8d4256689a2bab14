"""The schedule: the week at a glance, and what is to be done when."""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.errors import (
    ConflictError,
    PlanError,
    ProgramFileError,
    StoreError,
    UnknownEntryError,
    UnknownProgramError,
)
from kiosk.schedule.model import WALK, PlanEntry, Weekday
from kiosk.schedule.service import SavedEntry
from web.context import kiosk
from web.forms import FieldProblems, Outcome, Undo, answer, not_kept, problem_text
from web.schedule.form import EntryForm, problems_of
from web.schedule.text import (
    Listings,
    doses_in_words,
    entry_in_words,
    frequency_in_words,
    listings,
    title,
    title_of,
)
from web.schedule.week import Preview, next_in_words, previewed, shown, week_of
from web.text import day_name, t

pages = Blueprint("schedule", __name__, url_prefix="/schedule")

NO_PROBLEMS = FieldProblems()


@pages.get("")
def show() -> str:
    """The week, then every entry."""
    known, today = listings(), kiosk().schedule.now().date()
    plan = kiosk().schedule.entries()
    return render_template(
        "schedule/schedule.html",
        week=week_of(request.args.get("week", ""), today, known),
        entries=[shown(entry, plan, known) for entry in plan],
        today=today,
        clock_trusted=kiosk().schedule.clock_trusted(),
    )


@pages.get("/new")
def new() -> str:
    """The form for a new entry."""
    plan, known = kiosk().schedule, listings()
    default = next((listing.id for listing in known.values() if listing.is_default), WALK)
    today = plan.now().date() if plan.clock_trusted() else None
    return _form(EntryForm.new(request.args.get("program", default), today))


@pages.post("/new")
def add() -> Response | tuple[str, int]:
    """Keep a new entry, or show what would come of it."""
    typed = EntryForm.read(request.form)
    return _settle(typed, None)


@pages.get("/<int:number>")
def edit(number: int) -> str:
    """The form of an entry."""
    entry = kiosk().schedule.entry(number)
    return _form(EntryForm.of(entry), entry)


@pages.post("/<int:number>")
def change(number: int) -> Response | tuple[str, int]:
    """Keep a changed entry, or show what would come of it."""
    typed = EntryForm.read(request.form)
    try:
        return _settle(typed, kiosk().schedule.entry(number))
    except UnknownEntryError:
        # What was typed can still be kept: as a new entry.
        return _form(typed, gone=True), 409
    except ConflictError:
        theirs = kiosk().schedule.entry(number)
        return _form(replace(typed, version=theirs.version), theirs, theirs=theirs), 409


@pages.post("/<int:number>/pause")
def pause(number: int) -> Response:
    """Pause an entry, or take it up again."""
    paused = request.form.get("paused") != "no"
    before = kiosk().schedule.entry(number)
    if before.paused == paused:
        return _back()
    changed = replace(before, paused=paused, version=_version())
    try:
        kept = kiosk().schedule.change(changed)
    except ConflictError:
        return _not_done()
    said = "schedule.answer_paused" if paused else "schedule.answer_taken_up"
    return _done(kept, t(said, program=title(kept.entry.program, listings())))


@pages.post("/<int:number>/remove")
def remove(number: int) -> Response:
    """Take an entry out of the plan."""
    try:
        kept = kiosk().schedule.remove(number, _version())
    except ConflictError:
        return _not_done()
    return _done(kept, t("schedule.answer_removed", program=title(kept.entry.program, listings())))


@pages.post("/undo")
def undo() -> Response:
    """Take a change back."""
    try:
        entry = kiosk().schedule.undo(request.form.get("change", ""))
    except ConflictError as error:
        answer(str(error), Outcome.NOT_DONE)
        return _back()
    except PlanError as error:
        answer(problem_text(error.problems[0]), Outcome.NOT_DONE)
        return _back()
    if entry is None:
        answer(t("schedule.answer_undone_added"))
    else:
        answer(t("schedule.answer_undone", entry=entry_in_words(entry, listings())))
    return _back()


def _settle(typed: EntryForm, before: PlanEntry | None) -> Response | tuple[str, int]:
    """Do what the pressed button says. Raises ConflictError, UnknownEntryError."""
    wish = request.form.get("do", "save")
    if wish == "another-time":
        return _form(typed.with_another_time(), before, another_time=True), 200
    try:
        entry = kiosk().schedule.check(typed.texts(before), before)
    except PlanError as error:
        return _form(typed, before, problems_of(error, typed)), 422
    except (ProgramFileError, UnknownProgramError):
        problems = FieldProblems()
        problems.add("program", t("schedule.unusable_program"))
        return _form(typed, before, problems), 422
    if wish == "preview":
        return _form(typed, before, preview=previewed(entry)), 200
    return _keep(entry, typed, before)


def _keep(
    entry: PlanEntry, typed: EntryForm, before: PlanEntry | None
) -> Response | tuple[str, int]:
    if entry == before:
        answer(t("schedule.answer_same"))
        return _back()
    desk = kiosk().schedule
    try:
        kept = desk.change(replace(entry, version=typed.version)) if before else desk.add(entry)
    except PlanError as error:
        return _form(typed, before, problems_of(error, typed)), 422
    except StoreError as error:
        return _form(typed, before, not_kept(error)), 503
    words = entry_in_words(kept.entry, listings())
    return _done(kept, t("schedule.answer_saved", entry=words, next=next_in_words(kept.entry)))


def _form(
    typed: EntryForm,
    entry: PlanEntry | None = None,
    problems: FieldProblems = NO_PROBLEMS,
    *,
    preview: Preview | None = None,
    theirs: PlanEntry | None = None,
    gone: bool = False,
    another_time: bool = False,
) -> str:
    known = listings()
    return render_template(
        "schedule/entry.html",
        typed=typed,
        entry=entry,
        title=title(entry.program, known) if entry else "",
        action=url_for(".change", number=entry.id) if entry else url_for(".add"),
        problems=problems,
        preview=preview,
        theirs=entry_in_words(theirs, known) if theirs else "",
        gone=gone,
        another_time=another_time,
        programs=_choices(typed.program, entry.program if entry else "", known),
        days=[(day.name.lower(), day_name(int(day))) for day in Weekday],
        dose=_dose(entry.program) if entry else None,
        clock_trusted=kiosk().schedule.clock_trusted(),
    )


def _choices(chosen: str, kept: str, known: Listings) -> list[tuple[str, str]]:
    """What can be planned. What the entry has already is among it, though its file be broken or
    gone: a browser that finds nothing chosen would send the first of them.
    """
    choices = {
        listing.id: t(
            "schedule.program_choice",
            program=title_of(listing.program),
            frequency=frequency_in_words(listing.program.frequency),
        )
        for listing in known.values()
        if listing.program
    }
    choices[WALK] = t("pages.walk")
    for program in (chosen, kept):
        if program and program not in choices and (program in known or program == kept):
            choices[program] = t("schedule.program_unusable", program=program)
    return list(choices.items())


def _dose(program: str) -> list[tuple[str, str]] | None:
    if program == WALK:
        return None
    try:
        return doses_in_words(kiosk().levels.doses_of(program).dosed)
    except (ProgramFileError, UnknownProgramError):
        return None


def _version() -> int:
    return EntryForm.read(request.form).version


def _done(kept: SavedEntry, text: str) -> Response:
    answer(text, undo=Undo(url_for(".undo"), kept.undo))
    return _back()


def _not_done() -> Response:
    answer(t("schedule.answer_too_late"), Outcome.NOT_DONE)
    return _back()


def _back() -> Response:
    return redirect(url_for(".show"), 303)
