"""`kiosk plan`: entries listed, added, changed, paused and removed, and their occurrences."""

import json
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from kiosk.cli.plan import add_entry
from kiosk.errors import PlanError
from kiosk.history.audit import Actor
from kiosk.schedule.checks import MOST_ENTRIES
from kiosk.schedule.model import OccurrenceState, PlanEntry, Weekday
from kiosk.store.plan import PlanTable
from tests.cli.kit import NOON, Kiosk, Result, lines, parser
from tests.schedule.past import ledger_row

FRIDAY = date(2026, 3, 27)
"""Today; the clocks go forward on the Sunday after it."""

DONE, DUE = OccurrenceState.DONE, OccurrenceState.DUE

NO_DATE = "Expected a date as year-month-day, such as 2026-07-01, not"
OUT_OF_REACH = "is out of reach; expected 2000 to 2100."


def test_an_empty_plan(kiosk: Kiosk):
    assert kiosk("plan", "list") == Result(
        0, "The plan is empty. `kiosk plan add` puts something into it.\n"
    )
    assert kiosk("plan", "list", "--json") == Result(0, "[]\n")


class TestAdd:
    def test_an_entry_with_its_next_occurrences(self, kiosk: Kiosk):
        result = kiosk(
            *("plan", "add", "low-back-start", "--days", "mon,wed,fri", "--times", "18:00,08:00"),
            *("--starts", "2026-03-23", "--weeks", "12"),
        )

        assert result == Result(
            0,
            lines(
                "Entry 1: low-back-start, mon,wed,fri at 08:00, 18:00, from 2026-03-23"
                " for 12 weeks.",
                "Next: Fri 2026-03-27 18:00, Mon 2026-03-30 08:00, Mon 2026-03-30 18:00.",
            ),
        )
        (entry,) = kiosk.store.plan.entries()
        days = frozenset({Weekday.MON, Weekday.WED, Weekday.FRI})
        fields = (days, (time(8), time(18)), date(2026, 3, 23), 12)
        assert entry == PlanEntry(1, "low-back-start", *fields, since=NOON, version=1)
        assert [(line.at, line.actor) for line in kiosk.store.audit.newest()] == [
            (NOON, Actor.COMMAND)
        ]

    def test_without_options_it_is_daily_from_today_without_an_end(self, kiosk: Kiosk):
        assert kiosk("plan", "add", "walk", "--times", "11:00") == Result(
            0,
            lines(
                "Entry 1: walk, daily at 11:00, from 2026-03-27 without an end.",
                "Next: Sat 2026-03-28 11:00, Sun 2026-03-29 11:00, Mon 2026-03-30 11:00.",
            ),
        )

    def test_the_day_is_that_of_the_kiosk_s_time_zone(self, kiosk: Kiosk):
        kiosk.clock.set(NOON.replace(hour=23, minute=30))

        assert "from 2026-03-28 without" in kiosk("plan", "add", "walk", "--times", "11:00").out

    def test_a_course_that_is_over_has_nothing_to_come(self, kiosk: Kiosk):
        result = kiosk(
            "plan", "add", "walk", "--times", "11:00", "--starts", "2026-01-01", "--weeks", "1"
        )

        assert result.out.splitlines()[1] == "Nothing of it is still to come."

    def test_everything_that_is_wrong_is_told_at_once(self, kiosk: Kiosk):
        result = kiosk(
            *("plan", "add", "low-bak-start", "--days", "", "--times", "25:00,08:00"),
            *("--starts", "2026-02-30", "--weeks", "0"),
        )

        assert (result.code, result.out) == (1, "")
        fields = [line.split(" ")[1] for line in result.err.splitlines()]
        assert fields == ["program:", "days:", "times:", "starts:", "weeks:"]
        assert result.err.splitlines()[0].endswith("Did you mean low-back-start?")
        assert kiosk.store.plan.entries() == ()

    def test_a_program_that_cannot_be_used_is_not_planned(self, kiosk: Kiosk):
        folder = kiosk.state / "programs"
        folder.mkdir()
        (folder / "mine.toml").write_text("schema = 1\n")

        result = kiosk("plan", "add", "mine", "--times", "08:00")

        assert result.code == 1
        assert result.err.startswith(f"{folder}/mine.toml: ")
        assert kiosk.store.plan.entries() == ()


