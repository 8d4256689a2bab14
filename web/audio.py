"""Sound for a browser's player: a WAV file rendered while it is sent, whole or in parts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore

from flask import Response, abort, current_app, make_response, request

from kiosk.audio.export import TimelineSound
from kiosk.timeline.render import wav_bytes, wav_size
from web.errors import problem_page
from web.server import step_aside
from web.text import t

MOST_AT_ONCE = 3
"""Sounds that are rendered or sent at the same time; each holds one of the server's threads."""


@contextmanager
def listening() -> Iterator[Callable[[TimelineSound, str], Response]]:
    """One of `MOST_AT_ONCE` places for the present request; aborts with 503 where there is none.

    Gives a function that makes the response of a sound and its ETag; the place is then held until
    all is sent, else until the context is left.
    """
    limit = BoundedSemaphore(MOST_AT_ONCE)
    places: BoundedSemaphore = current_app.extensions.setdefault("sound places", limit)
    if not places.acquire(blocking=False):
        full = make_response(problem_page(503, t("pages.error.503")))
        full.headers["Retry-After"] = "10"
        abort(full)
    with ExitStack() as unless_sent:
        unless_sent.callback(places.release)
        # What is not rendered yet has to be waited for: speech for a session goes first.
        step_aside(request.environ)

        def respond(sound: TimelineSound, tag: str) -> Response:
            response = _sound_response(sound, tag)
            response.call_on_close(unless_sent.pop_all().close)
            return response

        yield respond


def _sound_response(sound: TimelineSound, tag: str) -> Response:
    """The whole of `sound`, or the range that the request asks for.

    `tag` is the ETag: it differs where the sound does. Aborts with 416 for an impossible range.
    """
    size = wav_size(sound.frames)
    part = _range_of_request(size, tag)
    start, end = part or (0, size)
    response = Response(wav_bytes(sound.pcm, sound.frames, start, end), mimetype="audio/wav")
    response.content_length = end - start
    response.set_etag(tag)
    response.headers["Accept-Ranges"] = "bytes"
    if part is not None:
        response.status_code = 206
        response.content_range.set(start, end, size)
    return response


def _range_of_request(size: int, tag: str) -> tuple[int, int] | None:
    """The first byte and the one after the last; `None` for the whole."""
    wanted = request.range
    condition = request.if_range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    if condition.date is not None or (condition.etag is not None and condition.etag != tag):
        return None
    part = wanted.range_for_length(size)
    if part is None:
        abort(Response(status=416, headers={"Content-Range": f"bytes */{size}"}))
    return part
