"""The page Schedule: the week, the entries and their buttons."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.schedule.model import OccurrenceState
from tests.web.kit import Browser, path_of
from tests.web.schedule_house import BACK, NOON, House

POSTS = (
    "/schedule/new",
    "/schedule/1",
    "/schedule/1/pause",
    "/schedule/1/remove",
    "/schedule/undo",
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "programs")


def test_only_caregivers_see_the_schedule(house: House):
    stranger = Browser(house.api)

    assert path_of(stranger.get("/schedule")) == "/sign-in?next=/schedule"
    assert stranger.get("/schedule/new").status_code == 302


def test_an_empty_schedule_says_what_that_means(house: House):
    house.browser.read("/schedule")

    assert "Nothing is planned yet, so the kiosk never calls by itself." in house.text
    assert 'href="/schedule/new"' in house.page


def test_an_entry_is_paused_and_taken_up_again(house: House):
    house.planned(weeks="8")
    house.browser.read("/schedule")
    assert "‖ paused" not in house.text

    house.press("/schedule/1/pause")

    assert house.browser.answer() == (
        "Low back start is paused. What falls into the pause is neither due nor missed."
    )
    assert "‖ paused" in house.text
    assert house.store.plan.entries()[0].paused

    house.press("/schedule/1/pause")

    assert house.browser.answer() == "Low back start goes on."
    assert not house.store.plan.entries()[0].paused


def test_a_removed_entry_comes_back_by_undo(house: House):
    house.planned()
    before = house.store.plan.entries()[0]
    house.browser.read("/schedule")

    house.press("/schedule/1/remove")
    assert house.browser.answer() == (
        "Low back start was taken out of the schedule. What was done stays in the history."
    )
    assert house.store.plan.entries() == ()
    house.press("/schedule/undo")

    assert house.browser.answer() == (
        "Taken back. Now it is again: Low back start, every day at 08:00 and 18:30, from Friday,"
        " 27 March 2026, without an end."
    )
    (again,) = house.store.plan.entries()
    assert (again.id, again.times) == (before.id, before.times)


def test_an_added_entry_goes_by_undo_and_an_undo_works_once(house: House):
    house.send("/schedule/new", BACK)
    change = re.search(r'name="change" value="([^"]+)"', house.page)[1]

    house.press("/schedule/undo")
    assert house.browser.answer() == "Taken back. It is not in the schedule any more."
    assert house.store.plan.entries() == ()

    house.browser.read("/schedule")
    house.browser.post("/schedule/undo", {"change": change})
    assert house.browser.answer().startswith("This cannot be taken back any more")


def test_buttons_of_an_old_page_do_nothing_to_what_has_changed(house: House):
    house.planned()
    house.browser.read("/schedule")
    old = house.page
    house.plan.change(replace(house.plan.entry(1), weeks=3))

    for action in ("/schedule/1/pause", "/schedule/1/remove"):
        house.browser.page = old
        house.press(action)
        assert house.browser.answer() == (
            "Somebody has changed this meanwhile, so nothing was done. Look at it once more."
        )

    assert house.store.plan.entries() == (house.plan.entry(1),)
    assert house.plan.entry(1).version == 2


def test_the_week_at_a_glance(house: House):
    house.clock.set(NOON - timedelta(days=1))
    house.planned(times="08:00,10:00,12:00,18:00", starts="2026-03-26")
    house.clock.set(NOON)
    house.became(
        date(2026, 3, 27),
        [(8, OccurrenceState.DONE), (10, OccurrenceState.MISSED), (12, OccurrenceState.DUE)],
    )

    house.browser.read("/schedule")

    assert "Monday, 23 March to Sunday, 29 March 2026" in house.text
    week = house.week()
    assert len(week) == 7
    assert week[0] == "Monday 23 March Nothing planned"
    assert week[3].startswith("Thursday 26 March 08:00 Low back start \u2013 past")
    assert week[4] == (
        "Friday 27 March today 08:00 Low back start ✓ done 10:00 Low back start ✗ missed"
        " 12:00 Low back start ● due now 18:00 Low back start ○ to come"
    )
    assert house.page.count('aria-current="date"') == 1


def test_other_weeks_are_a_link_away(house: House):
    house.planned(times="08:00", weeks="2")

    house.browser.read("/schedule?week=2026-04-08")

    assert "Monday, 6 April to Sunday, 12 April 2026" in house.text
    assert [day.endswith("to come") for day in house.week()] == [True] * 4 + [False] * 3
    assert 'href="/schedule?week=2026-03-30"' in house.page
    assert 'href="/schedule?week=2026-04-13"' in house.page
    assert "This week" in house.text


@pytest.mark.parametrize("week", ["soon", "1999-12-31", "9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_week_that_cannot_be_shown_is_this_week(house: House, week: str):
    house.browser.read(f"/schedule?week={week}")

    assert "Monday, 23 March to Sunday, 29 March 2026" in house.text


def test_the_first_and_the_last_week_lead_no_further(house: House):
    house.browser.read("/schedule?week=2000-01-03")
    assert "Earlier" not in house.text

    house.browser.read("/schedule?week=2099-12-27")
    assert "Later" not in house.text


def test_each_entry_says_where_it_stands(house: House):
    house.planned(starts="2026-03-13", weeks="8")
    house.planned(program="walk", times="11:00")
    house.planned(
        program="hip-stretching", days="mon-fri", times="10:00", starts="2026-04-06", weeks="4"
    )
    house.planned(starts="2026-01-05", weeks="1")

    house.browser.read("/schedule")

    told = house.text.partition("What is planned")[2]
    for words in (
        "Low back start ✓ running every day at 08:00 and 18:30 week 3 of 8 Next: today at 18:30.",
        "Walk ✓ running every day at 11:00 without an end, since Friday, 27 March 2026 Next: tom",
        "Hip stretching ○ begins later Monday to Friday at 10:00 4 weeks, from Monday, 6 April",
        "2026 Next: Monday, 6 April at 10:00.",
        "Low back start \u2013 over every day at 08:00 and 18:30 ended on Sunday, 11 January 2026",
    ):
        assert words in told


def test_what_is_over_cannot_be_paused(house: House):
    house.planned(starts="2026-01-05", weeks="1")

    house.browser.read("/schedule")

    assert "/schedule/1/pause" not in house.page
    assert "/schedule/1/remove" in house.page


@pytest.mark.parametrize(
    "path",
    ["/schedule/7", "/schedule/..%2f1", "/schedule/-1", "/schedule/1.0", "/schedule/" + "9" * 40],
)
def test_what_is_no_entry_is_not_found(house: House, path: str):
    house.planned()

    assert house.browser.get(path).status_code == 404


def test_buttons_of_an_entry_that_is_gone_are_not_found(house: House):
    house.planned()
    house.browser.read("/schedule")
    house.plan.remove(1, 1)

    assert house.browser.post("/schedule/1/pause", {"version": "1"}).status_code == 404
    assert house.browser.post("/schedule/1/remove", {"version": "1"}).status_code == 404


@pytest.mark.parametrize("path", POSTS)
def test_nothing_is_changed_without_the_token(house: House, path: str):
    house.planned()

    response = house.browser.client.post(path, data={**BACK, "version": "1"})

    assert response.status_code == 400
    assert house.store.plan.entries() == (house.plan.entry(1),)
    assert house.plan.entry(1).version == 1


@pytest.mark.parametrize("path", POSTS)
def test_nothing_is_changed_by_a_stranger(house: House, path: str):
    house.planned()
    stranger = Browser(house.api)

    assert stranger.client.post(path, data={**BACK, "version": "1"}).status_code == 401
    assert house.plan.entry(1).version == 1


@pytest.mark.parametrize("path", POSTS[2:])
def test_looking_at_a_button_does_not_press_it(house: House, path: str):
    house.planned()

    assert house.browser.get(path).status_code == 405


def test_a_full_disk_is_told_in_a_sentence(house: House):
    house.browser.read("/schedule/new")
    token = house.browser.csrf()
    house.store.disk.broken = StoreError("The disk is full. Free some space.")

    response = house.browser.client.post("/schedule/new", data={**BACK, "csrf_token": token})

    assert response.status_code == 503
    assert "The disk is full. Free some space." in response.get_data(as_text=True)
