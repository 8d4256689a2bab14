"""The slow, obvious way to find occurrences: look at the wall clock every minute."""

from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)


def walk(entry, start, end, zone):
    """(due, local date, local time) of each occurrence of `entry` with start <= due < end (UTC).

    The walk begins a day early, so that it has seen what the wall clock had shown before `start`.
    """
    moments = []
    moment = start - timedelta(days=1)
    while moment < end:
        moments.append((moment, moment.astimezone(zone).replace(tzinfo=None)))
        moment += MINUTE
    days_there_are = {shown.date() for _, shown in moments}
    found = []
    latest = moments[0][1]
    for moment, shown in moments:
        while latest < shown:  # more than one minute only where the clock was put forward
            latest += MINUTE
            if latest.date() in days_there_are and asks_for(entry, latest):
                found.append((moment, latest.date(), latest.time()))
    return [
        occurrence
        for occurrence in found
        if start <= occurrence[0] and (entry.since is None or entry.since <= occurrence[0])
    ]


def asks_for(entry, shown):
    """Whether the entry is due when the wall clock shows `shown`."""
    days = (shown.date() - entry.starts).days
    return (
        not entry.paused
        and shown.weekday() in entry.days
        and shown.time() in entry.times
        and days >= 0
        and (entry.weeks is None or days < entry.weeks * 7)
    )


def utc_midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
