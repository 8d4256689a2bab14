"""The page Schedule: the week, the entries and their buttons."""

import re
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.schedule.model import EVERY_DAY, OccurrenceState, PlanEntry
from tests.schedule.past import NOON
from tests.web.schedule_kit import BACK, SchedulePage


@pytest.fixture
def page(tmp_path: Path) -> SchedulePage:
    return SchedulePage(tmp_path / "programs")


def test_an_empty_schedule_says_what_that_means(page: SchedulePage):
    page.browser.read("/schedule")

    assert "Nothing is planned yet, so the kiosk never calls by itself." in page.text
    assert 'href="/schedule/new"' in page.html


def test_an_entry_is_paused_and_taken_up_again(page: SchedulePage):
    page.planned(weeks="8")
    page.browser.read("/schedule")
    assert "‖ paused" not in page.text

    page.press("/schedule/1/pause")

    assert page.browser.answer() == (
        "Low back start is paused. What falls into the pause is neither due nor missed."
    )
    assert "‖ paused" in page.text
    assert page.plan[0].paused

    page.press("/schedule/1/pause")

    assert page.browser.answer() == "Low back start goes on."
    assert not page.plan[0].paused


def test_a_removed_entry_comes_back_by_undo(page: SchedulePage):
    page.planned()
    before = page.plan[0]
    page.browser.read("/schedule")

    page.press("/schedule/1/remove")
    assert page.browser.answer() == (
        "Low back start was taken out of the schedule. What was done stays in the history."
    )
    assert page.plan == ()
    page.press("/schedule/undo")

    assert page.browser.answer() == (
        "Taken back. Now it is again: Low back start, every day at 08:00 and 18:30, from Friday,"
        " 27 March 2026, without an end."
    )
    (again,) = page.plan
    assert (again.id, again.times) == (before.id, before.times)


def test_an_added_entry_goes_by_undo_and_an_undo_works_once(page: SchedulePage):
    page.send("/schedule/new", BACK)
    change = re.search(r'name="change" value="([^"]+)"', page.html)[1]

    page.press("/schedule/undo")
    assert page.browser.answer() == "Taken back. It is not in the schedule any more."
    assert page.plan == ()

    page.browser.read("/schedule")
    page.browser.post("/schedule/undo", {"change": change})
    assert page.browser.answer().startswith("This cannot be taken back any more")


def test_buttons_of_an_old_page_do_nothing_to_what_has_changed(page: SchedulePage):
    page.planned()
    page.browser.read("/schedule")
    old = page.html
    page.changed(weeks=3)

    for action in ("/schedule/1/pause", "/schedule/1/remove"):
        page.browser.page = old
        page.press(action)
        assert page.browser.answer() == (
            "Somebody has changed this meanwhile, so nothing was done. Look at it once more."
        )

    assert page.plan == (page.plan[0],)
    assert page.plan[0].version == 2


def test_the_week_at_a_glance(page: SchedulePage):
    page.clock.set(NOON - timedelta(days=1))
    page.planned(times="08:00,10:00,12:00,18:00", starts="2026-03-26")
    page.clock.set(NOON)
    page.became(
        date(2026, 3, 27),
        [(8, OccurrenceState.DONE), (10, OccurrenceState.MISSED), (12, OccurrenceState.DUE)],
    )

    page.browser.read("/schedule")

    assert "Monday, 23 March to Sunday, 29 March 2026" in page.text
    week = page.week()
    assert len(week) == 7
    assert week[0] == "Monday 23 March Nothing planned"
    assert week[3].startswith("Thursday 26 March 08:00 Low back start \u2013 past")
    assert week[4] == (
        "Friday 27 March today 08:00 Low back start ✓ done 10:00 Low back start ✗ missed"
        " 12:00 Low back start ● due now 18:00 Low back start ○ to come"
    )
    assert page.html.count('aria-current="date"') == 1


