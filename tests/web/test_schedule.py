"""The page Schedule: the week, the entries and their buttons; what a caregiver adds and changes."""

import re
from dataclasses import replace
from datetime import date, time, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.levels.doses import Dose
from kiosk.schedule.model import EVERY_DAY, OccurrenceState, PlanEntry
from kiosk.schedule.service import checked_entry
from tests.kiosk import NOON, OWN, Browser, KioskKit
from tests.programs.files import GOOD
from tests.web.html_tree import read_html

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

BACK = {
    "program": "low-back-start",
    "days": DAYS,
    "times": ["08:00", "18:30", ""],
    "starts": "2026-03-27",
    "weeks": "",
}
FULL = StoreError("There is no room left on the disk for /state/kiosk.db. Free some space.")


class SchedulePage(Browser):
    """The page as a caregiver sees it."""

    def __init__(self, kiosk: KioskKit) -> None:
        super().__init__(kiosk.services)
        self.sign_in()
        self.kiosk, self.past = kiosk, kiosk.past
        self.store, self.clock, self.schedule = kiosk.store, kiosk.wall, kiosk.services.schedule

    @property
    def plan(self) -> tuple[PlanEntry, ...]:
        return self.store.plan.entries()

    def planned(self, **changes: Any) -> int:
        """Put an entry into the plan as another caregiver would; its number."""
        texts = {**BACK, "days": "daily", "times": "08:00,18:30", **changes}
        return self.schedule.add(checked_entry(self.services.snapshots.take(), texts)).entry.id

    def changed(self, **changes: Any) -> None:
        """Change the first entry as another caregiver would."""
        before = self.plan[0]
        self.schedule.change(replace(before, **changes), before)

    def own_program(self, name: str, text: str) -> Path:
        """A program file of the household's own."""
        path = self.kiosk.state / "programs" / f"{name}.toml"
        path.write_text(text)
        return path

    def send(self, path: str, fields: Any, do: str = "save") -> Any:
        """Fill in the form at `path` and press a button."""
        self.read(path)
        return self.post(path, {**fields, "do": do})

    def sent(self, field: str) -> list[str]:
        """What a browser would send of that field of the last page's form."""
        forms = [form.sent() for form in read_html(self.page).all("form")]
        return next(form for form in forms if "times" in form).get(field, [])

    def typed(self, field: str) -> str:
        return self.sent(field)[0]

    def problem_of(self, field: str) -> str:
        found = re.search(rf'<p class="problem" id="{field}-problem">(.*?)</p>', self.page)
        return unescape(found[1]) if found else ""

    def week(self) -> list[str]:
        """The texts of the week, day by day."""
        week = self.page.partition('<ol class="week">')[2].partition("</ol>")[0]
        days = week.split("<h3>")[1:]
        return [" ".join(unescape(re.sub(r"<[^>]+>", " ", day)).split()) for day in days]

    def coming(self) -> list[str]:
        """The occurrences in the preview."""
        return re.findall(r'<li class="sentence">(.*?)</li>', self.page)


@pytest.fixture
def page(tmp_path: Path) -> SchedulePage:
    return SchedulePage(KioskKit(tmp_path))


def test_an_entry_is_paused_taken_up_again_removed_and_brought_back_by_undo(page: SchedulePage):
    page.planned(weeks="8")
    before = page.plan[0]
    page.read("/schedule")
    assert "‖ paused" not in page.text()

    page.press("/schedule/1/pause")
    assert page.answer() == (
        "Low back start is paused. What falls into the pause is neither due nor missed."
    )
    assert "‖ paused" in page.text()
    assert page.plan[0].paused

    page.press("/schedule/1/pause")
    assert page.answer() == "Low back start goes on."
    assert not page.plan[0].paused

    page.press("/schedule/1/remove")
    assert page.answer() == (
        "Low back start was taken out of the schedule. What was done stays in the history."
    )
    assert page.plan == ()

    page.press("/schedule/undo")
    assert page.answer() == (
        "Taken back. Now it is again: Low back start, every day at 08:00 and 18:30, from Friday,"
        " 27 March 2026, for 8 weeks."
    )
    (again,) = page.plan
    assert (again.id, again.times) == (before.id, before.times)


