"""Set-up: press the button, type the code it says, choose a passphrase. Gone after that; what
follows, in `welcome`, can be come back to.
"""

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from kiosk.auth.pairing_code import CodeState
from kiosk.errors import DoorError
from web.context import kiosk
from web.forms import FieldProblems
from web.guard.access import Access, let_in, open_to
from web.setup import welcome
from web.setup.code import GRANT, CodeRefused, choose_passphrase, enter_code

pages = Blueprint("setup", __name__)
pages.register_blueprint(welcome.pages)

CODE = "code"
"""`?step=code` asks for the code whether the kiosk has said it or not."""


@pages.get("/setup")
@open_to(Access.ANYONE)
def begin() -> str:
    """The step that it is time for."""
    _only_before_set_up()
    if GRANT in session:
        return _passphrase_page()
    state = kiosk().auth.code_state()
    if state is CodeState.SAID or request.args.get("step") == CODE:
        return _code_page()
    return render_template("setup/press.html", step=1, awaited=state is CodeState.AWAITED)


@pages.get("/setup/state")
@open_to(Access.ANYONE)
def state() -> dict[str, str]:
    """Where the code stands, for the page that waits for it."""
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
    except DoorError:
        abort(404)
    return redirect(url_for("setup.begin"), 303)


@pages.post("/setup/code")
@open_to(Access.ANYONE)
def take_code() -> Response | tuple[str, int]:
    """Go on with the right code."""
    _only_before_set_up()
    refused = enter_code()
    if refused:
        return _code_page(refused.problems), refused.status
    return redirect(url_for("setup.begin"), 303)


@pages.post("/setup/passphrase")
@open_to(Access.ANYONE)
def take_passphrase() -> Response | tuple[str, int]:
    """Set the kiosk up and let its first caregiver in."""
    _only_before_set_up()
    chosen = choose_passphrase()
    if isinstance(chosen, CodeRefused):
        page = _passphrase_page if GRANT in session else _code_page
        return page(chosen.problems), chosen.status
    let_in(chosen)
    return redirect(url_for("setup.welcome.speaker"), 303)


def _only_before_set_up() -> None:
    if kiosk().auth.is_set_up():
        abort(404)


def _code_page(problems: FieldProblems | None = None) -> str:
    return render_template(
        "setup/code.html", step=2, problems=problems, typed=request.form.get("code", "")
    )


def _passphrase_page(problems: FieldProblems | None = None) -> str:
    return render_template("setup/passphrase.html", step=3, problems=problems)
