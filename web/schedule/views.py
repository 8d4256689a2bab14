"""The page Schedule: the week and the plan, the form of an entry, and its buttons."""

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
from kiosk.schedule.service import SavedEntry, checked_entry
from kiosk.schedule.snapshot import ScheduleSnapshot
from web.context import kiosk
from web.forms import FieldProblems, Outcome, Undo, answer, not_kept, problem_text
from web.schedule.form import EntryForm, problems_of, read_version
from web.schedule.page import PREVIEWED, entry_row, preview_of, week_of
from web.schedule.text import doses_in_words, entry_in_words, frequency_in_words, next_in_words
from web.text import ProgramTitles, day_name, t

pages = Blueprint("schedule", __name__, url_prefix="/schedule")

NO_PROBLEMS = FieldProblems()


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


@pages.get("/new")
def new() -> str:
    """The form for a new entry."""
    snapshot = kiosk().snapshots.take()
    default = snapshot.settings.default_program
    program = request.args.get("program", default if default in snapshot.programs.ids() else WALK)
    return _form(snapshot, EntryForm.new(program, snapshot.today if snapshot.trusted else None))


@pages.post("/new")
def add() -> Response | tuple[str, int]:
    """Save a new entry, or show its preview."""
    return _submit(kiosk().snapshots.take(), EntryForm.read(request.form), None)


@pages.get("/<int:number>")
def edit(number: int) -> str:
    """The form of an entry."""
    snapshot = kiosk().snapshots.take()
    entry = snapshot.entry(number)
    return _form(snapshot, EntryForm.of(entry), entry)


@pages.post("/<int:number>")
def change(number: int) -> Response | tuple[str, int]:
    """Save a changed entry, or show its preview."""
    snapshot, typed = kiosk().snapshots.take(), EntryForm.read(request.form)
    try:
        return _submit(snapshot, typed, snapshot.entry(number))
    except UnknownEntryError:
        # What was typed can still be saved: as a new entry.
        return _form(snapshot, typed, gone=True), 409
    except ConflictError:
        snapshot = kiosk().snapshots.take()
        theirs = snapshot.entry(number)
        typed = replace(typed, version=theirs.version)
        return _form(snapshot, typed, theirs, theirs=theirs), 409


@pages.post("/<int:number>/pause")
def pause(number: int) -> Response:
    """Pause an entry, or resume it."""
    snapshot, paused = kiosk().snapshots.take(), request.form.get("paused") != "no"
    before = snapshot.entry(number)
    if before.paused == paused:
        return _back()
    changed = replace(before, paused=paused, version=read_version(request.form))
    try:
        saved = kiosk().schedule.change(changed, before)
    except ConflictError:
        return _not_done()
    phrase = "schedule.answer_paused" if paused else "schedule.answer_taken_up"
    title = ProgramTitles(snapshot.programs)(before.program)
    return _done(saved, t(phrase, program=title))


@pages.post("/<int:number>/remove")
def remove(number: int) -> Response:
    """Take an entry out of the plan."""
    try:
        saved = kiosk().schedule.remove(number, read_version(request.form))
    except ConflictError:
        return _not_done()
    titles = ProgramTitles(kiosk().snapshots.take().programs)
    return _done(saved, t("schedule.answer_removed", program=titles(saved.entry.program)))


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
        titles = ProgramTitles(kiosk().snapshots.take().programs)
        answer(t("schedule.answer_undone", entry=entry_in_words(entry, titles)))
    return _back()


def _submit(
    snapshot: ScheduleSnapshot, typed: EntryForm, before: PlanEntry | None
) -> Response | tuple[str, int]:
    """Do what the pressed button says. Raises ConflictError, UnknownEntryError."""
    button = request.form.get("do", "save")
    if button == "another-time":
        return _form(snapshot, typed.with_another_time(), before, another_time=True), 200
    try:
        entry = checked_entry(snapshot, typed.texts(before), before)
    except PlanError as error:
        return _form(snapshot, typed, before, problems_of(error, typed)), 422
    except (ProgramFileError, UnknownProgramError):
        problems = FieldProblems()
        problems.add("program", t("schedule.unusable_program"))
        return _form(snapshot, typed, before, problems), 422
    if button == "preview":
        preview = preview_of(entry, snapshot, ProgramTitles(snapshot.programs))
        return _form(snapshot, typed, before, preview=preview), 200
    return _save(snapshot, entry, typed, before)


def _save(
    snapshot: ScheduleSnapshot, entry: PlanEntry, typed: EntryForm, before: PlanEntry | None
) -> Response | tuple[str, int]:
    if entry == before:
        answer(t("schedule.answer_same"))
        return _back()
    service = kiosk().schedule
    try:
        if before is None:
            saved = service.add(entry)
        else:
            saved = service.change(replace(entry, version=typed.version), before)
    except PlanError as error:
        return _form(snapshot, typed, before, problems_of(error, typed)), 422
    except StoreError as error:
        return _form(snapshot, typed, before, not_kept(error)), 503
    entry = saved.entry
    coming = next_in_words(entry, snapshot.next_times(entry, PREVIEWED), snapshot.today)
    words = entry_in_words(entry, ProgramTitles(snapshot.programs))
    return _done(saved, t("schedule.answer_saved", entry=words, next=coming))


def _form(
    snapshot: ScheduleSnapshot,
    typed: EntryForm,
    entry: PlanEntry | None = None,
    problems: FieldProblems = NO_PROBLEMS,
    theirs: PlanEntry | None = None,
    **variables: object,
) -> str:
    """The page with the form. `entry` is the stored one, `theirs` is it where it made a conflict;
    `variables` are further ones of the template.
    """
    titles = ProgramTitles(snapshot.programs)
    return render_template(
        "schedule/entry.html",
        typed=typed,
        entry=entry,
        title=titles(entry.program) if entry else "",
        action=url_for(".change", number=entry.id) if entry else url_for(".add"),
        problems=problems,
        theirs=entry_in_words(theirs, titles) if theirs else "",
        programs=_choices(typed.program, entry.program if entry else "", titles),
        days=[(day.name.lower(), day_name(int(day))) for day in Weekday],
        dose=_dose(entry.program, titles) if entry else None,
        clock_trusted=snapshot.trusted,
        **variables,
    )


def _choices(chosen: str, present: str, titles: ProgramTitles) -> list[tuple[str, str]]:
    """The programs that can be planned, and the walk, by id.

    The entry's `present` program is among them, and the `chosen` one if there is a file of it,
    though it be broken: a browser that finds nothing chosen would send the first of them.
    """
    choices = {
        program.id: t(
            "schedule.program_choice",
            program=titles(program.id),
            frequency=frequency_in_words(program.frequency),
        )
        for program in titles.usable()
    }
    choices[WALK] = t("pages.walk")
    for program in (chosen, present):
        if program and program not in choices and (program in titles.known or program == present):
            choices[program] = t("schedule.program_unusable", program=program)
    return list(choices.items())


def _dose(program: str, titles: ProgramTitles) -> list[tuple[str, str]] | None:
    if program == WALK:
        return None
    try:
        return doses_in_words(kiosk().levels.doses_of(program).dosed, titles)
    except (ProgramFileError, UnknownProgramError):
        return None


def _done(saved: SavedEntry, text: str) -> Response:
    answer(text, undo=Undo(url_for(".undo"), saved.undo))
    return _back()


def _not_done() -> Response:
    answer(t("schedule.answer_too_late"), Outcome.NOT_DONE)
    return _back()


def _back() -> Response:
    return redirect(url_for(".show"), 303)
