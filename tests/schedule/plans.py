"""Plan entries and moments for tests, written the short way."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import takewhile
from zoneinfo import ZoneInfo

from kiosk.schedule.checks import read_days, read_times
from kiosk.schedule.model import Occurrence, PlanEntry
from kiosk.schedule.occurrences import DAY, local_day, occurrences

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def an_entry(days="daily", times="08:00", *, number=1, starts="2026-01-01", **other):
    values = {"program": "low-back-start", "weeks": None, "since": LONG_AGO, **other}
    return PlanEntry(
        id=number,
        days=read_days(days),
        times=read_times(times),
        starts=date.fromisoformat(starts),
        **values,
    )


def at(text, zone=BERLIN):
    """The moment `text`, as the wall clock in `zone` shows it, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def day(text):
    return date.fromisoformat(text)


def clock(text):
    return time.fromisoformat(text)


def occurrences_between(
    plan: Iterable[PlanEntry], after: datetime, until: datetime, zone: ZoneInfo
) -> Iterator[Occurrence]:
    """Every occurrence with after < due <= until, in order of due, then of entry. Lazy."""
    # By `until` a wall clock that was put back since may have shown a time of the next day.
    found = occurrences(plan, local_day(after, zone), local_day(until, zone) + DAY, zone)
    return (o for o in takewhile(lambda o: o.due <= until, found) if after < o.due)
