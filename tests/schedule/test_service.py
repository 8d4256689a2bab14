"""The plan as the pages ask for it: looked at, changed, and changed back."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from kiosk.errors import ConflictError, PlanError, StoreError, UnknownEntryError
from kiosk.history.audit import Actor
from kiosk.programs.files import ProgramLibrary, shipped_folder
from kiosk.schedule.checks import MOST_ENTRIES
from kiosk.schedule.model import LedgerRow, Occurrence, OccurrenceState, PlanEntry
from kiosk.schedule.service import CHANGES_KEPT, ScheduleService
from kiosk.schedule.view import View
from kiosk.settings.model import Settings
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock

OSLO = ZoneInfo("Europe/Oslo")

NOON = datetime(2026, 3, 27, 11, tzinfo=UTC)
"""Twelve o'clock in Oslo on a Friday."""

WALKS = {"program": "walk", "times": "11:00,18:00", "starts": "2026-03-23"}

BACK = {"program": "low-back-start", "days": "mon,fri", "times": "08:00", "starts": "2026-03-30"}


@dataclass
class House:
    """A plan desk over a store in memory, and the clock on its wall."""

    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FakeWallClock = field(default_factory=lambda: FakeWallClock(NOON))

    def __post_init__(self) -> None:
        self.plan: ScheduleService = ScheduleService(self.look)

    def look(self) -> View:
        return View(
            store=self.store,
            programs=ProgramLibrary([shipped_folder()]),
            zone=OSLO,
            now=self.clock.utc(),
            trusted=self.clock.trusted(),
            settings=Settings(),
            under_way=lambda: False,
        )

    def lines(self) -> list[str]:
        return [line.what for line in self.store.audit.newest()]


@pytest.fixture
def house() -> House:
    return House()


def of(entry: PlanEntry) -> PlanEntry:
    """What a person sees of an entry: not when and how often it was kept."""
    return replace(entry, since=None, version=0)


def test_an_entry_is_checked_then_kept(house: House):
    checked = house.plan.check(BACK)
    assert house.plan.entries() == ()

    kept = house.plan.add(checked).entry

    assert kept == replace(checked, id=1, since=NOON, version=1)
    assert house.plan.entries() == (kept,)
    assert house.plan.entry(1) == kept
    assert house.store.audit.newest()[-1].actor is Actor.PAGE


def test_what_is_wrong_with_an_entry_is_told_by_field(house: House):
    texts = {"program": "low-bak", "days": "", "times": "25:00", "starts": "soon", "weeks": "0"}

    with pytest.raises(PlanError) as refused:
        house.plan.check(texts)

    assert [p.path for p in refused.value.problems] == [
        "program",
        "days",
        "times",
        "starts",
        "weeks",
    ]


def test_an_entry_that_is_not_there_is_unknown(house: House):
    with pytest.raises(UnknownEntryError):
        house.plan.entry(1)
    with pytest.raises(UnknownEntryError):
        house.plan.remove(1, 1)
    with pytest.raises(UnknownEntryError):
        house.plan.change(replace(house.plan.check(WALKS), id=1, version=1))


def test_the_time_is_that_of_the_house(house: House):
    assert f"{house.plan.now():%d.%m. %H:%M %z}" == "27.03. 12:00 +0100"
    assert house.plan.clock_trusted()

    house.clock.believe(trusted=False)

    assert not house.plan.clock_trusted()


def test_an_entry_stands_somewhere_today(house: House):
    assert house.plan.state_of(house.plan.check(WALKS)) == "running"
    assert house.plan.state_of(house.plan.check(BACK)) == "to come"
    assert house.plan.state_of(
        house.plan.check({**WALKS, "starts": "2026-01-01", "weeks": "1"})
    ) == ("over")


def test_what_would_come_of_an_entry_is_told_before_it_is_kept(house: House):
    entry = house.plan.check(BACK)

    assert [f"{one.due:%a %d. %H:%M}" for one in house.plan.coming(entry, 3)] == [
        "Mon 30. 08:00",
        "Fri 03. 08:00",
        "Mon 06. 08:00",
    ]
    assert len(house.plan.coming(entry)) == 6


def test_occurrences_come_with_what_became_of_them(house: House):
    house.clock.set(NOON - timedelta(days=1))
    entry = house.plan.add(house.plan.check(WALKS)).entry
    house.clock.set(NOON)
    friday = date(2026, 3, 27)
    walked = Occurrence(1, "walk", friday, time(11), datetime(2026, 3, 27, 10, tzinfo=UTC))
    house.store.ledger.write([LedgerRow(walked, OccurrenceState.DONE)], NOON)

    told = house.plan.occurrences(date(2026, 3, 26), date(2026, 3, 28))

    assert entry.since == NOON - timedelta(days=1)
    assert [(one.occurrence.local_date.day, f"{one.occurrence.due:%H}", one.state) for one in told][
        -4:
    ] == [(27, "10", "done"), (27, "18", "coming"), (28, "11", "coming"), (28, "18", "coming")]
    assert told[0].state == "past"


def test_never_more_than_400_days_are_told(house: House):
    house.plan.add(house.plan.check({**WALKS, "times": "11:00"}))

    told = house.plan.occurrences(date(2026, 4, 1), date(2099, 1, 1))

    assert len(told) == 400


