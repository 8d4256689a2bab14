"""The page that answers: have they done it, and how does it go."""

import csv
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

import web
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.history.model import Effort, Ending, ExerciseDone, Spot
from kiosk.levels.doses import Dose
from kiosk.levels.service import LevelService
from kiosk.programs.files import ProgramFiles, shipped_folder
from kiosk.schedule.model import WALK, OccurrenceState
from kiosk.session.snapshot import State
from kiosk.store.audit import AuditTable
from kiosk.store.ledger import LedgerTable
from kiosk.store.sessions import SessionTable
from tests.audit_log import text_entry
from tests.kiosk import NOON, Browser, KioskKit, path_of
from tests.schedule.past import FRIDAY, HOUR, Past

DONE, MISSED, DUE = OccurrenceState.DONE, OccurrenceState.MISSED, OccurrenceState.DUE
DAY = timedelta(days=1)
START, NEXT = "low-back-start", "low-back-next"
STYLE = (Path(web.__file__).parent / "static" / "style.css").read_text()
NINE = {"sets": None, "reps": 9, "hold_ms": None}
ON_TUESDAYS = {
    "program": START,
    "days": ["tue"],
    "times": ["08:00"],
    "starts": "2026-11-22",
    "weeks": None,
    "paused": False,
}
DONE_IN_PART = (
    ExerciseDone(1, "squat-to-chair", 1, 8, 0, 0, 0, 8),
    ExerciseDone(2, "diagonal-lift", 0, 5, 3, 2, 5, 16),
)


@pytest.fixture
def kiosk(tmp_path) -> KioskKit:
    return KioskKit(tmp_path)


@pytest.fixture
def past(kiosk: KioskKit) -> Past:
    return kiosk.past


@pytest.fixture
def browser(kiosk: KioskKit) -> Browser:
    return kiosk.browser.sign_in()


def went_well(past: Past, program: str = NEXT) -> None:
    for number in range(6):
        past.did(program, ago=(6 - number) * 8 * HOUR)


def was_hard(past: Past, program: str = START) -> None:
    for ago in (2, 1):
        past.did(program, ago=ago * HOUR, effort=Effort.HARDER)


def text_of(browser: Browser, path: str = "/history") -> str:
    browser.read(path)
    return browser.text()


