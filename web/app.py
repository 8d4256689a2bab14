"""The Flask app of the pages; `web.server` serves it."""

import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path

from flask import Flask, url_for
from flask_wtf.csrf import CSRFProtect

from kiosk.auth.passphrase import LEAST_LENGTH, MOST_LENGTH
from kiosk.auth.service import MOST_AGE
from kiosk.locale.wording import Wording
from kiosk.services import Services
from web.context import PagesConfig, guard_access, kiosk_name, signed_in
from web.errors import add_error_pages
from web.guard import add_headers, guard_origin, guard_uploads
from web.text import add_texts

PAGES = (
    "web.now.views",
    "web.schedule.views",
    "web.history.views",
    "web.programs.views",
    "web.settings.security",
    "web.setup.views",
    "web.sign_in",
    "web.health",
)
"""The modules that each define a blueprint `pages`."""

LARGEST_FORM = 256 * 1024  # bytes; uploads have limits of their own


def make_app(api: Services, wording: Wording, config: PagesConfig) -> Flask:
    """The pages of one kiosk."""
    app = Flask("web", static_url_path="/static")
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="kiosk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        # Of the cookie; the auth session in it may end earlier.
        PERMANENT_SESSION_LIFETIME=MOST_AGE,
        # Sent along with everything, it would stand in answers that are kept for others, and one
        # that comes late would put back a cookie that has been changed meanwhile.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=5000,
        # A form may be open for as long as its page is; the token dies with the session.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["kiosk"] = api
    app.extensions["pages"] = config
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    add_texts(app, wording)
    add_headers(app)
    guard_origin(app, config.names)
    guard_access(app, api)
    guard_uploads(app)
    CSRFProtect(app)
    for module in PAGES:
        app.register_blueprint(import_module(module).pages)
    add_error_pages(app)
    app.jinja_env.globals.update(
        kiosk_name=kiosk_name,
        least_length=LEAST_LENGTH,
        most_length=MOST_LENGTH,
        signed_in=signed_in,
        static=_static_url,
    )
    return app


def _static_url(name: str) -> str:
    """The address of a static file, with its version, so that browsers may cache it."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    content = (Path(__file__).parent / "static" / name).read_bytes()
    return hashlib.sha256(content).hexdigest()[:12]
