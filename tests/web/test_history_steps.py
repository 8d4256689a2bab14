"""Steps to another level, and what becomes of them."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from kiosk.history.model import Effort, Ending, Spot
from kiosk.levels.doses import Dose
from tests.schedule.past import HOUR, Past
from tests.web.history_kit import NEXT, START, look_at, section, text_of, was_hard, went_well
from tests.web.kit import Browser, path_of


@pytest.fixture
def past() -> Past:
    return Past()


class TestSteps:
    def test_more_repetitions(self, past: Past):
        went_well(past)
        past.planned(NEXT)
        browser = look_at(past)
        browser.read("/history")

        told = section(browser, "step-1")
        assert told.startswith("Low back next: a step up It went well 6 times in a row.")
        assert "Long bridge: 10 → 12 repetitions" in told
        assert "It would hold good from the next session on." in told
        assert told.endswith("Accept Decline")

    def test_accepted(self, past: Past):
        went_well(past)
        past.planned(NEXT)
        browser = look_at(past)
        browser.read("/history")

        browser.post("/history/accept", hidden_fields(browser))

        assert browser.answer() == (
            "Accepted. Low back next has its new doses from the next session on."
        )
        assert Dose(NEXT, "long-bridge", reps=12) in past.store.doses.of()
        assert "Time for a step?" not in browser.text()

    def test_an_action_leads_back_to_the_page_so_that_it_is_not_done_again(self, past: Past):
        was_hard(past)
        browser = look_at(past)
        browser.read("/history")

        response = browser.post("/history/decline", hidden_fields(browser), follow=False)

        assert (response.status_code, path_of(response)) == (303, "/history")

    def test_another_program(self, past: Past):
        past.planned(START)
        went_well(past, START)
        browser = look_at(past)
        browser.read("/history")

        assert "Low back start → Low back next, in the schedule and under the button" in (
            section(browser, "step-1")
        )
        assert "Low back next is meant for 2 to 3 days a week, once a day." in browser.text()
        browser.post("/history/accept", hidden_fields(browser))

        assert (
            browser.answer()
            == "Accepted. Low back next takes the place of Low back start from now on."
        )
        assert [entry.program for entry in past.store.plan.entries()] == [NEXT]
        assert past.settings.default_program == NEXT

    def test_a_button_that_was_fixed_at_the_start_stays_and_that_is_said(self, past: Past):
        past.planned(START)
        went_well(past, START)
        browser = look_at(past)
        browser.api.levels = past.levels(go_by_default=lambda _program: None)
        browser.read("/history")

        browser.post("/history/accept", hidden_fields(browser))

        assert "But the button still starts Low back start when nothing is due" in browser.answer()

    def test_a_longer_hold_and_more_sets_are_told_too(self, past: Past):
        was_hard(past, NEXT)
        past.planned(NEXT)
        browser = look_at(past)
        browser.api.levels = StepOf(past, Dose(NEXT, "long-bridge", sets=2, reps=8, hold=5500))
        browser.read("/history")

        assert "Long bridge: 1 → 2 sets, 10 → 8 repetitions, hold 6 → 5.5 s" in browser.text()

    def test_fewer_repetitions_where_it_was_stopped(self, past: Past):
        past.planned(NEXT)
        for ago in (2, 1):
            spot = Spot(9000, 2, "long-bridge", 1, None, 4)
            past.did(NEXT, ago=ago * HOUR, ending=Ending.STOPPED, spot=spot)

        told = text_of(past)

        assert (
            "Low back next: a step back It was stopped at “Long bridge” 2 times in a row." in told
        )
        assert "Long bridge: 10 → 8 repetitions" in told

    def test_nothing_easier_is_said_kindly_and_can_be_put_aside(self, past: Past):
        was_hard(past)
        browser = look_at(past)
        browser.read("/history")

        told = section(browser, "step-1")
        assert told.startswith("Low back start: it may be too much for now")
        assert "it is nobody&#39;s fault" in told
        assert told.endswith("Put this aside")
        assert "/history/accept" not in browser.page

        browser.post("/history/decline", hidden_fields(browser))
        assert browser.answer() == "Put aside. Only sessions from now on count for the next step."
        assert "it may be too much" not in browser.text()

    @pytest.mark.parametrize("action", ["accept", "decline"])
    def test_somebody_else_was_quicker(self, past: Past, action: str):
        went_well(past)
        past.planned(NEXT)
        browser = look_at(past)
        browser.read("/history")
        fields = hidden_fields(browser)
        browser.post("/history/decline", fields)
        before = past.store.audit.newest()

        browser.post(f"/history/{action}", fields)

        assert browser.answer().startswith("Nothing was changed: this step is not proposed any mor")
        assert 'class="answer not-done"' in browser.page
        assert (past.store.audit.newest(), past.store.doses.of()) == (before, ())

    def test_another_step_is_proposed_by_now(self, past: Past):
        went_well(past)
        past.planned(NEXT)
        browser = look_at(past)
        browser.read("/history")
        fields = hidden_fields(browser)
        for ago in (2, 1):
            past.did(NEXT, ago=ago * timedelta(minutes=10), effort=Effort.HARDER)

        browser.post("/history/accept", fields)

        assert browser.answer().startswith("Nothing was changed")
        assert "Low back next: a step back" in browser.text()
        assert past.store.doses.of() == ()

    def test_a_program_that_there_is_not(self, past: Past):
        was_hard(past)
        browser = look_at(past)
        browser.read("/history")

        response = browser.post("/history/accept", {"program": "../etc/passwd", "seen": "x"})

        assert response.status_code == 404

    def test_nothing_is_changed_by_looking(self, past: Past):
        went_well(past)
        past.planned(NEXT)
        before = past.store.change_count()

        browser = look_at(past)
        browser.read("/history")
        assert browser.get("/history/accept").status_code == 405
        assert browser.get("/history/sessions.csv").status_code == 200

        assert past.store.change_count() == before

    def test_a_program_that_cannot_be_used_is_told(self, past: Past):
        past.planned("mine")

        told = text_of(past)

        assert "The kiosk cannot use every program of the schedule: mine: There is no" in told
        assert "18:00" not in told


@dataclass
class StepOf:
    """Levels, of which one has the step to `dose`."""

    past: Past
    dose: Dose

    def in_use(self, _snapshot):
        level = self.past.levels().of(NEXT)
        return (replace(level, proposal=level.proposal._replace(doses=(self.dose,))),), ()


def hidden_fields(browser: Browser) -> dict[str, str]:
    """What the first card's forms send."""
    names = ("program", "seen")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', browser.page) for name in names}
    return {name: match[1] for name, match in found.items() if match}
