"""Programs made, copied, changed and imported, by one form that keeps everything typed.

Nothing is written before the form is saved. A save names the version of the file that the form was
filled from; where somebody else has changed the file since, the form comes back beside the values
of now, and saving it again overwrites them.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, replace
from itertools import islice

from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.errors import ConflictError, ProgramFileError, StoreError, UnknownProgramError
from kiosk.programs import LARGEST_FILE
from kiosk.programs.model import Equipment, PhaseName, Position, Side
from kiosk.programs.service import Document, ProgramListing
from web.context import kiosk
from web.forms import FieldProblems, answer, error_sentence, not_saved, problem_line
from web.guard import takes_upload
from web.programs import text as words
from web.programs.document import document_of, program_fields
from web.programs.form import (
    MOST_EXERCISES,
    MOST_PHASES,
    MOST_SOURCES,
    SAVE,
    ProgramFields,
    blank_program,
    move,
    sent_program,
)
from web.programs.problems import field_problems, label_of
from web.programs.text import language
from web.text import t

MOST_DIFFERENCES = 20  # differences that are listed of a program that somebody else has changed

LARGEST_FORM = 1_500_000
"""Bytes. A program's form has many fields, and their names are long."""

takes_program = takes_upload(LARGEST_FORM, fields=LARGEST_FORM)

Page = str | tuple[str, int]


def list_page(problems: FieldProblems) -> str:
    """The list of programs, with the form to import one."""
    listings = kiosk().programs.all()
    titles = {one.id: one.title(language()) for one in listings}
    return render_template(
        "programs/list.html",
        listings=sorted(listings, key=lambda one: titles[one.id].casefold()),
        titles=titles,
        texts={one.id: one.program.text_in(language()) for one in listings if one.program},
        problems=problems,
    )


@takes_program
def create() -> Page | Response:
    """The form of a new program."""
    if request.method == "GET":
        return _form_page(blank_program())
    form = _sent()
    if not _saves(form):
        return _form_page(form)
    return _save(form, None, "")


def copy(program: str) -> Page:
    """The form of a new program that is filled as another one is."""
    form = program_fields(kiosk().programs.files.document(program), language())
    title = t("programs.copy.title", name=form.title or program)[:80]
    return _too_many(form) or _form_page(replace(form, id="", title=title))


@takes_program
def edit(program: str) -> Page | Response:
    """The form of a program that is there."""
    if request.method == "GET":
        # The version first: what changes in between is then found out when it is saved.
        version = kiosk().programs.files.version(program)
        form = program_fields(kiosk().programs.files.document(program), language())
        return _too_many(form) or _form_page(form, program=program, version=version)
    form = replace(_sent(), id=program)
    version = request.form.get("version", "")
    if not _saves(form):
        return _form_page(form, program=program, version=version)
    return _save(form, program, version)


@takes_program
def import_file() -> Page:
    """The form, filled from a file that was sent."""
    file = request.files.get("file")
    content = file.read(LARGEST_FILE + 1) if file is not None else b""
    if not content or len(content) > LARGEST_FILE:
        return _not_imported(t("programs.import.too_large" if content else "programs.import.none"))
    try:
        document = kiosk().programs.files.parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _not_imported(t("programs.import.not_text"))
    except ProgramFileError as error:
        return _not_imported(" ".join(map(problem_line, error.problems)))
    form = program_fields(document, language())
    return _too_many(form) or _form_page(form, _problems_of(document, form))


@takes_program
def check() -> Response:
    """The problems of a form that is being filled in, as JSON for the page's script."""
    form = _sent()
    found = _problems_of(document_of(form, language()), form)
    return jsonify({"problems": [{"field": name, "sentence": text} for name, text in found]})


def _sent() -> ProgramFields:
    form: ProgramFields = sent_program(dict(request.form.lists()))
    return form


def _saves(form: ProgramFields) -> bool:
    """Whether the pressed button saves; any other button is done to the form."""
    pressed = request.form.get("do", "")
    if pressed == SAVE:
        return True
    move(form, pressed)
    return False


def _not_imported(sentence: str) -> tuple[str, int]:
    return list_page(FieldProblems.at("file", sentence)), 422


