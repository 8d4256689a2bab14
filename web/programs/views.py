"""The pages of programs, by their addresses: the list, one program with its preview and its file,
and its removal. What is behind the forms is in `edit` and `doses`.
"""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from kiosk.errors import ConflictError, PlanError, SpeechError
from web.audio import listening
from web.context import kiosk
from web.errors import problem_page
from web.forms import FieldProblems, answer, error_sentence, problem_text
from web.programs import doses, edit
from web.programs.text import language
from web.text import t

pages = Blueprint("programs", __name__, url_prefix="/programs")


@pages.get("")
def show() -> str:
    """The list of programs."""
    return edit.list_page(FieldProblems())


@pages.get("/<program>")
def read(program: str) -> str:
    """One program as a person reads it, and the form for its doses."""
    return doses.program_page(program)


@pages.get("/<program>.toml")
def export(program: str) -> Response:
    """The program's file."""
    response = Response(kiosk().programs.files.text(program), mimetype="application/toml")
    name = f"{program}.toml"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@pages.get("/<program>/preview.wav")
def preview(program: str) -> AnyResponse | tuple[str, int]:
    """The sound of a session of the program."""
    with listening() as respond:
        version = kiosk().programs.files.version(program)
        try:
            sound = kiosk().programs.preview(program)
        except SpeechError as error:
            return problem_page(503, str(error))
        return respond(sound, f"{version[:16]}-{sound.frames}")


@pages.get("/<program>/remove")
def ask_to_remove(program: str) -> str:
    """The question before a removal."""
    return _removal_page(program)


@pages.post("/<program>/remove")
def remove(program: str) -> AnyResponse | tuple[str, int]:
    """Remove the household's own file."""
    listing = kiosk().programs.listing(program)
    try:
        kiosk().programs.remove(program, request.form.get("version", ""))
    except PlanError as error:
        return _removal_page(program, problem_text(error.problems[0])), 422
    except ConflictError as error:
        return _removal_page(program, error_sentence(error)), 409
    if listing.instead_of_shipped:
        answer(t("programs.removed.back"))
        return redirect(url_for("programs.read", program=program), 303)
    answer(t("programs.removed"))
    return redirect(url_for("programs.show"), 303)


def _removal_page(program: str, refusal: str = "") -> str:
    version = kiosk().programs.files.version(program)
    listing = kiosk().programs.listing(program)
    return render_template(
        "programs/remove.html",
        listing=listing,
        version=version,
        refusal=refusal,
        name=listing.title(language()),
    )


for _path, _methods, _view in (
    ("/new/form", ("GET", "POST"), edit.create),
    ("/import", ("POST",), edit.import_file),
    ("/check", ("POST",), edit.check),
    ("/<program>/copy", ("GET",), edit.copy),
    ("/<program>/edit", ("GET", "POST"), edit.edit),
    ("/<program>/doses", ("POST",), doses.change),
    ("/<program>/doses/reset", ("POST",), doses.reset),
):
    pages.add_url_rule(_path, view_func=_view, methods=_methods)
