"""The rules of reminders, one by one."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from kiosk.schedule.due import advance, ledger_days
from kiosk.schedule.ledger import broken_off, done, fulfilled, in_line, put_off
from kiosk.schedule.model import LedgerRow, OccurrenceState
from kiosk.schedule.occurrences import (
    RULE_SETTINGS,
    Rules,
    end_of_quiet,
    is_quiet,
    occurrences,
    rules_of,
)
from kiosk.settings.model import Settings, setting_names
from tests.schedule.plans import BERLIN, an_entry, at, clock, day
from tests.schedule.simulated import SimulatedKiosk

EVENING_BEFORE = at("2026-06-03 20:00")
"""When the entries of these tests became part of the plan."""


NIGHT = Rules(quiet_from=time(21), quiet_to=time(7))


def entry(days="daily", times="08:00", **more):
    return an_entry(days, times, **{"since": EVENING_BEFORE, **more})


def a_kiosk(*plan, begin="2026-06-03 20:00", rules=None):
    return SimulatedKiosk(plan, begin, rules=rules)


def log_of(kiosk):
    """The log in short: time of day, and what happened."""
    return [f"{when[8:16]} {what}" for when, what in kiosk.log]


def a_row(text="2026-06-04 08:00", **more):
    kiosk = a_kiosk(entry(times=text.split()[1], starts=text.split()[0]))
    o = next(occurrences(kiosk.plan, day(text.split()[0]), date.max, BERLIN))
    return LedgerRow(o, OccurrenceState.DUE, **more)


STORIES = """
It is called out when due and twice more, and then missed.
low-back-start: 20:00
08:00 called 1, 08:05 called 2, 08:10 called 3, 09:00 missed; missed
A press starts it until its grace is over.
hip-stretching: 09:00 press, 10:00
08:00 called 1, 08:05 called 2, 08:10 called 3, 09:00 begins, 09:06 completes; done
A press after that is an extra session, of the default program.
hip-stretching: 09:01 press, 10:00
08:00 called 1, 08:05 called 2, 08:10 called 3, 09:00 missed, \
09:01 begins low-back-start, 09:07 completes low-back-start; missed
A walk is confirmed by a press.
walk: 08:02 press, 20:00
08:00 called 1, 08:02 walked; done
Put off, it is called out again half an hour later.
low-back-start: 08:06 hold, 20:00
08:00 called 1, 08:05 called 2, 08:06 put off, 08:36 called 1, 08:41 called 2, 08:46 called 3, \
09:36 missed; missed
Put off, it can be started before its time.
hip-stretching: 08:01 hold, 08:10 press, 20:00
08:00 called 1, 08:01 put off, 08:10 begins, 08:16 completes; done
During a session nothing is said, and its time is not taken away.
low-back-start: 07:58 begin 20, 20:00
07:58 begins hip-stretching, 08:18 completes hip-stretching, \
08:18 called 1, 08:23 called 2, 08:28 called 3, 09:18 missed; missed
The time between two reminders stands still during a session.
low-back-start: 08:03 begin 20, 20:00
08:00 called 1, 08:03 begins hip-stretching, 08:23 completes hip-stretching, \
08:23 called 2, 08:28 called 3, 09:18 missed; missed
Nothing is missed while its own session runs.
low-back-start: 08:58 press, 20:00
08:00 called 1, 08:05 called 2, 08:10 called 3, 08:58 begins, 09:04 completes; done
Called out often enough, it is missed after a session that outlasts its grace.
low-back-start: 08:50 begin 20, 20:00
08:00 called 1, 08:05 called 2, 08:10 called 3, \
08:50 begins hip-stretching, 09:10 completes hip-stretching, 09:10 missed; missed
A session of the same program that was begun before does it.
low-back-start: 07:58 press, 20:00
07:58 begins, 08:04 completes; done
After a stop nobody is called to it again, but a press starts it.
low-back-start: 08:01 press, 08:04 hold, 08:40 press, 20:00
08:00 called 1, 08:01 begins, 08:04 stops, 08:40 begins, 08:46 completes; done
Back within the grace, one reminder stands for all that are overdue.
low-back-start: 07:00 cut, 08:20 back, 20:00
08:20 called 3, 09:00 missed; missed
Back as the grace ends.
low-back-start: 07:00 cut, 09:00 back
09:00 called 3; due
Back after the grace has ended.
low-back-start: 07:00 cut, 09:00:01 back
09:00 missed; missed
Back just before a reminder, that one is not given on top.
low-back-start: 07:00 cut, 08:04:50 back, 20:00
08:04 called 2, 08:10 called 3, 09:00 missed; missed
A power cut in a session that held back a call.
low-back-start: 07:58 begin 20, 08:01 cut, 08:15 back, 08:16
07:58 begins hip-stretching, 08:15 called 1; due
Such a power cut that is longer than the grace.
low-back-start: 07:58 begin 20, 08:01 cut, 09:02 back, 09:03
07:58 begins hip-stretching, 09:02 missed; missed
Such a power cut until the next day, before which the grace ended.
low-back-start: 07:58 begin 20, 08:01 cut, 05 07:00 back, 05 07:01
07:58 begins hip-stretching, 05 07:00 missed; missed
Put off by a clock that was ahead, it comes back in time.
low-back-start: 08:59 hold, 09:00 set 08:02, 08:33
08:00 called 1, 08:05 called 2, 08:10 called 3, 08:59 put off, 08:32 called 1; due
A clock set in a session to two days later calls out nothing that is long over.
low-back-start: 07:58 begin 10, 08:02 set 06 07:00, 06 07:30
07:58 begins hip-stretching, 06 07:00 missed, 06 07:00 missed: 05 Jun 08:00, \
06 07:06 completes hip-stretching; missed, missed
What a clock that is set in a session goes past is missed at once.
low-back-start: 07:30 begin 10, 07:32 set 09:30, 10:00
07:30 begins hip-stretching, 09:30 missed, 09:38 completes hip-stretching; missed
Of two things due at once the program goes before the walk.
walk + low-back-start: 08:01 press, 08:08 press
08:00 called 1: low-back-start of 08:00, 08:01 begins low-back-start, 08:07 completes \
low-back-start, 08:07 called 1: walk of 08:00, 08:08 walked: walk of 08:00; done, done
Only the earliest is called out, and the next one in what is left of its time.
low-back-start + walk 08:30: 20:00
08:00 called 1: low-back-start of 08:00, 08:05 called 2: low-back-start of 08:00, 08:10 called \
3: low-back-start of 08:00, 09:00 missed: low-back-start of 08:00, 09:00 called 3: walk of \
08:30, 09:30 missed: walk of 08:30; missed, missed
Ignoring several at once ends with their grace.
low-back-start + walk: 20:00
08:00 called 1: low-back-start of 08:00, 08:05 called 2: low-back-start of 08:00, 08:10 called \
3: low-back-start of 08:00, 09:00 missed: low-back-start of 08:00, 09:00 missed: walk of 08:00; \
missed, missed
A clock that is set right by seconds changes nothing.
low-back-start: 08:00:20 set 07:59:30, 08:04
08:00 called 1; due
What was done after it was put off is left as it is by a leap.
walk: 08:01 hold, 08:05 press, 08:06 set 01 08:00
08:00 called 1, 08:01 put off, 08:05 walked; done
Putting off is for everything that is due, and once.
low-back-start + walk: 08:01 hold, 08:10 hold, 08:31
08:00 called 1: low-back-start of 08:00, 08:01 put off: low-back-start of 08:00, 08:01 put off: \
walk of 08:00, 08:31 called 1: low-back-start of 08:00; due, due
A session longer than the grace costs nothing that was not called out.
low-back-start + walk: 07:55 begin 80, 09:16 press, 09:23 press, 20:00
07:55 begins hip-stretching, 09:15 completes hip-stretching, 09:15 called 1: low-back-start of \
08:00, 09:16 begins low-back-start, 09:22 completes low-back-start, 09:22 called 1: walk of \
08:00, 09:23 walked: walk of 08:00; done, done
Back after days, what was missed is noted in silence.
low-back-start 08:00,18:00: 07:00 cut, 06 08:30 back, 06 08:31
06 08:30 missed: 08:00, 06 08:30 missed: 18:00, 06 08:30 missed: 05 Jun 08:00, 06 08:30 missed: \
05 Jun 18:00, 06 08:30 called 3: 06 Jun 08:00; missed, missed, missed, missed, due
In quiet hours nothing is said, but a press starts what is due.
by night, hip-stretching 21:30: 03 21:45 press, 23:00
03 21:45 begins, 03 21:51 completes, 22:30 missed; done, missed
What is still due as quiet hours end is called out then.
by night, low-back-start 06:30: 20:00
07:00 called 3, 07:30 missed; missed
A session that ends in quiet hours is followed by silence.
by night, low-back-start 20:55: 03 20:50 begin 20, 08:00
03 20:50 begins hip-stretching, 03 21:10 completes hip-stretching, 03 21:55 missed: 03 Jun \
20:55; missed
What a clock saw that was ahead is forgotten, but not what was done.
low-back-start 08:00,12:00,16:00: 08:01 press, 13:30 press, 16:30 set 07:30, 12:01
08:00 called 1: 08:00, 08:01 begins, 08:07 completes, 12:00 called 1: 12:00, 12:05 called 2: \
12:00, 12:10 called 3: 12:00, 13:00 missed: 12:00, 13:30 begins, 13:36 completes, 16:00 called \
1: 16:00, 16:05 called 2: 16:00, 16:10 called 3: 16:00, 07:30 forgotten: 12:00, 07:30 forgotten: \
16:00, 12:00 called 1: 12:00; done, due
Removed, it is not due any more.
hip-stretching: 08:01 remove, 08:02 press, 06 08:00
08:00 called 1, 08:01 forgotten, 08:02 begins low-back-start, 08:08 completes low-back-start; none
Paused, it is not due any more.
low-back-start: 08:01 pause, 08:02, 06 08:00
08:00 called 1, 08:01 forgotten; none
Moved to another time, it is due then.
low-back-start: 08:01 times 08:30, 08:31
08:00 called 1, 08:01 forgotten, 08:30 called 1: 08:30; due
It stays due through a change that leaves it in the plan.
low-back-start: 08:01 times 08:00,18:00, 08:06
08:00 called 1, 08:05 called 2; due
A change of the program is one of what is due, too.
low-back-start: 08:01 program hip-stretching, 08:06 press
08:00 called 1, 08:05 called 2: hip-stretching of 08:00, 08:06 begins hip-stretching; due
Taken up again after a pause only what comes then is due.
low-back-start 08:00,18:00: 03 20:00 pause, 05 12:00 resume, 05 18:01
05 18:00 called 1: 05 Jun 18:00; due
A change of the time zone calls out nothing twice.
low-back-start: 08:01 press, 08:10 zone America/New_York, 20:00 zone Pacific/Auckland, \
06 08:01
08:00 called 1, 08:01 begins, 08:07 completes, 06 08:00 called 1: 06 Jun 08:00; done, due
It is due by the wall clock of the new zone.
low-back-start 08:00,18:00: 08:01 press, 12:00 zone America/New_York, 18:01
08:00 called 1: 08:00, 08:01 begins, 08:07 completes, 18:00 called 1: 18:00; done, due
"""
"""A sentence; the entries of the plan, each due at 08:00 where nothing else is said, and a script
that begins on 4 June (see `SimulatedKiosk.follow`); the kiosk's log and the states of its ledger.
"""
LINES = STORIES.strip().splitlines()
CASES = list(zip(LINES[1::3], LINES[2::3], strict=True))


@pytest.mark.parametrize(("script", "expected"), CASES, ids=LINES[::3])
def test_story(script, expected):
    spelled, script = script.split(": ", 1)
    entries = [
        (*one.split(), "08:00")[:2] for one in spelled.removeprefix("by night, ").split(" + ")
    ]
    plan = [entry(times=times, program=p, number=n) for n, (p, times) in enumerate(entries, 1)]
    kiosk = a_kiosk(*plan, rules=NIGHT if spelled.startswith("by night") else None)
    kiosk.follow(script)

    log = ", ".join(line.removeprefix("04 ") for line in log_of(kiosk)).replace(" of 04 Jun", " of")
    if len(entries) == 1:
        program, times = entries[0]
        for long, short in (
            (f": {program} of {times}", ""),
            (f"{program} of ", ""),
            (f"begins {program}", "begins"),
            (f"completes {program}", "completes"),
            (f"stops {program}", "stops"),
        ):
            log = log.replace(long, short)
    states = ", ".join(state for _, state in kiosk.states())
    assert f"{log}; {states or 'none'}" == expected


# Calls


def test_what_is_called_out_is_among_what_has_to_be_kept_first():
    now = at("2026-06-04 08:00")
    step = advance([entry()], [], EVENING_BEFORE, now, BERLIN, Rules(), busy=False)
    assert step.remind is not None
    assert step.changed == (step.remind,)
    assert (step.remind.reminders, step.due, step.settled_until) == (1, step.remind, now)

    again = advance([entry()], step.changed, now, now, BERLIN, Rules(), busy=False)
    assert (again.remind, again.changed, again.due) == (None, (), step.remind)
    assert again.applied_to(step.changed) == step.changed


def test_reminders_as_a_household_sets_them():
    rules = Rules(
        remind_again=(timedelta(minutes=2), timedelta(minutes=1)), grace=timedelta(minutes=5)
    )
    kiosk = a_kiosk(entry(), rules=rules).until("2026-06-04 20:00")
    assert [line[3:12] for line in log_of(kiosk)] == [
        "08:00 cal", "08:01 cal", "08:02 cal", "08:05 mis",
    ]  # fmt: skip

    kiosk = a_kiosk(entry(), rules=Rules(remind_again=())).until("2026-06-04 20:00")
    assert [line[3:12] for line in log_of(kiosk)] == ["08:00 cal", "09:00 mis"]


# Put off


@pytest.mark.parametrize("state", [OccurrenceState.DONE, OccurrenceState.MISSED])
def test_what_is_over_is_neither_put_off_nor_stopped(state):
    row = replace(a_row(), state=state)
    assert put_off(row, at("2026-06-04 08:10"), Rules()) == row
    assert broken_off(row, at("2026-06-04 08:10"), Rules()) == row
    assert in_line([row]) == []


# Sessions


def test_a_completed_session_does_the_first_of_what_is_due_of_its_program():
    rows = [a_row("2026-06-04 09:00"), a_row("2026-06-04 08:00")]
    assert fulfilled(rows, "low-back-start") == rows[1]
    assert fulfilled([done(rows[1], 7), rows[0]], "low-back-start") == rows[0]
    assert fulfilled(rows, "hip-stretching") is None
    assert done(rows[0], 7).session == 7


# The simulated kiosk's rules


def test_the_rules_go_by_their_settings_and_by_no_others():
    assert rules_of(Settings()) == Rules()
    others = {"quiet_from": "21:00", "quiet_to": "07:00", "audio_device": "USB"}
    for name in setting_names():
        usual = getattr(Settings(), name)
        other = replace(Settings(), **{name: others.get(name, usual and usual + usual)})
        assert (rules_of(other) != Rules()) == (name in RULE_SETTINGS)


@pytest.mark.parametrize(
    ("begin", "end", "quiet"),
    [
        ("21:00", "07:00", ["21:00", "23:59", "00:00", "06:59"]),
        ("13:00", "15:00", ["13:00", "14:59"]),
        ("08:00", "08:00", []),
        ("21:00", None, []),
        (None, "07:00", []),
    ],
)
def test_quiet_hours(begin, end, quiet):
    rules = Rules(quiet_from=begin and clock(begin), quiet_to=end and clock(end))
    hours = ("21:00", "23:59", "00:00", "06:59", "07:00", "08:00")
    hours += ("12:59", "13:00", "14:59", "15:00")
    assert [h for h in hours if is_quiet(at(f"2026-06-04 {h}"), BERLIN, rules)] == quiet


def test_the_end_of_quiet_hours():
    assert end_of_quiet(at("2026-06-04 22:00"), BERLIN, NIGHT) == at("2026-06-05 07:00")
    assert end_of_quiet(at("2026-06-05 06:59"), BERLIN, NIGHT) == at("2026-06-05 07:00")
    assert end_of_quiet(at("2026-06-05 07:00"), BERLIN, NIGHT) is None
    assert end_of_quiet(at("2026-06-05 07:00"), BERLIN, Rules()) is None


# Changes of the plan


def test_an_entry_for_now_is_due_only_from_the_next_time_on():
    kiosk = a_kiosk().until("2026-06-04 08:00:30")
    kiosk.add(entry(times="08:00,08:01"))
    kiosk.until("2026-06-04 08:02")
    assert log_of(kiosk) == ["04 08:01 called 1: low-back-start of 04 Jun 08:01"]


def test_the_first_step_ever_begins_where_the_plan_does():
    plan = [entry(), entry(number=2, program="walk", since=at("2026-06-05 08:00"))]
    step = advance(plan, [], None, at("2026-06-05 08:00"), BERLIN, Rules(), busy=False)
    found = [(r.occurrence.program, f"{r.occurrence.local_date:%d}", r.state) for r in step.changed]
    assert found == [
        ("low-back-start", "04", "missed"),
        ("low-back-start", "05", "due"),
        ("walk", "05", "due"),
    ]

    exactly = [entry(since=at("2026-06-05 08:00"))]
    step = advance(exactly, [], None, at("2026-06-05 08:01"), BERLIN, Rules(), busy=False)
    assert [row.occurrence.due for row in step.changed] == [at("2026-06-05 08:00")]

    unkept = [*plan[:1], entry(number=3, since=None)]
    step = advance(unkept, [], None, at("2026-06-05 08:30"), BERLIN, Rules(), busy=False)
    assert {row.occurrence.entry for row in step.changed} == {1}

    unkept = [entry(since=None)]
    step = advance(unkept, [], None, at("2026-06-05 09:30"), BERLIN, Rules(), busy=False)
    assert (step.changed, step.wake_at) == ((), at("2026-06-06 08:00"))

    step = advance([], [], None, at("2026-06-05 09:30"), BERLIN, Rules(), busy=False)
    assert (step.changed, step.settled_until) == ((), at("2026-06-05 09:30"))
    assert step.wake_at is None


# Leaps of the clock


def test_a_leap_of_years_lists_a_month_and_calls_out_one():
    kiosk = a_kiosk(entry(times="08:00,18:00"), begin="2026-06-03 20:00").until("2026-06-04 07:00")
    kiosk.set_clock(at("2031-06-04 08:20"))
    lines = log_of(kiosk)
    assert len(lines) == 62
    assert lines[0] == "04 08:20 missed: low-back-start of 04 May 18:00"
    assert lines[-2:] == [
        "04 08:20 missed: low-back-start of 03 Jun 18:00",
        "04 08:20 called 3: low-back-start of 04 Jun 08:00",
    ]


def test_from_1970_to_now_with_an_entry_made_in_between():
    kiosk = SimulatedKiosk([], "1970-01-01 00:00")
    kiosk.add(entry(starts="2026-06-01"))
    kiosk.until("1970-01-01 00:05").set_clock(at("2026-06-03 12:00"))
    kiosk.until("2026-06-04 08:01")
    assert log_of(kiosk) == [
        "03 12:00 missed: low-back-start of 01 Jun 08:00",
        "03 12:00 missed: low-back-start of 02 Jun 08:00",
        "03 12:00 missed: low-back-start of 03 Jun 08:00",
        "04 08:00 called 1: low-back-start of 04 Jun 08:00",
    ]


def test_an_entry_made_by_a_clock_that_was_ahead_is_due_all_the_same():
    kiosk = a_kiosk(begin="2030-06-04 12:00").until("2030-06-04 12:01")
    kiosk.add(entry())
    kiosk.set_clock(at("2026-06-04 07:00"))
    kiosk.until("2026-06-04 08:01")
    assert log_of(kiosk) == ["04 08:00 called 1: low-back-start of 04 Jun 08:00"]


# What the caller needs to know


def test_the_days_whose_rows_a_step_has_to_see():
    now = at("2026-06-04 08:00")
    assert ledger_days(None, now, BERLIN) == (day("2026-05-02"), date.max)
    assert ledger_days(at("2026-01-04 08:00"), now, BERLIN)[0] == day("2025-12-02")
    assert ledger_days(at("2030-01-04 08:00"), now, BERLIN)[0] == day("2026-05-02")


def test_when_the_next_step_has_something_to_do():
    def wake(now, rows, rules=NIGHT):
        plan = [entry(times="08:00,12:00")]
        moment = at(f"2026-06-04 {now}")
        step = advance(plan, rows, moment, moment, BERLIN, rules, busy=False)
        return step.wake_at and f"{step.wake_at.astimezone(BERLIN):%d %H:%M}"

    called = replace(a_row(), reminders=1)
    often = replace(a_row(), reminders=3)
    assert wake("07:30", []) == "04 08:00"
    assert wake("13:00", []) == "05 08:00"
    assert wake("08:01", [called]) == "04 08:05"
    assert wake("08:11", [often]) == "04 09:00"
    put_off_row = replace(often, put_off_to=at("2026-06-04 08:40"), reminders=0)
    assert wake("08:11", [put_off_row]) == "04 08:40"
    assert wake("22:00", []) == "05 07:00"


# Three months in the life of a kiosk, with everything that may happen to it, as one list


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