def _too_many(form: ProgramFields) -> tuple[str, int] | None:
    """The answer to a program that has more exercises than fit into the form."""
    if len(form.exercises) <= MOST_EXERCISES:
        return None
    return list_page(FieldProblems.at("", t("programs.too_many", most=MOST_EXERCISES))), 422


def _problems_of(document: Document, form: ProgramFields) -> FieldProblems:
    try:
        kiosk().programs.files.check(document)
    except ProgramFileError as error:
        return field_problems(error.problems, form, language())
    return FieldProblems()


def _save(form: ProgramFields, program: str | None, version: str) -> Page | Response:
    """Save the form; `program` is the id of the one that is changed, `None` for a new one."""
    try:
        saved = kiosk().programs.save(document_of(form, language()), version)
    except ProgramFileError as error:
        problems = field_problems(error.problems, form, language())
        return _form_page(form, problems, program, version), 422
    except ConflictError as error:
        if program is None:
            return _form_page(form, FieldProblems.at("id", error_sentence(error))), 422
        return _conflict_page(form, program, error_sentence(error)), 409
    except StoreError as error:
        return _form_page(form, not_saved(error), program, version), 503
    answer(t("programs.saved"))
    return redirect(url_for("programs.read", program=saved.id), 303)


def _conflict_page(form: ProgramFields, program: str, sentence: str) -> str:
    """The form as typed, beside the values of now."""
    version = kiosk().programs.files.version(program)
    differences: list[tuple[str, str]] = []
    if version:
        with suppress(ProgramFileError):  # a file that cannot be read has no values to show
            saved = program_fields(kiosk().programs.files.document(program), language())
            differences = list(islice(_differences(saved, form), MOST_DIFFERENCES))
    return _form_page(
        form, program=program, version=version, conflict=sentence, differences=differences
    )


def _form_page(
    form: ProgramFields,
    problems: FieldProblems | None = None,
    program: str | None = None,
    version: str = "",
    **conflict: object,
) -> str:
    listing: ProgramListing | None = None
    if program is not None:
        with suppress(UnknownProgramError):  # somebody has removed it meanwhile
            listing = kiosk().programs.listing(program)
    titles = [(one.id, one.title(language())) for one in kiosk().programs.all()]
    return render_template(
        "programs/form.html",
        form=form,
        problems=problems or FieldProblems(),
        program=program,
        version=version,
        listing=listing,
        # These take the place of the form's.
        doses=bool(listing and listing.program and kiosk().levels.doses_of(listing.id).doses),
        label_of=label_of,
        others=[("", t("programs.none")), *(one for one in titles if one[0] != program)],
        positions=[(one.value, words.position(one)) for one in Position],
        sides=[(one.value, t(f"programs.side.{one.value}")) for one in Side],
        phases=[(one.value, words.phase_name(one)) for one in PhaseName],
        equipment=[(one.value, t(f"programs.equipment.{one.value}")) for one in Equipment],
        most_exercises=MOST_EXERCISES,
        most_phases=MOST_PHASES,
        most_sources=MOST_SOURCES,
        **conflict,
    )


_PROGRAM_FIELDS = (
    *("title", "summary", "stop_rules", "level", "previous", "next"),
    *("times_per_day", "days_per_week", "rest_between_exercises"),
)


def _differences(saved: ProgramFields, typed: ProgramFields) -> Iterator[tuple[str, str]]:
    """Where the saved program differs from the typed one: a label, and the saved value."""
    for name in _PROGRAM_FIELDS:
        if getattr(saved, name) != getattr(typed, name):
            yield t(f"programs.field.{name}"), _value(getattr(saved, name))
    mine = {exercise.id: exercise for exercise in typed.exercises}
    theirs = {exercise.id: exercise for exercise in saved.exercises}
    for name, exercise in theirs.items():
        if name not in mine:
            yield exercise.name, t("programs.conflict.only_there")
            continue
        for field in (one.name for one in fields(exercise) if one.name not in ("id", "others")):
            now = getattr(exercise, field)
            if now != getattr(mine[name], field):
                yield f"{exercise.name}: {t(f'programs.field.{field}')}", _value(now)
    for exercise in typed.exercises:
        if exercise.id not in theirs:
            yield exercise.name, t("programs.conflict.only_here")
    if [name for name in theirs if name in mine] != [name for name in mine if name in theirs]:
        yield t("programs.exercises"), t("programs.conflict.order")


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
