"""For other programs: the kiosk's health as JSON, and the plan as a calendar feed (iCalendar)."""

import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort

from kiosk.schedule.model import PlanEntry
from kiosk.schedule.occurrences import last_day
from web.context import Access, config, kiosk, kiosk_name, open_to
from web.text import ProgramTitles

pages = Blueprint("outside", __name__)

LASTS = timedelta(minutes=15)  # length of an event; about that of a session


@pages.get("/healthz")
@open_to(Access.ANYONE)
def health() -> dict[str, object]:
    """The kiosk's faults, for a monitor. Not whether somebody exercises: the household may want
    only caregivers to see that.
    """
    snapshot = kiosk().session.snapshot()
    return {
        "status": "degraded" if snapshot.faults else "ok",
        "trouble": sorted(snapshot.faults),
        "version": config().version,
    }


@pages.get("/calendar/<token>.ics")
@open_to(Access.ANYONE)
def calendar(token: str) -> Response:
    """The plan, for whoever has the address with the calendar's token."""
    auth = kiosk().auth
    if not auth.is_set_up() or not hmac.compare_digest(
        token.encode(), auth.calendar_token().encode()
    ):
        abort(404)
    snapshot = kiosk().snapshots.take()
    titles = ProgramTitles(snapshot.programs)
    content = feed(snapshot.plan, titles, kiosk_name(), snapshot.zone, config().host)
    return Response(content, mimetype="text/calendar")


def feed(
    entries: Iterable[PlanEntry],
    title: Callable[[str], str],
    name: str,
    zone: ZoneInfo,
    host: str,
) -> bytes:
    """The iCalendar file of the plan's entries, without the paused ones.

    `title` maps a program's id to its title, `name` is the calendar's own. `host` is the machine's
    name: two kiosks may be in one calendar, and their events must not be taken for each other.
    """
    # Most kiosks are never asked for it.
    from icalendar import Calendar, Event  # noqa: PLC0415

    calendar = Calendar()
    calendar.add("prodid", "-//exercise kiosk//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval;value=duration", "PT1H")
    origin = f"{host}.exercise-kiosk" if host else "exercise-kiosk"
    for entry in (one for one in entries if not one.paused):
        first = entry.starts
        while first.weekday() not in entry.days:
            first += timedelta(days=1)
        days = [day.name[:2] for day in sorted(entry.days)]
        rule: dict[str, object] = {"freq": "weekly", "byday": days}
        if (last := last_day(entry)) is not None:
            end = datetime.combine(last, time.max, zone).astimezone(UTC)
            rule["until"] = end.replace(microsecond=0)
        # One repeated event for each time of day.
        for wall in entry.times:
            event = Event()
            start = datetime.combine(first, wall, zone)
            event.add("uid", f"{entry.id}-{wall:%H%M}@{origin}")
            event.add("summary", title(entry.program))
            event.add("dtstart", start)
            event.add("duration", LASTS)
            event.add("dtstamp", entry.since or start.astimezone(UTC))
            event.add("sequence", entry.version)
            event.add("transp", "TRANSPARENT")
            event.add("rrule", rule)
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
