"""Checks of every request, whoever sends it: host name, origin, size; and headers of every answer.

- *Host*. A page elsewhere can have its own name lead to the kiosk's address and then read the
  kiosk's pages as its own (DNS rebinding). So only names are answered that nobody elsewhere can
  own: addresses, `localhost`, `.local` names, and those that were set.
- *Origin*. A request that changes something has to come from the kiosk's own pages. What a proxy
  may claim in `X-Forwarded-…` is never looked at.
- *Size*. Forms are small; the few views that take an upload say how large it may be.
- *Answers* tell the browser what to refuse. Only static files, by their version, may be cached.
"""

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from web.context import TOKEN, View
from web.text import t

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # methods that change nothing

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

A_YEAR = 365 * 24 * 60 * 60

_HOST = re.compile(r"^(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(?::(?P<port>[0-9]{1,5}))?$")

# No dot before it: a browser may hand deeper names to the network's own name server.
_LOCAL_NAME = re.compile(r"[a-z0-9_-]+\.local")


def add_headers(app: Flask) -> None:
    """Add `HEADERS` and the rule for caches to every answer."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint == "static" and response.status_code in (200, 304):
            cached = f"public, max-age={A_YEAR}, immutable" if "v" in request.args else "no-cache"
            response.headers["Cache-Control"] = cached
        else:
            response.headers["Cache-Control"] = "no-store"
        return response


def guard_origin(app: Flask, names: frozenset[str]) -> None:
    """Refuse requests under a foreign host name, and changes that another site asks for."""

    @app.before_request
    def check_origin() -> Response | None:
        if not is_known(request.headers.get("Host", ""), names):
            # No page: its links could not be made under a name that is none.
            return Response(t("pages.error.421"), 421, mimetype="text/plain")
        if request.method in SAFE:
            return None
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(403)
        origin = request.headers.get("Origin")
        if origin is not None and _host_of(origin) != request.host.lower():
            abort(403)
        return None


def is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a request's Host header names the kiosk."""
    match = _HOST.fullmatch(host.lower()) if len(host) <= 255 else None
    if match is None:
        return False
    name = match["name"]
    return (
        name in names
        or name == "localhost"
        or _LOCAL_NAME.fullmatch(name) is not None
        or _is_address(name)
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _host_of(origin: str) -> str:
    """Host and port of an origin; empty where it has none, or is malformed."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def takes_upload(largest: int, *, fields: int | None = None) -> Callable[[View], View]:
    """Let a view take requests of `largest` bytes; goes under the route's decorator.

    `fields` is how many of them may be typed text; as in any other form where it is not given.
    """

    def mark(view: View) -> View:
        view.upload_limits = largest, fields  # type: ignore[attr-defined]
        return view

    return mark


def guard_uploads(app: Flask) -> None:
    """Set each request's limit of size, and refuse fields without a name. After `guard_access`."""

    @app.before_request
    def set_limit() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        limits: tuple[int, int | None] | None = getattr(view, "upload_limits", None)
        if limits is not None:
            request.max_content_length, fields = limits
            request.max_form_memory_size = fields or request.max_form_memory_size

    @app.before_request
    def check_field_names() -> None:
        # No browser sends others, and no view expects them.
        if request.endpoint and request.method not in SAFE:
            names: set[str | None] = {*request.form, *request.files}
            if None in names:
                abort(400)


def uploads_by(app: Flask) -> Callable[[str], bool]:
    """A function from a Cookie header to whether that browser has ever signed in here: enough to
    receive a large request. Whether it still is signed in is checked once the request is there.
    Any thread; quick.
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
