"""`kiosk history`: what was done, and who changed what."""

import json
from datetime import timedelta

import pytest

from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending, ExerciseDone, Spot
from kiosk.history.service import AUDIT_COLUMNS, COLUMNS
from kiosk.store.files import StateLock
from tests.audit_log import text_entry
from tests.cli.kit import NOON, Kiosk, Result, lines

HOUR = timedelta(hours=1)

IN_THE_BRIDGE = Spot(210_500, 3, "glute-bridge", 1, None, 5)

DONE = (
    ExerciseDone(1, "squat-to-chair", 1, 8, 0, 0, 0, 8),
    ExerciseDone(2, "diagonal-lift", 0, 5, 3, 2, 5, 16),
)


EXERCISE_KEYS = (
    *("exercise_id", "exercise", "sets", "reps"),
    *("left", "right", "holds", "planned_reps"),
)


@pytest.fixture
def remembering(kiosk: Kiosk) -> Kiosk:
    """A kiosk that remembers a session of each kind."""
    kiosk.did(ago=50 * HOUR, exercises=DONE[:1])
    kiosk.did(ago=26 * HOUR, effort=Effort.HARDER, entry=1)
    kiosk.did(ago=4 * HOUR, ending=Ending.STOPPED, spot=IN_THE_BRIDGE, exercises=DONE)
    kiosk.did(
        "low-back-next",
        ago=2 * HOUR,
        ending=Ending.INTERRUPTED,
        spot=Spot(400_000, 4, "side-plank", 2, "left", 3),
    )
    kiosk.did(ago=HOUR, ending=Ending.STOPPED, spot=Spot(0))
    return kiosk


def test_nothing_yet(kiosk: Kiosk):
    assert kiosk("history") == Result(0, "There are no sessions yet.\n")
    assert kiosk("history", "--json") == Result(0, "[]\n")
    assert kiosk("history", "--csv") == Result(0, f"{','.join(COLUMNS)}\n")
    assert kiosk("history", "--audit") == Result(0, "There are no changes yet.\n")


def test_a_line_for_each_session_the_newest_last(remembering: Kiosk):
    assert remembering("history") == Result(
        0,
        lines(
            "DAY         BEGAN  PROGRAM         HOW IT ENDED",
            "2026-03-25  09:54  low-back-start  completed",
            "2026-03-26  09:54  low-back-start  completed, harder than usual",
            "2026-03-27  07:54  low-back-start  stopped at exercise 3, repetition 5",
            "2026-03-27  09:54  low-back-next   interrupted at exercise 4, set 2, repetition 3,"
            " left",
            "2026-03-27  10:54  low-back-start  stopped before the first exercise",
        ),
    )


def test_a_session_without_an_end_goes_on_or_was_cut_off_by_a_power_cut(kiosk: Kiosk):
    kiosk.did(ending=None, spot=IN_THE_BRIDGE)
    spot = "at exercise 3, repetition 5"

    with StateLock.take(kiosk.state):
        going_on = kiosk("history").out.splitlines()[1:]
        (session,) = json.loads(kiosk("history", "--json").out)
    assert going_on == [f"2026-03-27  11:54  low-back-start  under way {spot}"]
    assert (session["ending"], session["ended"]) == (None, None)

    cut_off = kiosk("history").out.splitlines()[1:]
    (session,) = json.loads(kiosk("history", "--json").out)
    assert cut_off == [f"2026-03-27  11:54  low-back-start  interrupted {spot}"]
    assert (session["ending"], session["ended"]) == ("interrupted", None)


@pytest.mark.parametrize(
    ("spot", "exercises", "place"),
    [
        (Spot(0), (), "before the first exercise"),
        (Spot(340_000), DONE, "after the last exercise"),
        (Spot(9000, 2, "dead-bug"), DONE, "at exercise 2"),
        (Spot(9000, 2, "dead-bug", 1, "right", 4), (), "at exercise 2, repetition 4, right"),
    ],
)
def test_where_a_session_was_stopped(
    kiosk: Kiosk, spot: Spot, exercises: tuple[ExerciseDone, ...], place: str
):
    kiosk.did(ending=Ending.STOPPED, spot=spot, exercises=exercises)

    assert kiosk("history").out.endswith(f"  stopped {place}\n")


@pytest.mark.parametrize(
    ("options", "days"),
    [
        (("--from", "2026-03-26"), ["26", "27", "27", "27"]),
        (("--to", "2026-03-26"), ["25", "26"]),
        (("--from", "2026-03-26", "--to", "2026-03-26"), ["26"]),
    ],
)
def test_of_some_days(remembering: Kiosk, options: tuple[str, ...], days: list[str]):
    result = remembering("history", *options, "--json")

    assert [session["local_date"][-2:] for session in json.loads(result.out)] == days


def test_days_without_a_session(remembering: Kiosk):
    result = remembering("history", "--from", "2026-01-01", "--to", "2026-01-31")

    assert result == Result(0, "There are no sessions from 2026-01-01 to 2026-01-31.\n")


