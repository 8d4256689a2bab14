"""Pages for what goes wrong: a sentence, never a trace."""

import logging

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from kiosk.errors import (
    ConflictError,
    KioskError,
    StoreError,
    UnknownEntryError,
    UnknownProgramError,
    WordingError,
)
from web.context import signed_in
from web.forms import error_sentence
from web.text import t

logger = logging.getLogger(__name__)


KNOWN = (400, 401, 403, 404, 405, 413, 421, 429, 503)

PASSED_ON = ("Allow", "Content-Range", "Retry-After")
"""What an error tells the browser beside its page."""


def add_error_pages(app: Flask) -> None:
    """Answer every error with a page of its own."""
    app.register_error_handler(CSRFError, lambda _: problem_page(400, t("pages.error.form")))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(KioskError, _kiosk_error)
    # Nobody who looks at the pages can do anything about that.
    app.register_error_handler(WordingError, _unexpected)
    app.register_error_handler(Exception, _unexpected)


def problem_page(code: int, sentence: str) -> Response:
    """The page that says `sentence`, with that HTTP code."""
    if request.accept_mimetypes.best == "application/json":
        return make_response({"answer": sentence}, code)
    _is_signed_in()  # Where that cannot be read, the page is made as for nobody.
    return make_response(render_template("problem.html", code=code, sentence=sentence), code)


def _http_error(error: HTTPException) -> AnyResponse:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    page = problem_page(code, t(f"pages.error.{code}" if code in KNOWN else "pages.error.other"))
    page.headers.extend(header for header in error.get_headers() if header[0] in PASSED_ON)
    return page


def _kiosk_error(error: KioskError) -> Response:
    match error:
        case UnknownEntryError() | UnknownProgramError():
            code = 404
        case ConflictError():
            code = 409
        case StoreError():
            logger.warning("%s", error)
            # It names files, which are no business of strangers.
            return problem_page(503, str(error) if _is_signed_in() else t("pages.error.store"))
        case _:
            code = 400
    return problem_page(code, error_sentence(error))


def _is_signed_in() -> bool:
    try:
        return signed_in() is not None
    except StoreError:
        return False


def _unexpected(error: Exception) -> Response:
    logger.error("a page failed: %s %s", request.method, request.url_rule, exc_info=error)
    return problem_page(500, t("pages.error.500"))
