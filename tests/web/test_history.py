"""The page that answers: have they done it, and how does it go."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import web
from kiosk.errors import StoreError
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.schedule.model import WALK, OccurrenceState
from tests.audit_log import text_entry
from tests.fakes.wall_clock import FakeWallClock
from tests.schedule.past import FRIDAY, NOON, Past
from tests.web.history_kit import DAY, NEXT, START, look_at, section, text_of, went_well
from tests.web.kit import Browser, FakeApi, path_of, real_auth

DONE, MISSED, DUE = OccurrenceState.DONE, OccurrenceState.MISSED, OccurrenceState.DUE
STYLE = (Path(web.__file__).parent / "static" / "style.css").read_text()


@pytest.fixture
def past() -> Past:
    return Past()


class TestForWhom:
    def test_it_is_for_caregivers_alone(self, past: Past):
        browser = Browser(FakeApi(snapshots=past.snapshots, levels=past.levels()))

        assert path_of(browser.get("/history")) == "/sign-in?next=/history"
        assert path_of(browser.get("/history/sessions.csv")).startswith("/sign-in?next=")
        for action in ("accept", "decline"):
            assert browser.post(f"/history/{action}", follow=False).status_code in (302, 401)

    def test_before_set_up_it_leads_there(self):
        browser = Browser(FakeApi(auth=real_auth(set_up=False)))

        assert path_of(browser.get("/history")) == "/setup"


class TestNothingYet:
    def test_a_friendly_word_and_the_way_to_the_schedule(self, past: Past):
        browser = look_at(past)
        browser.read("/history")

        assert "There is no history yet." in browser.text()
        assert 'href="/schedule">Make a schedule' in browser.page
        assert "<svg class=" not in browser.page
        assert "Download" not in browser.text()

    def test_a_plan_is_something(self, past: Past):
        past.planned(START, "18:00", starts=FRIDAY + DAY)

        told = text_of(past)

        assert "There is no history yet." not in told
        assert "Nothing is planned for today. Next: Low back start, tomorrow at 18:00." in told


class TestToday:
    def test_all_of_it_is_done(self, past: Past):
        entry = past.planned(START, "08:00")
        for day in (24, 25, 26, 27):
            past.became(entry, date(2026, 3, day), DONE)

        told = text_of(past)

        assert "Yes: 1 of 1 done today. 08:00 Low back start done" in told
        assert "Everything was done on 4 days in a row." in told
        assert "Next: Low back start, tomorrow at 08:00." in told

    def test_something_is_due(self, past: Past):
        past.became(past.planned(WALK, "11:30", "18:00"), FRIDAY, DUE)

        told = text_of(past)

        assert "Not yet: 0 of 2 done today. 11:30 Walk due now 18:00 Walk to come" in told
        assert "Walk is due since 11:30." in told
        assert "Next:" not in told

    def test_something_was_missed(self, past: Past):
        past.became(past.planned(START, "08:00"), FRIDAY, MISSED)

        assert "No: 0 of 1 done today. 08:00 Low back start missed" in text_of(past)

    def test_sessions_beyond_the_plan(self, past: Past):
        past.did()

        told = text_of(past)
        assert "Nothing is planned for today. 1 session was done beyond the plan." in told

    def test_a_run_of_a_year_is_followed_no_further(self, past: Past):
        entry = past.planned(START, "08:00", starts=FRIDAY - 400 * DAY)
        for ago in range(401):
            past.became(entry, FRIDAY - ago * DAY, DONE)

        assert "every day for a year or longer" in text_of(past)

    def test_a_course_and_how_far_it_is(self, past: Past):
        entry = past.planned(START, "08:00", "18:00", weeks=2)
        past.became(entry, date(2026, 3, 23), DONE, MISSED)
        browser = look_at(past)
        browser.read("/history")

        assert section(browser, "courses-heading") == (
            "Courses Low back start, 08:00, 18:00 1 of 21 done, 1 missed, until Sunday, 5 April"
        )
        assert '<progress max="21" value="1" aria-labelledby="course-1">' in browser.page

    def test_a_clock_that_is_not_set(self, past: Past):
        past.planned()
        past.clock = FakeWallClock(NOON, trusted=False)

        assert "The kiosk does not know the time yet" in text_of(past)


class TestWhoChangedWhat:
    def test_the_latest_fifty_latest_first(self, past: Past):
        past.did()
        for number in range(51):
            at = datetime(2025, 12, 31, 11, tzinfo=UTC)
            past.store.audit.add(text_entry(at, Actor.KIOSK, f"<Line {number}>."))
        browser = look_at(past)
        page = browser.read("/history")

        rows = page.partition("Who changed what")[2].partition("</table>")[0]
        assert rows.count("<tr>") == 51
        assert "Wednesday, 31 December 2025, 12:00 the kiosk itself <Line 50>." in browser.text()
        assert "<Line 0>" not in browser.text()

    def test_before_anything_was_changed(self, past: Past):
        assert "Nothing has been changed yet." in text_of(past)

    def test_what_was_lost_lately_stands_at_the_top_and_what_was_long_ago_below(self, past: Past):
        for year, text in ((2026, "A day was lost."), (2025, "A year was lost.")):
            at = datetime(year, 2, 11, 5, tzinfo=UTC)
            loss = AuditEntry(at, Actor.KIOSK, Change.DATA_LOST, after={"text": text})
            past.store.audit.add(loss)
        browser = look_at(past)
        browser.read("/history")

        warning = '<div class="answer warn"><p>Wednesday, 11 February: A day was lost.</p></div>'
        assert warning in browser.page
        assert browser.page.count('class="answer warn"') == 1
        assert "What was lost longer ago Tuesday, 11 February 2025: A year was lost." in (
            browser.text()
        )


class TestOnPaper:
    def test_what_is_pressed_or_led_by_stays_off_it(self, past: Past):
        past.did(ago=80 * DAY)
        went_well(past)
        past.planned(NEXT)
        past.planned(START)
        page = look_at(past).read("/history?month=2026-02")
        body = page.partition('id="main"')[2].partition("</main>")[0]

        assert "Earlier:" in body
        on_paper = without_what_is_not_printed(body)
        assert "Low back next: a step up" in on_paper
        assert "Exercise history, as of Friday, 27 March 2026" in on_paper
        for tag in ("<button", "<nav", "<a ", "<input", "<summary"):
            assert tag in body, tag
            assert tag not in on_paper, tag

    def test_the_style_sheet_says_so(self):
        hidden = re.search(r"@media print \{\s*([^{]*)\{ display: none !important; \}", STYLE)

        assert hidden is not None
        assert {".top", "footer", "form", ".skip", ".no-print"} <= {
            selector.strip() for selector in hidden[1].split(",")
        }


def without_what_is_not_printed(body: str) -> str:
    """The page without its forms and all that is marked `no-print`."""
    body = re.sub(r"<form.*?</form>", "", body, flags=re.DOTALL)
    return re.sub(r"<(\w+) class=\"[^\"]*\bno-print\b.*?</\1>", "", body, flags=re.DOTALL)


def test_what_cannot_be_read_is_told_in_a_sentence(past: Past):
    browser = look_at(past)
    past.store.disk.broken = StoreError("The disk does not answer; look at its cable.")

    assert browser.get("/history").status_code == 503
    assert "The disk does not answer; look at its cable." in browser.text()