def test_buttons_of_an_old_page_do_nothing_to_what_has_changed_or_is_no_entry(page: SchedulePage):
    page.planned()
    page.read("/schedule")
    old = page.page
    page.changed(weeks=3)

    for action in ("/schedule/1/pause", "/schedule/1/remove"):
        page.page = old
        page.press(action)
        assert page.answer() == (
            "Somebody has changed this meanwhile, so nothing was done. Look at it once more."
        )
    assert [entry.version for entry in page.plan] == [2]

    for name in ("7", "..%2f1", "-1", "1.0", "9" * 40):
        assert page.get(f"/schedule/{name}").status_code == 404, name
    page.schedule.remove(1, 2)
    for action in ("/schedule/1/pause", "/schedule/1/remove"):
        assert page.post(action, {"version": "2"}).status_code == 404


def test_the_week_at_a_glance(page: SchedulePage):
    page.clock.set(NOON - timedelta(days=1))
    page.planned(times="08:00,10:00,12:00,18:00", starts="2026-03-26")
    page.clock.set(NOON)
    states = OccurrenceState.DONE, OccurrenceState.MISSED, OccurrenceState.DUE
    page.past.became(page.plan[0], date(2026, 3, 27), *states)

    page.read("/schedule")

    assert "Monday, 23 March to Sunday, 29 March 2026" in page.text()
    week = page.week()
    assert len(week) == 7
    assert week[0] == "Monday 23 March Nothing planned"
    assert week[3].startswith("Thursday 26 March 08:00 Low back start \u2013 past")
    assert week[4] == (
        "Friday 27 March today 08:00 Low back start ✓ done 10:00 Low back start ✗ missed"
        " 12:00 Low back start ● due now 18:00 Low back start ○ to come"
    )
    assert page.page.count('aria-current="date"') == 1


def test_other_weeks_are_a_link_away_from_the_first_to_the_last(page: SchedulePage):
    page.planned(times="08:00", weeks="2")

    page.read("/schedule?week=2026-04-08")

    assert "Monday, 6 April to Sunday, 12 April 2026" in page.text()
    assert [day.endswith("to come") for day in page.week()] == [True] * 4 + [False] * 3
    assert 'href="/schedule?week=2026-03-30"' in page.page
    assert 'href="/schedule?week=2026-04-13"' in page.page
    for words in ("This week", "Earlier", "Later"):
        assert words in page.text()

    page.read("/schedule?week=2000-01-03")
    assert "Earlier" not in page.text()
    page.read("/schedule?week=2099-12-27")
    assert "Later" not in page.text()
    for week in ("soon", "1999-12-31", "9999-12-31", "0001-01-01", "2026-02-30"):
        page.read(f"/schedule?week={week}")
        assert "Monday, 23 March to Sunday, 29 March 2026" in page.text(), week


def test_each_entry_says_where_it_stands(page: SchedulePage):
    page.planned(starts="2026-03-13", weeks="8")
    page.planned(program="walk", times="11:00")
    page.planned(
        program="hip-stretching", days="mon-fri", times="10:00", starts="2026-04-06", weeks="4"
    )
    page.planned(starts="2026-01-05", weeks="1")
    late = PlanEntry(0, "walk", EVERY_DAY, (time(11),), date(9999, 12, 20), 104)
    page.store.plan.add(late, Actor.COMMAND, NOON)

    page.read("/schedule")

    told = page.text().partition("What is planned")[2]
    assert "104 weeks, from Monday, 20 December 9999" in told, "beyond the end of time"
    for words in (
        "Low back start ✓ running every day at 08:00 and 18:30 week 3 of 8 Next: today at 18:30.",
        "Walk ✓ running every day at 11:00 without an end, since Friday, 27 March 2026 Next: tom",
        "Hip stretching ○ begins later Monday to Friday at 10:00 4 weeks, from Monday, 6 April",
        "2026 Next: Monday, 6 April at 10:00.",
        "Low back start \u2013 over every day at 08:00 and 18:30 ended on Sunday, 11 January 2026",
    ):
        assert words in told
    paused = [number for number in range(1, 5) if f'action="/schedule/{number}/pause"' in page.page]
    assert paused == [1, 2, 3], "nothing pauses what is over"
    assert 'action="/schedule/4/remove"' in page.page


