"""The plan as a calendar that a telephone can subscribe to.

What other programs ask for: whether the kiosk is well, and the plan as a calendar.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort
from icalendar import Calendar, Event

from kiosk.schedule.model import WALK, PlanEntry
from web.context import config, kiosk, kiosk_name
from web.guard.access import Access, open_to
from web.text import t

LASTS = timedelta(minutes=15)
"""How long an event is shown to take; about what a session does."""

_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def feed(
    entries: Iterable[PlanEntry],
    title: Callable[[str], str],
    name: str,
    zone: ZoneInfo,
    host: str,
) -> bytes:
    """The iCalendar file of the plan's entries, without the paused ones.

    `title` gives what a program is called, `name` is the calendar's own. `host` is the machine's
    name: two kiosks may stand in one calendar, and their events must not be taken for each other.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//exercise kiosk//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval;value=duration", "PT1H")
    for entry in entries:
        if not entry.paused:
            for event in _events(entry, title(entry.program), zone, host):
                calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _events(entry: PlanEntry, title: str, zone: ZoneInfo, host: str) -> Iterator[Event]:
    """One repeated event for each time of day."""
    where = f"{host}.exercise-kiosk" if host else "exercise-kiosk"
    first = entry.starts
    while first.weekday() not in entry.days:
        first += timedelta(days=1)
    for wall in entry.times:
        event = Event()
        start = datetime.combine(first, wall, zone)
        event.add("uid", f"{entry.id}-{wall:%H%M}@{where}")
        event.add("summary", title)
        event.add("dtstart", start)
        event.add("duration", LASTS)
        event.add("dtstamp", entry.since or start.astimezone(UTC))
        event.add("sequence", entry.version)
        event.add("transp", "TRANSPARENT")
        event.add("rrule", _rule(entry, zone))
        yield event


def _rule(entry: PlanEntry, zone: ZoneInfo) -> dict[str, object]:
    rule: dict[str, object] = {
        "freq": "weekly",
        "byday": [_CODES[day] for day in sorted(entry.days)],
    }
    if entry.weeks is not None:
        last = entry.starts + timedelta(weeks=entry.weeks, days=-1)
        rule["until"] = (
            datetime.combine(last, time.max, zone).astimezone(UTC).replace(microsecond=0)
        )
    return rule


pages = Blueprint("outside", __name__)


@pages.get("/healthz")
@open_to(Access.ANYONE)
def health() -> dict[str, object]:
    """Whether all is well, for a program that watches over the kiosk. Not whether somebody
    exercises: the household may want only caregivers to see that.
    """
    snapshot = kiosk().session.snapshot()
    return {
        "status": "degraded" if snapshot.trouble else "ok",
        "trouble": sorted(snapshot.trouble),
        "version": config().version,
    }


@pages.get("/calendar/<token>.ics")
@open_to(Access.ANYONE)
def calendar(token: str) -> Response:
    """The plan, for whoever knows the token."""
    # Loaded only where it is asked for: most kiosks never are.

    door = kiosk().auth
    known = door.is_set_up() and hmac.compare_digest(token.encode(), door.calendar_token().encode())
    if not known:
        abort(404)
    plan = kiosk().schedule
    zone = plan.now().tzinfo
    if not isinstance(zone, ZoneInfo):
        abort(503)
    titles = dict(kiosk().choices.programs()) | {WALK: t("pages.walk")}
    content = feed(plan.entries(), lambda p: titles.get(p, p), kiosk_name(), zone, config().host)
    return Response(content, mimetype="text/calendar")
