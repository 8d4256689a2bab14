"""The last steps of set-up, for a caregiver who is signed in: speaker, time zone, first plan."""

from collections.abc import Callable, Sequence
from functools import partial

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
from kiosk.schedule.model import WALK, Weekday
from kiosk.schedule.service import checked_entry
from kiosk.schedule.snapshot import ScheduleSnapshot
from kiosk.session.snapshot import OCCUPIED
from kiosk.settings.model import limits_of
from web.context import kiosk
from web.forms import FieldProblems, Outcome, answer, not_saved
from web.schedule.edit import FEWEST_TIMES, EntryForm, padded, problems_of
from web.text import ProgramTitles, day_name, frequency_in_words, t

pages = Blueprint("welcome", __name__, url_prefix="/welcome")

TIMES = {1: ("10:00",), 2: ("09:00", "18:00"), 3: ("09:00", "13:00", "18:00")}
"""By times a day: hours at which most people are up and have not just eaten."""

DAYS = {
    1: "tue",
    2: "tue fri",
    3: "mon wed fri",
    4: "mon tue thu fri",
    5: "mon tue wed thu fri",
    6: "mon tue wed thu fri sat",
    7: "mon tue wed thu fri sat sun",
}
"""By days a week: days spread over it."""


@pages.get("")
def begin() -> Response:
    """Redirect to the first of these steps."""
    return redirect(url_for("setup.welcome.speaker"))


@pages.get("/speaker")
def speaker(
    volume: str = "", problems: FieldProblems | None = None, version: str | None = None
) -> str:
    """The step *Speaker*: is the kiosk loud enough? The parameters are of a refused form."""
    view = kiosk().settings.view()
    return render_template(
        "setup/speaker.html",
        step=4,
        volume=volume or view.settings.volume,
        fixed="volume" in view.fixed,
        limits=limits_of("volume"),
        version=view.version if version is None else version,
        problems=problems,
    )


@pages.post("/speaker")
def test_speaker() -> Response | tuple[str, int]:
    """Save the volume, and have the kiosk say something."""
    view = kiosk().settings.view()
    volume = request.form.get("volume", "").strip()
    if volume and "volume" not in view.fixed and volume != str(view.settings.volume):
        page = partial(speaker, volume)
        if refused := _save_setting("volume", volume, str(view.settings.volume), page):
            return refused
    if kiosk().session.snapshot().state in OCCUPIED:
        answer(t("setup.speaker.not_now"), Outcome.NOT_DONE)
    else:
        kiosk().session.test_sound()
        answer(t("setup.speaker.said"))
    return redirect(url_for("setup.welcome.speaker"), 303)


@pages.get("/time-zone")
def time_zone(
    typed: str | None = None, problems: FieldProblems | None = None, version: str | None = None
) -> str:
    """The step *Time zone*. The parameters are of a refused form."""
    view, snapshot = kiosk().settings.view(), kiosk().snapshots.take()
    return render_template(
        "setup/time_zone.html",
        step=5,
        typed=_present_zone() if typed is None else typed,
        fixed="time_zone" in view.fixed,
        zones=kiosk().choices.zones(),
        now=snapshot.local_now,
        clock_trusted=snapshot.trusted,
        version=view.version if version is None else version,
        problems=problems,
    )


@pages.post("/time-zone")
def save_time_zone() -> Response | tuple[str, int]:
    """Save the time zone."""
    typed, present = request.form.get("time_zone", ""), _present_zone()
    zone = _zone_meant(typed, kiosk().choices.zones())
    if zone != present:
        refused = _save_setting("time_zone", zone, present, partial(time_zone, typed))
        if refused:
            return refused
    return redirect(url_for("setup.welcome.plan"), 303)


@pages.get("/plan")
def plan() -> str:
    """The step *First plan*, with a proposal for a program."""
    snapshot = kiosk().snapshots.take()
    titles = ProgramTitles(snapshot.programs)
    default = snapshot.settings.default_program
    chosen = request.args.get("program", default if titles.program(default) else "")
    return _plan_page(snapshot, _proposed(chosen, titles))


@pages.post("/plan")
def save_plan() -> Response | tuple[str, int]:
    """Add the first entry to the plan, or propose times for another program."""
    typed = EntryForm.read(request.form)
    snapshot = kiosk().snapshots.take()
    if request.form.get("do") == "propose":
        proposed = _proposed(typed.program, ProgramTitles(snapshot.programs))
        return _plan_page(snapshot, proposed), 200
    # The form has no field for the rest: the entry begins today, and has no end.
    texts = {name: typed.texts()[name] for name in ("program", "days", "times")}
    try:
        kiosk().schedule.add(checked_entry(snapshot, texts))
    except PlanError as error:
        problems = problems_of(error, texts, lambda name: t(f"setup.plan.missing.{name}"))
        return _plan_page(snapshot, typed, problems), 422
    except (ProgramFileError, UnknownProgramError):
        problems = FieldProblems.at("program", t("setup.plan.unusable"))
        return _plan_page(snapshot, typed, problems), 422
    except StoreError as error:
        return _plan_page(snapshot, typed, not_saved(error)), 503
    answer(t("setup.done"))
    return redirect(url_for("now.show"), 303)


def _proposed(program: str, titles: ProgramTitles) -> EntryForm:
    """A plan as often as the program's source says, at the least; a walk each day."""
    frequency = found.frequency if (found := titles.program(program)) else None
    a_day = min(frequency.times_per_day.low, FEWEST_TIMES) if frequency else 1
    a_week = frequency.days_per_week.high if frequency else 7
    return EntryForm(program, tuple(DAYS[a_week].split()), padded(TIMES[max(1, a_day)]))


def _present_zone() -> str:
    """The time zone in force; empty where it is the system's, which has no name."""
    set_here = kiosk().settings.current.time_zone
    return set_here or kiosk().snapshots.take().zone.key or ""


def _zone_meant(typed: str, zones: Sequence[str]) -> str:
    """The zone with that name, or the only one with that city, whatever the case; else `typed`."""
    wanted = _folded(typed)
    named = [zone for zone in zones if _folded(zone) == wanted]
    of_city = [zone for zone in zones if _folded(zone.rpartition("/")[2]) == wanted]
    found = named or of_city
    return found[0] if len(found) == 1 else typed.strip()


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


def _save_setting(
    name: str, text: str, present: str, page: Callable[[FieldProblems, str], str]
) -> tuple[str, int] | None:
    """Save a setting whose value was `present`; the answer where that failed: `page`, which takes
    the problems and the version of the settings that the form was filled from.
    """
    settings = kiosk().settings
    seen, version = request.form.get("version", ""), settings.view().version
    try:
        settings.change({name: text}, seen)
    except SettingsError as error:
        return page(FieldProblems.of(error.problems), seen), 422
    except ConflictError:
        return page(FieldProblems.at(name, t("setup.conflict", value=present)), version), 409
    except StoreError as error:
        return page(not_saved(error), seen), 503
    return None


def _plan_page(
    snapshot: ScheduleSnapshot, typed: EntryForm, problems: FieldProblems | None = None
) -> str:
    titles = ProgramTitles(snapshot.programs)
    often = ""
    if found := titles.program(typed.program):
        often = t("setup.plan.often", often=frequency_in_words(found.frequency, short=True))
    return render_template(
        "setup/plan.html",
        step=6,
        typed=typed,
        programs=[(id_, titles(id_)) for id_ in (*(one.id for one in titles.usable()), WALK)],
        often=often,
        days=[(day.name.lower(), day_name(int(day))) for day in Weekday],
        planned=len(snapshot.plan),
        problems=problems,
    )
