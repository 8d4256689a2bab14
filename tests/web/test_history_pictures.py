"""The last twelve weeks, as pictures and as tables."""

import re
from datetime import date

import pytest

from kiosk.history.model import Effort
from kiosk.schedule.model import OccurrenceState
from kiosk.store.audit import AuditTable
from kiosk.store.ledger import LedgerTable
from kiosk.store.sessions import SessionTable
from tests.schedule.past import FRIDAY, Past
from tests.web.history_kit import DAY, NEXT, START, look_at, section

DONE, MISSED = OccurrenceState.DONE, OccurrenceState.MISSED


@pytest.fixture
def past() -> Past:
    return Past()


class TestPictures:
    @pytest.fixture
    def weeks(self, past: Past) -> Past:
        entry = past.planned(START, "08:00", "18:00", starts=date(2026, 3, 16))
        past.became(entry, date(2026, 3, 16), DONE, DONE)
        past.became(entry, date(2026, 3, 17), DONE, MISSED)
        past.became(entry, date(2026, 3, 18), MISSED, MISSED)
        past.became(entry, FRIDAY, DONE)
        past.did(ago=20 * DAY)
        past.did(ago=9 * DAY, effort=Effort.HARDER)
        return past

    def test_each_day_is_told_by_its_shape_and_in_words(self, weeks: Past):
        browser = look_at(weeks)
        page = browser.read("/history")

        picture = page.partition('<svg class="picture calendar"')[2].partition("</svg>")[0]
        assert picture.count("<g ") == 84
        assert squares(picture) == {
            "Monday, 16 March: 2 of 2 done": "mark all",
            "Tuesday, 17 March: 1 of 2 done": "mark part",
            "Wednesday, 18 March: 0 of 2 done, 1 beyond the plan": "mark missed",
            "Saturday, 7 March: 1 done without a plan": "mark extra",
            "Friday, 27 March: 1 of 2 done": "mark part",
            "Saturday, 28 March: 2 to come": "mark to-come",
            "Sunday, 29 March: 2 to come": "mark to-come",
        }
        assert page.count('<rect class="today"') == 2, "one in the picture, one in the legend"

    def test_the_same_as_a_table(self, weeks: Past):
        browser = look_at(weeks)
        page = browser.read("/history")

        table = page.partition("<details")[2].partition("</table>")[0]
        assert table.count("<tr>") == 13
        assert cells(table, "16 March") == [
            "2 of 2 done",
            "1 of 2 done",
            "0 of 2 done, 1 beyond the plan",
            *["nothing planned"] * 4,
        ]

    def test_the_weeks_and_their_effort(self, weeks: Past):
        browser = look_at(weeks)
        page = browser.read("/history")

        picture = page.partition('<svg class="picture weeks"')[2].partition("</svg>")[0]
        assert "Week from 16 March: 3 of 6 done, 1 session harder than usual" in picture
        assert picture.count('class="harder"') == 1
        table = section(browser, "weeks-heading").partition("Harder than usual")[2]
        assert "16 March 3 of 6 1 1" in table
        assert "2 March nothing planned 1 0" in table

    def test_pictures_have_a_name_and_a_description(self, weeks: Past):
        page = look_at(weeks).read("/history")

        for name in ("calendar", "weeks"):
            assert f'role="img" aria-labelledby="{name}-title {name}-desc"' in page
            assert f'<title id="{name}-title">' in page
            assert f'<desc id="{name}-desc">' in page

    def test_what_lies_before_the_twelve_weeks_is_not_read(self, weeks: Past):
        asked = read_for_the_page(weeks)["sessions"]

        assert asked
        assert all(newest is not None or first >= date(2026, 1, 3) for first, _, newest in asked)

    def test_each_stretch_of_days_is_read_once(self, weeks: Past):
        weeks.planned(NEXT, "13:00", weeks=1)
        asked = read_for_the_page(weeks)

        a_day_more = date(2026, 1, 4), date(2026, 3, 30)
        march = date(2026, 3, 1), date(2026, 3, 31)
        not_settled = date(2026, 2, 22), date.max
        assert asked["ledger"] == [a_day_more, not_settled]
        assert asked["sessions"] == [
            (*a_day_more, None),
            (None, None, 200),
            (None, date(2026, 2, 28), 1),
            (*march, None),
        ]
        assert asked["audit"] == [(50,)]


def read_for_the_page(past: Past) -> dict[str, list[tuple]]:
    """What the store is asked for, by the kind of it."""
    asked = {"sessions": [], "ledger": [], "audit": []}

    class Sessions(SessionTable):
        def between(self, first=None, last=None, newest=None):
            asked["sessions"].append((first, last, newest))
            return super().between(first, last, newest)

        def open(self):  # which asks for the newest itself
            return SessionTable(self._database).open()

    class Ledger(LedgerTable):
        def between(self, first, last):
            asked["ledger"].append((first, last))
            return super().between(first, last)

    class Audit(AuditTable):
        def newest(self, count=100):
            asked["audit"].append((count,))
            return super().newest(count)

    store = past.store
    store.sessions, store.ledger = Sessions(store.disk), Ledger(store.disk)
    store.audit = Audit(store.disk)
    look_at(past).read("/history")
    return asked


def squares(picture: str) -> dict[str, str]:
    """The days in a calendar that have a mark, and which."""
    found = re.findall(r"<title>([^<]*)</title>\s*(.*?)</g>", picture, re.DOTALL)
    marks = {day: re.findall(r'class="(mark [^"]*)"', shapes)[0] for day, shapes in found}
    return {day: mark for day, mark in marks.items() if mark != "mark nothing"}


def cells(table: str, row: str) -> list[str]:
    cell = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
    return cell.findall(table.partition(f">{row}</th>")[2].partition("</tr>")[0])
