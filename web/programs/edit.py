"""What a form and what is kept by now differ in, for somebody whom another one has overtaken.

Programs made, copied, changed and brought in, by a form that keeps what was typed.
"""

from dataclasses import fields, replace
from itertools import islice

from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.errors import ConflictError, ProgramFileError, StoreError, UnknownProgramError
from kiosk.programs.model import PhaseName, Position, Side
from kiosk.programs.service import Document, ProgramListing
from web.context import kiosk
from web.forms import FieldProblems, answer, not_kept
from web.guard.requests import takes_upload
from web.programs import text as words
from web.programs.document import document_of, program_fields
from web.programs.form import (
    MOST_EXERCISES,
    MOST_PHASES,
    MOST_SOURCES,
    SAVE,
    ExerciseFields,
    ProgramFields,
    blank_program,
    move,
    sent_program,
)
from web.programs.problems import field_problems, label_of
from web.text import t

MOST_TOLD = 20

_PROGRAM = (
    *("title", "summary", "stop_rules", "level", "previous", "next"),
    *("times_per_day", "days_per_week", "rest_between_exercises"),
)


def differences(kept: ProgramFields, typed: ProgramFields) -> list[tuple[str, str]]:
    """What is kept where something else was typed: what it is, and its value."""
    found = [
        (t(f"programs.field.{name}"), _value(getattr(kept, name)))
        for name in _PROGRAM
        if getattr(kept, name) != getattr(typed, name)
    ]
    mine = {exercise.id: exercise for exercise in typed.exercises}
    theirs = {exercise.id: exercise for exercise in kept.exercises}
    for name, exercise in theirs.items():
        if name not in mine:
            found.append((exercise.name, t("programs.conflict.only_there")))
        else:
            found += _of_exercise(exercise, mine[name])
    found += [
        (exercise.name, t("programs.conflict.only_here"))
        for exercise in typed.exercises
        if exercise.id not in theirs
    ]
    both = [name for name in theirs if name in mine]
    if both != [name for name in mine if name in theirs]:
        found.append((t("programs.exercises"), t("programs.conflict.order")))
    return list(islice(found, MOST_TOLD))


def _of_exercise(kept: ExerciseFields, typed: ExerciseFields) -> list[tuple[str, str]]:
    return [
        (f"{kept.name}: {t(f'programs.field.{one.name}')}", _value(getattr(kept, one.name)))
        for one in fields(kept)
        if one.name not in ("id", "others") and getattr(kept, one.name) != getattr(typed, one.name)
    ]


def _value(value: object) -> str:
    """A field's value on one line."""
    match value:
        case bool():
            return t("programs.yes" if value else "programs.no")
        case str():
            return value or t("programs.nothing")
        case tuple():
            return ", ".join(filter(None, value)) or t("programs.nothing")
        case list():
            rows = ([_value(getattr(row, one.name)) for one in fields(row)] for row in value)
            return "; ".join(", ".join(text for text in row if text) for row in rows)
    return str(value)


LARGEST_FILE = 1_000_000
"""Bytes of a program file that is brought in."""

LARGEST_FORM = 1_500_000
"""Bytes. A program's form has many fields, and their names are long."""

takes_program = takes_upload(LARGEST_FORM, fields=LARGEST_FORM)

Page = str | tuple[str, int]


def list_page(problems: FieldProblems) -> str:
    """Every program, and what else can be done."""
    listings = kiosk().programs.all()
    language = _language()
    titles = {
        one.id: words.text_of(one.program, language).title if one.program else one.id
        for one in listings
    }
    summaries = {
        one.id: words.text_of(one.program, language).summary for one in listings if one.program
    }
    return render_template(
        "programs/list.html",
        listings=sorted(listings, key=lambda one: titles[one.id].casefold()),
        titles=titles,
        summaries=summaries,
        problems=problems,
    )


@takes_program
def create() -> Page | Response:
    """A new program."""
    if request.method == "GET":
        return _form_page(blank_program(), FieldProblems())
    form = _sent()
    wish = request.form.get("do", "")
    if wish != SAVE:
        move(form, wish)
        return _form_page(form, FieldProblems())
    return _save(form, None, "")


def copy(program: str) -> Page:
    """A new program that begins as another one is."""
    form = program_fields(kiosk().programs.document(program), _language())
    too_many = _too_many(form)
    if too_many is not None:
        return too_many
    name = form.title or program
    return _form_page(replace(form, id="", title=t("programs.copy.title", name=name)[:80]), _none())


@takes_program
def edit(program: str) -> Page | Response:
    """A program that is there."""
    desk = kiosk().programs
    if request.method == "GET":
        # The version first: what changes in between is then found out when it is saved.
        version = desk.version(program)
        form = program_fields(desk.document(program), _language())
        return _too_many(form) or _form_page(form, _none(), program, version)
    form = replace(_sent(), id=program)
    wish, version = request.form.get("do", ""), request.form.get("version", "")
    if wish != SAVE:
        move(form, wish)
        return _form_page(form, _none(), program, version)
    return _save(form, program, version)