def test_a_caregiver_plans_a_program_which_goes_again_by_undo_once(page: SchedulePage):
    page.read("/schedule")
    assert "Nothing is planned yet, so the kiosk never calls by itself." in page.text()
    assert 'href="/schedule/new"' in page.page
    page.read("/schedule/new")
    assert page.typed("program") == "low-back-start"
    assert page.sent("days") == DAYS
    assert page.sent("times") == ["", "", ""]
    assert page.typed("starts") == "2026-03-27"

    page.send("/schedule/new", BACK)

    assert page.answer() == (
        "Saved: Low back start, every day at 08:00 and 18:30, from Friday, 27 March 2026, without"
        " an end. Next: today at 18:30; tomorrow at 08:00 and 18:30; Sunday, 29 March at 08:00 and"
        " 18:30; Monday, 30 March at 08:00."
    )
    (entry,) = page.plan
    assert (entry.program, entry.times, entry.weeks) == (
        "low-back-start",
        (time(8), time(18, 30)),
        None,
    )
    assert page.store.audit.newest()[-1].actor is Actor.PAGE

    change = re.search(r'name="change" value="([^"]+)"', page.page)[1]
    page.press("/schedule/undo")
    assert page.answer() == "Taken back. It is not in the schedule any more."
    assert page.plan == ()
    page.read("/schedule")
    page.post("/schedule/undo", {"change": change})
    assert page.answer().startswith("This cannot be taken back any more")


def test_the_choice_of_programs_says_how_often_each_is_done_until_the_plan_is_full(
    page: SchedulePage,
):
    page.read("/schedule/new?program=low-back-next")
    choices = re.findall(r"<option [^>]*>(.*?)</option>", page.page)
    assert choices == [
        "Hip stretching (1 time a day, 5\u20137 days a week)",
        "Low back next (1 time a day, 2\u20133 days a week)",
        "Low back start (2\u20133 times a day, 7 days a week)",
        "Walk",
    ]
    assert page.typed("program") == "low-back-next"

    for _ in range(50):
        page.planned()
    for wish in ("preview", "save"):
        response = page.send("/schedule/new", {**BACK, "times": ["10:00"]}, wish)
        assert response.status_code == 422
        assert "The plan has 50 entries, and cannot have more." in page.text()
        assert page.sent("times")[0] == "10:00"


def test_a_full_disk_loses_nothing_of_an_entry_that_was_typed(page: SchedulePage):
    page.planned()
    page.store.disk.full = FULL
    fields = {**BACK, "days": ["mon", "fri"], "times": ["10:00", "", "14:00"], "weeks": "2"}

    for path, version in (("/schedule/1", {"version": "1"}), ("/schedule/new", {})):
        response = page.send(path, {**fields, **version})
        assert response.status_code == 503
        assert "Nothing was saved yet." in page.text()
        assert "There is no room left on the disk" in page.text()
        assert page.sent("days") == ["mon", "fri"]
        assert page.sent("times") == ["10:00", "", "14:00"]
        assert page.typed("weeks") == "2"
        assert page.sent("version") == [*version.values()]
    assert [entry.version for entry in page.plan] == [1]

    page.store.disk.full = None
    assert page.post("/schedule/new", {**fields, "do": "save"}).status_code == 200
    assert page.plan[1].weeks == 2


def test_a_preview_shows_what_would_come_quotes_the_source_and_keeps_nothing(page: SchedulePage):
    fields = {**BACK, "days": ["mon", "fri"], "times": ["10:00", "", "14:00"], "weeks": "2"}

    response = page.send("/schedule/new", fields, "preview")

    assert response.status_code == 200
    assert page.coming() == [
        "today at 14:00",
        "Monday, 30 March at 10:00 and 14:00",
        "Friday, 3 April at 10:00 and 14:00",
        "Monday, 6 April at 10:00",
    ]
    assert "Low back start, Monday and Friday at 10:00 and 14:00" in page.text()
    assert "Nothing is saved yet." in page.text()
    assert page.sent("days") == ["mon", "fri"]
    assert page.sent("times") == ["10:00", "", "14:00"]
    assert page.typed("weeks") == "2"

    for wish, entries in (("preview", 0), ("save", 1)):
        page.send("/schedule/new", {**fields, "times": ["10:00"]}, wish)
        assert len(page.plan) == entries
        assert (
            "The source says 2\u20133 times a day and 7 days a week; the plan has 1 time a day and"
            " 2 days a week. That is fine if a doctor or physiotherapist wants it so."
        ) in page.text()


