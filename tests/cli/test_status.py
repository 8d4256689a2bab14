"""`kiosk status`: have I done it today?"""

import json
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli.data import Opened
from kiosk.cli.status import proposed_steps
from kiosk.history.model import Effort, Ending, Spot
from kiosk.programs.files import shipped_folder
from kiosk.schedule.model import OccurrenceState
from kiosk.store.files import LOCK_NAME, StateLock
from tests.cli.kit import NOON, Kiosk, Result, lines
from tests.schedule.past import ledger_row

FRIDAY = date(2026, 3, 27)
DAY = timedelta(days=1)
HEAD = "Fri 2026-03-27 12:00, Europe/Oslo"

DONE, DUE, MISSED = OccurrenceState.DONE, OccurrenceState.DUE, OccurrenceState.MISSED


TIMES = (time(8), time(11, 30), time(18))


@pytest.fixture
def planned(kiosk: Kiosk) -> Kiosk:
    """A kiosk with a course that began on Wednesday, and all done until last night."""
    kiosk.clock.advance(-3 * DAY)
    kiosk(
        *("plan", "add", "low-back-start", "--times", "08:00,11:30,18:00"),
        *("--starts", "2026-03-25", "--weeks", "2"),
    )
    kiosk.clock.advance(3 * DAY)
    kiosk.settle(
        *(ledger_row(FRIDAY - ago * DAY, wall, DONE) for ago in (2, 1) for wall in TIMES),
        until=NOON - timedelta(hours=16),
    )
    return kiosk


def settle_today(kiosk: Kiosk, *states: OccurrenceState) -> None:
    """Store the states of today's occurrences, the earliest first."""
    kiosk.settle(*(ledger_row(FRIDAY, *pair) for pair in zip(TIMES, states, strict=False)))


def as_json(kiosk: Kiosk) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kiosk("status", "--json").out)
    return found


def answer(kiosk: Kiosk) -> str:
    """The sentence that answers the question, which both forms have."""
    sentence = kiosk("status").out.splitlines()[1]
    assert as_json(kiosk)["answer"] == sentence
    return sentence


def test_without_a_plan(kiosk: Kiosk):
    assert kiosk("status") == Result(0, lines(HEAD, "Nothing is planned for today."))
    assert as_json(kiosk)["done_today"] is None


def test_in_the_middle_of_the_day(planned: Kiosk):
    settle_today(planned, DONE, DUE)

    assert planned("status") == Result(
        0,
        lines(
            HEAD,
            "Not yet: 1 of 3 done today; low-back-start is due since 11:30.",
            "",
            "08:00  low-back-start  done",
            "11:30  low-back-start  due",
            "18:00  low-back-start  to come",
            "",
            "Next: low-back-start, Fri 2026-03-27 18:00.",
            "In a row: everything done on 2 days.",
            "Course: entry 1, low-back-start: 7 of 42 done (17%).",
        ),
    )


def test_something_is_still_to_come(planned: Kiosk):
    settle_today(planned, DONE, DONE)

    assert answer(planned) == "Not yet: 2 of 3 done today; low-back-start is due at 18:00."


def test_everything_is_done(planned: Kiosk):
    settle_today(planned, DONE, DONE, DONE)

    assert answer(planned) == "Yes: 3 of 3 done today."
    assert as_json(planned)["done_today"] is True
    assert "In a row: everything done on 3 days." in planned("status").out


def test_the_rest_was_missed(planned: Kiosk):
    settle_today(planned, DONE, MISSED)
    planned.clock.advance(timedelta(hours=8))

    assert answer(planned) == "No: 1 of 3 done today."
    assert as_json(planned)["done_today"] is False
    result = planned("status").out
    assert "In a row" not in result
    assert "Course: entry 1, low-back-start: 7 of 42 done (17%), 2 missed.\n" in result


def test_time_that_the_kiosk_was_off_counts_as_it_will_settle_it(planned: Kiosk):
    before = planned.store.change_count()

    assert answer(planned) == "Not yet: 0 of 3 done today; low-back-start is due since 11:30."
    assert planned.store.change_count() == before


def test_a_run_is_followed_back_for_a_year(kiosk: Kiosk):
    kiosk.settle(*(ledger_row(FRIDAY - ago * DAY, time(8), DONE) for ago in range(1, 366)))
    assert as_json(kiosk)["run_days"] == 365

    kiosk.settle(*(ledger_row(FRIDAY - ago * DAY, time(8), DONE) for ago in range(366, 400)))
    assert "In a row: everything done on 366 days or more.\n" in kiosk("status").out


def test_an_extra_session(planned: Kiosk):
    session = planned.did(ago=timedelta(hours=3), entry=1)
    planned.settle(ledger_row(FRIDAY, time(8), DONE, session=session))
    planned.did("hip-stretching", ago=timedelta(hours=2))
    planned.did("hip-stretching", ago=timedelta(hours=1), ending=Ending.STOPPED)

    assert "Extra: 1 session today.\n" in planned("status").out
    assert as_json(planned)["extra"] == 1


