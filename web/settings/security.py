"""Settings about access: passphrase, signed-in devices, the calendar's address, backups."""

from contextlib import closing
from typing import BinaryIO, cast

from flask import Response, render_template, request, send_file
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from kiosk.errors import AuthError, ConflictError, StoreError
from web.context import (
    kiosk,
    remember_token,
    remote_address,
    signed_in,
    token_of_cookie,
)
from web.forms import FieldProblems, answer, error_sentence
from web.guard import takes_upload
from web.server import step_aside
from web.settings.views import back_to, pages, settings_page
from web.setup.views import status_of
from web.text import t

LARGEST_UPLOAD = 52_000_000
"""Bytes of a request; a little more than a backup may have, so that the kiosk can say so."""


@pages.post("/passphrase")
def change_passphrase() -> AnyResponse | tuple[str, int]:
    """Change the passphrase, which signs every other device out."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        token = kiosk().auth.change_passphrase(
            token_of_cookie(), old, new, request.user_agent.string, remote_address()
        )
    except AuthError as error:
        problems = FieldProblems.at("new" if error.field == "new" else "old", error_sentence(error))
        return settings_page("passphrase", problems=problems), status_of(error)
    remember_token(token)
    answer(t("settings.passphrase.changed"))
    return back_to("passphrase")


@pages.post("/sign-out")
def sign_out_device() -> AnyResponse:
    """Sign another device out."""
    wanted, own = request.form.get("visitor", ""), signed_in()
    if own is None or wanted != own.id:
        kiosk().auth.sign_out_device(wanted)
        answer(t("settings.signed_in.out"))
    return back_to("signed-in")


@pages.post("/calendar")
def renew_calendar() -> AnyResponse:
    """Give the calendar feed another address."""
    kiosk().auth.renew_calendar_token()
    answer(t("settings.calendar.renewed"))
    return back_to("calendar")


@pages.get("/backup")
def take_backup() -> Response:
    """Download a backup."""
    step_aside(request.environ)
    with kiosk().backups.make() as path:
        size = path.stat().st_size
        # It stays open, and readable, though its name is gone at once.
        file = path.open("rb")
        name = path.name
    response = send_file(file, "application/octet-stream", as_attachment=True, download_name=name)
    response.content_length = size
    return response


@pages.post("/restore")
@takes_upload(LARGEST_UPLOAD)
def restore() -> str | tuple[str, int]:
    """Upload a backup; it is restored as the kiosk restarts, which it does at once."""
    problems = FieldProblems()
    with closing(request.files.get("backup") or FileStorage()) as upload:
        if not upload.filename:
            problems.add("backup", t("settings.restore.which"))
        if "sure" not in request.form:
            problems.add("sure", t("settings.restore.tick"))
        if problems:
            return settings_page("restore", problems=problems), 422
        return _restore(upload)


def _restore(upload: FileStorage) -> str | tuple[str, int]:
    passphrase = request.form.get("passphrase", "")
    # Checking all of it may take the disk a minute.
    step_aside(request.environ)
    try:
        kiosk().auth.confirm(token_of_cookie(), passphrase, remote_address())
        kiosk().backups.restore(cast("BinaryIO", upload.stream), upload.filename or "")
    except AuthError as error:
        problems = FieldProblems.at("passphrase", error_sentence(error))
        return settings_page("restore", problems=problems), status_of(error)
    except (StoreError, ConflictError) as error:
        code = 409 if isinstance(error, ConflictError) else 422
        problems = FieldProblems.at("backup", error_sentence(error))
        return settings_page("restore", problems=problems), code
    return render_template("settings/restarting.html")
