"""Signing in and out, and what to do about a forgotten passphrase."""

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from kiosk.errors import DoorError
from web.context import kiosk
from web.forms import FieldProblems, answer
from web.guard.access import TOKEN, Access, let_in, let_out, local_path, open_to, visitor
from web.setup.code import GRANT, CodeRefused, address, choose_passphrase, device, enter_code
from web.text import t

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
@open_to(Access.ANYONE)
def ask() -> Response | str:
    """The form."""
    if not kiosk().auth.is_set_up():
        return redirect(url_for("setup.begin"))
    if visitor() is not None:
        return redirect(_wanted())
    return _ask_page()


@pages.post("/sign-in")
@open_to(Access.ANYONE)
def come_in() -> Response:
    """Let in who knows the passphrase, and lead them to where they wanted to go."""
    if not kiosk().auth.is_set_up():
        return redirect(url_for("setup.begin"), 303)
    try:
        token = kiosk().auth.sign_in(request.form.get("passphrase", ""), device(), address())
    except DoorError as error:
        refused = CodeRefused.of(error, "passphrase")
        response = make_response(_ask_page(refused.problems), refused.status)
        if error.wait > 0:
            response.headers["Retry-After"] = str(int(error.wait) + 1)
        return response
    wanted = _wanted()
    let_in(token)
    return redirect(wanted, 303)


@pages.post("/sign-out")
@open_to(Access.ANYONE)
def out() -> Response:
    """Let the caregiver out on this device."""
    token = session.get(TOKEN)
    let_out()
    if isinstance(token, str):
        kiosk().auth.sign_out(token)
    answer(t("setup.signed_out"))
    return redirect(url_for("now.show"), 303)


@pages.get("/forgotten")
@open_to(Access.ANYONE)
def forgotten() -> Response | str:
    """How to choose another passphrase, at the kiosk itself."""
    if not kiosk().auth.is_set_up():
        return redirect(url_for("setup.begin"))
    return _passphrase_page() if GRANT in session else _forgotten_page()


@pages.post("/forgotten/code")
@open_to(Access.ANYONE)
def take_code() -> Response | tuple[str, int]:
    """Go on with the right code."""
    refused = enter_code()
    if refused:
        return _forgotten_page(refused.problems), refused.status
    return redirect(url_for("sign_in.forgotten"), 303)


@pages.post("/forgotten/passphrase")
@open_to(Access.ANYONE)
def take_passphrase() -> Response | tuple[str, int]:
    """Change the passphrase, and let in who did."""
    chosen = choose_passphrase()
    if isinstance(chosen, CodeRefused):
        page = _passphrase_page if GRANT in session else _forgotten_page
        return page(chosen.problems), chosen.status
    let_in(chosen)
    answer(t("setup.forgotten.done"))
    return redirect(url_for("now.show"), 303)


def _wanted() -> str:
    return local_path(request.values.get("next")) or url_for("now.show")


def _ask_page(problems: FieldProblems | None = None) -> str:
    wanted = local_path(request.values.get("next")) or ""
    return render_template("sign_in/ask.html", problems=problems, wanted=wanted)


def _forgotten_page(problems: FieldProblems | None = None) -> str:
    typed = request.form.get("code", "")
    return render_template("sign_in/forgotten.html", problems=problems, typed=typed)


def _passphrase_page(problems: FieldProblems | None = None) -> str:
    return render_template("sign_in/passphrase.html", problems=problems)