def section(browser: Browser, heading: str, path: str = "/history") -> str:
    """The part of the page under a heading, without tags."""
    browser.read(path)
    part = browser.page.partition(f'id="{heading}"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part.partition(">")[2]).split())


def test_before_anything_happened_there_is_the_way_to_the_schedule(past: Past, browser):
    browser.read("/history")
    assert "There is no history yet." in browser.text()
    assert 'href="/schedule">Make a schedule' in browser.page
    assert "<svg class=" not in browser.page
    assert "Download" not in browser.text()

    past.planned(START, "18:00", starts=FRIDAY + DAY)
    told = text_of(browser)
    assert "There is no history yet." not in told
    assert "Nothing is planned for today. Next: Low back start, tomorrow at 18:00." in told


BRIDGE = Spot(9000, 3, "glute-bridge", 1, None, 5)


class TestToday:
    def test_all_of_it_is_done_for_days_or_a_year_which_is_followed_no_further(
        self, past: Past, browser
    ):
        entry = past.planned(START, "08:00", starts=FRIDAY - 400 * DAY)
        for ago in range(4):
            past.became(entry, FRIDAY - ago * DAY, DONE)
        told = text_of(browser)
        assert "Yes: 1 of 1 done today. 08:00 Low back start done" in told
        assert "Everything was done on 4 days in a row." in told
        assert "Next: Low back start, tomorrow at 08:00." in told

        for ago in range(4, 401):
            past.became(entry, FRIDAY - ago * DAY, DONE)
        assert "every day for a year or longer" in text_of(browser)

    def test_something_was_missed_or_done_beyond_the_plan_or_is_due(self, past: Past, browser):
        past.did()
        assert "Nothing is planned for today. 1 session was done beyond the plan." in text_of(
            browser
        )

        past.became(past.planned(START, "08:00"), FRIDAY, MISSED)
        assert "No: 0 of 1 done today. 08:00 Low back start missed" in text_of(browser)

        past.became(past.planned(WALK, "11:30", "18:00"), FRIDAY, DUE)
        told = text_of(browser)
        assert "Not yet: 0 of 3 done today. 08:00 Low back start missed" in told
        assert "11:30 Walk due now 18:00 Walk to come" in told
        assert "Walk is due since 11:30." in told
        assert "Next:" not in told

    def test_a_course_and_how_far_it_is_though_not_by_a_clock_that_is_not_set(
        self, past: Past, browser
    ):
        entry = past.planned(START, "08:00", "18:00", weeks=2)
        past.became(entry, date(2026, 3, 23), DONE, MISSED)

        assert section(browser, "courses-heading") == (
            "Courses Low back start, 08:00, 18:00 1 of 21 done, 1 missed, until Sunday, 5 April"
        )
        assert '<progress max="21" value="1" aria-labelledby="course-1">' in browser.page

        past.clock.believe(trusted=False)
        assert "The kiosk does not know the time yet" in text_of(browser)


class TestWhoChangedWhat:
    def test_the_latest_fifty_latest_first(self, kiosk: KioskKit):
        browser = kiosk.with_auth_elsewhere().browser.sign_in()
        assert "Nothing has been changed yet." in text_of(browser)

        kiosk.past.did()
        for number in range(51):
            at = datetime(2025, 12, 31, 11, tzinfo=UTC)
            kiosk.store.audit.add(text_entry(at, Actor.KIOSK, f"<Line {number}>."))
        page = browser.read("/history")

        rows = page.partition("Who changed what")[2].partition("</table>")[0]
        assert rows.count("<tr>") == 51
        assert "Wednesday, 31 December 2025, 12:00 the kiosk itself <Line 50>." in browser.text()
        assert "<Line 0>" not in browser.text()

    def test_what_was_lost_lately_stands_at_the_top_and_what_was_long_ago_below(
        self, past: Past, browser
    ):
        for year, text in ((2026, "A day was lost."), (2025, "A year was lost.")):
            at = datetime(year, 2, 11, 5, tzinfo=UTC)
            loss = AuditEntry(at, Actor.KIOSK, Change.DATA_LOST, after={"text": text})
            past.store.audit.add(loss)
        browser.read("/history")

        warning = '<div class="answer warn"><p>Wednesday, 11 February: A day was lost.</p></div>'
        assert warning in browser.page
        assert browser.page.count('class="answer warn"') == 1
        assert "What was lost longer ago Tuesday, 11 February 2025: A year was lost." in (
            browser.text()
        )


def test_what_is_pressed_or_led_by_stays_off_paper(past: Past, browser):
    past.did(ago=80 * DAY)
    went_well(past)
    past.planned(NEXT)
    past.planned(START)
    page = browser.read("/history?month=2026-02")
    body = page.partition('id="main"')[2].partition("</main>")[0]

    assert "Earlier:" in body
    on_paper = re.sub(r"<form.*?</form>", "", body, flags=re.DOTALL)
    no_print = r"<(\w+) class=\"[^\"]*\bno-print\b.*?</\1>"
    on_paper = re.sub(no_print, "", on_paper, flags=re.DOTALL)
    assert "Low back next: a step up" in on_paper
    assert "Exercise history, as of Friday, 27 March 2026" in on_paper
    for tag in ("<button", "<nav", "<a ", "<input", "<summary"):
        assert tag in body, tag
        assert tag not in on_paper, tag

    hidden = re.search(r"@media print \{\s*([^{]*)\{ display: none !important; \}", STYLE)
    assert hidden is not None
    assert {".top", "footer", "form", ".skip", ".no-print"} <= {
        selector.strip() for selector in hidden[1].split(",")
    }


def setting(name: str, value: str) -> AuditEntry:
    return AuditEntry(NOON, Actor.PAGE, Change.SETTING_SET, name, after={"value": value})


def dose(subject: str) -> AuditEntry:
    return AuditEntry(NOON, Actor.PAGE, Change.DOSE_SET, subject, after=NINE)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (setting("volume", "55"), "Volume: 55."),
        (setting("quiet_from", "22:00"), "Quiet from: 22:00."),
        (setting("audio_device", "Maria's USB: 2"), "Speaker: Maria's USB: 2."),
        (setting("voice", 'it\'s \\ "x"'), 'Voice: it\'s \\ "x".'),
        (
            AuditEntry(NOON, Actor.PAGE, Change.SETTING_RESET, "rate", {"value": "160"}),
            "Words a minute: as it was at first.",
        ),
        (setting("default_program", START), "A press starts: Low back start."),
        (
            dose(f"{START}/glute-bridge"),
            "Dose of Glute bridge in Low back start: 9 repetitions.",
        ),
        (
            AuditEntry(NOON, Actor.PAGE, Change.PLAN_REMOVED, "6", ON_TUESDAYS),
            "Plan: removed entry 6, Low back start (Tue at 08:00, from 2026-11-22).",
        ),
        (
            AuditEntry(NOON, Actor.PAGE, Change.DEVICE_REMOVED),
            "A caregiver signed another device out.",
        ),
        # What the pages have no name for.
        (setting("pin", "17"), "Setting pin: '17'."),
        (
            dose("no-such-program/plank"),
            "Dose of plank in no-such-program: 9 repetitions.",
        ),
        (text_entry(NOON, Actor.PAGE, "Setting volume: '5'5'."), "Setting volume: '5'5'."),
    ],
)
def test_a_change_is_told_as_the_pages_call_things(past: Past, browser, entry, text: str):
    past.did(START)
    past.store.audit.add(entry)

    assert f"these pages {text}" in text_of(browser)