@pytest.fixture
def planned(kiosk: Kiosk) -> Kiosk:
    """A kiosk with two courses and a walk; an hour has gone by since."""
    kiosk("plan", "add", "low-back-start", "--times", "08:00,18:00", "--weeks", "12")
    kiosk("plan", "add", "low-back-next", "--days", "tue,fri", "--times", "10:00")
    kiosk("plan", "edit", "2", "--starts", "2026-06-23")
    kiosk("plan", "add", "walk", "--times", "11:00")
    kiosk.clock.advance(timedelta(hours=1))
    return kiosk


class TestList:
    def test_in_columns(self, planned: Kiosk):
        planned("plan", "pause", "3")

        assert planned("plan", "list") == Result(
            0,
            lines(
                "ENTRY  PROGRAM         DAYS     TIMES        STARTS      WEEKS   STATE",
                "1      low-back-start  daily    08:00,18:00  2026-03-27  12      running",
                "2      low-back-next   tue,fri  10:00        2026-06-23  no end  to come",
                "3      walk            daily    11:00        2026-03-27  no end  paused",
            ),
        )

    def test_as_json(self, planned: Kiosk):
        first, *_, last = json.loads(planned("plan", "list", "--json").out)

        assert first == {
            "entry": 1,
            "program": "low-back-start",
            "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "times": ["08:00", "18:00"],
            "starts": "2026-03-27",
            "weeks": 12,
            "last_day": "2026-06-18",
            "paused": False,
            "state": "running",
        }
        assert (last["program"], last["weeks"], last["last_day"]) == ("walk", None, None)


class TestEdit:
    def test_what_is_not_named_stays(self, planned: Kiosk):
        before, *others = planned.store.plan.entries()

        result = planned("plan", "edit", "1", "--times", "09:00", "--weeks", "none")

        assert result == Result(
            0,
            lines(
                "Entry 1: low-back-start, daily at 09:00, from 2026-03-27 without an end.",
                "Next: Sat 2026-03-28 09:00, Sun 2026-03-29 09:00, Mon 2026-03-30 09:00.",
            ),
        )
        assert planned.store.plan.entries() == (
            replace(before, times=(time(9),), weeks=None, since=planned.clock.utc(), version=2),
            *others,
        )

    def test_another_program(self, planned: Kiosk):
        assert planned("plan", "edit", "1", "--program", "low-back-next").code == 0
        assert planned.store.plan.entries()[0].program == "low-back-next"

    def test_what_is_so_already_is_no_change(self, planned: Kiosk):
        assert planned("plan", "edit", "3", "--times", "11:00").out.startswith(
            "Nothing has changed.\nEntry 3: walk, "
        )
        assert planned.store.plan.entries()[2].version == 1


class TestPause:
    def test_and_taken_up_again(self, planned: Kiosk):
        entry = "Entry 3: walk, daily at 11:00, from 2026-03-27 without an end."

        assert planned("plan", "pause", "3") == Result(
            0, lines(entry, "It is paused; `kiosk plan pause 3 --resume` takes it up again.")
        )
        assert planned.store.plan.entries()[2].paused
        assert planned("plan", "pause", "3").out.startswith("Nothing has changed.\n")
        assert planned("plan", "pause", "3", "--resume") == Result(
            0,
            lines(entry, "Next: Sat 2026-03-28 11:00, Sun 2026-03-29 11:00, Mon 2026-03-30 11:00."),
        )
        resumed = planned.store.plan.entries()[2]
        assert (resumed.paused, resumed.version) == (False, 3)


