"""Three months in the life of a kiosk, with everything that may happen to it, as one list."""

from datetime import datetime, time, timedelta

from kiosk.schedule.occurrences import Rules
from tests.schedule.plans import an_entry, at
from tests.schedule.simulated import SimulatedKiosk

QUIET_NIGHTS = Rules(quiet_from=time(21), quiet_to=time(7))


def as_usual(moment, program="low-back-next"):
    """Called at `moment`, answered after a minute, done in six."""
    due = datetime.fromisoformat(moment)
    name = f"{program} of {due:%d %b %H:%M}"
    return [
        (f"{due:%Y-%m-%d %H:%M%z}", f"called 1: {name}"),
        (f"{due + timedelta(minutes=1):%Y-%m-%d %H:%M%z}", f"begins {program}"),
        (f"{due + timedelta(minutes=7):%Y-%m-%d %H:%M%z}", f"completes {program}"),
    ]


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

    assert kiosk.log == [
        *as_usual("2026-09-02 09:00+0200"),
        *as_usual("2026-09-06 09:00+0200"),
        *as_usual("2026-09-09 09:00+0200"),
        ("2026-09-13 09:00+0200", "called 1: low-back-next of 13 Sep 09:00"),
        ("2026-09-13 09:20+0200", "called 3: low-back-next of 13 Sep 09:00"),
        ("2026-09-13 09:21+0200", "begins low-back-next"),
        ("2026-09-13 09:27+0200", "completes low-back-next"),
        *as_usual("2026-09-16 09:00+0200"),
        ("2026-09-20 09:00+0200", "called 1: low-back-next of 20 Sep 09:00"),
        ("2026-09-20 09:05+0200", "called 2: low-back-next of 20 Sep 09:00"),
        ("2026-09-20 09:10+0200", "called 3: low-back-next of 20 Sep 09:00"),
        ("2026-09-20 10:00+0200", "missed: low-back-next of 20 Sep 09:00"),
        *as_usual("2026-09-23 09:00+0200"),
        *as_usual("2026-09-27 09:00+0200"),
        *as_usual("2026-09-30 09:00+0200"),
        ("2026-10-05 18:00+0200", "missed: low-back-next of 04 Oct 09:00"),
        *as_usual("2026-10-07 09:00+0200"),
        ("2026-10-11 09:00+0200", "called 1: low-back-next of 11 Oct 09:00"),
        ("2026-10-11 09:05+0200", "called 2: low-back-next of 11 Oct 09:00"),
        ("2026-10-11 09:05+0200", "put off: low-back-next of 11 Oct 09:00"),
        ("2026-10-11 09:35+0200", "called 1: low-back-next of 11 Oct 09:00"),
        ("2026-10-11 09:40+0200", "called 2: low-back-next of 11 Oct 09:00"),
        ("2026-10-11 09:41+0200", "put off: low-back-next of 11 Oct 09:00"),
        ("2026-10-11 10:11+0200", "called 1: low-back-next of 11 Oct 09:00"),
        ("2026-10-11 10:12+0200", "begins low-back-next"),
        ("2026-10-11 10:18+0200", "completes low-back-next"),
        *as_usual("2026-10-14 09:00+0200"),
        *as_usual("2026-10-18 09:00+0200"),
        *as_usual("2026-10-21 09:00+0200"),
        *as_usual("2026-10-25 09:00+0100"),
        ("2026-10-28 09:00+0100", "called 1: low-back-next of 28 Oct 09:00"),
        ("2026-10-28 09:03+0100", "forgotten: low-back-next of 28 Oct 09:00"),
        *as_usual("2026-10-28 10:00+0100"),
        *as_usual("2026-11-01 10:00+0100"),
        ("2026-11-04 09:56+0100", "begins hip-stretching"),
        ("2026-11-04 10:13+0100", "completes hip-stretching"),
        ("2026-11-04 10:13+0100", "called 1: low-back-next of 04 Nov 10:00"),
        ("2026-11-04 10:14+0100", "begins low-back-next"),
        ("2026-11-04 10:20+0100", "completes low-back-next"),
        *as_usual("2026-11-08 10:00+0100"),
        ("1970-01-01 00:00+0100", "forgotten: low-back-next of 20 Sep 09:00"),
        ("1970-01-01 00:00+0100", "forgotten: low-back-next of 04 Oct 09:00"),
        *as_usual("2026-11-11 10:00+0100"),
        ("2026-11-15 10:00+0100", "called 1: low-back-next of 15 Nov 10:00"),
        ("2026-11-15 10:01+0100", "begins low-back-next"),
        ("2026-11-15 10:03+0100", "stops low-back-next"),
        ("2026-11-15 11:03+0100", "missed: low-back-next of 15 Nov 10:00"),
        *as_usual("2026-11-18 10:00+0100"),
        *as_usual("2026-11-22 10:00+0100"),
    ]
    # Nearly a year, but only as many steps as something happens.
    assert kiosk.steps < 400
