"""What people write about entries of the plan, and what they are told when it is wrong."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.errors import PlanError, Problem
from kiosk.locale.problems import line
from kiosk.schedule.checks import (
    FIELDS,
    check_entry,
    check_room,
    read_days,
    read_program,
    read_start,
    read_times,
    read_weeks,
    write_days,
    write_times,
)
from kiosk.schedule.model import EVERY_DAY, Weekday
from tests.schedule.plans import an_entry, clock, day

PROGRAMS = ("low-back-start", "low-back-next", "hip-stretching")
TODAY = day("2026-07-01")


def wrong(reader, text):
    """The problems of `text`: code, what it is about, and suggestion."""
    with pytest.raises(PlanError) as caught:
        reader(text)
    assert all(line(problem).endswith((".", "?")) for problem in caught.value.problems)
    asserted = {"text", "time", "date", "program", "year", "n"}
    return [
        (
            p.code.removeprefix("plan."),
            *(value for name, value in p.values.items() if name in asserted),
            p.suggestion,
        )
        for p in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon,wed,fri", "Mo We Fr"),
        ("Monday, Wednesday ,friday", "Mo We Fr"),
        ("fri mon", "Mo Fr"),
        ("daily", "Mo Tu We Th Fr Sa Su"),
        ("weekdays", "Mo Tu We Th Fr"),
        ("weekend", "Sa Su"),
        ("mon-fri", "Mo Tu We Th Fr"),
        ("mon - wed,sun", "Mo Tu We Su"),
        ("fri-mon", "Mo Fr Sa Su"),
        ("tue\u2013thu", "Tu We Th"),
        ("sun-sun", "Su"),
        ("sun,SUN,weekend", "Sa Su"),
    ],
)
def test_days(text, days):
    names = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
    assert " ".join(names[d] for d in sorted(read_days(text))) == days


def test_wrong_days_are_all_told_each_with_what_was_probably_meant():
    assert wrong(read_days, "mon,tusday,xyz,mon-frriday") == [
        ("day-unreadable", "tusday", "tuesday"),
        ("day-unreadable", "xyz", ""),
        ("day-unreadable", "mon-frriday", "mon-friday"),
    ]
    assert wrong(read_days, " , ") == [("days-missing", "")]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("08:00", "08:00"),
        ("13:30,08:00", "08:00 13:30"),
        ("8:00 , 23:59", "08:00 23:59"),
        ("00:00 07:05", "00:00 07:05"),
        (",".join(f"{h}:00" for h in range(12)), " ".join(f"{h:02}:00" for h in range(12))),
    ],
)
def test_times(text, times):
    assert read_times(text) == tuple(clock(t) for t in times.split())


def test_wrong_times_are_all_told():
    assert wrong(read_times, "24:00,8.30,9,08:60,noon,\u0660\u0668:\u0660\u0660") == [
        ("time-unreadable", "24:00", ""),
        ("time-unreadable", "8.30", "08:30"),
        ("time-unreadable", "9", "09:00"),
        ("time-unreadable", "08:60", ""),
        ("time-unreadable", "noon", ""),
        ("time-unreadable", "\u0660\u0668:\u0660\u0660", ""),
    ]
    assert wrong(read_times, "08:00,8:00,9:00,09:00") == [
        ("time-twice", "08:00", ""),
        ("time-twice", "09:00", ""),
    ]
    assert wrong(read_times, "") == [("times-missing", "")]
    thirteen = ",".join(f"{h}:00" for h in range(13))
    assert wrong(read_times, thirteen) == [("times-too-many", 13, "")]


def test_a_start_is_a_date_that_there_is():
    assert read_start(" 2028-02-29 ") == day("2028-02-29")
    assert wrong(read_start, "2026-02-29") == [("start-day", "2026-02-29", "")]
    assert wrong(read_start, "2026-00-10") == [("start-month", "2026-00-10", "")]
    assert wrong(read_start, "1026-07-01") == [("start-year", 1026, "")]
    for text in ("01.07.2026", "20260701", "2026-W27-3", "2026-7-1", "soon"):
        assert wrong(read_start, text) == [("start-unreadable", text, "")]
    assert wrong(read_start, "") == [("start-missing", "")]


def test_weeks_are_a_whole_number_or_none():
    assert [read_weeks(text) for text in ("1", "12", "104", "", "none", " None ")] == [
        1, 12, 104, None, None, None,
    ]  # fmt: skip
    for text in ("0", "105", "-1", "1.5", "twelve", "9" * 30):
        assert wrong(read_weeks, text) == [("weeks-unreadable", text, "")]


def test_a_program_is_one_that_there_is_or_the_walk():
    assert read_program(" walk ", PROGRAMS) == "walk"
    assert read_program("hip-stretching", PROGRAMS) == "hip-stretching"
    assert wrong(lambda t: read_program(t, PROGRAMS), "hip-streching") == [
        ("program-unknown", "hip-streching", "hip-stretching")
    ]
    assert wrong(lambda t: read_program(t, PROGRAMS), "") == [("program-missing", "")]


def described(entry):
    """Id, program, days, times, start, weeks, whether paused, and the year since when."""
    days, times = write_days(entry.days), write_times(entry.times)
    values = (entry.id, entry.program, days, times, entry.starts, entry.weeks, entry.paused)
    return " ".join(map(str, (*values, entry.since and entry.since.year)))


def test_a_new_entry_needs_a_program_and_times_only():
    entry = check_entry({"program": "walk", "times": "17:00"}, PROGRAMS, TODAY)
    assert described(entry) == "0 walk daily 17:00 2026-07-01 None False None"


def test_a_new_entry_with_everything():
    texts = ("low-back-next", "tue,sat", "10:00", "2026-08-03", "12")
    entry = check_entry(dict(zip(FIELDS, texts, strict=True)), PROGRAMS, TODAY)
    assert described(entry) == "0 low-back-next tue,sat 10:00 2026-08-03 12 False None"


def test_a_change_leaves_what_it_does_not_name():
    base = an_entry("mon", "08:00", number=7, program="of-long-ago", weeks=12, paused=True)
    changed = check_entry({"times": "09:00", "weeks": "none"}, PROGRAMS, TODAY, base)
    assert described(changed) == "7 of-long-ago mon 09:00 2026-01-01 None True 2000"
    assert check_entry({}, PROGRAMS, TODAY, base) == base


def test_everything_that_is_wrong_is_told_at_once_each_at_its_place():
    texts = {
        "program": "low-back-nxt",
        "days": "mondays",
        "times": "25:00,26:00",
        "starts": "2026-13-01",
        "weeks": "0",
        "time": "08:00",
    }
    with pytest.raises(PlanError) as caught:
        check_entry(texts, PROGRAMS, TODAY)

    assert {p.source for p in caught.value.problems} == {"plan"}
    assert [f"{p.path} {p.suggestion}".strip() for p in caught.value.problems] == [
        *("time times", "program low-back-next", "days monday"),
        *("times", "times", "starts", "weeks"),
    ]


def test_a_plan_has_room_for_fifty():
    check_room(49)
    with pytest.raises(PlanError) as caught:
        check_room(50)
    assert caught.value.problems == (Problem("plan", "", "plan.full", {"entries": 50}),)


@given(st.frozensets(st.sampled_from(Weekday), min_size=1))
def test_days_are_read_as_they_are_written(days):
    assert read_days(write_days(days)) == days


def test_days_are_written_the_short_way():
    assert write_days(EVERY_DAY) == "daily"
    assert write_days(frozenset({Weekday.SAT, Weekday.SUN})) == "weekend"
    assert write_days(frozenset({Weekday.FRI, Weekday.MON})) == "mon,fri"


@given(
    st.sets(st.times().map(lambda t: t.replace(second=0, microsecond=0)), min_size=1, max_size=12)
)
def test_times_are_read_as_they_are_written(times):
    in_order = tuple(sorted(times))
    assert read_times(write_times(in_order)) == in_order


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=60)))
@example({})
def test_whatever_is_written_is_read_or_told_as_problems(texts):
    paths = set()
    try:
        check_entry(texts, PROGRAMS, TODAY)
    except PlanError as error:
        paths = {problem.path for problem in error.problems}
    assert paths <= set(FIELDS)
    assert paths >= {"program", "times"} - texts.keys()