def test_the_pictures_of_days_and_weeks_by_their_shapes_in_words_and_as_tables(past: Past, browser):
    entry = past.planned(START, "08:00", "18:00", starts=date(2026, 3, 16))
    past.became(entry, date(2026, 3, 16), DONE, DONE)
    past.became(entry, date(2026, 3, 17), DONE, MISSED)
    past.became(entry, date(2026, 3, 18), MISSED, MISSED)
    past.became(entry, FRIDAY, DONE)
    past.did(ago=20 * DAY)
    past.did(ago=9 * DAY, effort=Effort.HARDER)
    weeks = section(browser, "weeks-heading")
    page = browser.page

    days = page.partition('<svg class="picture calendar"')[2].partition("</svg>")[0]
    assert days.count("<g ") == 84
    assert squares(days) == {
        "Monday, 16 March: 2 of 2 done": "mark all",
        "Tuesday, 17 March: 1 of 2 done": "mark part",
        "Wednesday, 18 March: 0 of 2 done, 1 beyond the plan": "mark missed",
        "Saturday, 7 March: 1 done without a plan": "mark extra",
        "Friday, 27 March: 1 of 2 done": "mark part",
        "Saturday, 28 March: 2 to come": "mark to-come",
        "Sunday, 29 March: 2 to come": "mark to-come",
    }
    assert page.count('<rect class="today"') == 2, "one in the picture, one in the legend"
    table = page.partition("<details")[2].partition("</table>")[0]
    assert table.count("<tr>") == 13
    assert cells(table, "16 March") == [
        "2 of 2 done",
        "1 of 2 done",
        "0 of 2 done, 1 beyond the plan",
        *["nothing planned"] * 4,
    ]

    bars = page.partition('<svg class="picture weeks"')[2].partition("</svg>")[0]
    assert "Week from 16 March: 3 of 6 done, 1 session harder than usual" in bars
    assert bars.count('class="harder"') == 1
    for row in ("16 March 3 of 6 1 1", "2 March nothing planned 1 0"):
        assert row in weeks.partition("Harder than usual")[2]

    for name in ("calendar", "weeks"):
        assert f'role="img" aria-labelledby="{name}-title {name}-desc"' in page
        assert f'<title id="{name}-title">' in page
        assert f'<desc id="{name}-desc">' in page


