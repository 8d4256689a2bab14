"""Three months in the life of a kiosk, with everything that may happen to it, as one list."""

from datetime import datetime, time, timedelta

from kiosk.schedule.occurrences import Rules
from tests.schedule.plans import an_entry, at
from tests.schedule.simulated import SimulatedKiosk

QUIET_NIGHTS = Rules(quiet_from=time(21), quiet_to=time(7))


def by_day(log):
    """A line for each day, with its offset from UTC, and what happened when.

    Of low-back-next and that day unless said; of its occurrence at the full hour unless said.
    """
    days = {}
    for when, text in log:
        moment = datetime.fromisoformat(when)
        what = text.replace(f": low-back-next of {moment:%d %b} ", " of ")
        what = what.removesuffix(f" of {moment:%H}:00").removesuffix(" low-back-next")
        days.setdefault(f"{moment:%Y-%m-%d %z}", []).append(f"{moment:%H:%M} {what}")
    return [f"{day}: {', '.join(events)}" for day, events in days.items()]


EXPECTED = """
2026-09-02 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-09-06 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-09-09 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-09-13 +0200: 09:00 called 1, 09:20 called 3, 09:21 begins, 09:27 completes
2026-09-16 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-09-20 +0200: 09:00 called 1, 09:05 called 2, 09:10 called 3, 10:00 missed of 09:00
2026-09-23 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-09-27 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-09-30 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-10-05 +0200: 18:00 missed: low-back-next of 04 Oct 09:00
2026-10-07 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-10-11 +0200: 09:00 called 1, 09:05 called 2, 09:05 put off, 09:35 called 1, \
09:40 called 2, 09:41 put off, 10:11 called 1 of 09:00, 10:12 begins, 10:18 completes
2026-10-14 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-10-18 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-10-21 +0200: 09:00 called 1, 09:01 begins, 09:07 completes
2026-10-25 +0100: 09:00 called 1, 09:01 begins, 09:07 completes
2026-10-28 +0100: 09:00 called 1, 09:03 forgotten, 10:00 called 1, 10:01 begins, \
10:07 completes
2026-11-01 +0100: 10:00 called 1, 10:01 begins, 10:07 completes
2026-11-04 +0100: 09:56 begins hip-stretching, 10:13 completes hip-stretching, \
10:13 called 1, 10:14 begins, 10:20 completes
2026-11-08 +0100: 10:00 called 1, 10:01 begins, 10:07 completes
1970-01-01 +0100: 00:00 forgotten: low-back-next of 20 Sep 09:00, \
00:00 forgotten: low-back-next of 04 Oct 09:00
2026-11-11 +0100: 10:00 called 1, 10:01 begins, 10:07 completes
2026-11-15 +0100: 10:00 called 1, 10:01 begins, 10:03 stops, 11:03 missed of 10:00
2026-11-18 +0100: 10:00 called 1, 10:01 begins, 10:07 completes
2026-11-22 +0100: 10:00 called 1, 10:01 begins, 10:07 completes
"""


def test_a_course_of_twelve_weeks():
    course = an_entry(
        "wed,sun",
        "09:00",
        program="low-back-next",
        starts="2026-08-31",
        weeks=12,
        since=at("2026-08-29 15:00"),
    )
    kiosk = SimulatedKiosk([course], "2026-08-29 15:00", rules=QUIET_NIGHTS)
    kiosk.answers_after = timedelta(minutes=1)
    kiosk.until("2026-09-13 09:00:20")

    # The power fails between the call and the press, and is back 20 minutes later.
    kiosk.power_cut()
    kiosk.until("2026-09-13 09:20").power_back()

    # Away on a Sunday.
    kiosk.until("2026-09-20 08:00").answers_after = None
    kiosk.until("2026-09-20 20:00").answers_after = timedelta(minutes=1)

    # The kiosk is unplugged for two days.
    kiosk.until("2026-10-03 18:00").power_cut()
    kiosk.until("2026-10-05 18:00").power_back()

    # Breakfast first, twice.
    kiosk.until("2026-10-11 08:00").answers_after = None
    kiosk.until("2026-10-11 09:05:30").hold()
    kiosk.until("2026-10-11 09:41").hold()
    kiosk.answers_after = timedelta(minutes=1)

    # Clocks are put back on the 25th. On the 28th the caregiver moves the course to ten o'clock,
    # just when it has been called out.
    kiosk.until("2026-10-28 08:00").answers_after = None
    kiosk.until("2026-10-28 09:03").change(1, times=(time(10),))
    kiosk.answers_after = timedelta(minutes=1)

    # Stretching, while it becomes time for the course.
    kiosk.until("2026-11-04 09:56").begin("hip-stretching", timedelta(minutes=17))

    # The clock loses its way for a while, and the power fails in the midst of it.
    kiosk.until("2026-11-09 12:00").set_clock(at("1970-01-01 00:00"))
    kiosk.until("1970-01-01 00:10").power_cut()
    kiosk.power_back()
    kiosk.set_clock(at("2026-11-09 12:20"))

    # A session that hurts is stopped; nobody is called to it again.
    kiosk.until("2026-11-15 10:03").hold()

    kiosk.until("2027-06-01 00:00")

    assert by_day(kiosk.log) == EXPECTED.split("\n")[1:-1]
    # Nearly a year, but only as many steps as something happens.
    assert kiosk.steps < 400