def test_a_second_person_does_not_overwrite_the_first(house: House):
    seen = house.plan.add(house.plan.check(WALKS)).entry
    house.plan.change(replace(seen, weeks=2))

    with pytest.raises(ConflictError):
        house.plan.change(replace(seen, weeks=4))
    with pytest.raises(ConflictError, match=r"^Entry 1 of the plan has changed meanwhile\."):
        house.plan.remove(1, seen.version)

    assert house.plan.entry(1).weeks == 2


def test_an_added_entry_is_taken_back(house: House):
    kept = house.plan.add(house.plan.check(WALKS))

    assert house.plan.undo(kept.undo) is None
    assert house.plan.entries() == ()


def test_a_change_is_taken_back(house: House):
    before = house.plan.add(house.plan.check(WALKS)).entry
    kept = house.plan.change(replace(before, times=(time(9),), paused=True))

    again = house.plan.undo(kept.undo)

    assert again is not None
    assert of(again) == of(before)
    assert again.version == 3
    assert house.plan.entries() == (again,)


def test_a_removed_entry_is_put_back_under_its_number(house: House):
    house.plan.add(house.plan.check(BACK))
    before = house.plan.add(house.plan.check(WALKS)).entry
    kept = house.plan.remove(2, before.version)
    assert kept.entry == before
    assert [entry.id for entry in house.plan.entries()] == [1]

    again = house.plan.undo(kept.undo)

    assert again == house.plan.entry(2)
    assert of(again) == of(before)


def test_a_change_is_taken_back_only_once(house: House):
    kept = house.plan.add(house.plan.check(WALKS))
    house.plan.undo(kept.undo)

    with pytest.raises(ConflictError, match=r"^This cannot be taken back any more"):
        house.plan.undo(kept.undo)
    with pytest.raises(ConflictError):
        house.plan.undo("")


def test_nothing_that_came_later_is_undone_with_it(house: House):
    added = house.plan.add(house.plan.check(WALKS))
    changed = house.plan.change(replace(added.entry, weeks=2))
    latest = house.plan.change(replace(changed.entry, weeks=3)).entry

    for earlier in (added, changed):
        with pytest.raises(ConflictError):
            house.plan.undo(earlier.undo)

    assert house.plan.entries() == (latest,)


def test_a_change_of_what_is_gone_by_now_is_not_taken_back(house: House):
    added = house.plan.add(house.plan.check(WALKS))
    changed = house.plan.change(replace(added.entry, weeks=2))
    removed = house.plan.remove(1, changed.entry.version)

    with pytest.raises(
        ConflictError, match=r"^Somebody has taken this entry out of the plan since"
    ):
        house.plan.undo(changed.undo)
    house.plan.undo(removed.undo)
    with pytest.raises(ConflictError):
        house.plan.undo(changed.undo)


def test_what_the_disk_did_not_let_be_taken_back_can_be_tried_again(house: House):
    kept = house.plan.add(house.plan.check(WALKS))
    house.store.disk.broken = StoreError("The disk is full.")
    with pytest.raises(StoreError):
        house.plan.undo(kept.undo)
    house.store.disk.broken = None

    assert house.plan.undo(kept.undo) is None
    assert house.plan.entries() == ()


def test_only_the_latest_changes_can_be_taken_back(house: House):
    first = house.plan.add(house.plan.check(WALKS))
    second = house.plan.add(house.plan.check(BACK))
    third = house.plan.add(house.plan.check(BACK)).entry
    for _ in range(CHANGES_KEPT - 2):
        third = house.plan.change(replace(third, paused=not third.paused)).entry

    with pytest.raises(ConflictError):
        house.plan.undo(first.undo)
    assert house.plan.undo(second.undo) is None


class TestAFullPlan:
    def test_it_takes_no_more_until_something_is_taken_out(self, house: House):
        entry = house.plan.check(BACK)
        for _ in range(MOST_ENTRIES - 1):
            house.plan.add(entry)
        last = house.plan.add(entry).entry

        for refused in (lambda: house.plan.check(BACK), lambda: house.plan.add(entry)):
            with pytest.raises(PlanError, match=r"plan\.full"):
                refused()
        house.plan.remove(last.id, last.version)

        house.plan.add(house.plan.check(BACK))
        assert len(house.plan.entries()) == MOST_ENTRIES == 50

    def test_its_entries_can_be_changed(self, house: House):
        kept = [house.plan.add(house.plan.check(BACK)).entry for _ in range(MOST_ENTRIES)]

        changed = house.plan.check({"times": "09:00"}, kept[0])

        assert house.plan.change(changed).entry.times == (time(9),)

    def test_what_was_removed_does_not_come_back_into_it(self, house: House):
        kept = [house.plan.add(house.plan.check(BACK)).entry for _ in range(MOST_ENTRIES)]
        removed = kept[-1]
        undo = house.plan.remove(removed.id, removed.version).undo
        house.plan.add(house.plan.check(WALKS))

        with pytest.raises(PlanError, match=r"plan\.full"):
            house.plan.undo(undo)
        house.plan.remove(kept[0].id, kept[0].version)
        back = house.plan.undo(undo)
        assert back is not None
        assert back.id == removed.id


def test_many_hands_at_once_leave_one_winner(house: House):
    seen = house.plan.add(house.plan.check(WALKS)).entry
    lost: list[int] = []

    def try_to(weeks: int) -> None:
        try:
            house.plan.change(replace(seen, weeks=weeks))
        except ConflictError:
            lost.append(weeks)

    hands = [Thread(target=try_to, args=(weeks,)) for weeks in range(1, 9)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert len(lost) == 7
    assert house.plan.entry(1).version == 2
    assert house.plan.entry(1).weeks not in lost
