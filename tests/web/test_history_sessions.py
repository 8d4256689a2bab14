"""The sessions of a month, and those to take away."""

import csv
from dataclasses import dataclass, field
from io import StringIO

import pytest

from kiosk.history.model import Effort, Ending, ExerciseDone, Spot
from kiosk.programs.files import ProgramSource
from tests.schedule.past import HOUR, Past
from tests.web.history_kit import DAY, NEXT, START, look_at, section, text_of

DONE_IN_PART = (
    ExerciseDone(1, "squat-to-chair", 1, 8, 0, 0, 0, 8),
    ExerciseDone(2, "diagonal-lift", 0, 5, 3, 2, 5, 16),
)


@pytest.fixture
def past() -> Past:
    return Past()


class TestSessions:
    def told(self, past: Past) -> str:
        browser = look_at(past)
        browser.read("/history")
        return section(browser, "sessions")

    def test_the_newest_first_by_days(self, past: Past):
        past.did(ago=DAY, effort=Effort.USUAL)
        past.did(NEXT, ago=4 * HOUR, exercises=DONE_IN_PART)
        past.did(effort=Effort.HARDER)

        assert self.told(past) == (
            "Sessions in March 2026"
            " Friday, 27 March 11:54 Low back start completed harder than usual"
            " 07:54 Low back next completed 13 of 24 repetitions"
            " Thursday, 26 March 11:54 Low back start completed"
        )

    @pytest.mark.parametrize(
        ("spot", "told"),
        [
            (
                Spot(9000, 3, "glute-bridge", 1, None, 5),
                "stopped at exercise 3 “Glute bridge”, repetition 5",
            ),
            (
                Spot(9000, 4, "diagonal-lift", 2, "left", 1),
                "stopped at exercise 4 “Diagonal lift”, set 2, repetition 1, left side",
            ),
            (Spot(9000, 2, "gone-since"), "stopped at exercise 2 “gone-since”"),
            (Spot(0), "stopped before the first exercise"),
        ],
    )
    def test_where_it_was_stopped(self, past: Past, spot: Spot, told: str):
        past.did(ending=Ending.STOPPED, spot=spot)

        assert self.told(past).endswith(told)

    def test_stopped_after_the_last_exercise(self, past: Past):
        past.did(ending=Ending.STOPPED, spot=Spot(340_000), exercises=DONE_IN_PART)

        assert "stopped after the last exercise" in self.told(past)

    def test_cut_off(self, past: Past):
        past.did(ending=None, spot=Spot(9000, 3, "glute-bridge", 1, None, 5))

        told = "the kiosk was cut off at exercise 3 “Glute bridge”, repetition 5"
        assert told in self.told(past)

    def test_going_on(self, past: Past):
        past.runs = True
        past.did(ending=None, spot=Spot(9000, 3, "glute-bridge", 1, None, 5))

        assert "going on now, at exercise 3 “Glute bridge”, repetition 5" in self.told(past)

    def test_a_program_that_is_gone_is_called_by_its_id(self, past: Past):
        past.did("a-program-of-then")

        assert "11:54 a-program-of-then completed" in self.told(past)

    def test_what_a_name_holds_is_never_taken_for_html(self, past: Past):
        past.did("<script>alert(1)</script>")

        page = look_at(past).read("/history")

        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_a_month_without_any_leads_to_the_last_that_had_some(self, past: Past):
        past.did(ago=80 * DAY)
        browser = look_at(past)
        page = browser.read("/history")

        assert "There were no sessions in March 2026." in browser.text()
        assert 'href="/history?month=2026-01#sessions">← Earlier: January 2026' in page
        assert "Later:" not in browser.text()

    def test_an_earlier_month(self, past: Past):
        past.did(ago=80 * DAY)
        past.did()
        browser = look_at(past)
        page = browser.read("/history?month=2026-01")

        assert section(browser, "sessions").startswith("Sessions in January 2026 Tuesday, 6 Janua")
        assert 'href="/history?month=2026-02#sessions">Later: February 2026 →' in page
        assert "Earlier:" not in browser.text()

    def test_a_day_of_another_year_is_told_with_it(self, past: Past):
        past.did(ago=120 * DAY)

        assert "Thursday, 27 November 2025" in text_of(past, "/history?month=2025-11")

    @pytest.mark.parametrize(
        "month",
        ["", "2026-13", "2026-00", "1999-12", "9999-12", "../2026", "2026-03-01", "٢٠٢٦-03"],
    )
    def test_a_month_that_there_is_not(self, past: Past, month: str):
        browser = look_at(past)

        assert browser.get("/history", query_string={"month": month}).status_code == 404

    def test_each_program_is_read_once(self, past: Past):
        for ago in range(5):
            past.did(NEXT, ago=ago * DAY)
        past.programs = ReadPrograms(past.programs)
        look_at(past).read("/history")

        assert past.programs.read == [START, NEXT], "the default program, and what was done"


@dataclass
class ReadPrograms:
    """Programs, and which of them were read."""

    source: ProgramSource
    read: list[str] = field(default_factory=list)

    def ids(self):
        return self.source.ids()

    def load(self, program_id: str):
        self.read.append(program_id)
        return self.source.load(program_id)


class TestDownload:
    def test_the_days_of_the_pictures_where_none_are_named(self, past: Past):
        past.did(ago=100 * DAY)
        past.did()

        response = look_at(past).get("/history/sessions.csv")

        assert response.mimetype == "text/csv"
        assert response.headers["Content-Disposition"] == (
            'attachment; filename="sessions-2026-01-05-to-2026-03-27.csv"'
        )
        rows = list(csv.DictReader(StringIO(response.get_data(as_text=True))))
        assert [row["local_date"] for row in rows] == ["2026-03-27"]

    def test_the_days_that_are_named(self, past: Past):
        past.did(ago=100 * DAY)
        past.did("=1+1", ago=99 * DAY)
        past.did()

        response = look_at(past).get("/history/sessions.csv?from=2025-12-18&to=2026-01-01")

        rows = list(csv.DictReader(StringIO(response.get_data(as_text=True))))
        assert [row["program"] for row in rows] == ["'=1+1"]

    @pytest.mark.parametrize(
        ("query", "field", "told"),
        [
            ("from=yesterday", "from", "Enter a day as year-month-day"),
            ("from=2026-02-30", "from", "Enter a day as year-month-day"),
            ("to=0001-01-01", "to", "Enter a day as year-month-day"),
            ("from=2026-03-02&to=2026-03-01", "to", "The last day comes before the first."),
            ("from=2025-03-01&to=2026-03-02", "to", "That is more than a year."),
        ],
    )
    def test_days_that_cannot_be(self, past: Past, query: str, field: str, told: str):
        past.did()
        browser = look_at(past)

        response = browser.get(f"/history/sessions.csv?{query}")

        assert response.status_code == 422
        assert f'<p class="problem" id="{field}-problem">{told}' in browser.page
        for name, typed in (part.split("=") for part in query.split("&")):
            assert f'name="{name}" type="date" value="{typed}"' in browser.page

    def test_a_whole_year_can_be_had(self, past: Past):
        query = "from=2025-03-02&to=2026-03-02"

        assert look_at(past).get(f"/history/sessions.csv?{query}").status_code == 200