def test_other_weeks_are_a_link_away(page: SchedulePage):
    page.planned(times="08:00", weeks="2")

    page.browser.read("/schedule?week=2026-04-08")

    assert "Monday, 6 April to Sunday, 12 April 2026" in page.text
    assert [day.endswith("to come") for day in page.week()] == [True] * 4 + [False] * 3
    assert 'href="/schedule?week=2026-03-30"' in page.html
    assert 'href="/schedule?week=2026-04-13"' in page.html
    assert "This week" in page.text


@pytest.mark.parametrize("week", ["soon", "1999-12-31", "9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_week_that_cannot_be_shown_is_this_week(page: SchedulePage, week: str):
    page.browser.read(f"/schedule?week={week}")

    assert "Monday, 23 March to Sunday, 29 March 2026" in page.text


def test_the_first_and_the_last_week_lead_no_further(page: SchedulePage):
    page.browser.read("/schedule?week=2000-01-03")
    assert "Earlier" not in page.text

    page.browser.read("/schedule?week=2099-12-27")
    assert "Later" not in page.text


def test_each_entry_says_where_it_stands(page: SchedulePage):
    page.planned(starts="2026-03-13", weeks="8")
    page.planned(program="walk", times="11:00")
    page.planned(
        program="hip-stretching", days="mon-fri", times="10:00", starts="2026-04-06", weeks="4"
    )
    page.planned(starts="2026-01-05", weeks="1")

    page.browser.read("/schedule")

    told = page.text.partition("What is planned")[2]
    for words in (
        "Low back start ✓ running every day at 08:00 and 18:30 week 3 of 8 Next: today at 18:30.",
        "Walk ✓ running every day at 11:00 without an end, since Friday, 27 March 2026 Next: tom",
        "Hip stretching ○ begins later Monday to Friday at 10:00 4 weeks, from Monday, 6 April",
        "2026 Next: Monday, 6 April at 10:00.",
        "Low back start \u2013 over every day at 08:00 and 18:30 ended on Sunday, 11 January 2026",
    ):
        assert words in told


def test_a_course_beyond_the_end_of_time_ends_with_the_last_day_of_the_plan_s_own_rule(
    page: SchedulePage,
):
    late = PlanEntry(0, "walk", EVERY_DAY, (time(11),), date(9999, 12, 20), 104)
    page.store.plan.add(late, Actor.COMMAND, NOON)

    page.browser.read("/schedule")

    assert "104 weeks, from Monday, 20 December 9999" in page.text


def test_what_is_over_cannot_be_paused(page: SchedulePage):
    page.planned(starts="2026-01-05", weeks="1")

    page.browser.read("/schedule")

    assert "/schedule/1/pause" not in page.html
    assert "/schedule/1/remove" in page.html


@pytest.mark.parametrize(
    "path",
    ["/schedule/7", "/schedule/..%2f1", "/schedule/-1", "/schedule/1.0", "/schedule/" + "9" * 40],
)
def test_what_is_no_entry_is_not_found(page: SchedulePage, path: str):
    page.planned()

    assert page.browser.get(path).status_code == 404


def test_buttons_of_an_entry_that_is_gone_are_not_found(page: SchedulePage):
    page.planned()
    page.browser.read("/schedule")
    page.service.remove(1, 1)

    assert page.browser.post("/schedule/1/pause", {"version": "1"}).status_code == 404
    assert page.browser.post("/schedule/1/remove", {"version": "1"}).status_code == 404


def test_a_full_disk_is_told_in_a_sentence(page: SchedulePage):
    page.browser.read("/schedule/new")
    token = page.browser.csrf()
    page.store.disk.broken = StoreError("The disk is full. Free some space.")

    response = page.browser.client.post("/schedule/new", data={**BACK, "csrf_token": token})

    assert response.status_code == 503
    assert "The disk is full. Free some space." in response.get_data(as_text=True)
