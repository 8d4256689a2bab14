"""A few days in the house, on which all the same happens each time; `make soak` lives a year."""

import pytest

from tests.soak.year import Year


def lived(clips, seed, days):
    """The diary of the last of so many days, and what was counted on all of them."""
    year = Year(clips, seed)
    try:
        year.live(days)
    finally:
        year.leave()
    return list(year.house.witness.diary), year.house.witness.counts


@pytest.mark.long
@pytest.mark.parametrize("seed", [4, 15])
def test_two_weeks_in_the_house_break_no_rule(clips, seed):
    _, counts = lived(clips, seed, days=14)
    assert counts["sessions compared"] > 40
    assert counts["calls"] > 50
    assert counts["kill"] > 0


def test_the_same_seed_makes_the_same_days(clips):
    diary, counts = lived(clips, seed=7, days=1)
    assert counts["sessions compared"] > 1
    assert lived(clips, seed=7, days=1) == (diary, counts)


@pytest.mark.long
def test_in_a_month_without_a_restart_nothing_leaks(clips):
    year = Year(clips, seed=30, one_life=True)
    try:
        year.live(35)
        assert year.house.lives == 1
        assert len(year.figures) >= 4
        list(year.judge())
    finally:
        year.leave()
