"""What set-up and a forgotten passphrase have in common: the code, and what it opens."""

from dataclasses import dataclass

from flask import request, session

from kiosk.errors import DoorError
from web.context import kiosk
from web.forms import FieldProblems
from web.text import t

GRANT = "grant"
"""Where the cookie keeps what the right code gave."""


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """Why somebody could not go on."""

    problems: FieldProblems
    status: int

    @classmethod
    def of(cls, error: DoorError, field: str) -> "CodeRefused":
        """From the door's own words; `field` is the one of the form that is shown."""
        problems = FieldProblems()
        problems.add(field, str(error))
        return cls(problems, 429 if error.wait > 0 else 422)


def enter_code() -> CodeRefused | None:
    """Take the code that was typed; why it is not taken."""
    try:
        session[GRANT] = kiosk().auth.enter_code(request.form.get("code", ""), address())
    except DoorError as error:
        return CodeRefused.of(error, "code")
    return None


def choose_passphrase() -> str | CodeRefused:
    """Take the passphrase that was typed; the token of who typed it, or why it is not taken.

    Where the code no longer opens anything, the cookie forgets it.
    """
    passphrase = request.form.get("passphrase", "")
    # Who cannot look at what they type is asked for it twice.
    if request.form.get("again", passphrase) != passphrase:
        problems = FieldProblems()
        problems.add("again", t("setup.passphrase.differs"))
        return CodeRefused(problems, 422)
    grant = session.get(GRANT, "")
    try:
        return kiosk().auth.choose_passphrase(str(grant), passphrase, device(), address())
    except DoorError as error:
        if error.field != "passphrase":
            session.pop(GRANT, None)
            return CodeRefused.of(error, "code")
        return CodeRefused.of(error, "passphrase")


def device() -> str:
    """What the browser calls itself."""
    return request.headers.get("User-Agent", "")


def address() -> str:
    """Where the request came from, whatever it claims itself."""
    return request.remote_addr or ""