def test_each_stretch_of_days_is_read_once(past: Past, browser):
    past.planned(START, "08:00", "18:00", starts=date(2026, 3, 16))
    past.planned(NEXT, "13:00", weeks=1)
    past.did(ago=20 * DAY)
    asked = read_for_the_page(past, browser)

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


def read_for_the_page(past: Past, browser) -> dict[str, list[tuple]]:
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
    browser.read("/history")
    return asked


def squares(picture: str) -> dict[str, str]:
    """The days in a calendar that have a mark, and which."""
    found = re.findall(r"<title>([^<]*)</title>\s*(.*?)</g>", picture, re.DOTALL)
    marks = {day: re.findall(r'class="(mark [^"]*)"', shapes)[0] for day, shapes in found}
    return {day: mark for day, mark in marks.items() if mark != "mark nothing"}


def cells(table: str, row: str) -> list[str]:
    cell = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
    return cell.findall(table.partition(f">{row}</th>")[2].partition("</tr>")[0])


class TestSessions:
    def test_the_newest_first_by_days(self, past: Past, browser):
        past.did(ago=DAY, effort=Effort.USUAL)
        past.did(NEXT, ago=4 * HOUR, exercises=DONE_IN_PART)
        past.did(effort=Effort.HARDER)

        assert section(browser, "sessions") == (
            "Sessions in March 2026"
            " Friday, 27 March 11:54 Low back start completed harder than usual"
            " 07:54 Low back next completed 13 of 24 repetitions"
            " Thursday, 26 March 11:54 Low back start completed"
        )

    @pytest.mark.parametrize(
        ("ending", "spot", "runs", "told"),
        [
            (Ending.STOPPED, BRIDGE, False, "stopped at exercise 3 “Glute bridge”, repetition 5"),
            (
                *(Ending.STOPPED, Spot(9000, 4, "diagonal-lift", 2, "left", 1), False),
                "stopped at exercise 4 “Diagonal lift”, set 2, repetition 1, left side",
            ),
            (
                *(Ending.STOPPED, Spot(9000, 2, "gone-since"), False),
                "stopped at exercise 2 “gone-since”",
            ),
            (Ending.STOPPED, Spot(0), False, "stopped before the first exercise"),
            (
                *(None, BRIDGE, False),
                "the kiosk was cut off at exercise 3 “Glute bridge”, repetition 5",
            ),
            (None, BRIDGE, True, "going on now, at exercise 3 “Glute bridge”, repetition 5"),
        ],
    )
    def test_where_it_was_stopped_or_goes_on(
        self, kiosk: KioskKit, ending: Ending | None, spot: Spot, runs: bool, told: str, browser
    ):
        kiosk.show(state=State.RUNNING if runs else State.IDLE)
        kiosk.past.did(ending=ending, spot=spot)

        assert told in section(browser, "sessions")

    def test_a_program_that_is_gone_is_called_by_its_id_never_taken_for_html(
        self, past: Past, browser
    ):
        past.did("a-program-of-then")
        past.did("<script>alert(1)</script>")
        past.did(ending=Ending.STOPPED, spot=Spot(340_000), exercises=DONE_IN_PART)

        assert "11:54 a-program-of-then completed" in section(browser, "sessions")
        assert "stopped after the last exercise" in browser.text()
        assert "<script>alert" not in browser.page
        assert "&lt;script&gt;alert(1)" in browser.page

    def test_months_lead_to_those_before_and_after_that_had_some(self, past: Past, browser):
        past.did(ago=80 * DAY)
        page = browser.read("/history")
        assert "There were no sessions in March 2026." in browser.text()
        assert 'href="/history?month=2026-01#sessions">← Earlier: January 2026' in page
        assert "Later:" not in browser.text()

        past.did()
        told = section(browser, "sessions", "/history?month=2026-01")
        assert told.startswith("Sessions in January 2026 Tuesday, 6 Janua")
        assert 'href="/history?month=2026-02#sessions">Later: February 2026 →' in browser.page
        assert "Earlier:" not in browser.text()

        past.did(ago=120 * DAY)
        assert "Thursday, 27 November 2025" in text_of(browser, "/history?month=2025-11")

        no_months = ("", "2026-13", "2026-00", "1999-12", "9999-12", "../2026", "2026-03-01")
        for month in (*no_months, "٢٠٢٦-03"):
            response = browser.get("/history", query_string={"month": month})
            assert response.status_code == 404, month

    def test_each_program_is_read_once(self, kiosk: KioskKit):
        read = []
        snapshots = kiosk.services.snapshots

        class ReadPrograms(ProgramFiles):
            def load(self, program_id: str):
                read.append(program_id)
                return super().load(program_id)

        snapshots = replace(snapshots, programs=ReadPrograms(shipped_folder(), kiosk.state))
        levels = LevelService(snapshots.take, lambda _program: None)
        kiosk.use(snapshots=snapshots, levels=levels)
        for ago in range(5):
            kiosk.past.did(NEXT, ago=ago * DAY)
        kiosk.browser.sign_in().read("/history")

        assert read == [START, NEXT], "the default program, and what was done"


