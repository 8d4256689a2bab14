"""By which names the kiosk may be asked for.

A page elsewhere can have its own name lead to the kiosk's address and then read the kiosk's pages
as its own (DNS rebinding). So only names that nobody elsewhere can own are answered: addresses,
`.local` names, and those that were set.

Nothing is changed at the wish of another site, and no page is answered under another's name.

What every answer tells the browser to refuse.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from flask import Flask, abort, request
from werkzeug.wrappers import Response

from web.text import t

_HOST = re.compile(r"^(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(?::(?P<port>[0-9]{1,5}))?$")


def is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a request's Host header names the kiosk."""
    match = _HOST.fullmatch(host.lower()) if len(host) <= 255 else None
    if match is None:
        return False
    name = match["name"]
    return name in names or name == "localhost" or _is_local_name(name) or _is_address(name)


def _is_local_name(name: str) -> bool:
    # No dot before it: a browser may hand deeper names to the network's own name server.
    return re.fullmatch(r"[a-z0-9_-]+\.local", name) is not None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def guard_origin(app: Flask, names: frozenset[str]) -> None:
    """Turn away what does not come from the kiosk's own pages.

    What a proxy may claim in `X-Forwarded-…` is never looked at.
    """

    @app.before_request
    def see_where_it_comes_from() -> Response | None:
        if not is_known(request.headers.get("Host", ""), names):
            # No page: its links could not be made under a name that is none.
            return Response(t("pages.error.421"), 421, mimetype="text/plain")
        if request.method in SAFE:
            return None
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(403)
        origin = request.headers.get("Origin")
        if origin is not None and _place(origin) != request.host.lower():
            abort(403)
        return None


def _place(origin: str) -> str:
    """Host and port of an origin; empty where it has none, or is no origin."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


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


def add_headers(app: Flask) -> None:
    """Add them to every answer. Only what is in `static`, by its version, may be kept."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint == "static" and response.status_code in (200, 304):
            kept = f"public, max-age={A_YEAR}, immutable" if "v" in request.args else "no-cache"
            response.headers["Cache-Control"] = kept
        else:
            response.headers["Cache-Control"] = "no-store"
        return response
