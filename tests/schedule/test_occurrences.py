"""When entries of the plan are due: weeks, pauses, changes of the clock, and the date line."""

import ast
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.schedule.model import EVERY_DAY, PlanEntry, Weekday
from kiosk.schedule.occurrences import belongs, last_day, moment_of, occurrences
from tests.schedule.plans import BERLIN, NEW_YORK, an_entry, at, clock, day, occurrences_between


def dues(plan, first, last, zone=BERLIN):
    return [o.due.isoformat() for o in occurrences(plan, day(first), day(last), zone)]


def test_an_entry_is_due_on_its_days_at_its_times_from_its_start_to_the_end_of_its_course():
    entry = an_entry("mon,thu", "08:00,18:30", starts="2026-06-03", weeks=1)

    assert dues([entry], "2026-01-01", "2026-12-31") == [
        "2026-06-04T08:00:00+02:00",
        "2026-06-04T18:30:00+02:00",
        "2026-06-08T08:00:00+02:00",
        "2026-06-08T18:30:00+02:00",
    ]
    assert last_day(entry) == day("2026-06-09")
    assert dues([entry], "2026-06-05", "2026-06-04") == []


def test_a_time_in_the_gap_is_due_once_as_the_gap_ends():
    entry = an_entry(times="01:59,02:00,02:30,03:00")
    assert dues([entry], "2026-03-29", "2026-03-29") == [
        "2026-03-29T01:59:00+01:00",
        "2026-03-29T03:00:00+02:00",
        "2026-03-29T03:00:00+02:00",
        "2026-03-29T03:00:00+02:00",
    ]


def test_what_was_due_stays_in_the_plan_whatever_changed_since():
    entry = an_entry("mon", "08:00", starts="2026-06-01", weeks=2, since=at("2026-06-08 09:00"))

    assert belongs(entry, day("2026-06-08"), clock("08:00"))
    assert not belongs(entry, day("2026-06-08"), clock("08:30"))
    assert not belongs(entry, day("2026-06-09"), clock("08:00"))
    assert not belongs(entry, day("2026-06-15"), clock("08:00"))
    assert not belongs(entry, day("2026-05-25"), clock("08:00"))
    paused = an_entry("mon", "08:00", starts="2026-06-01", paused=True)
    assert not belongs(paused, day("2026-06-08"), clock("08:00"))


def test_a_hundred_entries_without_an_end_are_asked_only_as_far_as_needed():
    plan = [an_entry(number=n, times="08:00,12:00,16:00") for n in range(100)]
    for last in (day("2036-01-01"), date.max):
        found = list(islice(occurrences(plan, day("2026-01-01"), last, BERLIN), 301))
        assert (found[0].entry, found[-1].entry) == (0, 0)
        assert found[-1].local_date == day("2026-01-02")


def test_days_at_the_ends_of_time_do_no_harm():
    entry = an_entry(starts="0001-01-01", since=None)
    for zone in (ZoneInfo("Pacific/Kiritimati"), NEW_YORK):
        assert next(occurrences([entry], date.min, date.max, zone)).local_date.year == 1
        late = occurrences([entry], date(9999, 12, 1), date.max, zone)
        assert list(late)[-1].local_date > date(9999, 12, 25)
    assert last_day(an_entry(starts="9999-12-20", weeks=104)) is not None


def test_no_days_and_no_times_are_no_occurrences():
    nothing = PlanEntry(1, "walk", frozenset(), (time(8),), day("2026-01-01"), None)
    never = PlanEntry(1, "walk", frozenset({Weekday.MON}), (), day("2026-01-01"), 104)
    assert list(occurrences([nothing, never], date.min, date.max, BERLIN)) == []


CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Pacific/Apia", "2011-12-30"),
    ("Asia/Kathmandu", "1986-01-01"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Nuuk", "2024-03-30"),
    ("America/St_Johns", "2010-11-07"),
    ("America/Scoresbysund", "2024-03-31"),
    ("America/Havana", "2026-11-01"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Antarctica/Troll", "2026-03-29"),
    ("Europe/Dublin", "2026-10-25"),
    ("Pacific/Kwajalein", "1993-08-21"),
    ("Pacific/Kiritimati", "1994-12-31"),
    ("Asia/Kolkata", "2026-06-01"),
]
"""Zones, and days around which their clocks do something remarkable."""

minutes = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))
small_hours = st.integers(0, 4 * 60 - 1).map(lambda m: time(m // 60, m % 60))


MINUTE = timedelta(minutes=1)


def walk(entry, start, end, zone):
    """The slow, obvious way to find occurrences: read the wall clock every minute.

    (due, local date, local time) of each occurrence of `entry` with start <= due < end (UTC).

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


@st.composite
def situations(draw):
    """A zone, a day near a change of its clock, and an entry near that day."""
    zone, change = draw(st.sampled_from(CHANGES))
    around = day(change) + timedelta(days=draw(st.integers(-3, 2)))
    since = draw(st.none() | st.integers(-48 * 60, 96 * 60))
    entry = PlanEntry(
        id=1,
        program="walk",
        days=draw(st.frozensets(st.sampled_from(Weekday), min_size=3)),
        times=tuple(sorted(draw(st.sets(minutes | small_hours, min_size=1, max_size=12)))),
        starts=day(change) + timedelta(days=draw(st.integers(-9, 3))),
        weeks=draw(st.none() | st.integers(1, 2)),
        paused=draw(st.integers(0, 9)) == 0,
        since=None if since is None else utc_midnight(around) + timedelta(minutes=since),
    )
    return ZoneInfo(zone), around, entry


def check_by_wall_clock(zone, around, entry, days=3):
    """Compare the occurrences of some days with those that the wall clock shows."""
    second, start = timedelta(seconds=1), utc_midnight(around)
    end = start + timedelta(days=days)
    found = occurrences_between([entry], start - second, end - second, zone)
    quick = [(o.due.astimezone(UTC), o.local_date, o.local_time) for o in found]
    assert quick == walk(entry, start, end, zone)


@settings(deadline=None)
@given(situations())
def test_the_same_as_looking_at_the_wall_clock_every_minute(situation):
    check_by_wall_clock(*situation)


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_the_same_around_each_change_of_a_clock(zone, change):
    """With an entry due every five minutes, in the plan before it or since a midnight beside it."""
    times = tuple(time(n // 12, n % 12 * 5) for n in range(24 * 12))
    zone, around = ZoneInfo(zone), day(change) - timedelta(days=2)
    midnights = [datetime.combine(around + timedelta(days=n), time(), zone) for n in (2, 3)]
    for since in (None, *(midnight.astimezone(UTC) for midnight in midnights)):
        entry = PlanEntry(1, "walk", EVERY_DAY, times, around, None, since=since)
        check_by_wall_clock(zone, around, entry, days=5)


def test_a_day_that_a_zone_left_out_has_no_moments():
    assert moment_of(day("2011-12-30"), clock("08:00"), ZoneInfo("Pacific/Apia")) is None


@settings(deadline=None)
@given(situations(), situations())
def test_days_and_moments_agree_and_nothing_is_there_twice(one, other):
    zone, around, entry = one
    second = PlanEntry(
        2, "walk", other[2].days, other[2].times, entry.starts, None, since=entry.since
    )
    first, last = around - timedelta(days=1), around + timedelta(days=4)

    found = list(occurrences([second, entry], first, last, zone))

    keys = [o.key for o in found]
    assert len(set(keys)) == len(keys)
    assert found == sorted(found, key=lambda o: (o.due, o.entry))
    assert all(first <= o.local_date <= last for o in found)
    for o in found:
        assert o.due.utcoffset() == o.due.astimezone(zone).utcoffset()
        just_before = o.due - timedelta(seconds=1)
        at_once = list(occurrences_between([entry, second], just_before, o.due, zone))
        assert at_once == [other for other in found if other.due == o.due]


def test_a_moment_in_the_overlap_is_the_same_after_it_was_written_and_read():
    due = moment_of(day("2026-10-25"), clock("02:30"), BERLIN)
    assert due is not None
    assert datetime.fromisoformat(due.isoformat()) == due
    second_time = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1).astimezone(UTC)
    assert second_time - due == timedelta(hours=1)


# The rules never ask for the time, and never look a time zone up: both are handed in


KIOSK = Path(str(files("kiosk")))

RULES = [
    KIOSK / "schedule" / f"{name}.py"
    for name in ("model", "occurrences", "ledger", "due", "checks")
] + [
    KIOSK / "history" / "adherence.py",
    KIOSK / "levels" / "doses.py",
    KIOSK / "levels" / "proposals.py",
]


def calls(source):
    """The last names of everything that is called in `source`."""
    called = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {getattr(func, "attr", getattr(func, "id", "")) for func in called}


def test_no_rule_asks_for_the_time_or_looks_a_zone_up():
    asking = {"now", "utcnow", "today", "ZoneInfo", "localtime", "time_ns", "open"}
    assert asking & calls("x = datetime.now(UTC), ZoneInfo('UTC')") == {"now", "ZoneInfo"}
    assert {m.name: asking & calls(m.read_text("utf-8")) for m in RULES} == {
        m.name: set() for m in RULES
    }
