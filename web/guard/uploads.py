"""Forms are small; the few that bring a file may be larger, for who is signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData
from werkzeug.http import parse_cookie

from web.guard.access import TOKEN
from web.guard.requests import SAFE

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class _Limits:
    whole: int
    fields: int | None


def takes_upload(largest: int, *, fields: int | None = None) -> Callable[[View], View]:
    """Let a view be sent so many bytes; goes under the route's decorator. So many of them may be
    typed text, of which as much as in any other form where that is not said.
    """

    def mark(view: View) -> View:
        view.upload_limits = _Limits(largest, fields)  # type: ignore[attr-defined]
        return view

    return mark


def guard_uploads(app: Flask) -> None:
    """Set the limit of each request, and refuse what is no form. Comes after who may see what."""

    @app.before_request
    def set_limit() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        limits: _Limits | None = getattr(view, "upload_limits", None)
        if limits is not None:
            request.max_content_length = limits.whole
            request.max_form_memory_size = limits.fields or request.max_form_memory_size

    @app.before_request
    def see_that_fields_have_names() -> None:
        # No browser sends others, and nobody who looks at a form reckons with them.
        if request.endpoint and request.method not in SAFE:
            names: set[str | None] = {*request.form, *request.files}
            if None in names:
                abort(400)


def uploads_by(app: Flask) -> Callable[[str], bool]:
    """Says by the cookies of a request whether whoever sends it has ever signed in here.

    Enough to take in what is large; whether they still are is asked when it is there. Any thread;
    quick.
    """
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    name, age = app.config["SESSION_COOKIE_NAME"], app.permanent_session_lifetime

    def has_signed_in(cookies: str) -> bool:
        try:
            signed = parse_cookie(cookies).get(name, "")
            if serializer is None:
                return False
            return TOKEN in serializer.loads(signed, max_age=int(age.total_seconds()))
        except (BadData, ValueError):  # not signed by this kiosk, or no text at all
            return False

    return has_signed_in
