"""What is next, for an entry that was kept or changed while the clock was ahead."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.history.audit import Actor
from kiosk.schedule.plan_keeper import LedgerKeeper
from kiosk.schedule.progress import progress_of
from kiosk.schedule.service import next_times
from kiosk.session.events import AgendaChanged, Event
from tests.schedule.past import OSLO, Past

TODAY_AT_SIX = "27. 18:00"


@pytest.fixture
def past() -> Past:
    """A plan for every evening, changed while the clock showed next month."""
    past = Past()
    entry = past.planned("low-back-start", "18:00")
    past.store.plan.change(
        replace(entry, weeks=8), Actor.PAGE, past.clock.utc() + timedelta(days=30)
    )
    return past


def test_the_desk_tells_what_is_due_this_evening(past: Past):
    found = progress_of(past.look()).next
    assert found is not None
    assert f"{found.due:%d. %H:%M}" == TODAY_AT_SIX


def test_so_do_the_next_times_of_the_entry(past: Past):
    (entry,) = past.store.plan.entries()
    (first, second) = next_times(past.look(), entry, 2)
    assert f"{first.due:%d. %H:%M}" == TODAY_AT_SIX
    assert second.due - first.due == timedelta(days=1)


def test_so_does_the_snapshot(past: Past):
    events: list[Event] = []
    view = past.look()
    LedgerKeeper(past.store, past.clock, OSLO, view.rules, events.append).look()
    (told,) = [event for event in events if isinstance(event, AgendaChanged)]
    assert told.agenda.next is not None
    assert f"{told.agenda.next.due:%d. %H:%M}" == TODAY_AT_SIX
