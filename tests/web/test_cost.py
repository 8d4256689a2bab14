"""What a request of the pages costs: transactions, and files on its way."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path

import pytest

import kiosk
import web
from kiosk.app import open_data
from kiosk.history.audit import Actor
from kiosk.schedule.service import checked_entry
from tests.browser.household import PASSPHRASE as THEIR_PASSPHRASE
from tests.browser.household import live_in, set_up, store_of
from tests.kiosk import NOON, KioskKit

FOLDERS = tuple(f"{Path(package.__file__).parent}{os.sep}" for package in (kiosk, web))


MOST_FILES = 22
"""On the way of a changed entry."""

MOST_FILES_OF_SETTING = 18
"""On the way of a changed setting: those of the request, and those that then have more to do than
while nothing happens.
"""


@dataclass
class Cost:
    """Of one request."""

    transactions: list[list[str]] = field(default_factory=list)
    """The statements of each."""

    files: set[str] = field(default_factory=set)
    """Files of `kiosk` and `web` of which a function ran."""

    def of_settings(self) -> int:
        """How many of the transactions read or write settings."""
        return sum(any(" setting" in one for one in found) for found in self.transactions)


@contextmanager
def measured(connection: sqlite3.Connection) -> Iterator[Cost]:
    cost = Cost()
    begun = False

    def trace(statement: str) -> None:
        nonlocal begun
        word = statement.split(maxsplit=1)[0].upper()
        if word == "BEGIN" or (not begun and word in ("SELECT", "INSERT", "UPDATE", "DELETE")):
            cost.transactions.append([])
        if cost.transactions:
            cost.transactions[-1].append(statement)
        begun = word == "BEGIN" or (begun and word not in ("COMMIT", "ROLLBACK"))

    def profile(frame, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(FOLDERS):
            cost.files.add(frame.f_code.co_filename)

    connection.set_trace_callback(trace)
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield cost
    finally:
        sys.setprofile(before)
        connection.set_trace_callback(None)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Iterator[KioskKit]:
    """The whole kiosk of a household with six weeks of data and four entries, signed in."""
    yield from started(tmp_path_factory.mktemp("lived"), lambda store: live_in(store, NOON))


@pytest.fixture(scope="module")
def new(tmp_path_factory) -> Iterator[KioskKit]:
    """One with an entry and no session yet."""
    for made in started(tmp_path_factory.mktemp("new"), lambda _store: None):
        texts = {"program": "low-back-start", "times": "08:00,18:30"}
        made.services.schedule.add(checked_entry(made.services.snapshots.take(), texts))
        yield made


def started(folder: Path, furnish: Callable[..., None]) -> Iterator[KioskKit]:
    state = folder / "state"
    (state / "programs").mkdir(parents=True)
    with store_of(state) as store:
        set_up(store)
        furnish(store)
    made = KioskKit(state, on_files=True, set_up=False, clips=folder / "clips")
    token = made.services.auth.sign_in(THEIR_PASSPHRASE, "a test", "127.0.0.1")
    with made.browser.client.session_transaction() as session:
        session["token"] = token
    made.browser.read("/")
    yield made
    made.close()


def database_of(whole: KioskKit) -> sqlite3.Connection:
    return whole.store._database._connection


@pytest.mark.parametrize(("path", "most"), [("/schedule", 5), ("/history", 6)])
@pytest.mark.parametrize("which", ["lived_in", "new"])
def test_a_page_is_read_in_few_transactions(request, which: str, path: str, most: int):
    whole: KioskKit = request.getfixturevalue(which)

    with measured(database_of(whole)) as cost:
        whole.browser.read(path)

    assert len(cost.transactions) <= most, cost.transactions


@pytest.mark.parametrize("which", ["lived_in", "new"])
def test_an_entry_is_changed_in_few_transactions_and_files(request, which: str):
    whole: KioskKit = request.getfixturevalue(which)
    whole.browser.read("/schedule/1")
    token = whole.browser.csrf()
    (before, *_) = whole.services.snapshots.take().plan
    fields = {
        "csrf_token": token,
        "version": before.version,
        "do": "save",
        "program": before.program,
        "starts": before.starts.isoformat(),
        "days": [day.name.lower() for day in before.days],
        "times": "09:10",
    }

    with measured(database_of(whole)) as cost:
        response = whole.browser.client.post("/schedule/1", data=fields)

    assert response.status_code == 303
    (after, *_) = whole.services.snapshots.take().plan
    assert (after.times, after.version) == ((time(9, 10),), before.version + 1)
    assert len(cost.transactions) <= 4, cost.transactions
    assert len(cost.files) <= MOST_FILES, "\n".join(sorted(cost.files))


PATHS = ("/schedule", "/history", "/settings", "/programs", "/")


@pytest.mark.parametrize("path", PATHS)
def test_a_request_reads_settings_only_where_another_process_has_changed_something(new, path: str):
    for _ in range(2):  # the first one stores when the browser was seen, the second notices that
        new.browser.read(path)
    with measured(database_of(new)) as cost:
        new.browser.read(path)
    assert cost.transactions
    assert cost.of_settings() == 0

    rate = str(120 + PATHS.index(path))
    other = open_data(new.environment)
    other.store.settings.set({"rate": rate}, Actor.COMMAND, NOON)
    other.close()
    with measured(database_of(new)) as cost:
        new.browser.read(path)
    assert cost.of_settings() == 1
    assert str(new.settings.current.rate) == rate


def test_a_volume_reaches_the_running_kiosk_by_few_files_and_the_scheduler_reads_nothing(lived_in):
    lived_in.settle()
    with measured(database_of(lived_in)) as idle:
        lived_in.settle()
    lived_in.browser.read("/settings")
    fields = {"csrf_token": lived_in.browser.csrf(), "volume": "31"}
    fields["version"] = lived_in.settings.view().version

    with measured(database_of(lived_in)) as request:
        response = lived_in.browser.client.post("/settings/volume", data=fields)
    lived_in.settings.change({"now_seen_by": "caregivers"})
    with measured(database_of(lived_in)) as applying:
        lived_in.settle()

    assert response.status_code == 303
    assert lived_in.settings.current.volume == lived_in.controller.player.volume == 31
    assert (len(request.transactions), request.of_settings()) == (2, 1), request.transactions
    assert applying.transactions == []
    files = request.files | (applying.files - idle.files)
    assert len(files) <= MOST_FILES_OF_SETTING, "\n".join(sorted(files))


@pytest.mark.parametrize("texts", [{"grace_min": "30"}, {"time_zone": "Asia/Tokyo"}])
def test_other_rules_of_reminders_or_another_zone_are_gone_by_at_once(new, texts):
    new.settle()
    before = new.scheduler._stepped_at
    new.wall.advance(timedelta(seconds=1))
    new.settings.change(texts)
    new.settle()
    assert new.scheduler._stepped_at > before
