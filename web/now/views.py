"""What is happening: for caregivers, who may steer it, and for a screen in the room."""

from dataclasses import dataclass

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from kiosk.errors import KioskError, StoreError
from kiosk.session.snapshot import IN_SESSION, Snapshot
from web.context import config, kiosk
from web.guard.access import Access, open_to, visitor
from web.now import live
from web.now.live import EventStream, Places
from web.now.text import NOTHING_KNOWN, Around, parts, seconds_left, tells_what_comes, words
from web.text import t

pages = Blueprint("now", __name__)

WISHES = ("pause", "resume", "skip", "back", "repeat", "stop")


@dataclass(frozen=True, slots=True)
class ListedExercise:
    """An exercise in the list beside the picture."""

    name: str
    number: int


@pages.get("/")
@open_to(Access.ONLOOKERS)
def show() -> str:
    """What is happening now."""
    snapshot = kiosk().session.snapshot()
    return render_template(
        "now/now.html",
        **_picture(snapshot),
        exercises=_exercises(snapshot),
        programs=_programs() if visitor() else (),
        default=kiosk().settings.view().settings.default_program,
    )


@pages.get("/room")
@open_to(Access.ONLOOKERS)
def room() -> str:
    """The same to be read from across the room."""
    return render_template("now/room.html", **_picture(kiosk().session.snapshot()))


@pages.post("/now/<wish>")
def steer(wish: str) -> AnyResponse:
    """Do what a caregiver wishes; whether it applies shows in the next picture."""
    remote = kiosk().session
    if wish == "start":
        known = {program for program, _ in _programs()}
        wanted = request.form.get("program", "")
        if wanted and wanted not in known:
            abort(400)
        remote.start(wanted or None)
    elif wish in WISHES:
        getattr(remote, wish)()
    else:
        abort(404)
    if request.accept_mimetypes.best == "application/json":
        return Response(status=204)
    return redirect(url_for("now.show"), 303)


@pages.get("/events")
@open_to(Access.ONLOOKERS)
def events() -> Response:
    """The live stream; 503 where enough are looking on, from everywhere or from there."""
    places, address = _places(), request.remote_addr or ""
    if not places.take(address):
        abort(503)
    gone = request.environ.get("waitress.client_disconnected", lambda: False)
    response = Response(live.events(kiosk().session, gone, _teller()), mimetype="text/event-stream")
    response.call_on_close(lambda: places.leave(address))
    return response


def _teller() -> EventStream:
    """Makes events, also when the request itself is long over."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's way

    def make(snapshot: Snapshot) -> bytes:
        with app.app_context():
            try:
                around = _around(snapshot)
            except StoreError:
                # The stream has begun, so there is no other answer; that trouble has its own place.
                around = NOTHING_KNOWN
            return live.event(snapshot, around)

    teller: EventStream = app.extensions.setdefault("live teller", EventStream(make))
    return teller


def _places() -> Places:
    places: Places = current_app.extensions.setdefault("live places", Places(config().most_streams))
    return places


def _picture(snapshot: Snapshot) -> dict[str, object]:
    in_session = snapshot.state in IN_SESSION
    moving = in_session and snapshot.rep is not None
    share = snapshot.phase_ends_in_ms / max(snapshot.phase_duration_ms, 1) if moving else 0.0
    return {
        "shot": snapshot,
        "words": words(snapshot, _around(snapshot)),
        "parts": parts(snapshot),
        "in_session": in_session,
        "seconds": seconds_left(snapshot) if moving and snapshot.moving else "",
        "turned": round(100 * (1 - min(share, 1.0)), 1),
    }


def _around(snapshot: Snapshot) -> Around:
    """What of the plan is spoken of. In a session nothing is, and then nobody waits for the store,
    which may be busy keeping how far the session has got.
    """
    if not tells_what_comes(snapshot):
        return NOTHING_KNOWN
    return Around(kiosk().schedule.now().date(), dict(kiosk().settings.programs()))


def _exercises(snapshot: Snapshot) -> list[ListedExercise]:
    """The exercises of the session, as far as they can be told."""
    if snapshot.state not in IN_SESSION or snapshot.program is None:
        return []
    try:
        program = kiosk().programs.listing(snapshot.program).program
    except KioskError:
        return []
    exercises = program.exercises if program else ()
    language = kiosk().settings.view().settings.language
    return [ListedExercise(e.name(language), n) for n, e in enumerate(exercises, start=1)]


def _programs() -> tuple[tuple[str, str], ...]:
    """What a caregiver may start."""
    default = kiosk().settings.view().settings.default_program
    found = dict(kiosk().settings.programs())
    first = {default: found.get(default, t("now.usual_program"))}
    return tuple((first | found).items())