def test_an_entry_is_removed(planned: Kiosk):
    assert planned("plan", "remove", "3") == Result(
        0,
        "Removed entry 3: walk, daily at 11:00, from 2026-03-27 without an end. What was done stays"
        " in the history.\n",
    )
    assert [entry.id for entry in planned.store.plan.entries()] == [1, 2]


class EditedMeanwhile(PlanTable):
    """A page changes the first entry as soon as a command has read it."""

    def entries(self) -> tuple[PlanEntry, ...]:
        found = super().entries()
        if found[0].version == 1:
            self.change(replace(found[0], weeks=8), Actor.PAGE, NOON)
        return found


@pytest.mark.parametrize(
    ("command", "purpose"),
    [
        (("remove", "1"), "remove it"),
        (("pause", "1"), "change it"),
        (("edit", "1", "--weeks", "4"), "change it"),
    ],
)
def test_an_entry_that_a_page_changes_meanwhile_stays_as_the_page_has_it(
    planned: Kiosk, command: tuple[str, ...], purpose: str
):
    planned.store.plan = EditedMeanwhile(planned.store._database)

    assert planned("plan", *command) == Result(
        1,
        "",
        f"Entry 1 of the plan has changed meanwhile. Look at it again, then {purpose}.\n",
    )
    entry = planned.store.plan.entries()[0]
    assert (entry.weeks, entry.version, entry.paused) == (8, 2, False)


def test_the_last_place_in_the_plan_that_a_page_takes_meanwhile(planned: Kiosk):
    opened = planned.opened()
    for _ in range(MOST_ENTRIES - len(opened.view.plan)):
        planned.store.plan.add(opened.view.plan[0], Actor.PAGE, NOON)

    with pytest.raises(PlanError, match=r"plan\.full"):
        add_entry(opened, parser().parse_args(["plan", "add", "walk", "--times", "11:00"]))

    assert len(planned.store.plan.entries()) == MOST_ENTRIES


@pytest.mark.parametrize("number", ["4", "0", "9" * 30])
@pytest.mark.parametrize("action", [("remove",), ("pause",), ("edit", "--weeks", "3")])
def test_an_entry_that_there_is_not(planned: Kiosk, number: str, action: tuple[str, ...]):
    name, *options = action

    assert planned("plan", name, number, *options) == Result(
        1, "", f"The plan has no entry {number}. `kiosk plan list` shows what it has.\n"
    )
    assert len(planned.store.plan.entries()) == 3


