"""The rules can be broken: each check raises where its own is."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from kiosk.history.model import Effort, Ending, SessionRecord, Spot
from kiosk.programs.model import Side
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState
from kiosk.session.snapshot import Snapshot, State
from kiosk.settings.model import Settings
from kiosk.timeline.script import compile_timeline
from kiosk.units import frames_of
from tests.builders import ENGLISH, a_program, an_exercise, phase, ten_ms_a_letter
from tests.soak.invariants import (
    BrokenRuleError,
    Stretch,
    cues_in_order,
    done_of,
    follows,
    grows_evenly,
    is_flat,
    is_not_more_than_heard,
    is_one_picture,
    is_what_was_heard,
    ledger_holds_together,
    nothing_is_called_again,
    sessions_end_once,
)
from tests.soak.year import Year

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)

PROGRAM = a_program(
    an_exercise(reps=2, phases=(phase("lift", 1000), phase("hold", 2000))),
    an_exercise("Reach", reps=2, side=Side.ALTERNATE, phases=(phase("lift", 2000),)),
)

TIMELINE = compile_timeline(PROGRAM, ENGLISH, Settings(), ten_ms_a_letter)

ALL = Stretch(0, frames_of(TIMELINE.duration))

WORK = [span for span in TIMELINE.spans if span.stage == "work"]


def a_broken_rule(match=None):
    return pytest.raises(BrokenRuleError, match=match)


def test_cues_that_overlap_are_found():
    cues_in_order(TIMELINE)
    first, second, *others = TIMELINE.cues
    early = replace(second, at=first.end - 1)
    with a_broken_rule("before .* has ended"):
        cues_in_order(replace(TIMELINE, cues=(first, early, *others)))
    with a_broken_rule("a gap or an overlap"):
        cues_in_order(replace(TIMELINE, spans=(TIMELINE.spans[0], *TIMELINE.spans[2:])))


def test_a_way_that_is_not_in_the_table_is_found():
    follows(State.RUNNING, "press", State.PAUSED)
    for before, cause, after in (
        (State.RUNNING, "press", State.STOPPED),
        (State.IDLE, "ended", State.ASKING),
    ):
        with a_broken_rule():
            follows(before, cause, after)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rep": 9, "reps": 8},
        {"exercise": 0, "exercises": 3},
        {"position_ms": 101, "duration_ms": 100},
        {"moving": True},
        {"state": State.PAUSED},
        {"seq": 4},
        {"as_of": 1.0},
    ],
)
def test_a_picture_that_cannot_be_is_found(wrong):
    before = Snapshot(seq=4, as_of=2.0, state=State.IDLE)
    right = Snapshot(seq=5, as_of=2.0, state=State.IDLE)
    is_one_picture(right, before)
    with a_broken_rule():
        is_one_picture(replace(right, **wrong), before)


# --- history


def a_record(ending=Ending.COMPLETED, stretches=(ALL,), **other):
    done = tuple(done_of(TIMELINE, stretches, 0).values())
    values = {
        "level": 1,
        "local_date": MORNING.date(),
        "ended": MORNING,
        "ending": ending,
        "stopped_at": None if ending is Ending.COMPLETED else Spot(0),
        "effort": None,
        "exercises": done,
        **other,
    }
    return SessionRecord(1, PROGRAM.id, started=MORNING, **values)


def test_what_was_heard_is_counted_by_its_whole_repetitions():
    first, second = done_of(TIMELINE, [ALL], 0).values()
    assert (first.reps, first.holds, first.sets, first.left) == (2, 2, 1, 0)
    assert (second.reps, second.left, second.right) == (2, 1, 1)

    most = Stretch(0, frames_of(WORK[3].end) - 1000)
    assert [done.reps for done in done_of(TIMELINE, [most], 0).values()] == [1, 0]

    # Broken off in the middle of a repetition, and gone on with from its start.
    middle = frames_of(WORK[2].at + 500)
    again = [Stretch(0, middle), Stretch(frames_of(WORK[2].at), ALL.end)]
    assert done_of(TIMELINE, again, 0) == done_of(TIMELINE, [ALL], 0)

    # Gone on with from where it was broken off: what was heard is whole all the same.
    apart = [Stretch(0, middle), Stretch(middle + 1000, ALL.end)]
    assert [done.reps for done in done_of(TIMELINE, apart, 0).values()] == [1, 2]


def test_history_that_has_something_else_is_found():
    is_what_was_heard(a_record(), TIMELINE, [ALL], Ending.COMPLETED)
    first, second = a_record().exercises
    for wrong in (
        {"exercises": (first._replace(reps=1), second)},
        {"exercises": (first._replace(holds=3), second)},
        {"exercises": (first,)},
        {"exercises": (first._replace(planned_reps=3), second)},
        {"ended": None},
        {"stopped_at": Spot(5)},
    ):
        with a_broken_rule():
            is_what_was_heard(a_record(**wrong), TIMELINE, [ALL], Ending.COMPLETED)
    with a_broken_rule():
        is_what_was_heard(a_record(), TIMELINE, [ALL], Ending.STOPPED)


def test_of_a_session_that_was_cut_off_one_repetition_may_be_missing_but_none_too_many():
    three = [Stretch(0, frames_of(WORK[4].end))]

    def recorded(reps):
        first, second = a_record().exercises
        done = (first._replace(reps=min(reps, 2)), second._replace(reps=max(reps - 2, 0)))
        return a_record(Ending.INTERRUPTED, exercises=done)

    for reps in (2, 3):
        is_not_more_than_heard(recorded(reps), TIMELINE, three)
    for reps in (1, 4):
        with a_broken_rule():
            is_not_more_than_heard(recorded(reps), TIMELINE, three)


def test_a_session_that_goes_on_beside_another_or_changes_after_its_end_is_found():
    ended, open_one = a_record(), a_record(None, ended=None)
    sessions_end_once({1: open_one}, {1: ended, 2: open_one})
    sessions_end_once({1: ended}, {1: replace(ended, effort=Effort.USUAL)})
    sessions_end_once({1: ended}, {})
    with a_broken_rule("two sessions go on"):
        sessions_end_once({}, {1: open_one, 2: open_one})
    with a_broken_rule("has changed"):
        sessions_end_once({1: ended}, {1: replace(ended, ended=MORNING + timedelta(hours=1))})


# --- the plan


def a_row(reminders=0, state=OccurrenceState.DUE, **other):
    what = Occurrence(1, PROGRAM.id, date(2026, 3, 2), time(8), MORNING)
    return LedgerRow(what, state, reminders=reminders, **other)


def called(before, after, most=3):
    return nothing_is_called_again(
        {row.occurrence.key: row for row in before},
        {row.occurrence.key: row for row in after},
        most,
    )


def test_calls_are_counted_and_one_too_many_is_found():
    assert called([], [a_row(1)]) == 1
    assert called([a_row(1)], [a_row(2)]) == 1
    assert called([a_row(3)], [a_row(0, put_off_to=MORNING + timedelta(minutes=30))]) == 0
    for before, after in (
        (a_row(3), a_row(4)),
        (a_row(2), a_row(1)),
        (a_row(1, OccurrenceState.DONE), a_row(2, OccurrenceState.DONE)),
        (a_row(1, OccurrenceState.MISSED), a_row(2)),
    ):
        with a_broken_rule():
            called([before], [after])


def test_a_ledger_that_does_not_hold_together_is_found():
    session, done = a_record(), a_row(1, OccurrenceState.DONE, session=1)
    ledger_holds_together([done], {1: session})
    for rows, sessions in (
        ([done, done], {1: session}),
        ([done], {}),
        ([done], {1: replace(session, program="another")}),
        ([replace(done, state=OccurrenceState.MISSED)], {1: session}),
    ):
        with a_broken_rule():
            ledger_holds_together(rows, sessions)


# --- figures


def test_what_grows_though_it_should_not_is_found():
    assert is_flat("memory", [50, 90, 100, 100, 101, 101, 100, 102], 0.02) == pytest.approx(0.01)
    with a_broken_rule():
        is_flat("memory", [100, 100, 100, 100, 104, 106, 108, 110], 0.02)
    assert is_flat("too few to tell", [1, 2, 3], 0.0) == 0.0


def test_what_grows_faster_and_faster_is_found():
    assert grows_evenly("stored", [0, 10, 20, 30, 40], 1.5) == 1.0
    with a_broken_rule():
        grows_evenly("stored", [0, 10, 20, 60, 100], 1.5)


# --- A few days with the kiosk, on which all the same happens each time ---------------------------


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """The cache of rendered speech, which is the same in all tests."""
    return tmp_path_factory.mktemp("soak")


def run(clips, seed, days):
    """The events of the last of so many days, and the counts of all of them."""
    year = Year(clips, seed)
    try:
        year.run(days)
    finally:
        year.soak.tear_down()
    return list(year.soak.observer.events), year.soak.observer.counts


@pytest.mark.long
@pytest.mark.parametrize("seed", [4, 15])
def test_two_weeks_break_no_rule(clips, seed):
    _, counts = run(clips, seed, days=14)
    assert counts["sessions compared"] > 40
    assert counts["calls"] > 50
    assert counts["cut_power"] > 0


def test_the_same_seed_makes_the_same_days(clips):
    events, counts = run(clips, seed=7, days=1)
    assert counts["sessions compared"] > 1
    assert run(clips, seed=7, days=1) == (events, counts)


@pytest.mark.long
def test_in_six_weeks_without_a_restart_nothing_leaks(clips):
    # In a process of its own: this one keeps every line of the log until a test is over.
    options = ("--one-life", "--seed", "30", "--days", "42", "--clips", str(clips))
    weeks = subprocess.run(
        [sys.executable, "-m", "tests.soak", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert weeks.returncode == 0, weeks.stdout
    assert "42 days with 1 starts" in weeks.stdout
    assert weeks.stdout.count("Figures(") >= 5
    assert "threads: +0.00% from the second to the last quarter" in weeks.stdout