class TestDownload:
    @pytest.mark.parametrize(
        ("query", "days", "programs"),
        [
            ("", "2026-01-05-to-2026-03-27", [START]),
            ("?from=2025-12-18&to=2026-01-01", "2025-12-18-to-2026-01-01", ["'=1+1"]),
            ("?from=2025-03-02&to=2026-03-02", "2025-03-02-to-2026-03-02", [START, "'=1+1"]),
        ],
        ids=["as of the pictures", "as named", "a whole year"],
    )
    def test_the_sessions_of_those_days(self, past: Past, browser, query, days, programs):
        past.did(ago=100 * DAY)
        past.did("=1+1", ago=99 * DAY)
        past.did()

        response = browser.get(f"/history/sessions.csv{query}")

        assert (response.status_code, response.mimetype) == (200, "text/csv")
        assert response.headers["Content-Disposition"] == (
            f'attachment; filename="sessions-{days}.csv"'
        )
        rows = list(csv.DictReader(StringIO(response.get_data(as_text=True))))
        assert [row["program"] for row in rows] == programs

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
    def test_days_that_cannot_be(self, past: Past, browser, query: str, field: str, told: str):
        past.did()

        response = browser.get(f"/history/sessions.csv?{query}")

        assert response.status_code == 422
        assert f'<p class="problem" id="{field}-problem">{told}' in browser.page
        for name, typed in (part.split("=") for part in query.split("&")):
            assert f'name="{name}" type="date" value="{typed}"' in browser.page


