"""For every view: the kiosk's services, and the configuration of the pages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from kiosk.services import Services
from kiosk.store.auth import StoredAuthSession
from web.text import t


@dataclass(frozen=True)
class PagesConfig:
    """Configuration of the pages, set by the wiring."""

    secret_key: bytes = field(repr=False)
    """Signs cookies and form tokens."""

    names: frozenset[str] = frozenset()
    """Host names, in small letters, that are answered beside addresses and `.local` names."""

    threads: int = 32
    """Threads of the server: requests and live pages at once."""

    spare_threads: int = 8
    """Threads that no live page may hold."""

    version: str = ""

    host: str = ""
    """The machine's own name, which tells one kiosk from another."""

    @property
    def most_streams(self) -> int:
        """Live pages at once."""
        return self.threads - self.spare_threads


def kiosk() -> Services:
    """The services of the kiosk that the present request is for."""
    api: Services = current_app.extensions["kiosk"]
    return api


def config() -> PagesConfig:
    """The configuration of the app that the present request is for."""
    found: PagesConfig = current_app.extensions["pages"]
    return found


def kiosk_name() -> str:
    """The kiosk's name in titles, with the machine's where that is known: there may be several."""
    name, host = t("pages.name"), config().host
    return f"{name} · {host}" if host else name


View = TypeVar("View", bound=Callable[..., Any])

TOKEN = "token"  # noqa: S105  # the key of the auth session's token in the cookie


class Access(Enum):
    """The requests that a page is open to."""

    ANYONE = auto()  # all, before set-up, too
    ONLOOKERS = auto()  # all after set-up, unless the settings say that only caregivers look on
    CAREGIVERS = auto()  # those of signed-in devices


def open_to(access: Access) -> Callable[[View], View]:
    """Set a view's access; goes under the route's decorator."""

    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def guard_access(app: Flask, api: Services) -> None:
    """Refuse requests for pages that they have no access to, or lead them to sign in or set up."""

    @app.before_request
    def check_access() -> Response | None:
        access = _access_of(request.endpoint)
        if access is Access.ANYONE:
            return None
        if not api.auth.is_set_up():
            return redirect(url_for("setup.begin")) if _is_page() else abort(403)
        # A request begins with the settings that another process may have stored.
        settings = api.settings.refresh()
        if signed_in() is not None:
            return None
        if access is Access.ONLOOKERS and settings.now_seen_by == "anyone":
            return None
        if not _is_page():
            abort(401)
        return redirect(url_for("sign_in.show", next=request.full_path.removesuffix("?")))


def signed_in() -> StoredAuthSession | None:
    """The signed-in device that sent the request, if it is one. Raises StoreError, once for each
    request: the error page asks again, and is then made as for nobody.
    """
    if "signed_in" not in g:
        g.signed_in = None
        token = token_of_cookie()
        g.signed_in = kiosk().auth.session_of(token) if token else None
    found: StoredAuthSession | None = g.signed_in
    return found


def token_of_cookie() -> str:
    """The auth session's token in the request's cookie; empty without one."""
    token = session.get(TOKEN)
    return token if isinstance(token, str) else ""


def remember_token(token: str) -> None:
    """Put `token` into the browser's cookie, in place of all that was in it."""
    forget_token()
    session[TOKEN] = token
    session.permanent = True


def forget_token() -> None:
    """Empty the browser's cookie."""
    session.clear()
    g.pop("signed_in", None)


def remote_address() -> str:
    """The network address of the request's connection, whatever its headers claim."""
    return request.remote_addr or ""


def local_path(wanted: str | None) -> str | None:
    """`wanted` if it is a path on this kiosk, safe to redirect to after signing in."""
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
