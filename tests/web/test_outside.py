"""What other programs ask for: whether the kiosk is well, and the plan as a calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from kiosk.schedule.model import EVERY_DAY, WALK, PlanEntry, Weekday
from kiosk.schedule.occurrences import occurrences
from kiosk.session.snapshot import Fault, State
from tests.kiosk import DEFAULT, KioskKit
from tests.schedule.past import OSLO
from web.health import LASTS, feed

ZONES = ("Europe/Oslo", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC")
SINCE = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def kiosk(tmp_path):
    return KioskKit(tmp_path).filled()


@pytest.fixture
def browser(kiosk):
    return kiosk.browser


def an_entry(**changes) -> PlanEntry:
    """Every day at 08:00 and 18:30 from the second of February on, for twelve weeks."""
    usual = {
        "id": 1,
        "program": DEFAULT,
        "days": EVERY_DAY,
        "times": (time(8), time(18, 30)),
        "starts": date(2026, 2, 2),
        "weeks": 12,
        "since": SINCE,
        "version": 3,
    }
    return PlanEntry(**{**usual, **changes})


def events_of(*entries: PlanEntry, zone: ZoneInfo = OSLO) -> list:
    """The events of their feed, as a calendar program reads them."""
    content = feed(entries, str.upper, "The kiosk", zone, "kiosk-maria")
    return list(Calendar.from_ical(content).walk("VEVENT"))


def moments_of(event, first: date, last: date) -> set[datetime]:
    """When a calendar program shows the event."""
    rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=event["DTSTART"].dt)
    return {moment for moment in rule if first <= moment.date() <= last}


# whether it is well


def test_it_says_whether_it_is_well_but_not_whether_somebody_exercises(kiosk, browser, tmp_path):
    answer = browser.client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "trouble": [], "version": ""}

    kiosk.show(state=State.RUNNING, program=DEFAULT, title="A start")
    assert browser.client.get("/healthz").data == answer.data

    kiosk.show(faults=frozenset({Fault.STORE, Fault.CLOCK}))
    answer = browser.client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["trouble"] == ["clock", "store"]

    assert KioskKit(tmp_path / "new", set_up=False).browser.get("/healthz").status_code == 200


# the calendar


def test_a_telephone_gets_the_plan_and_a_walk_is_called_so(kiosk, browser):
    weekend = frozenset({Weekday.SAT, Weekday.SUN})
    begins = {"starts": date(2026, 3, 28), "weeks": None}
    kiosk.services.schedule.add(an_entry(program=WALK, days=weekend, times=(time(11),), **begins))

    answer = browser.client.get("/calendar/calendar-token.ics")
    calendar = Calendar.from_ical(answer.data)
    events = list(calendar.walk("VEVENT"))

    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert calendar["X-WR-CALNAME"] == "Exercise kiosk"
    assert [(str(event["SUMMARY"]), event["DTSTART"].dt) for event in events] == [
        ("Low back start", datetime(2026, 2, 2, 8, tzinfo=OSLO)),
        ("Low back start", datetime(2026, 2, 2, 18, 30, tzinfo=OSLO)),
        ("Walk", datetime(2026, 3, 28, 11, tzinfo=OSLO)),
    ]
    assert events[2]["RRULE"] == {"FREQ": ["WEEKLY"], "BYDAY": ["SA", "SU"]}
    zones = [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")]
    assert zones == ["Europe/Oslo"]
    assert {event["DTSTART"].params["TZID"] for event in events} == {"Europe/Oslo"}


def test_who_does_not_know_the_address_gets_nothing_nor_does_who_knows_the_old_one(kiosk, browser):
    others = ("calendar-token-", "calendar-toke", "CALENDAR-TOKEN", "x", "%00", "é", "%ff")
    for token in others:
        assert browser.client.get(f"/calendar/{token}.ics").status_code == 404, token

    renewed = kiosk.services.auth.renew_calendar_token()
    assert browser.client.get("/calendar/calendar-token.ics").status_code == 404
    assert browser.client.get(f"/calendar/{renewed}.ics").status_code == 200


def test_an_event_says_all_that_a_calendar_needs():
    event = events_of(an_entry())[1]

    assert event["UID"] == "1-1830@kiosk-maria.exercise-kiosk"
    assert event["SUMMARY"] == DEFAULT.upper()
    assert event["DURATION"].dt == LASTS
    assert event["DTSTAMP"].dt == SINCE
    assert event["SEQUENCE"] == 3
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["RRULE"]["BYDAY"] == ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    # The course's last day is the 26th of April, to its end in Oslo.
    assert event["RRULE"]["UNTIL"] == [datetime(2026, 4, 26, 21, 59, 59, tzinfo=UTC)]


def test_of_several_entries_what_is_paused_is_left_out_and_each_event_has_a_name_that_stays():
    thursdays = an_entry(days=frozenset({Weekday.THU}), starts=date(2026, 2, 6), weeks=None)
    several = [thursdays, an_entry(id=2), an_entry(id=11), an_entry(id=3, paused=True)]
    events = events_of(*several)
    found = [str(event["UID"]) for event in events]

    assert len(set(found)) == 6
    assert found == [str(event["UID"]) for event in events_of(*several)]
    assert "UNTIL" not in events[0]["RRULE"]
    assert events[0]["DTSTART"].dt == datetime(2026, 2, 12, 8, tzinfo=OSLO), "the first that counts"

    content = feed([an_entry()], lambda _: "Walk\r\nX-BAD:1\nX-BAD:2;,", "The kiosk", OSLO, "")
    assert b"\nX-BAD" not in content, "a title cannot add lines"


def test_two_kiosks_in_one_calendar_keep_apart(tmp_path):
    names, uids = [], []
    for host in ("kiosk-maria", "kiosk-jon"):
        browser = KioskKit(tmp_path / host, host=host).filled().browser
        content = browser.client.get("/calendar/calendar-token.ics").data
        calendar = Calendar.from_ical(content)
        names.append(calendar["X-WR-CALNAME"])
        uids += [str(event["UID"]) for event in calendar.walk("VEVENT")]

    assert names == ["Exercise kiosk · kiosk-maria", "Exercise kiosk · kiosk-jon"]
    assert uids == [
        "1-0800@kiosk-maria.exercise-kiosk",
        "1-1830@kiosk-maria.exercise-kiosk",
        "1-0800@kiosk-jon.exercise-kiosk",
        "1-1830@kiosk-jon.exercise-kiosk",
    ]


ENTRIES = st.builds(
    an_entry,
    days=st.frozensets(st.sampled_from(Weekday), min_size=1),
    # Hours that no change of the clocks leaves out or repeats: calendars differ on these.
    times=st.lists(st.times(time(4), time(22)).map(lambda t: t.replace(second=0, microsecond=0)),
                   min_size=1, max_size=3, unique=True).map(lambda found: tuple(sorted(found))),
    starts=st.dates(date(2026, 1, 6), date(2026, 12, 31)),
    weeks=st.integers(1, 40) | st.none(),
)  # fmt: skip


@given(entry=ENTRIES, zone=st.sampled_from(ZONES).map(ZoneInfo))
@settings(max_examples=40, deadline=None)
def test_a_calendar_shows_just_what_the_kiosk_will_call_out(entry, zone):
    first, last = entry.starts - timedelta(days=3), entry.starts + timedelta(days=300)
    called = {occurrence.due for occurrence in occurrences([entry], first, last, zone)}

    shown = set()
    for event in events_of(entry, zone=zone):
        event_rule = dict(event["RRULE"])
        if entry.weeks is None:
            # Only as far as is looked at here.
            event["RRULE"]["UNTIL"] = [datetime.combine(last, time.max, zone).astimezone(UTC)]
        shown |= moments_of(event, first, last)
        assert event_rule["FREQ"] == ["WEEKLY"]

    assert shown == called