def test_of_years_the_screen_shows_the_latest_and_a_file_gets_all(kiosk: Kiosk):
    for number in range(101):
        kiosk.did(ago=(101 - number) * HOUR)

    shown = kiosk("history").out.splitlines()
    assert len(shown) == 102
    assert shown[-1] == "These are the latest 100; --from DATE shows earlier ones."
    assert len(kiosk("history", "--csv").out.splitlines()) == 102
    assert len(json.loads(kiosk("history", "--json").out)) == 101
    assert len(kiosk("history", "--from", "2026-01-01").out.splitlines()) == 102


def test_as_json_with_all_there_is(remembering: Kiosk):
    remembering.did(dose='{"glute-bridge": {"reps": 10}}', effort=Effort.USUAL)

    sessions = json.loads(remembering("history", "--json").out)

    assert sessions[2] == {
        "id": 3,
        "local_date": "2026-03-27",
        "started": "2026-03-27T07:54:00+01:00",
        "ended": "2026-03-27T08:00:00+01:00",
        "program": "low-back-start",
        "level": 1,
        "entry": None,
        "ending": "stopped",
        "stopped_at": {
            "exercise": 3,
            "exercise_id": "glute-bridge",
            "set": 1,
            "side": None,
            "repetition": 5,
            "position_ms": 210_500,
        },
        "effort": None,
        "dose": {},
        "exercises": [
            dict(zip(EXERCISE_KEYS, ("squat-to-chair", 1, 1, 8, 0, 0, 0, 8), strict=True)),
            dict(zip(EXERCISE_KEYS, ("diagonal-lift", 2, 0, 5, 3, 2, 5, 16), strict=True)),
        ],
    }
    assert (sessions[0]["stopped_at"], sessions[1]["entry"]) == (None, 1)
    assert sessions[-1]["dose"] == {"glute-bridge": {"reps": 10}}
    assert [s["effort"] for s in sessions] == [None, "harder", None, None, None, "usual"]


def test_as_csv_a_line_for_each_session(remembering: Kiosk):
    head, *rows = remembering("history", "--csv").out.splitlines()

    assert head == ",".join(COLUMNS)
    assert len(rows) == 5
    assert rows[1] == (
        "2,2026-03-26,2026-03-26T09:54:00+01:00,2026-03-26T10:00:00+01:00,low-back-start,1,1,"
        "completed,,,,,,0,0,0,harder"
    )
    assert rows[2] == (
        "3,2026-03-27,2026-03-27T07:54:00+01:00,2026-03-27T08:00:00+01:00,low-back-start,1,,"
        "stopped,3,glute-bridge,1,,5,13,24,5,"
    )


def test_in_the_csv_of_changes_too_no_cell_begins_a_formula(kiosk: Kiosk):
    kiosk.store.audit.add(text_entry(NOON, Actor.PAGE, "@SUM(A1) was typed."))

    result = kiosk("history", "--audit", "--csv").out
    assert result.endswith(",page,'@SUM(A1) was typed.\n")
    assert '"@SUM(A1) was typed."' in kiosk("history", "--audit", "--json").out


class TestAudit:
    @pytest.fixture
    def changed(self, kiosk: Kiosk) -> Kiosk:
        """A kiosk that was changed on two days."""
        kiosk("plan", "add", "walk", "--times", "11:00")
        kiosk.clock.advance(timedelta(days=1))
        kiosk.store.audit.add(
            text_entry(kiosk.clock.utc(), Actor.PAGE, 'Said "stop", and meant it.')
        )
        return kiosk

    def test_who_changed_what(self, changed: Kiosk):
        assert changed("history", "--audit") == Result(
            0,
            lines(
                "DAY         TIME   WHO      WHAT",
                "2026-03-27  12:00  command  Plan: added entry 1, walk (every day at 11:00,"
                " from 2026-03-27).",
                '2026-03-28  12:00  page     Said "stop", and meant it.',
            ),
        )

    def test_as_json(self, changed: Kiosk):
        assert json.loads(changed("history", "--audit", "--json", "--from", "2026-03-28").out) == [
            {
                "at": "2026-03-28T12:00:00+01:00",
                "actor": "page",
                "what": 'Said "stop", and meant it.',
            }
        ]

    def test_as_csv(self, changed: Kiosk):
        assert changed("history", "--audit", "--csv", "--from", "2026-03-28") == Result(
            0,
            lines(
                ",".join(AUDIT_COLUMNS),
                '2026-03-28T12:00:00+01:00,page,"Said ""stop"", and meant it."',
            ),
        )

    def test_of_years_the_screen_shows_the_latest(self, kiosk: Kiosk):
        for number in range(101):
            kiosk.store.audit.add(text_entry(NOON, Actor.KIOSK, f"Line {number}."))

        shown = kiosk("history", "--audit").out.splitlines()
        assert (len(shown), shown[1][-7:]) == (102, "Line 1.")
        assert len(json.loads(kiosk("history", "--audit", "--json").out)) == 101

    def test_what_would_move_the_cursor_is_shown_as_unreadable(self, kiosk: Kiosk):
        kiosk.store.audit.add(text_entry(NOON, Actor.PAGE, "Red \x1b[31m,\nnext line."))

        unreadable = "\N{REPLACEMENT CHARACTER}"
        result = f"2026-03-27  12:00  page  Red {unreadable}[31m,{unreadable}next line."
        assert kiosk("history", "--audit").out.splitlines()[1:] == [result]
