"""Set-up: press the button, type the code it says, choose a passphrase. Gone after that; the steps
that follow (`welcome.py`) can be come back to.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from kiosk.auth.pairing_code import CodeState
from kiosk.errors import AuthError
from web.context import Access, kiosk, open_to, remember_token, remote_address
from web.forms import FieldProblems, error_sentence
from web.setup import welcome
from web.text import t

GRANT = "grant"  # the key of the grant in the cookie: see `kiosk.auth.pairing_code`


@dataclass(frozen=True, slots=True)
class PassphraseSteps:
    """The steps *Code* and *Passphrase*, with the templates of their pages."""

    code_template: str
    passphrase_template: str

    def show(self, problems: FieldProblems | None = None) -> str:
        """The page for the passphrase where the browser has a grant, else for the code."""
        if GRANT in session:
            return render_template(self.passphrase_template, step=3, problems=problems)
        return self._code_page(problems)

    def enter_code(self, then: str) -> Response | tuple[str, int]:
        """Exchange the code that was typed for a grant, and redirect to the endpoint `then`."""
        try:
            code = request.form.get("code", "")
            session[GRANT] = kiosk().auth.enter_code(code, remote_address())
        except AuthError as error:
            problems = FieldProblems.at("code", error_sentence(error))
            return self._code_page(problems), status_of(error)
        return redirect(url_for(then), 303)

    def choose_passphrase(self, then: str) -> Response | tuple[str, int]:
        """Set the passphrase that was typed, sign this device in, and redirect to `then`.

        Where the grant does not hold any more, the step before comes again.
        """
        passphrase = request.form.get("passphrase", "")
        # Whoever cannot see what they type is asked for it twice.
        if request.form.get("again", passphrase) != passphrase:
            return self.show(FieldProblems.at("again", t("setup.passphrase.differs"))), 422
        try:
            token = kiosk().auth.choose_passphrase(
                str(session.get(GRANT, "")), passphrase, request.user_agent.string, remote_address()
            )
        except AuthError as error:
            field = "passphrase" if error.field == "passphrase" else "code"
            if field == "code":
                session.pop(GRANT, None)
            return self.show(FieldProblems.at(field, error_sentence(error))), status_of(error)
        remember_token(token)
        return redirect(url_for(then), 303)

    def _code_page(self, problems: FieldProblems | None) -> str:
        typed = request.form.get("code", "")
        return render_template(self.code_template, step=2, problems=problems, typed=typed)


def status_of(error: AuthError) -> int:
    """The HTTP status of a refusal: 429 where one has to wait, else 422."""
    return 429 if error.wait > 0 else 422


pages = Blueprint("setup", __name__)
pages.register_blueprint(welcome.pages)

CODE = "code"  # `?step=code` asks for the code whether the kiosk has said it or not


@pages.get("/setup")
@open_to(Access.ANYONE)
def begin() -> str:
    """The page of the present step."""
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
    """Check the pairing code of the set-up."""
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


_steps = PassphraseSteps("setup/code.html", "setup/passphrase.html")
