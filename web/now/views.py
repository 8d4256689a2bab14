"""The pages Now, where caregivers steer the session, and Room, for a screen in the room."""

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

from kiosk.session.snapshot import IN_SESSION, Snapshot, State
from kiosk.session.transitions import Input
from web.context import Access, config, kiosk, open_to, remote_address, signed_in
from web.now import live
from web.now.live import EventEncoder, StreamSlots
from web.now.text import Upcoming, parts, words
from web.text import ProgramTitles, t

pages = Blueprint("now", __name__)

WISHES = ("pause", "resume", "skip", "back", "repeat", "stop")
"""The inputs that the page has buttons for, beside `start`."""


@pages.get("/")
@open_to(Access.ONLOOKERS)
def show() -> str:
    """The session as it is now."""
    snapshot, schedule = kiosk().session.snapshot(), kiosk().snapshots.take()
    titles = ProgramTitles(schedule.programs)
    return render_template(
        "now/now.html",
        **_picture(snapshot),
        exercises=_exercise_names(snapshot, titles),
        programs=_programs(titles, schedule.settings.default_program) if signed_in() else (),
        default=schedule.settings.default_program,
    )


@pages.get("/room")
@open_to(Access.ONLOOKERS)
def room() -> str:
    """The session as it is now, large enough to be read from across the room."""
    return render_template("now/room.html", **_picture(kiosk().session.snapshot()))


@pages.post("/now/<wish>")
def steer(wish: str) -> AnyResponse:
    """Post an action to the session; whether it applies shows in the next snapshot."""
    session = kiosk().session
    if wish == "start":
        schedule, wanted = kiosk().snapshots.take(), request.form.get("program", "")
        programs = _programs(ProgramTitles(schedule.programs), schedule.settings.default_program)
        if wanted and wanted not in dict(programs):
            abort(400)
        session.start(wanted or None)
    elif wish in WISHES:
        session.command(Input(wish))
    else:
        abort(404)
    if request.accept_mimetypes.best == "application/json":
        return Response(status=204)
    return redirect(url_for("now.show"), 303)


@pages.get("/events")
@open_to(Access.ONLOOKERS)
def events() -> Response:
    """The live stream; 503 where all slots are taken, or half of them from that address."""
    unused, address = StreamSlots(config().most_streams), remote_address()
    slots: StreamSlots = current_app.extensions.setdefault("live slots", unused)
    if not slots.take(address):
        abort(503)
    disconnected = request.environ.get("waitress.client_disconnected", lambda: False)
    stream = live.events(kiosk().session, disconnected, _encoder())
    response = Response(stream, mimetype="text/event-stream")
    response.call_on_close(lambda: slots.release(address))
    return response


def _encoder() -> EventEncoder:
    """The encoder of all streams, which outlives the request that made it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's way

    def encode(snapshot: Snapshot) -> bytes:
        with app.app_context():
            # Reads no table: the stream goes on while the store cannot be read.
            return live.event(snapshot, _upcoming(snapshot))

    encoder: EventEncoder = app.extensions.setdefault("live encoder", EventEncoder(encode))
    return encoder


def _picture(snapshot: Snapshot) -> dict[str, object]:
    """The variables that both pages have in common."""
    in_session = snapshot.state in IN_SESSION
    counted = in_session and snapshot.rep is not None
    left = snapshot.phase_ends_in_ms
    share = left / max(snapshot.phase_duration_ms, 1) if counted else 0.0
    return {
        "shot": snapshot,
        "words": words(snapshot, _upcoming(snapshot)),
        "parts": parts(snapshot),
        "in_session": in_session,
        # As the voice counts: down to one.
        "seconds": max(-(-left // 1000), 1) if counted and snapshot.moving else "",
        "turned": round(100 * (1 - min(share, 1.0)), 1),
    }


def _upcoming(snapshot: Snapshot) -> Upcoming | None:
    """What the words about the next occurrence need; `None` where they name no program.

    Reads no table, so nobody waits for a store that is busy writing the progress of a session.
    """
    program = snapshot.due or snapshot.next_program
    if program is None or snapshot.state in (*IN_SESSION, State.PREPARING):
        return None
    schedule = kiosk().snapshots.take()
    titles = ProgramTitles(schedule.programs)
    usable = titles.program(program) is not None
    return Upcoming(schedule.today, titles(program) if usable else t("now.usual_program"))


def _exercise_names(snapshot: Snapshot, titles: ProgramTitles) -> list[str]:
    """The exercises of the session; empty where its program cannot be read any more."""
    if snapshot.state not in IN_SESSION or snapshot.program is None:
        return []
    program = titles.program(snapshot.program)
    return [titles.name_of(exercise) for exercise in program.exercises] if program else []


def _programs(titles: ProgramTitles, default: str) -> list[tuple[str, str]]:
    """Id and title of the programs that a caregiver may start, the default one first."""
    usable = {program.id: titles(program.id) for program in titles.usable()}
    return list(({default: usable.get(default, t("now.usual_program"))} | usable).items())