class TestSteps:
    def test_more_repetitions(self, past: Past, browser):
        went_well(past)
        past.planned(NEXT)

        told = section(browser, "step-1")
        assert told.startswith("Low back next: a step up It went well 6 times in a row.")
        assert "Long bridge: 10 → 12 repetitions" in told
        assert "It would hold good from the next session on." in told
        assert told.endswith("Accept Decline")

        response = browser.press("/history/accept", follow=False)
        assert (response.status_code, path_of(response)) == (303, "/history")
        browser.read("/history")
        assert browser.answer() == (
            "Accepted. Low back next has its new doses from the next session on."
        )
        assert Dose(NEXT, "long-bridge", reps=12) in past.store.doses.of()
        assert "Time for a step?" not in browser.text()

    @pytest.mark.parametrize("options", [{}, {"default_program": START}], ids=["usual", "fixed"])
    def test_another_program_also_under_the_button_if_that_was_not_fixed(self, tmp_path, options):
        kiosk = KioskKit(tmp_path, options=options)
        browser = kiosk.browser.sign_in()
        kiosk.past.planned(START)
        went_well(kiosk.past, START)
        step = section(browser, "step-1")
        assert "Low back start → Low back next, in the schedule and under the button" in step
        assert "Low back next is meant for 2 to 3 days a week, once a day." in browser.text()

        browser.press("/history/accept")

        fixed = "But the button still starts Low back start when nothing is due"
        usual = "Accepted. Low back next takes the place of Low back start from now on."
        assert fixed in browser.answer() if options else browser.answer() == usual
        assert [entry.program for entry in kiosk.past.store.plan.entries()] == [NEXT]
        assert kiosk.settings.current.default_program == (START if options else NEXT)

    def test_a_longer_hold_and_more_sets_are_told_too(self, kiosk: KioskKit):
        past, levels = kiosk.past, kiosk.services.levels

        class StepOf(LevelService):
            """Proposes three changes at once, as no rule of today does."""

            def in_use(self, _snapshot):
                level = levels.of(NEXT)
                dose = Dose(NEXT, "long-bridge", sets=2, reps=8, hold=5500)
                return (replace(level, proposal=level.proposal._replace(doses=(dose,))),), ()

        was_hard(past, NEXT)
        past.planned(NEXT)
        kiosk.use(levels=StepOf(kiosk.services.snapshots.take, lambda _program: None))

        told = text_of(kiosk.browser.sign_in())

        assert "Long bridge: 1 → 2 sets, 10 → 8 repetitions, hold 6 → 5.5 s" in told

    def test_fewer_repetitions_where_it_was_stopped(self, past: Past, browser):
        past.planned(NEXT)
        past.planned("mine")
        for ago in (2, 1):
            spot = Spot(9000, 2, "long-bridge", 1, None, 4)
            past.did(NEXT, ago=ago * HOUR, ending=Ending.STOPPED, spot=spot)

        told = text_of(browser)

        step = "Low back next: a step back It was stopped at “Long bridge” 2 times in a row."
        assert step in told
        assert "Long bridge: 10 → 8 repetitions" in told
        assert "The kiosk cannot use every program of the schedule: mine: There is no" in told
        assert "18:00" not in told

    def test_nothing_easier_is_said_kindly_and_can_be_put_aside(self, past: Past, browser):
        was_hard(past)

        told = section(browser, "step-1")
        assert told.startswith("Low back start: it may be too much for now")
        assert "it is nobody&#39;s fault" in told
        assert told.endswith("Put this aside")
        assert "/history/accept" not in browser.page
        of_no_program = {"program": "../etc/passwd", "seen": "x"}
        assert browser.post("/history/accept", of_no_program).status_code == 404

        browser.read("/history")
        browser.press("/history/decline")
        assert browser.answer() == "Put aside. Only sessions from now on count for the next step."
        assert "it may be too much" not in browser.text()

    @pytest.mark.parametrize("action", ["accept", "decline"])
    def test_somebody_else_was_quicker(self, past: Past, browser, action: str):
        went_well(past)
        past.planned(NEXT)
        browser.read("/history")
        old = browser.page
        browser.press("/history/decline")
        before = past.store.audit.newest()

        browser.page = old
        browser.press(f"/history/{action}")

        assert browser.answer().startswith("Nothing was changed: this step is not proposed any mor")
        assert 'class="answer not-done"' in browser.page
        assert (past.store.audit.newest(), past.store.doses.of()) == (before, ())
