"""When each entry of the plan is due, from its days and local times. Pure functions.

A local time is due at the first moment at which the wall clock shows it, or shows a later one
because it was put forward past it. So a time that the change to summer time leaves out is due once,
as the gap ends, and one that comes twice in autumn is due the first time. A day that a zone leaves
out altogether, as Samoa did in 2011, has no occurrences.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from heapq import merge
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kiosk.schedule.model import Occurrence, PlanEntry
from kiosk.settings.model import Settings, time_of_day


class Rules(NamedTuple):
    """When reminders are given, and for how long an occurrence stays due."""

    remind_again: tuple[timedelta, ...] = (timedelta(minutes=5), timedelta(minutes=10))
    """The further reminders, each counted from the first one."""

    grace: timedelta = timedelta(minutes=60)
    """How long an occurrence stays due, from when it was due or, put off, is due again."""

    put_off: timedelta = timedelta(minutes=30)
    """How much later an occurrence that was put off is due again."""

    quiet_from: time | None = None
    """Local time at which the quiet hours begin, in which nothing is said; they may go past
    midnight. There are none where either end is missing or both are the same."""

    quiet_to: time | None = None

    @property
    def waits(self) -> tuple[timedelta, ...]:
        """Every reminder, the first one included, counted from the first."""
        return (timedelta(0), *sorted(self.remind_again))


RULE_SETTINGS = (
    *("remind_again_min", "remind_last_min", "grace_min", "put_off_min"),
    *("quiet_from", "quiet_to"),
)
"""The settings that `rules_of` goes by."""


def rules_of(settings: Settings) -> Rules:
    """The rules in the settings."""
    again = {settings.remind_again_min, settings.remind_last_min}
    return Rules(
        remind_again=tuple(timedelta(minutes=wait) for wait in sorted(again)),
        grace=timedelta(minutes=settings.grace_min),
        put_off=timedelta(minutes=settings.put_off_min),
        quiet_from=time_of_day(settings.quiet_from),
        quiet_to=time_of_day(settings.quiet_to),
    )


def is_quiet(moment: datetime, zone: ZoneInfo, rules: Rules) -> bool:
    """Whether `moment` lies in the quiet hours, as the wall clock in `zone` shows it."""
    begin, end = rules.quiet_from, rules.quiet_to
    if begin is None or end is None:
        return False
    wall = moment.astimezone(zone).time()
    if begin <= end:
        return begin <= wall < end
    return wall >= begin or wall < end


def end_of_quiet(moment: datetime, zone: ZoneInfo, rules: Rules) -> datetime | None:
    """When the quiet hours that `moment` lies in end; `None` where it lies in none."""
    if rules.quiet_to is None or not is_quiet(moment, zone, rules):
        return None
    day = local_day(moment, zone)
    ends = (moment_of(day + n * DAY, rules.quiet_to, zone) for n in range(3))
    return next((end for end in ends if end is not None and end > moment), None)


DAY = timedelta(days=1)

EARLIEST = date.min + 3 * DAY
LATEST = date.max - 3 * DAY  # first and last day whose moments can be computed in every time zone


def occurrences(
    plan: Iterable[PlanEntry], first: date, last: date, zone: ZoneInfo
) -> Iterator[Occurrence]:
    """Every occurrence of the local days from `first` to `last`, in order of due, then of entry.

    Lazy, so `last` may lie at the end of time. Paused entries have none, and none is due before its
    entry's `since`.
    """
    each = [_of_entry(entry, first, last, zone) for entry in plan]
    return merge(*each, key=lambda o: (o.due, o.entry, o.local_date, o.local_time))


def coming_after(
    plan: Iterable[PlanEntry],
    now: datetime,
    zone: ZoneInfo,
    first: date = EARLIEST,
    last: date = LATEST,
) -> Iterator[Occurrence]:
    """As `occurrences`, but those due after `now` (UTC), whatever their entry's `since`."""
    # A clock that was ahead may have put `since` into the future; what is to come is later anyway.
    plan = [replace(entry, since=None) for entry in plan]
    for occurrence in occurrences(plan, max(first, local_day(now, zone)), last, zone):
        if occurrence.due > now:
            yield occurrence


def belongs(entry: PlanEntry, day: date, wall: time) -> bool:
    """Whether `entry` has an occurrence at this local time of this day.

    `since` does not matter: what was due already stays due while the change since then keeps it.
    """
    return not entry.paused and wall in entry.times and day in _course(entry, day, day)


def last_day(entry: PlanEntry) -> date | None:
    """The last day of the entry's course, at most `LATEST`; `None` where it has no end."""
    if entry.weeks is None:
        return None
    return date.fromordinal(min(entry.starts.toordinal() + 7 * entry.weeks - 1, LATEST.toordinal()))


def state_of(entry: PlanEntry, today: date) -> str:
    """The state of an entry on a day: `paused`, `to come`, `over` or `running`."""
    last = last_day(entry)
    if last is not None and last < today:
        return "over"
    if entry.paused:
        return "paused"
    return "to come" if today < entry.starts else "running"


def moment_of(day: date, wall: time, zone: ZoneInfo) -> datetime | None:
    """When the wall clock in `zone` first shows `wall` on `day`, or, past a gap, a later time.

    With the offset of that moment, so that it compares with any other. `None` for a day that the
    zone leaves out.
    """
    shown = datetime.combine(day, wall)
    moment = shown.replace(tzinfo=zone).astimezone(UTC)
    if _shown(moment, zone) != shown:
        moment = _end_of_gap(shown, zone)
        if day not in (_shown(moment, zone).date(), _shown(moment - _SECOND, zone).date()):
            return None
    return _with_offset(moment, zone)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The local day of `moment` in `zone`."""
    return moment.astimezone(zone).date()


_SECOND = timedelta(seconds=1)


def _of_entry(entry: PlanEntry, first: date, last: date, zone: ZoneInfo) -> Iterator[Occurrence]:
    if entry.paused:
        return
    if entry.since is not None:
        first = max(first, local_day(entry.since, zone) - DAY)
    for day in _course(entry, first, last):
        for wall in entry.times:
            due = moment_of(day, wall, zone)
            if due is not None and (entry.since is None or due >= entry.since):
                yield Occurrence(entry.id, entry.program, day, wall, due)


def _course(entry: PlanEntry, first: date, last: date) -> Iterator[date]:
    """The entry's days from `first` to `last`."""
    first = max(first, entry.starts, EARLIEST)
    last = min(last, last_day(entry) or LATEST, LATEST)
    if not entry.days:
        return
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if day.weekday() in entry.days:
            yield day


def _end_of_gap(shown: datetime, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) at which the wall clock is past `shown`, which it never shows."""
    # In a gap, fold 1 reckons with the offset after it and so lands before, fold 0 the other way.
    before = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = shown.replace(tzinfo=zone).astimezone(UTC)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if _shown(middle, zone) < shown:
            before = middle
        else:
            after = middle
    return after


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """The naive local time in `zone` at `moment`."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _with_offset(moment: datetime, zone: ZoneInfo) -> datetime:
    """`moment` with its offset in `zone`; with the zone, it would compare by the wall clock."""
    offset = moment.astimezone(zone).utcoffset()
    return moment.astimezone(timezone(offset)) if offset is not None else moment