def test_a_session_that_was_cut_off_and_one_that_goes_on(kiosk: Kiosk):
    kiosk.did(ending=None, spot=Spot(210_500, 3, "glute-bridge", 1, None, 5))

    cut_off = "Session: low-back-start, interrupted at exercise 3, repetition 5.\n"
    assert cut_off in kiosk("status").out
    with StateLock.take(kiosk.state):
        goes_on = "Session: low-back-start, under way at exercise 3, repetition 5.\n"
        assert goes_on in kiosk("status").out


def test_asking_whether_it_goes_on_leaves_the_lock_alone(kiosk: Kiosk):
    """A kiosk that starts at that moment would take whoever holds it for another kiosk."""
    kiosk.did(ending=None)
    (kiosk.state / LOCK_NAME).unlink(missing_ok=True)

    assert "interrupted" in kiosk("status").out

    assert not (kiosk.state / LOCK_NAME).exists()


def test_a_session_that_goes_on_keeps_what_is_due_from_being_missed(planned: Kiosk):
    settle_today(planned, DONE, DUE)
    planned.did(ending=None)
    planned.clock.advance(timedelta(minutes=45))

    with StateLock.take(planned.state):
        assert as_json(planned)["missed"] == 0
    assert as_json(planned)["missed"] == 1


def test_a_proposed_step(planned: Kiosk):
    for ago in (3, 2):
        planned.did(ago=timedelta(hours=ago), effort=Effort.HARDER)

    result = planned("status").out.splitlines()[-1]
    assert result == (
        "Level: low-back-start was harder than usual 2 times in a row."
        " `kiosk level` shows what to do about it."
    )
    (proposal,) = as_json(planned)["proposals"]
    assert (proposal["kind"], proposal["reason"]) == ("nothing-easier", "harder")


def test_a_file_that_is_none_of_the_shipped_ones_is_not_trusted(planned: Kiosk, tmp_path: Path):
    shipped = (shipped_folder() / "low-back-start.toml").read_text()
    file = tmp_path / "changed.toml"
    file.write_text(shipped.replace('id = "low-back-start"', 'id = "changed"'))
    for ago in (3, 2):
        planned.did(ago=timedelta(hours=ago), effort=Effort.HARDER)

    class Changed(Opened):
        def program_file(self, _program: str) -> Path | None:
            return file

    (proposal,), problems = proposed_steps(Changed(**vars(planned.opened())))
    assert (proposal.program, problems) == ("low-back-start", [])


def test_a_clock_that_is_not_set(planned: Kiosk):
    planned.clock.believe(trusted=False)

    result = planned("status").out.splitlines()
    assert result[1] == (
        "The clock is not set yet, so what is said here of today may be wrong. Reminders wait until"
        " the time has come over the network."
    )
    assert as_json(planned)["clock_trusted"] is False


def test_a_planned_program_that_is_gone_is_told_and_the_rest_too(kiosk: Kiosk):
    folder = kiosk.state / "programs"
    folder.mkdir()
    (folder / "mine.toml").write_text("schema = 1\n")
    kiosk.environ["KIOSK_DEFAULT_PROGRAM"] = "mine"

    result = kiosk("status")

    assert (result.code, result.out) == (0, lines(HEAD, "Nothing is planned for today."))
    assert result.err.startswith(f"{folder}/mine.toml: ")


def test_as_json(planned: Kiosk):
    settle_today(planned, DONE, DUE)

    entry = {"entry": 1, "program": "low-back-start"}
    eight, half_past, six = (
        entry | {"local_date": "2026-03-27", "due": f"2026-03-27T{due}:00+01:00", "state": state}
        for due, state in (("08:00", "done"), ("11:30", "due"), ("18:00", "coming"))
    )
    assert as_json(planned) == {
        "now": "2026-03-27T12:00:00+01:00",
        "time_zone": "Europe/Oslo",
        "clock_trusted": True,
        "day": "2026-03-27",
        "done_today": False,
        "answer": "Not yet: 1 of 3 done today; low-back-start is due since 11:30.",
        "planned": 3,
        "done": 1,
        "missed": 0,
        "to_come": 1,
        "extra": 0,
        "today": [eight, half_past, six],
        "due": [half_past],
        "next": six,
        "run_days": 2,
        "courses": [entry | {"done": 7, "missed": 0, "total": 42, "share": 0.1667}],
        "session": None,
        "proposals": [],
        "notices": [],
    }


def test_only_courses_with_an_end_that_have_begun_have_a_share(planned: Kiosk):
    planned("plan", "add", "walk", "--times", "11:00")
    planned("plan", "add", "low-back-next", "--times", "9:00", "--starts", "2026-06-01")
    planned("plan", "edit", "3", "--weeks", "12")

    courses = as_json(planned)["courses"]

    assert [course["entry"] for course in courses] == [1]


def test_the_moment_is_told_in_the_kiosk_s_zone(kiosk: Kiosk):
    kiosk.clock.set(NOON.replace(hour=23, minute=30))

    assert kiosk("status").out.splitlines()[0] == "Sat 2026-03-28 00:30, Europe/Oslo"
