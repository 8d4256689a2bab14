"""Signing in and out, and choosing another passphrase where it was forgotten."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.errors import AuthError
from web.context import (
    Access,
    forget_token,
    kiosk,
    local_path,
    open_to,
    remember_token,
    remote_address,
    signed_in,
    token_of_cookie,
)
from web.forms import FieldProblems, answer, error_sentence
from web.setup.views import PassphraseSteps, status_of
from web.text import t

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
@open_to(Access.ANYONE)
def show() -> Response | str:
    """The form."""
    if not kiosk().auth.is_set_up():
        return redirect(url_for("setup.begin"))
    if signed_in() is not None:
        return redirect(_wanted() or url_for("now.show"))
    return _sign_in_page()


@pages.post("/sign-in")
@open_to(Access.ANYONE)
def sign_in() -> Response:
    """Sign the device in, and redirect to the page that was wanted."""
    if not kiosk().auth.is_set_up():
        return redirect(url_for("setup.begin"), 303)
    passphrase = request.form.get("passphrase", "")
    try:
        token = kiosk().auth.sign_in(passphrase, request.user_agent.string, remote_address())
    except AuthError as error:
        page = _sign_in_page(FieldProblems.at("passphrase", error_sentence(error)))
        response = make_response(page, status_of(error))
        if error.wait > 0:
            response.headers["Retry-After"] = str(int(error.wait) + 1)
        return response
    remember_token(token)
    return redirect(_wanted() or url_for("now.show"), 303)


@pages.post("/sign-out")
@open_to(Access.ANYONE)
def sign_out() -> Response:
    """Sign this device out."""
    token = token_of_cookie()
    forget_token()
    if token:
        kiosk().auth.sign_out(token)
    answer(t("setup.signed_out"))
    return redirect(url_for("now.show"), 303)


@pages.get("/forgotten")
@open_to(Access.ANYONE)
def forgotten() -> Response | str:
    """How to choose another passphrase, at the kiosk itself."""
    return _steps.show() if kiosk().auth.is_set_up() else redirect(url_for("setup.begin"))


@pages.post("/forgotten/code")
@open_to(Access.ANYONE)
def enter_code() -> Response | tuple[str, int]:
    """Check the pairing code for another passphrase."""
    return _steps.enter_code("sign_in.forgotten")


@pages.post("/forgotten/passphrase")
@open_to(Access.ANYONE)
def choose_passphrase() -> Response | tuple[str, int]:
    """Replace the passphrase, and sign this device in."""
    response = _steps.choose_passphrase("now.show")
    if isinstance(response, Response):
        answer(t("setup.forgotten.done"))
    return response


def _wanted() -> str | None:
    """The page to go on to after signing in."""
    return local_path(request.values.get("next"))


def _sign_in_page(problems: FieldProblems | None = None) -> str:
    return render_template("sign_in/ask.html", problems=problems, wanted=_wanted() or "")


_steps = PassphraseSteps("sign_in/forgotten.html", "sign_in/passphrase.html")
