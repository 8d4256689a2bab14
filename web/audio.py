"""Sound for a browser's player: a WAV file that is made as it is taken, whole or in parts."""

from threading import BoundedSemaphore

from flask import Response, abort, current_app, make_response, request

from kiosk.audio.export import TimelineSound
from kiosk.timeline.wav import wav_bytes, wav_size
from web.errors import problem_page
from web.server.server import step_aside
from web.text import t

MOST_AT_ONCE = 3
"""Sounds that are made or taken at the same time; each holds one of the server's threads."""

_PLACES = "sound places"


class ListenerLimit:
    """A place among those who listen; to be left in any case."""

    def __init__(self, places: BoundedSemaphore) -> None:
        """Answers with 503 where all places are taken."""
        if not places.acquire(blocking=False):
            full = make_response(problem_page(503, t("pages.error.503")))
            full.headers["Retry-After"] = "10"
            abort(full)
        self._places: BoundedSemaphore | None = places
        # What is not made yet has to be waited for, while speech for a session goes first.
        step_aside(request.environ)

    def leave(self) -> None:
        """Let another one have it."""
        places, self._places = self._places, None
        if places is not None:
            places.release()


def listen() -> ListenerLimit:
    """A place for the present request; answers with 503 where there is none."""
    places: BoundedSemaphore = current_app.extensions.setdefault(
        _PLACES, BoundedSemaphore(MOST_AT_ONCE)
    )
    return ListenerLimit(places)


def sound_response(sound: TimelineSound, tag: str, place: ListenerLimit) -> Response:
    """The whole of `sound`, or the part that the request asks for; then the place is left.

    `tag` differs where the sound does. Answers with 416 where there is no such part.
    """
    size = wav_size(sound.frames)
    part = _wanted_part(size, tag)
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


def _wanted_part(size: int, tag: str) -> tuple[int, int] | None:
    """First byte and the one after the last; `None` for the whole."""
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
