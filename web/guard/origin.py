"""Nothing is changed at the wish of another site, and no page is answered under another's name."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from web.guard.hosts import is_known
from web.texts import t

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
