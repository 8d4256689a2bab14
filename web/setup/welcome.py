"""Time zones as people type them.

The rest of set-up, for who has just come in: speaker, time zone, first plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.errors import (
    ConflictError,
    PlanError,
    ProgramFileError,
    SettingsError,
    StoreError,
    UnknownProgramError,
)
from kiosk.schedule.model import Weekday
from kiosk.session.snapshot import OCCUPIED
from kiosk.settings.model import limits_of
from web.context import kiosk
from web.forms import FieldProblems, Outcome, answer, not_kept
from web.schedule.text import frequency_in_words, listings
from web.setup.plan import FirstPlan, choices, frequency_of
from web.text import day_name, t


def present_zone() -> str:
    """The one that the kiosk goes by; empty where it is the system's, which has no name."""
    set_here = kiosk().settings.current.time_zone
    return set_here or getattr(kiosk().schedule.now().tzinfo, "key", "")


def zone_meant(typed: str, zones: Sequence[str]) -> str:
    """The zone that is meant by its name or by its city alone, whatever the case; else `typed`."""
    wanted = _plain(typed)
    named = [zone for zone in zones if _plain(zone) == wanted]
    of_city = [zone for zone in zones if _plain(zone.rpartition("/")[2]) == wanted]
    found = named or of_city
    return found[0] if len(found) == 1 else typed.strip()


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


pages = Blueprint("welcome", __name__, url_prefix="/welcome")


@pages.get("")
def begin() -> Response:
    """Lead to the first of these steps."""
    return redirect(url_for("setup.welcome.speaker"))


@pages.get("/speaker")
def speaker() -> str:
    """Is the kiosk loud enough?"""
    return _speaker_page()


@pages.post("/speaker")
def test_speaker() -> Response | tuple[str, int]:
    """Set the volume, and have the kiosk say something."""
    view = kiosk().settings.view()
    volume = request.form.get("volume", "").strip()
    if volume and "volume" not in view.fixed and volume != str(view.settings.volume):
        refused = _refusal("volume", volume, str(view.settings.volume))
        if refused:
            return _speaker_page(volume, refused), refused.status
    if kiosk().session.snapshot().state in OCCUPIED:
        answer(t("setup.speaker.not_now"), Outcome.NOT_DONE)
    else:
        kiosk().session.test_sound()
        answer(t("setup.speaker.said"))
    return redirect(url_for("setup.welcome.speaker"), 303)


@pages.get("/time-zone")
def time_zone() -> str:
    """Where is the kiosk?"""
    return _zone_page(present_zone())


@pages.post("/time-zone")
def keep_time_zone() -> Response | tuple[str, int]:
    """Go by the clocks of that place."""
    typed = request.form.get("time_zone", "")
    meant = zone_meant(typed, kiosk().choices.zones())
    if meant != present_zone():
        refused = _refusal("time_zone", meant, present_zone())
        if refused:
            return _zone_page(typed, refused), refused.status
    return redirect(url_for("setup.welcome.plan"), 303)


@pages.get("/plan")
def plan() -> str:
    """What is to be done, and when?"""
    known = listings()
    default = next((one.id for one in known.values() if one.is_default and one.program), "")
    chosen = request.args.get("program", default)
    return _plan_page(FirstPlan.proposed(chosen, frequency_of(chosen, known)))


@pages.post("/plan")
def keep_plan() -> Response | tuple[str, int]:
    """Keep the first entry of the plan, or propose times for another program."""
    typed = FirstPlan.read(request.form)
    if request.form.get("do") == "propose":
        proposed = FirstPlan.proposed(typed.program, frequency_of(typed.program, listings()))
        return _plan_page(proposed), 200
    try:
        entry = kiosk().schedule.check(typed.texts())
    except PlanError as error:
        return _plan_page(typed, typed.problems(error)), 422
    except (ProgramFileError, UnknownProgramError):
        problems = FieldProblems()
        problems.add("program", t("setup.plan.unusable"))
        return _plan_page(typed, problems), 422
    try:
        kiosk().schedule.add(entry)
    except PlanError as error:
        return _plan_page(typed, typed.problems(error)), 422
    except StoreError as error:
        return _plan_page(typed, not_kept(error)), 503
    answer(t("setup.done"))
    return redirect(url_for("now.show"), 303)


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why a setting was not kept, and what the form then has to know."""

    problems: FieldProblems
    version: str
    status: int


def _refusal(name: str, text: str, now: str) -> _Refused | None:
    """Keep a setting; why it is not kept. `now` is what it is before that."""
    desk = kiosk().settings
    seen, present = request.form.get("version", ""), desk.view().version
    try:
        desk.change({name: text}, seen)
    except SettingsError as error:
        return _Refused(FieldProblems.of(error.problems), seen, 422)
    except ConflictError:
        problems = FieldProblems()
        problems.add(name, t("setup.conflict", value=now))
        return _Refused(problems, present, 409)
    except StoreError as error:
        return _Refused(not_kept(error), seen, 503)
    return None


def _speaker_page(volume: str = "", refused: _Refused | None = None) -> str:
    view = kiosk().settings.view()
    return render_template(
        "setup/speaker.html",
        step=4,
        volume=volume or view.settings.volume,
        fixed="volume" in view.fixed,
        limits=limits_of("volume"),
        version=refused.version if refused else view.version,
        problems=refused.problems if refused else None,
    )


def _zone_page(typed: str, refused: _Refused | None = None) -> str:
    view = kiosk().settings.view()
    return render_template(
        "setup/time_zone.html",
        step=5,
        typed=typed,
        fixed="time_zone" in view.fixed,
        zones=kiosk().choices.zones(),
        now=kiosk().schedule.now(),
        clock_trusted=kiosk().schedule.clock_trusted(),
        version=refused.version if refused else view.version,
        problems=refused.problems if refused else None,
    )


def _plan_page(typed: FirstPlan, problems: FieldProblems | None = None) -> str:
    known = listings()
    frequency = frequency_of(typed.program, known)
    often = t("setup.plan.often", often=frequency_in_words(frequency)) if frequency else ""
    return render_template(
        "setup/plan.html",
        step=6,
        typed=typed,
        programs=choices(known),
        often=often,
        days=[(day.name.lower(), day_name(int(day))) for day in Weekday],
        planned=len(kiosk().schedule.entries()),
        problems=problems,
    )
