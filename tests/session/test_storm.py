"""How many presses are too many, and what leads back from what a storm has done."""

from functools import reduce

import pytest

from kiosk.session.gestures import EdgeRate, after, inputs_back
from kiosk.session.snapshot import AT_REST, State
from kiosk.session.transitions import step


def pressed(*times):
    return reduce(lambda known, at: after(known, at, edges=2, presses=1), times, EdgeRate())


def test_five_presses_at_once_are_a_person_and_six_are_a_storm():
    five = pressed(10.0, 10.1, 10.1, 10.1, 10.2)
    assert not five.is_stormy(10.2)

    six = after(five, 10.2, edges=1, presses=1)
    assert six.is_stormy(15.1)
    assert not six.is_stormy(15.2)


def test_three_presses_in_two_seconds_may_go_on_for_ever():
    assert not pressed(*(n / 1.5 for n in range(1000))).is_stormy(1000)


def test_two_a_second_may_not():
    storm = pressed(*(n / 2 for n in range(100)))
    assert storm.is_stormy(50)


def test_old_contacts_may_chatter_with_every_press():
    known = EdgeRate()
    for n in range(10):
        for edge in range(40):
            known = after(known, n + edge / 4000, edges=1, presses=edge == 0)
    assert not known.is_stormy(10)


def test_many_edges_are_a_storm_though_hardly_any_counts_as_a_press():
    known = EdgeRate()
    for n in range(400):
        known = after(known, n / 400, edges=1, presses=n == 0)
    assert known.is_stormy(1)


def test_it_ends_five_seconds_after_its_last_sign_however_long_it_was():
    storm = pressed(*(n / 10 for n in range(10_000)))
    assert storm.is_stormy(1004.8)
    assert not storm.is_stormy(1005)
    assert not after(storm, 1005, edges=1, presses=1).is_stormy(1005)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("now", State)
def test_the_way_back_can_be_gone_and_ends_where_no_session_began(before, now):
    way = inputs_back(before, now)
    state = now
    for cause in way:
        taken = step(state, cause)
        assert taken is not None
        state = taken.state
    if before in AT_REST and way:
        assert state is State.IDLE
    elif way:
        assert state is before


def test_what_a_person_has_ended_or_answered_stays_as_it_is():
    assert inputs_back(State.RUNNING, State.STOPPED) == ()
    assert inputs_back(State.ASKING, State.FINISHED) == ()
    assert inputs_back(State.RUNNING, State.RUNNING) == ()
