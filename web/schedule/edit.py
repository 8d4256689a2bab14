"""The form of a plan entry: its fields as they were typed, its problems, preview and saving.

The blueprint of the pages of the schedule is here; `web.schedule.views` adds the others.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

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
from kiosk.schedule.checks import MOST_TIMES
from kiosk.schedule.model import EVERY_DAY, WALK, PlanEntry, Weekday
from kiosk.schedule.service import SavedEntry, checked_entry
from kiosk.schedule.snapshot import ScheduleSnapshot
from web.context import kiosk
from web.forms import FieldProblems, answer, not_saved, problem_text
from web.schedule.text import (
    advice,
    coming_in_words,
    doses_in_words,
    entry_in_words,
    next_in_words,
)
from web.text import ProgramTitles, day_name, frequency_in_words, t

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

pages = Blueprint("schedule", __name__, url_prefix="/schedule")

NO_PROBLEMS = FieldProblems()

PREVIEWED = 6  # occurrences in the preview of an entry, and in the answer once it is saved
FEWEST_TIMES = 3  # fields for a time of day that the form has at least
NO_VERSION = -1  # a version that no entry ever has: a form with it overwrites nothing


@dataclass(frozen=True)
class EntryForm:
    """The texts in the fields of the form."""

    program: str
    days: tuple[str, ...]
    """`mon` to `sun`."""

    times: tuple[str, ...]
    """One for each field, empty ones included."""

    starts: str = ""
    weeks: str = ""
    version: int = NO_VERSION
    """Version of the entry that the page showed; the store compares it with its own."""

    @classmethod
    def of(cls, entry: PlanEntry) -> "EntryForm":
        """The form filled with an entry."""
        return cls(
            program=entry.program,
            days=_names(entry.days),
            times=padded(f"{wall:%H:%M}" for wall in entry.times),
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
            times=padded(time.strip() for time in form.getlist("times")),
            starts=form.get("starts", "").strip(),
            weeks=form.get("weeks", "").strip(),
            version=read_version(form),
        )

    @property
    def full(self) -> bool:
        """Whether there can be no further field for a time."""
        return len(self.times) >= MOST_TIMES

    def texts(self, before: PlanEntry | None = None) -> dict[str, str]:
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


def problems_of(
    error: PlanError,
    texts: Mapping[str, str],
    missing: Callable[[str], str] = lambda name: t(f"schedule.missing.{name}"),
) -> FieldProblems:
    """The problems by field; for a field whose text is empty the sentence `missing`, in place of
    the checks' own.
    """
    found = FieldProblems()
    for problem in error.problems:
        name = problem.path
        found.add(name, missing(name) if texts.get(name) == "" else problem_text(problem))
    return found


def _names(days: Iterable[Weekday]) -> tuple[str, ...]:
    return tuple(day.name.lower() for day in sorted(days))


def padded(times: Iterable[str]) -> tuple[str, ...]:
    """The texts of the fields for times: those given, and empty ones up to `FEWEST_TIMES`."""
    given = tuple(times)
    return given + ("",) * (FEWEST_TIMES - len(given))


@pages.get("/new")
def new() -> str:
    """The form for a new entry."""
    snapshot = kiosk().snapshots.take()
    default = snapshot.settings.default_program
    program = request.args.get("program", default if default in snapshot.programs.ids() else WALK)
    today = snapshot.today.isoformat() if snapshot.trusted else ""
    return _form(snapshot, EntryForm(program, _names(EVERY_DAY), padded(()), today))


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


def preview_of(
    entry: PlanEntry, snapshot: ScheduleSnapshot, titles: ProgramTitles
) -> dict[str, Any]:
    """The occurrences, a text for each day, and the advice that an entry would bring."""
    # What a paused entry would bring is of more use than that it brings nothing.
    coming = snapshot.next_times(replace(entry, paused=False), PREVIEWED)
    return {
        "words": entry_in_words(entry, titles),
        "days": coming_in_words(coming, snapshot.today),
        "advice": advice(entry, snapshot, titles),
        "paused": entry.paused,
    }


def _submit(
    snapshot: ScheduleSnapshot, typed: EntryForm, before: PlanEntry | None
) -> Response | tuple[str, int]:
    """Do what the pressed button says. Raises ConflictError, UnknownEntryError."""
    button = request.form.get("do", "save")
    if button == "another-time":
        typed = typed if typed.full else replace(typed, times=(*typed.times, ""))
        return _form(snapshot, typed, before, another_time=True), 200
    texts = typed.texts(before)
    try:
        entry = checked_entry(snapshot, texts, before)
        if button == "preview":
            preview = preview_of(entry, snapshot, ProgramTitles(snapshot.programs))
            return _form(snapshot, typed, before, preview=preview), 200
        return _save(snapshot, entry, typed.version, before)
    except PlanError as error:
        return _form(snapshot, typed, before, problems_of(error, texts)), 422
    except (ProgramFileError, UnknownProgramError):
        problems = FieldProblems.at("program", t("schedule.unusable_program"))
        return _form(snapshot, typed, before, problems), 422
    except StoreError as error:
        return _form(snapshot, typed, before, not_saved(error)), 503


def _save(
    snapshot: ScheduleSnapshot, entry: PlanEntry, version: int, before: PlanEntry | None
) -> Response:
    """Store a new or changed entry; `version` is of the entry that the form was filled from."""
    if entry == before:
        answer(t("schedule.answer_same"))
        return back()
    service = kiosk().schedule
    if before is None:
        saved = service.add(entry)
    else:
        saved = service.change(replace(entry, version=version), before)
    coming = snapshot.next_times(saved.entry, PREVIEWED)
    words = entry_in_words(saved.entry, ProgramTitles(snapshot.programs))
    following = next_in_words(saved.entry, coming, snapshot.today)
    return done(saved, t("schedule.answer_saved", entry=words, next=following))


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
            frequency=frequency_in_words(program.frequency, short=True),
        )
        for program in titles.usable()
    }
    choices[WALK] = t("pages.walk")
    for program in (chosen, present):
        if program and program not in choices and (program in titles.cached or program == present):
            choices[program] = t("schedule.program_unusable", program=program)
    return list(choices.items())


def _dose(program: str, titles: ProgramTitles) -> list[tuple[str, str]] | None:
    if program == WALK:
        return None
    try:
        return doses_in_words(kiosk().levels.doses_of(program).dosed, titles)
    except (ProgramFileError, UnknownProgramError):
        return None


def done(saved: SavedEntry, text: str) -> Response:
    """Lead back to the schedule, with an answer and a button that takes the change back."""
    answer(text, undo={"action": url_for(".undo"), "change": saved.undo})
    return back()


def back() -> Response:
    """Lead back to the schedule."""
    return redirect(url_for(".show"), 303)
