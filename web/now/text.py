"""A snapshot in words, for the pages and for the script that keeps them live."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kiosk.schedule.model import WALK
from kiosk.session.snapshot import IN_SESSION, Fault, Snapshot, State
from web.text import clock_time, day_in_words, duration, t

PARTS: dict[str, tuple[Fault, ...]] = {
    "speaker": (Fault.NO_SPEAKER, Fault.SPEAKER_LOST),
    "voice": (Fault.NO_SPEECH,),
    "button": (Fault.BUTTON,),
    "clock": (Fault.CLOCK,),
    "memory": (Fault.STORE,),
    "program": (Fault.NO_PROGRAM,),
    "settings": (Fault.SETTINGS,),
}
"""The parts whose well-being is shown, and what may be the matter with each."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """How a part of the kiosk is."""

    name: str
    well: bool
    text: str


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of the plan besides the picture."""

    today: date | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    """What programs are called, by id."""


NOTHING_KNOWN = Around()


def parts(snapshot: Snapshot) -> tuple[TextPart, ...]:
    """How every part is."""
    found = []
    for name, troubles in PARTS.items():
        matter = next((trouble for trouble in troubles if trouble in snapshot.faults), None)
        text = t("now.part.well") if matter is None else t(f"now.trouble.{matter}")
        found.append(TextPart(name, matter is None, text))
    return tuple(found)


def words(snapshot: Snapshot, around: Around = NOTHING_KNOWN) -> dict[str, str]:
    """What is shown of a snapshot, by where it is shown."""
    counted = snapshot.state in IN_SESSION and snapshot.rep is not None
    return {
        "headline": headline(snapshot),
        "place": place(snapshot),
        "phase": phase(snapshot),
        "side": t(f"now.side.{snapshot.side}") if counted and snapshot.side else "",
        "set": _set(snapshot) if counted else "",
        "rep": str(snapshot.rep) if counted else "",
        "of_reps": t("now.of", n=snapshot.reps or "") if counted else "",
        "left": left(snapshot),
        "next": coming(snapshot, around),
    }


def headline(snapshot: Snapshot) -> str:
    """What a glance should tell."""
    if snapshot.state in IN_SESSION and snapshot.title:
        return snapshot.exercise_name or snapshot.title
    return t(f"now.state.{snapshot.state}")


def place(snapshot: Snapshot) -> str:
    """Where in the program it is."""
    if snapshot.state not in IN_SESSION:
        return ""
    if snapshot.exercise is None:
        return snapshot.title if snapshot.exercise_name else ""
    return t("now.place", n=snapshot.exercise, of=snapshot.exercises)


def phase(snapshot: Snapshot) -> str:
    """What the body does now, or what the voice does."""
    if snapshot.state is State.PAUSED:
        return t("now.state.paused")
    if snapshot.state is not State.RUNNING or not snapshot.phase:
        return ""
    return t("now.leading_in" if snapshot.leading_in else f"now.phase.{snapshot.phase}")


def left(snapshot: Snapshot) -> str:
    """How long the session still takes."""
    if snapshot.state not in IN_SESSION:
        return ""
    return t("now.left", time=duration(max(snapshot.duration_ms - snapshot.position_ms, 0)))


def tells_what_comes(snapshot: Snapshot) -> bool:
    """Whether it is time to tell what comes, and there is something to tell."""
    what = snapshot.due or snapshot.next_program
    return snapshot.state not in (*IN_SESSION, State.PREPARING) and what is not None


def coming(snapshot: Snapshot, around: Around = NOTHING_KNOWN) -> str:
    """What is due, now or next; empty while a session goes on."""
    if snapshot.state in IN_SESSION:
        return ""
    if snapshot.due is not None:
        if snapshot.due == WALK:
            return t("now.due_walk")
        return t("now.due", program=_title(snapshot.due, around))
    if snapshot.next_due is None:
        return t("now.nothing_planned")
    return t(
        "now.next",
        program=_title(snapshot.next_program, around),
        day=day_in_words(snapshot.next_due, today=around.today),
        time=clock_time(snapshot.next_due),
    )


def seconds_left(snapshot: Snapshot) -> int:
    """What the countdown of the phase shows: as the voice counts, down to one."""
    return max(-(-snapshot.phase_ends_in_ms // 1000), 1)


def _title(program: str | None, around: Around) -> str:
    if program == WALK:
        return t("pages.walk")
    return around.titles.get(program or "", t("now.usual_program"))


def _set(snapshot: Snapshot) -> str:
    if snapshot.set is None or not snapshot.sets or snapshot.sets < 2:
        return ""
    return t("now.set", n=snapshot.set, of=snapshot.sets)
