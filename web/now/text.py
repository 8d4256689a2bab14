"""A snapshot of the session in words, for the pages Now and Room and for the live stream."""

from dataclasses import dataclass
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
"""The parts whose state is shown, and the faults of each, the gravest first."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The day and the title for the words about the next occurrence."""

    today: date
    title: str
    """Title of the program that is due or comes next."""


def parts(snapshot: Snapshot) -> dict[str, dict[str, object]]:
    """For every part whether it is `well`, and a sentence, its `text`."""
    found: dict[str, dict[str, object]] = {}
    for name, faults in PARTS.items():
        fault = next((fault for fault in faults if fault in snapshot.faults), None)
        text = t("now.part.well") if fault is None else t(f"now.trouble.{fault}")
        found[name] = {"well": fault is None, "text": text}
    return found


def words(snapshot: Snapshot, upcoming: Upcoming | None = None) -> dict[str, str]:
    """The texts of the page that change with the snapshot, by the names of their elements."""
    in_session = snapshot.state in IN_SESSION
    counted = in_session and snapshot.rep is not None
    several = counted and snapshot.set is not None and (snapshot.sets or 0) > 1
    left = max(snapshot.duration_ms - snapshot.position_ms, 0)
    return {
        "headline": _headline(snapshot),
        "place": _place(snapshot) if in_session else "",
        "phase": _phase(snapshot),
        "side": t(f"now.side.{snapshot.side}") if counted and snapshot.side else "",
        "set": t("now.set", n=snapshot.set, of=snapshot.sets) if several else "",
        "rep": str(snapshot.rep) if counted else "",
        "of_reps": t("now.of", n=snapshot.reps or "") if counted else "",
        "left": t("now.left", time=duration(left)) if in_session else "",
        "next": "" if in_session else _next(snapshot, upcoming),
    }


def _headline(snapshot: Snapshot) -> str:
    if snapshot.state in IN_SESSION and snapshot.title:
        return snapshot.exercise_name or snapshot.title
    return t(f"now.state.{snapshot.state}")


def _place(snapshot: Snapshot) -> str:
    """E.g. `Exercise 2 of 3`."""
    if snapshot.exercise is None:
        return snapshot.title if snapshot.exercise_name else ""
    return t("now.place", n=snapshot.exercise, of=snapshot.exercises)


def _phase(snapshot: Snapshot) -> str:
    if snapshot.state is State.PAUSED:
        return t("now.state.paused")
    if snapshot.state is not State.RUNNING or not snapshot.phase:
        return ""
    return t("now.leading_in" if snapshot.leading_in else f"now.phase.{snapshot.phase}")


def _next(snapshot: Snapshot, upcoming: Upcoming | None) -> str:
    """The program that is due, or the next one and when."""
    title = upcoming.title if upcoming else t("now.usual_program")
    if snapshot.due is not None:
        return t("now.due_walk") if snapshot.due == WALK else t("now.due", program=title)
    if snapshot.next_due is None:
        return t("now.nothing_planned")
    return t(
        "now.next",
        program=t("pages.walk") if snapshot.next_program == WALK else title,
        day=day_in_words(snapshot.next_due, today=upcoming.today if upcoming else None),
        time=clock_time(snapshot.next_due),
    )