@takes_program
def bring_in() -> Page:
    """The form, filled from a file; nothing is kept yet."""
    desk = kiosk().programs
    problems = FieldProblems()
    file = request.files.get("file")
    content = file.read(LARGEST_FILE + 1) if file is not None else b""
    if not content or len(content) > LARGEST_FILE:
        problems.add("file", t("programs.import.too_large" if content else "programs.import.none"))
        return list_page(problems), 422
    try:
        document = desk.read(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        problems.add("file", t("programs.import.not_text"))
        return list_page(problems), 422
    except ProgramFileError as error:
        for problem in error.problems:
            where = f"{problem.path}: " if problem.path else ""
            problems.add("file", f"{where}{problem.message}")
        return list_page(problems), 422
    form = program_fields(document, _language())
    return _too_many(form) or _form_page(form, _problems_of(document, form))


@takes_program
def check() -> Response:
    """What is wrong with a form that is being filled in, for the page's script."""
    form = _sent()
    found = _problems_of(document_of(form, _language()), form)
    return jsonify({"problems": [{"field": name, "sentence": text} for name, text in found]})


def _save(form: ProgramFields, program: str | None, version: str) -> Page | Response:
    """Keep it; `program` is the one that is changed, `None` for a new one."""
    desk = kiosk().programs
    document = document_of(form, _language())
    try:
        saved = desk.save(document, version)
    except ProgramFileError as error:
        problems = field_problems(error.problems, form, _language())
        return _form_page(form, problems, program, version), 422
    except ConflictError as error:
        if program is None:
            problems = FieldProblems()
            problems.add("id", str(error))
            return _form_page(form, problems), 422
        return _conflict_page(form, program, str(error)), 409
    except StoreError as error:
        return _form_page(form, not_kept(error), program, version), 503
    answer(t("programs.saved"))
    return redirect(url_for("programs.read", program=saved.id), 303)


def _conflict_page(form: ProgramFields, program: str, sentence: str) -> str:
    """The form as typed, beside what is kept by now; saving it again puts it on top of that."""
    desk = kiosk().programs
    version = desk.version(program)
    now: list[tuple[str, str]] = []
    if version:
        try:
            now = differences(program_fields(desk.document(program), _language()), form)
        except ProgramFileError:
            now = []
    return _form_page(form, _none(), program, version, conflict=sentence, now=now)


def _form_page(
    form: ProgramFields,
    problems: FieldProblems,
    program: str | None = None,
    version: str = "",
    conflict: str = "",
    now: list[tuple[str, str]] | None = None,
) -> str:
    listing = None if program is None else _listing(program)
    return render_template(
        "programs/form.html",
        form=form,
        problems=problems,
        program=program,
        version=version,
        conflict=conflict,
        now=now or [],
        listing=listing,
        doses=_doses_changed(listing),
        label_of=label_of,
        others=[("", t("programs.none")), *_titles(program)],
        **_choices(),
    )


def _titles(apart_from: str | None) -> list[tuple[str, str]]:
    """Id and title of the other programs."""
    language = _language()
    usable = ((one.id, one.program) for one in kiosk().programs.all() if one.id != apart_from)
    return [(name, words.text_of(one, language).title if one else name) for name, one in usable]


def _choices() -> dict[str, object]:
    return {
        "positions": [(one.value, words.position(one)) for one in Position],
        "sides": [(one.value, t(f"programs.side.{one.value}")) for one in Side],
        "phases": [(one.value, words.phase_name(one)) for one in PhaseName],
        "equipment": [(one, t(f"programs.equipment.{one}")) for one in words.EQUIPMENT],
        "most_exercises": MOST_EXERCISES,
        "most_phases": MOST_PHASES,
        "most_sources": MOST_SOURCES,
    }


def _doses_changed(listing: ProgramListing | None) -> bool:
    """Whether doses were changed that go before what is typed here."""
    if listing is None or listing.program is None:
        return False
    return bool(kiosk().levels.doses_of(listing.id).doses)


def _listing(program: str) -> ProgramListing | None:
    try:
        return kiosk().programs.listing(program)
    except UnknownProgramError:
        return None  # somebody has removed it meanwhile


def _problems_of(document: Document, form: ProgramFields) -> FieldProblems:
    try:
        kiosk().programs.check(document)
    except ProgramFileError as error:
        return field_problems(error.problems, form, _language())
    return FieldProblems()


def _too_many(form: ProgramFields) -> tuple[str, int] | None:
    if len(form.exercises) <= MOST_EXERCISES:
        return None
    problems = FieldProblems()
    problems.add("", t("programs.too_many", most=MOST_EXERCISES))
    return list_page(problems), 422


def _sent() -> ProgramFields:
    return sent_program(dict(request.form.lists()))


def _language() -> str:
    return kiosk().settings.current.language


def _none() -> FieldProblems:
    return FieldProblems()
