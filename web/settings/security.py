"""The keys of the house: passphrase, who is signed in, the calendar's address, backups."""

from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO, cast

from flask import Blueprint, Response, render_template, request, send_file, session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from kiosk.errors import ConflictError, DoorError, StoreError
from web.context import kiosk
from web.forms import FieldProblems, answer
from web.guard.access import TOKEN, let_in, visitor
from web.guard.uploads import takes_upload
from web.server.server import step_aside
from web.settings.page import back_to, settings_page
from web.text import t

pages = Blueprint("keys", __name__)

LARGEST_UPLOAD = 52_000_000
"""Bytes of a request; a little more than a backup may have, so that the kiosk can say so."""


@pages.post("/passphrase")
def change_passphrase() -> AnyResponse | tuple[str, int]:
    """Choose another passphrase, which signs everybody else out."""
    caller = _Caller.now()
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        token = kiosk().auth.change_passphrase(
            caller.token, old, new, caller.device, caller.address
        )
    except DoorError as error:
        return _refused("passphrase", error, ("old", "new"))
    let_in(token)
    answer(t("settings.passphrase.changed"))
    return back_to("passphrase")


@pages.post("/sign-out")
def send_out() -> AnyResponse:
    """Sign another device out."""
    wanted, own = request.form.get("visitor", ""), visitor()
    if own is None or wanted != own.id:
        kiosk().auth.send_out(wanted)
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
    caller = _Caller.now()
    # Checking all of it may take the disk a minute.
    step_aside(request.environ)
    try:
        kiosk().auth.confirm(caller.token, request.form.get("passphrase", ""), caller.address)
        kiosk().backups.restore(cast("BinaryIO", upload.stream), upload.filename or "")
    except DoorError as error:
        return _refused("restore", error, ("passphrase",))
    except (StoreError, ConflictError) as error:
        problems = FieldProblems()
        problems.add("backup", str(error))
        code = 409 if isinstance(error, ConflictError) else 422
        return settings_page("restore", problems=problems), code
    return render_template("settings/restarting.html")


def _refused(form: str, error: DoorError, fields: tuple[str, ...]) -> tuple[str, int]:
    problems = FieldProblems()
    problems.add(error.field if error.field in fields else fields[0], str(error))
    return settings_page(form, problems=problems), 429 if error.wait else 422


@dataclass(frozen=True)
class _Caller:
    """Whose browser it is, as far as the request tells."""

    token: str
    device: str
    address: str

    @classmethod
    def now(cls) -> "_Caller":
        token = session.get(TOKEN)
        device = request.headers.get("User-Agent", "")
        return cls(token if isinstance(token, str) else "", device, request.remote_addr or "")
