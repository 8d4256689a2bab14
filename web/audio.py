"""Sound for a browser's player: a WAV file rendered while it is sent, whole or in parts."""

from threading import BoundedSemaphore

from flask import Response, abort, current_app, make_response, request

from kiosk.audio.export import TimelineSound
from kiosk.timeline.render import wav_bytes, wav_size
from web.errors import problem_page
from web.server import step_aside
from web.text import t

MOST_AT_ONCE = 3
"""Sounds that are rendered or sent at the same time; each holds one of the server's threads."""

_PLACES = "sound places"


class ListenerLimit:
    """One of `MOST_AT_ONCE` places, held by a request; `leave` has to be called in any case."""

    def __init__(self, places: BoundedSemaphore) -> None:
        """Aborts the request with 503 where all places are taken."""
        if not places.acquire(blocking=False):
            full = make_response(problem_page(503, t("pages.error.503")))
            full.headers["Retry-After"] = "10"
            abort(full)
        self._places: BoundedSemaphore | None = places
        # What is not rendered yet has to be waited for: speech for a session goes first.
        step_aside(request.environ)

    def leave(self) -> None:
        """Free the place; may be called again."""
        places, self._places = self._places, None
        if places is not None:
            places.release()


def listen() -> ListenerLimit:
    """A place for the present request; aborts with 503 where there is none."""
    places: BoundedSemaphore = current_app.extensions.setdefault(
        _PLACES, BoundedSemaphore(MOST_AT_ONCE)
    )
    return ListenerLimit(places)


def sound_response(sound: TimelineSound, tag: str, place: ListenerLimit) -> Response:
    """The whole of `sound`, or the range that the request asks for; leaves `place` when sent.

    `tag` is the ETag: it differs where the sound does. Aborts with 416 for an impossible range.
    """
    size = wav_size(sound.frames)
    part = _range_of_request(size, tag)
    start, end = part or (0, size)
    response = Response(wav_bytes(sound.pcm, sound.frames, start, end), mimetype="audio/wav")
    response.call_on_close(place.leave)
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
