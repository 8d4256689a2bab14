"""How sessions are stored."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.history.model import Effort, Ending, Spot
from tests.store.kit import (
    MINUTE,
    NOW,
    SPOT,
    a_session,
    done,
    everything,
)

CAREGIVER = Actor.PAGE
LATER = NOW + MINUTE


class TestSessions:
    def test_a_new_store_remembers_nothing(self, store):
        assert everything(store) == {
            "sessions": (),
            "open": None,
            "plan": (),
            "ledger": (),
            "settled": None,
            "doses": (),
            "settings": {},
            "audit": (),
            "losses": (),
            "declined": [0, 0],
            "secrets": [None, None],
            "visitors": (),
            "failures": [0, 0, 0],
        }

    def test_a_session_from_its_beginning_to_the_answer_after_it(self, store):
        begun = a_session(level=2, entry=7, dose='{"glute-bridge": {"reps": 10}}')
        session = store.sessions.begin(begun)
        assert store.sessions.open() == replace(begun, id=session)

        store.sessions.progress(session, SPOT, [done(1)])
        under_way = replace(begun, id=session, stopped_at=SPOT, exercises=(done(1),))
        assert store.sessions.open() == under_way

        store.sessions.end(session, LATER, Ending.COMPLETED, SPOT, [done(1), done(2)])
        store.sessions.set_effort(session, Effort.HARDER)
        assert store.sessions.open() is None
        assert store.sessions.between() == (
            replace(
                begun,
                id=session,
                ended=LATER,
                ending=Ending.COMPLETED,
                effort=Effort.HARDER,
                exercises=(done(1), done(2)),
            ),
        )

    @pytest.mark.parametrize("ending", [Ending.STOPPED, Ending.INTERRUPTED])
    def test_where_a_session_stopped_is_kept_unless_it_was_completed(self, store, ending):
        session = store.sessions.begin(a_session())
        store.sessions.end(session, LATER, ending, SPOT, [])
        assert store.sessions.between()[0].stopped_at == SPOT
        store.sessions.end(session, LATER, Ending.COMPLETED, SPOT, [])
        assert store.sessions.between()[0].stopped_at is None

    def test_a_spot_before_the_first_exercise(self, store):
        session = store.sessions.begin(a_session())
        store.sessions.progress(session, Spot(0), [])
        assert store.sessions.open().stopped_at == Spot(0)

    def test_progress_takes_the_place_of_earlier_progress(self, store):
        session = store.sessions.begin(a_session())
        store.sessions.progress(session, SPOT, [done(1), done(2), done(3)])
        store.sessions.progress(session, SPOT, [done(2, reps=4), done(1)])
        assert store.sessions.open().exercises == (done(1), done(2, reps=4))

    def test_of_two_lines_about_an_exercise_the_later_is_kept(self, store):
        session = store.sessions.begin(a_session(exercises=(done(1), done(1, reps=2))))
        assert store.sessions.open().exercises == (done(1, reps=2),)
        store.sessions.progress(session, SPOT, [done(2, reps=6), done(2, reps=4)])
        assert store.sessions.open().exercises == (done(2, reps=4),)

    def test_a_session_may_be_kept_complete(self, store):
        whole = a_session(
            ended=LATER,
            ending=Ending.STOPPED,
            stopped_at=SPOT,
            effort=Effort.USUAL,
            exercises=(done(1),),
        )
        session = store.sessions.begin(whole)
        assert store.sessions.between() == (replace(whole, id=session),)

    def test_only_the_last_session_can_be_open(self, store):
        store.sessions.begin(a_session())
        second = store.sessions.begin(a_session("hip-stretching"))
        assert store.sessions.open().id == second
        store.sessions.end(second, LATER, Ending.COMPLETED, SPOT, [])
        assert store.sessions.open() is None

    def test_a_session_taken_back_is_forgotten_and_its_id_never_used_again(self, store):
        first = store.sessions.begin(a_session(exercises=(done(1),)))
        store.sessions.drop(first)
        assert store.sessions.between() == ()
        second = store.sessions.begin(a_session())
        assert second != first
        assert store.sessions.open().exercises == ()
        store.sessions.drop(first)
        assert [record.id for record in store.sessions.between()] == [second]

    @pytest.mark.parametrize(
        "change",
        [
            lambda store: store.sessions.progress(4, SPOT, [done(1)]),
            lambda store: store.sessions.end(4, LATER, Ending.STOPPED, SPOT, []),
            lambda store: store.sessions.set_effort(4, Effort.USUAL),
        ],
    )
    def test_a_session_that_is_not_there_cannot_go_on(self, store, change):
        with pytest.raises(StoreError, match="no session 4"):
            change(store)
        assert store.sessions.between() == ()

    def test_sessions_of_some_days(self, store):
        for day in range(1, 6):
            store.sessions.begin(a_session(started=datetime(2026, 3, day, 8, tzinfo=UTC)))
        third = date(2026, 3, 3)

        def days(**wanted):
            return [record.local_date.day for record in store.sessions.between(**wanted)]

        assert days() == [1, 2, 3, 4, 5]
        assert days(first=third) == [3, 4, 5]
        assert days(last=third) == [1, 2, 3]
        assert days(first=third, last=third) == [3]
        assert days(newest=2) == [4, 5]
        assert days(last=third, newest=2) == [2, 3]
        assert days(newest=0) == []
        assert days(first=date(2026, 4, 1)) == []

    def test_sessions_keep_the_order_in_which_they_were_begun_whatever_the_clock_said(self, store):
        woke_in_the_past = datetime(1970, 1, 1, tzinfo=UTC)
        first = store.sessions.begin(a_session())
        second = store.sessions.begin(a_session(started=woke_in_the_past))
        assert [record.id for record in store.sessions.between()] == [first, second]
        assert [record.id for record in store.sessions.between(newest=1)] == [second]

    def test_moments_come_back_in_utc_to_the_microsecond(self, store):
        in_oslo = datetime(2026, 7, 1, 10, 0, 0, 123_456, tzinfo=ZoneInfo("Europe/Oslo"))
        session = store.sessions.begin(a_session(started=in_oslo))
        store.sessions.end(session, in_oslo + MINUTE, Ending.COMPLETED, SPOT, [])
        (kept,) = store.sessions.between()
        assert kept.started == datetime(2026, 7, 1, 8, 0, 0, 123_456, tzinfo=UTC)
        assert (kept.started.tzinfo, kept.ended.tzinfo) == (UTC, UTC)

    def test_a_moment_without_an_offset_is_a_mistake(self, store):
        with pytest.raises(TypeError, match="offset"):
            store.sessions.begin(a_session(started=datetime(2026, 3, 2, 8)))  # noqa: DTZ001
        assert store.sessions.between() == ()
