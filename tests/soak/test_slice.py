"""A few days with the kiosk, on which all the same happens each time; `make soak` runs a year."""

import subprocess
import sys

import pytest

from tests.soak.year import Year


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
