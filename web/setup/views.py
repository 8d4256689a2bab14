"""Set-up: press the button, type the code it says, choose a passphrase. Gone after that; the steps
that follow (`welcome.py`) can be come back to.
"""

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from kiosk.auth.pairing_code import CodeState
from kiosk.errors import AuthError
from web.context import kiosk
from web.forms import FieldProblems
from web.guard.access import Access, open_to
from web.setup import welcome
from web.setup.passphrase import GRANT, PassphraseSteps

pages = Blueprint("setup", __name__)
pages.register_blueprint(welcome.pages)

CODE = "code"
"""`?step=code` asks for the code whether the kiosk has said it or not."""


@pages.get("/setup")
@open_to(Access.ANYONE)
def begin() -> str:
    """The page of the step that it is time for."""
    _only_before_set_up()
    state = kiosk().auth.code_state()
    if GRANT in session or state is CodeState.SAID or request.args.get("step") == CODE:
        return _steps.show()
    return render_template("setup/press.html", step=1, awaited=state is CodeState.AWAITED)


@pages.get("/setup/state")
@open_to(Access.ANYONE)
def code_state() -> dict[str, str]:
    """The code's state, for the page that waits for it."""
    _only_before_set_up()
    return {"state": kiosk().auth.code_state().value}


@pages.post("/setup/press")
@open_to(Access.ANYONE)
def await_press() -> Response:
    """Have the next press of the button say a code."""
    _only_before_set_up()
    session.pop(GRANT, None)
    try:
        kiosk().auth.await_press()
    except AuthError:
        abort(404)
    return redirect(url_for("setup.begin"), 303)


@pages.post("/setup/code")
@open_to(Access.ANYONE)
def enter_code() -> Response | tuple[str, int]:
    """Take the code."""
    _only_before_set_up()
    return _steps.enter_code("setup.begin")


@pages.post("/setup/passphrase")
@open_to(Access.ANYONE)
def choose_passphrase() -> Response | tuple[str, int]:
    """Set the kiosk up and sign its first caregiver in."""
    _only_before_set_up()
    return _steps.choose_passphrase("setup.welcome.speaker")


def _only_before_set_up() -> None:
    if kiosk().auth.is_set_up():
        abort(404)


def _code_page(problems: FieldProblems | None) -> str:
    typed = request.form.get("code", "")
    return render_template("setup/code.html", step=2, problems=problems, typed=typed)


def _passphrase_page(problems: FieldProblems | None) -> str:
    return render_template("setup/passphrase.html", step=3, problems=problems)


_steps = PassphraseSteps(_code_page, _passphrase_page)
