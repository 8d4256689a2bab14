"""Choosing a passphrase with a pairing code: the two steps shared by set-up (`views.py`) and a
forgotten passphrase (`web/sign_in.py`), each of which has pages of its own for them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from kiosk.errors import AuthError
from web.context import kiosk
from web.forms import FieldProblems
from web.guard.access import remember_token, remote_address, user_agent
from web.text import t

GRANT = "grant"
"""The key of the grant in the cookie: see `kiosk.auth.pairing_code`."""

Page = Callable[[FieldProblems | None], str]


@dataclass(frozen=True, slots=True)
class PassphraseSteps:
    """Both steps, with the pages they are shown on."""

    code_page: Page
    """Asks for the code."""

    passphrase_page: Page
    """Asks for the passphrase."""

    def show(self) -> str:
        """The page of the step that it is time for."""
        return self._page()(None)

    def enter_code(self, then: str) -> Response | tuple[str, int]:
        """Exchange the code that was typed for a grant, and redirect to the endpoint `then`."""
        try:
            code = request.form.get("code", "")
            session[GRANT] = kiosk().auth.enter_code(code, remote_address())
        except AuthError as error:
            return self.code_page(problems_of(error, "code")), status_of(error)
        return redirect(url_for(then), 303)

    def choose_passphrase(self, then: str) -> Response | tuple[str, int]:
        """Set the passphrase that was typed, sign this device in, and redirect to `then`.

        Where the grant does not hold any more, the step before comes again.
        """
        passphrase = request.form.get("passphrase", "")
        # Whoever cannot see what they type is asked for it twice.
        if request.form.get("again", passphrase) != passphrase:
            problems = FieldProblems()
            problems.add("again", t("setup.passphrase.differs"))
            return self._page()(problems), 422
        try:
            token = kiosk().auth.choose_passphrase(
                str(session.get(GRANT, "")), passphrase, user_agent(), remote_address()
            )
        except AuthError as error:
            field = "passphrase" if error.field == "passphrase" else "code"
            if field == "code":
                session.pop(GRANT, None)
            return self._page()(problems_of(error, field)), status_of(error)
        remember_token(token)
        return redirect(url_for(then), 303)

    def _page(self) -> Page:
        return self.passphrase_page if GRANT in session else self.code_page


def problems_of(error: AuthError, field: str) -> FieldProblems:
    """The error's sentence beside `field`."""
    problems = FieldProblems()
    problems.add(field, str(error))
    return problems


def status_of(error: AuthError) -> int:
    """The HTTP status of a refusal: 429 where one has to wait, else 422."""
    return 429 if error.wait > 0 else 422