def test_entries_of_one_program_count_together_unless_they_follow_each_other(page: SchedulePage):
    page.planned(times="08:00,12:00", starts="2026-03-20", weeks="1")
    page.planned(times="08:00,12:00")
    page.read("/schedule")
    assert "The source says" not in page.text()
    for number in (1, 2):
        page.schedule.remove(number, 1)

    page.planned(times="08:00")
    page.read("/schedule")
    assert "the plan has 1 time a day." in page.text()

    page.planned(days="mon", times="18:30")
    page.read("/schedule")
    assert "the plan has 1\u20132 times a day." in page.text()

    page.planned(days="tue-sun", times="18:30")
    page.read("/schedule")
    assert "The source says" not in page.text()

    page.planned(times="11:00,13:00")
    page.read("/schedule")
    assert "The source says 2\u20133 times a day; the plan has 4 times a day." in page.text()


def test_another_time_leaves_all_that_was_typed_up_to_twelve_of_them(page: SchedulePage):
    fields = {**BACK, "days": ["sat"], "times": ["08:00", "9", "13:00"], "weeks": "a few"}

    response = page.send("/schedule/new", fields, "another-time")

    assert response.status_code == 200
    assert page.sent("times") == ["08:00", "9", "13:00", ""]
    assert 'id="times-4" name="times" value="" autofocus' in page.page
    assert (page.sent("days"), page.typed("weeks")) == (["sat"], "a few")
    assert page.problem_of("times") == ""
    assert "Another time" in page.text()

    eleven = [f"{hour:02}:00" for hour in range(8, 19)]
    page.send("/schedule/new", {**BACK, "times": eleven}, "another-time")
    assert len(page.sent("times")) == 12
    assert "Another time" not in page.text()


def test_what_is_wrong_or_lacking_stands_beside_its_field_and_nothing_typed_is_lost(
    page: SchedulePage,
):
    def problems() -> list[str]:
        fields = ("program", "days", "times", "starts", "weeks")
        return [page.problem_of(field) for field in fields]

    page.send("/schedule/new", {"times": ["", "", ""]})
    assert problems() == [
        "Choose a program.",
        "Tick at least one day.",
        "Give at least one time of day.",
        "Choose the first day.",
        "",
    ]

    typed = {"times": ["8.30", "", "18:30"], "starts": ["2026-02-30"], "weeks": ["a <few>"]}
    response = page.send("/schedule/new", {"program": "low-back-start", **typed})
    assert response.status_code == 422
    assert page.plan == ()
    program, days, times, starts, weeks = problems()
    assert (program, days) == ("", "Tick at least one day.")
    assert times == (
        "'8.30' is no time of day. Expected one from 00:00 to 23:59, such as 13:30."
        " Did you mean 08:30?"
    )
    assert starts == "2026-02-30 is no date: that month has the days 01 to 28."
    assert weeks.startswith("Expected a whole number of weeks from 1 to 104")
    assert {field: page.sent(field) for field in typed} == typed
    assert [*re.findall(r'<a href="#(\w+)">', page.page)] == ["days", "times", "starts", "weeks"]


def test_a_program_that_cannot_be_used_is_refused_but_its_entry_can_be_changed(page: SchedulePage):
    page.planned()
    for name in ("broken", "low-back-start"):
        page.own_program(name, "schema = 1\n")

    page.read("/schedule/new")
    assert "broken" not in page.page
    page.send("/schedule/new", {**BACK, "program": "broken"})
    assert page.problem_of("program") == (
        "This program cannot be used now. The page Programs says why."
    )
    assert page.typed("program") == "broken"

    page.read("/schedule")
    assert "This program cannot be used now." in page.text()
    page.read("/schedule/1")
    page.post("/schedule/1", {**BACK, "times": ["09:00"], "version": page.typed("version")})
    assert page.plan[0].times == (time(9),)


def test_an_entry_keeps_its_program_though_that_one_s_file_is_gone(page: SchedulePage):
    own = page.own_program(OWN, GOOD)
    page.planned(program=OWN)
    own.unlink()

    page.read("/schedule/1")
    assert page.typed("program") == OWN
    fields = {**BACK, "program": OWN, "times": ["09:00"], "version": page.typed("version")}
    page.post("/schedule/1", fields)
    (kept,) = page.plan
    assert (kept.program, kept.times) == (OWN, (time(9),))

    page.read("/schedule/1")
    page.post("/schedule/1", {**BACK, "times": [""], "version": page.typed("version")})
    assert page.typed("program") == BACK["program"], "what was chosen instead stays chosen"
    assert OWN in page.page, "and the one it had can be chosen again"