class TestOccurrences:
    @pytest.fixture
    def planned(self, kiosk: Kiosk) -> Kiosk:
        """A kiosk on whose first evening, a Thursday, a plan was made; it was on since."""
        kiosk.clock.advance(-timedelta(hours=16))
        kiosk("plan", "add", "low-back-start", "--times", "08:00,11:30,18:00", "--weeks", "4")
        kiosk("plan", "add", "walk", "--days", "sun", "--times", "02:30")
        kiosk.clock.advance(timedelta(hours=16))
        kiosk.settle(ledger_row(FRIDAY, time(8), DONE), ledger_row(FRIDAY, time(11, 30), DUE))
        return kiosk

    def states(self, kiosk: Kiosk, last: str) -> list[str]:
        """The states of the occurrences from this Friday to `last`."""
        result = kiosk("plan", "occurrences", "--from", "2026-03-27", "--to", last)
        return [line.split()[-1] for line in result.out.splitlines()[1:]]

    def test_the_week_from_today_on(self, planned: Kiosk):
        assert planned("plan", "occurrences", "--to", "2026-03-29") == Result(
            0,
            lines(
                "DAY              TIME   ENTRY  PROGRAM         STATE",
                "Fri  2026-03-27  08:00  1      low-back-start  done",
                "Fri  2026-03-27  11:30  1      low-back-start  due",
                "Fri  2026-03-27  18:00  1      low-back-start  coming",
                "Sat  2026-03-28  08:00  1      low-back-start  coming",
                "Sat  2026-03-28  11:30  1      low-back-start  coming",
                "Sat  2026-03-28  18:00  1      low-back-start  coming",
                "Sun  2026-03-29  03:00  2      walk            coming",
                "Sun  2026-03-29  08:00  1      low-back-start  coming",
                "Sun  2026-03-29  11:30  1      low-back-start  coming",
                "Sun  2026-03-29  18:00  1      low-back-start  coming",
            ),
        )

    def test_a_time_before_the_entry_was_added_is_past(self, planned: Kiosk):
        result = planned("plan", "occurrences", "--from", "2026-03-26", "--to", "2026-03-26")

        assert [line.split()[2:] for line in result.out.splitlines()[1:]] == [
            [time, "1", "low-back-start", "past"] for time in ("08:00", "11:30", "18:00")
        ]

    def test_as_json_with_the_offset_of_the_day(self, planned: Kiosk):
        found = json.loads(planned("plan", "occurrences", "--json").out)

        days = {one["local_date"] for one in found}
        assert (min(days), max(days)) == ("2026-03-27", "2026-04-02")
        assert found[5]["due"] == "2026-03-28T18:00:00+01:00"
        assert found[6] == {
            "entry": 2,
            "program": "walk",
            "local_date": "2026-03-29",
            "due": "2026-03-29T03:00:00+02:00",
            "state": "coming",
        }

    def test_time_that_the_kiosk_was_off_is_shown_as_it_will_settle_it(self, planned: Kiosk):
        """Nothing is written by that: only the kiosk keeps its ledger."""
        before = planned.store.change_count()
        planned.clock.advance(timedelta(hours=20, minutes=10))

        states = ["done", "missed", "missed", "due", "coming", "coming"]
        assert self.states(planned, "2026-03-28") == states
        assert planned.store.change_count() == before

        planned.clock.believe(trusted=False)
        assert self.states(planned, "2026-03-27") == ["done", "due"]

    def test_a_pause_leaves_nothing_to_come(self, planned: Kiosk):
        planned("plan", "pause", "1")

        assert planned("plan", "occurrences", "--from", "2026-03-30") == Result(
            0,
            lines(
                "DAY              TIME   ENTRY  PROGRAM  STATE",
                "Sun  2026-04-05  02:30  2      walk     coming",
            ),
        )

    def test_days_without_a_plan(self, kiosk: Kiosk):
        assert kiosk("plan", "occurrences") == Result(
            0, "Nothing is planned from 2026-03-27 to 2026-04-02.\n"
        )
        assert kiosk("plan", "occurrences", "--json") == Result(0, "[]\n")

    @pytest.mark.parametrize(
        ("first", "last", "errors"),
        [
            (
                *("27.3.2026", "2026-02-29"),
                [
                    f"--from: {NO_DATE} '27.3.2026'.",
                    "--to: There is no 2026-02-29 in the calendar.",
                ],
            ),
            (
                *("2026-04-01", "2026-03-31"),
                ["--to: The last day, 2026-03-31, comes before the first, 2026-04-01."],
            ),
            (
                *("2026-01-01", "2027-02-05"),
                ["--to: From 2026-01-01 to 2027-02-05 are 401 days; at most 400 are possible."],
            ),
            (
                *("1999-12-31", "9999-12-31"),
                [f"--from: The year 1999 {OUT_OF_REACH}", f"--to: The year 9999 {OUT_OF_REACH}"],
            ),
        ],
    )
    def test_days_that_cannot_be(self, kiosk: Kiosk, first: str, last: str, errors: list[str]):
        command = ("plan", "occurrences", "--from", first, "--to", last)
        assert kiosk(*command) == Result(1, "", lines(*errors))

    def test_four_hundred_days_can_be(self, kiosk: Kiosk):
        kiosk("plan", "add", "walk", "--times", "11:00", "--starts", "2027-01-01")

        result = kiosk(
            "plan", "occurrences", "--from", "2027-01-01", "--to", "2028-02-04", "--json"
        )

        assert len(json.loads(result.out)) == 400
