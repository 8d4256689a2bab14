"""Who may see what. A page that says nothing is for caregivers alone."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from kiosk.auth.sessions import SignedInDevice
from kiosk.services import Services

View = TypeVar("View", bound=Callable[..., Any])

TOKEN = "token"  # noqa: S105
"""Where the cookie keeps a visitor's token."""


class Access(Enum):
    """Who a page is for."""

    ANYONE = auto()
    """Whoever asks, before set-up, too."""

    ONLOOKERS = auto()
    """Whoever asks, unless the settings say that only caregivers look on; after set-up."""

    CAREGIVERS = auto()


def open_to(access: Access) -> Callable[[View], View]:
    """Say who a view is for; goes under the route's decorator."""

    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def guard_access(app: Flask, api: Services) -> None:
    """Let nobody past who may not see the page."""

    @app.before_request
    def see_who_it_is() -> Response | None:
        access = _access_of(request.endpoint)
        if access is Access.ANYONE:
            return None
        if not api.auth.is_set_up():
            return redirect(url_for("setup.begin")) if _is_page() else abort(403)
        # A request begins with the settings that another process may have stored.
        settings = api.settings.refresh()
        if visitor() is not None:
            return None
        if access is Access.ONLOOKERS and settings.now_seen_by == "anyone":
            return None
        if not _is_page():
            abort(401)
        return redirect(url_for("sign_in.ask", next=_here()))


def visitor() -> SignedInDevice | None:
    """Who is signed in, if anybody is. Raises StoreError, once for each request."""
    if "visitor" not in g:
        # Nobody, where it cannot be told: the page that says so asks once more.
        g.visitor = None
        token = session.get(TOKEN)
        api: Services = current_app.extensions["kiosk"]
        g.visitor = api.auth.visitor(token) if isinstance(token, str) else None
    found: SignedInDevice | None = g.visitor
    return found


def let_in(token: str) -> None:
    """Sign the visitor of `token` in, with nothing left of the session of before."""
    session.clear()
    session[TOKEN] = token
    session.permanent = True
    g.pop("visitor", None)


def let_out() -> None:
    """Forget who was signed in."""
    session.clear()
    g.pop("visitor", None)


def local_path(wanted: str | None) -> str | None:
    """`wanted` if it is a path on this kiosk, to be led on to after signing in."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return None
    parts = urlsplit(wanted)
    clean = wanted.isprintable() and "\\" not in wanted and not parts.scheme and not parts.netloc
    return wanted if clean else None


def _access_of(endpoint: str | None) -> Access:
    if endpoint == "static":
        return Access.ANYONE
    view = current_app.view_functions.get(endpoint or "")
    # Where there is no such page, the answer is the same for everybody: 404.
    return getattr(view, "access", Access.CAREGIVERS) if view else Access.ANYONE


def _is_page() -> bool:
    """Whether a person asks for a page, who can be led elsewhere."""
    accepted = request.accept_mimetypes
    return request.method in ("GET", "HEAD") and (not accepted or accepted.accept_html)


def _here() -> str:
    return request.full_path.removesuffix("?")