def test_a_caregiver_changes_an_entry_and_sees_its_dose_beside_it(page: SchedulePage):
    page.store.doses.set(Dose("low-back-start", "squat-to-chair", sets=2), Actor.PAGE, NOON)
    number = page.planned(weeks="8")
    page.read(f"/schedule/{number}")
    assert "Change Low back start" in page.text()
    assert "Squat to chair: 2 sets of 8" in page.text()
    assert 'href="/programs/low-back-start#doses"' in page.page
    assert page.sent("times") == ["08:00", "18:30", ""]
    assert page.typed("weeks") == "8"

    fields = {**BACK, "days": ["mon"], "weeks": "4", "version": page.typed("version")}
    page.post(f"/schedule/{number}", {**fields, "do": "save"})

    assert page.answer() == (
        "Saved: Low back start, Monday at 08:00 and 18:30, from Friday, 27 March 2026, for 4 weeks."
        " Next: Monday, 30 March at 08:00 and 18:30; Monday, 6 April at 08:00 and 18:30;"
        " Monday, 13 April at 08:00 and 18:30."
    )
    assert page.plan[0].weeks == 4


def test_what_is_there_already_or_both_wanted_changes_nothing_and_is_no_conflict(
    page: SchedulePage,
):
    page.planned()
    page.read("/schedule/1")
    seen = page.typed("version")

    page.post("/schedule/1", {**BACK, "version": seen})
    assert page.answer() == "Nothing was changed."
    assert page.plan[0].version == 1

    page.changed(weeks=3)
    page.post("/schedule/1", {**BACK, "weeks": "3", "version": seen})
    assert page.answer() == "Nothing was changed."


def test_the_second_of_two_caregivers_is_told_and_decides(page: SchedulePage):
    page.planned()
    page.read("/schedule/1")
    seen = page.typed("version")
    page.changed(times=(time(7),), weeks=3)
    mine = {**BACK, "times": ["09:00", "", ""], "weeks": "5"}

    response = page.post("/schedule/1", {**mine, "version": seen})

    assert response.status_code == 409
    for version in ("", "x", "-1", "9" * 5000):
        assert page.post("/schedule/1", {**mine, "version": version}).status_code == 409
    assert page.plan[0].times == (time(7),)
    assert (
        "Somebody has changed this meanwhile. Now it is: Low back start, every day at 07:00,"
        " from Friday, 27 March 2026, for 3 weeks." in page.text()
    )
    assert (page.sent("times"), page.typed("weeks")) == (["09:00", "", ""], "5")

    page.post("/schedule/1", {**mine, "version": page.typed("version")})

    kept = page.plan[0]
    assert (kept.times, kept.weeks) == ((time(9),), 5)


def test_a_pause_meanwhile_is_told_and_stays(page: SchedulePage):
    page.planned()
    page.changed(paused=True)

    page.send("/schedule/1", {**BACK, "times": ["10:00"], "version": "2"}, "preview")
    assert "Once it is taken up again, this comes:" in page.text()
    assert page.coming()[0] == "tomorrow at 10:00"

    page.read("/schedule/1")
    page.post("/schedule/1", {**BACK, "weeks": "5", "version": "1"})
    assert "27 March 2026, without an end, paused. Save again" in page.text()
    page.post("/schedule/1", {**BACK, "weeks": "5", "version": page.typed("version")})

    assert page.answer().endswith(
        "for 5 weeks, paused. Nothing comes of it until it is taken up again."
    )
    assert page.plan[0].paused


def test_what_was_typed_into_an_entry_that_is_gone_can_be_added_anew(page: SchedulePage):
    page.planned()
    page.read("/schedule/1")
    page.schedule.remove(1, 1)

    response = page.post("/schedule/1", {**BACK, "weeks": "6", "version": "1"})

    assert response.status_code == 409
    assert "Somebody has taken this out of the schedule meanwhile." in page.text()
    assert 'method="post" action="/schedule/new"' in page.page
    page.post("/schedule/new", {**BACK, "times": page.sent("times"), "weeks": page.typed("weeks")})
    assert [(entry.id, entry.weeks) for entry in page.plan] == [(2, 6)]


def test_a_clock_that_is_not_set_is_told_and_asks_for_the_first_day(page: SchedulePage):
    page.clock.believe(trusted=False)

    page.read("/schedule")
    assert "The kiosk&#39;s clock is not set yet" in page.page
    page.read("/schedule/new")
    assert "Please choose the first day yourself." in page.text()
    assert page.typed("starts") == ""
    page.post("/schedule/new", {**BACK, "starts": ""})
    assert page.problem_of("starts") == "Choose the first day."

    page.post("/schedule/new", BACK)
    assert page.plan[0].starts == date(2026, 3, 27)
